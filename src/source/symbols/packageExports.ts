import { skipOuter } from '../sites/bindings.ts';
import { readPackageFile, scriptBehind, type PackageFile } from './packageFiles.ts';
import { isFunctionNode } from '../syntax.ts';
import { functionBehind, withoutBind } from '../sites/functionBehind.ts';
import { ts } from '../typescript.ts';

/** A function of a package, where its text stands. */
export interface PackageFunction {
  readonly file: PackageFile;
  readonly node: ts.FunctionLikeDeclaration;
}

/** Files and names that lead from an export to its function. */
const maxSteps = 8;

/** The function that a script exports under a name, through re-exports and CommonJS of every form. */
export function exportedFunction(file: PackageFile, name: string, steps = 0): PackageFunction | undefined {
  if (steps > maxSteps) return undefined;
  for (const statement of file.sourceFile.statements) {
    const found = exportedBy(statement, file, name, steps);
    if (found) return found;
  }
  return undefined;
}

function exportedBy(statement: ts.Statement, file: PackageFile, name: string, steps: number): PackageFunction | undefined {
  if (ts.isFunctionDeclaration(statement)) {
    const isOurs = isExported(statement) && (isDefault(statement) ? name === 'default' : statement.name?.text === name);
    return isOurs ? { file, node: statement } : undefined;
  }
  if (ts.isVariableStatement(statement) && isExported(statement)) {
    const found = statement.declarationList.declarations.find((one) => ts.isIdentifier(one.name) && one.name.text === name);
    return found?.initializer && packageFunctionBehind(found.initializer, file, steps + 1);
  }
  if (ts.isExportAssignment(statement))
    return name === 'default' ? packageFunctionBehind(statement.expression, file, steps + 1) : undefined;
  if (ts.isExportDeclaration(statement)) return reexportedBy(statement, file, name, steps);
  return ts.isExpressionStatement(statement) ? assignedBy(statement.expression, file, name, steps) : undefined;
}

function reexportedBy(
  { exportClause, moduleSpecifier }: ts.ExportDeclaration,
  file: PackageFile,
  name: string,
  steps: number,
): PackageFunction | undefined {
  const from = moduleSpecifier && ts.isStringLiteral(moduleSpecifier) ? moduleSpecifier.text : undefined;
  if (!exportClause) return from === undefined ? undefined : exportOf(from, name, file, steps);
  if (!ts.isNamedExports(exportClause)) return undefined;
  const element = exportClause.elements.find((one) => one.name.text === name);
  if (!element) return undefined;
  const own = element.propertyName ?? element.name;
  if (from !== undefined) return exportOf(from, own.text, file, steps);
  return ts.isIdentifier(own) ? packageFunctionBehind(own, file, steps + 1) : undefined;
}

/** `exports.name = …`, `module.exports = { name }`, `module.exports.name = other.name = …`, `Object.defineProperty(exports, 'name', …)`. */
function assignedBy(expression: ts.Expression, file: PackageFile, name: string, steps: number): PackageFunction | undefined {
  if (ts.isCallExpression(expression)) return definedBy(expression, file, name, steps);
  if (!ts.isBinaryExpression(expression) || expression.operatorToken.kind !== ts.SyntaxKind.EqualsToken) return undefined;
  const value = skipOuter(expression.right);
  const { left } = expression;
  if (ts.isPropertyAccessExpression(left)) {
    if (left.name.text === name && isExports(left.expression)) return packageFunctionBehind(lastOf(value), file, steps + 1);
    if (isExports(left)) return memberOf(value, file, name, steps);
  }
  return assignedBy(value, file, name, steps);
}

function memberOf(whole: ts.Expression, file: PackageFile, name: string, steps: number): PackageFunction | undefined {
  const value = lastOf(whole);
  if (ts.isObjectLiteralExpression(value)) {
    for (const property of value.properties) {
      if (!property.name || !ts.isIdentifier(property.name) || property.name.text !== name) continue;
      if (ts.isMethodDeclaration(property)) return { file, node: property };
      if (ts.isPropertyAssignment(property)) return packageFunctionBehind(property.initializer, file, steps + 1);
      if (ts.isShorthandPropertyAssignment(property)) return packageFunctionBehind(property.name, file, steps + 1);
    }
    return undefined;
  }
  // `module.exports = require('./lib')`.
  const ref = file.bindings.externalOf(value);
  return ref?.specifier !== undefined && ref.path.length === 0 ? exportOf(ref.specifier, name, file, steps) : undefined;
}

/** What TypeScript writes for `export { name } from './other'`. */
function definedBy(call: ts.CallExpression, file: PackageFile, name: string, steps: number): PackageFunction | undefined {
  const [target, key, descriptor] = call.arguments;
  if (call.expression.getText() !== 'Object.defineProperty' || !target || !isExports(target)) return undefined;
  if (!key || !ts.isStringLiteralLike(key) || key.text !== name || !descriptor || !ts.isObjectLiteralExpression(descriptor))
    return undefined;
  for (const property of descriptor.properties) {
    if (property.name?.getText() !== 'get' || !ts.isPropertyAssignment(property)) continue;
    const getter = skipOuter(property.initializer);
    if (!isFunctionNode(getter) || !getter.body) continue;
    const [only] = ts.isBlock(getter.body) ? getter.body.statements : [];
    const value = ts.isBlock(getter.body) ? (only && ts.isReturnStatement(only) ? only.expression : undefined) : getter.body;
    if (value) return packageFunctionBehind(value, file, steps + 1);
  }
  return undefined;
}

/** The function that an expression of a package's script stands for, in it or in another one. */
export function packageFunctionBehind(expression: ts.Expression, file: PackageFile, steps = 0): PackageFunction | undefined {
  if (steps > maxSteps) return undefined;
  const value = withoutBind(expression);
  const ref = file.bindings.externalOf(value);
  if (ref) {
    const name = ref.path.length === 0 ? 'default' : ref.path.length === 1 ? ref.path[0]! : undefined;
    return ref.specifier === undefined || name === undefined ? undefined : exportOf(ref.specifier, name, file, steps);
  }
  const node = functionBehind(value, file.bindings);
  return node && { file, node };
}

function exportOf(specifier: string, name: string, importer: PackageFile, steps: number): PackageFunction | undefined {
  const path = scriptBehind(specifier, importer.path);
  const file = path === undefined ? undefined : readPackageFile(path);
  if (!file) return undefined;
  const found = exportedFunction(file, name, steps + 1);
  return found ?? (name === 'default' ? wholeOf(file, steps + 1) : undefined);
}

/** `module.exports = function () {…}`. */
function wholeOf(file: PackageFile, steps: number): PackageFunction | undefined {
  for (const statement of file.sourceFile.statements) {
    if (!ts.isExpressionStatement(statement) || !ts.isBinaryExpression(statement.expression)) continue;
    const { left, right } = statement.expression;
    if (ts.isPropertyAccessExpression(left) && isExports(left)) return packageFunctionBehind(lastOf(right), file, steps);
  }
  return undefined;
}

/** `exports` and `module.exports`. */
function isExports(node: ts.Expression): boolean {
  return /^(?:module\s*\.\s*)?exports$/.test(node.getText());
}

/** What a chain of assignments gives. */
function lastOf(expression: ts.Expression): ts.Expression {
  const node = skipOuter(expression);
  return ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken ? lastOf(node.right) : node;
}

function isExported(node: ts.FunctionDeclaration | ts.VariableStatement): boolean {
  return node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
}

function isDefault(node: ts.FunctionDeclaration): boolean {
  return node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword) === true;
}
