import { ts } from '../typescript.ts';

/** What a file is for, as far as it matters whether its loop may be held: `worker` and `test` files hold nobody up. */
export type FileRole = 'program' | 'worker' | 'test';

const testFile = /(?:\.(?:test|spec)\.[cm]?[jt]sx?$)|(?:\/__tests__\/)/;
const workerFile = /\.worker\.[cm]?[jt]sx?$/;
const workerModules = /^(?:node:)?worker_threads$/;

/** The role of a file, from its name and from what it imports. */
export function fileRole(sourceFile: ts.SourceFile): FileRole {
  const { fileName, text } = sourceFile;
  if (testFile.test(fileName)) return 'test';
  if (workerFile.test(fileName) || (text.includes('importScripts') && callsGlobal(sourceFile, 'importScripts'))) return 'worker';
  if (/\bworkerpool\s*\.\s*worker\s*\(/.test(text) && importsFrom(sourceFile, /^workerpool$/).size > 0) return 'worker';
  if (!text.includes('worker_threads')) return 'program';
  const names = importsFrom(sourceFile, workerModules);
  if (names.has('isMainThread') || /\bisMainThread\b/.test(text)) return 'program';
  const talksToParent = names.has('parentPort') || names.has('workerData') || /\.(?:parentPort|workerData)\b/.test(text);
  return talksToParent ? 'worker' : 'program';
}

/** Names imported (or destructured from `require`) from modules that match; `*` for a whole namespace. */
function importsFrom(sourceFile: ts.SourceFile, modules: RegExp): ReadonlySet<string> {
  const names = new Set<string>();
  for (const statement of sourceFile.statements) {
    if (
      ts.isImportDeclaration(statement) &&
      ts.isStringLiteral(statement.moduleSpecifier) &&
      modules.test(statement.moduleSpecifier.text)
    ) {
      const clause = statement.importClause;
      if (clause?.phaseModifier === ts.SyntaxKind.TypeKeyword) continue;
      const bindings = clause?.namedBindings;
      if (clause?.name || (bindings && ts.isNamespaceImport(bindings))) names.add('*');
      if (bindings && ts.isNamedImports(bindings)) {
        for (const element of bindings.elements) if (!element.isTypeOnly) names.add((element.propertyName ?? element.name).text);
      }
    }
    if (ts.isVariableStatement(statement)) addRequired(statement, modules, names);
  }
  return names;
}

function addRequired(statement: ts.VariableStatement, modules: RegExp, names: Set<string>): void {
  for (const { name, initializer } of statement.declarationList.declarations) {
    if (!initializer || !ts.isCallExpression(initializer) || initializer.expression.getText() !== 'require') continue;
    const [specifier] = initializer.arguments;
    if (!specifier || !ts.isStringLiteralLike(specifier) || !modules.test(specifier.text)) continue;
    if (!ts.isObjectBindingPattern(name)) names.add('*');
    else for (const { propertyName, name: local } of name.elements) names.add((propertyName ?? local).getText());
  }
}

function callsGlobal(sourceFile: ts.SourceFile, name: string): boolean {
  return sourceFile.statements.some(
    (statement) =>
      ts.isExpressionStatement(statement) &&
      ts.isCallExpression(statement.expression) &&
      statement.expression.expression.getText() === name,
  );
}
