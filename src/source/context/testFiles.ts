import { fileRole } from './fileRole.ts';
import type { PromiseFacts } from '../promises/promiseFacts.ts';
import { packageOfPath } from '../symbols/symbolValue.ts';
import { testFunctions, testModules } from './testFrameworks.ts';
import { ts } from '../typescript.ts';

const known = new WeakMap<ts.SourceFile, boolean>();

/** True for files that hold tests: by their name, or because they declare suites or tests at the top. */
export function holdsTests(sourceFile: ts.SourceFile): boolean {
  const found = known.get(sourceFile);
  if (found !== undefined) return found;
  const result = fileRole(sourceFile) === 'test' || sourceFile.statements.some(declaresTests);
  known.set(sourceFile, result);
  return result;
}

function declaresTests(statement: ts.Statement): boolean {
  return (
    ts.isExpressionStatement(statement) &&
    ts.isCallExpression(statement.expression) &&
    testFunctions.has(rootName(statement.expression))
  );
}

function rootName(expression: ts.Expression): string {
  let at = expression;
  while (ts.isCallExpression(at) || ts.isPropertyAccessExpression(at)) at = at.expression;
  return ts.isIdentifier(at) ? at.text : '';
}

/** True for `it`, `test`, `t.test` and their like: the framework waits for the promises it hands out. */
export function isTestFramework(call: ts.CallExpression, facts: PromiseFacts): boolean {
  const external = facts.externalOf(call.expression);
  if (external?.specifier !== undefined) return testModules.test(external.specifier);
  if (external && testFunctions.has(external.path[0] ?? '')) return true;
  const file = facts.checker.getResolvedSignature(call)?.declaration?.getSourceFile();
  if (!file?.isDeclarationFile) return false;
  return /\/@types\/node\/test(?:\/[^/]*)?\.d\.ts$/.test(file.fileName) || testModules.test(packageOfPath(file.fileName) ?? '');
}
