import { moduleSymbolOf } from '../symbols/symbolModules.ts';
import { ts } from '../typescript.ts';
import type { FileOutline, FunctionOutline } from '../../shared/lintMessages.ts';
import { firstTopLevelAwait, nameOf } from '../context/asyncContext.ts';

/** The async functions of a file that have a name, and its first top-level await. */
export function outlineFile(sourceFile: ts.SourceFile, checker: ts.TypeChecker): FileOutline {
  const exports = exportNames(sourceFile, checker);
  const functions: FunctionOutline[] = [];
  const visit = (node: ts.Node): void => {
    if (isNamedAsyncFunction(node)) functions.push(outlineFunction(node, sourceFile, checker, exports.get(holderOf(node))));
    ts.forEachChild(node, visit);
  };
  visit(sourceFile);
  const awaited = firstTopLevelAwait(sourceFile);
  return { functions, ...(awaited ? { topLevelAwaitLine: lineOf(awaited.getStart(sourceFile), sourceFile) } : {}) };
}

type NamedFunction = ts.FunctionDeclaration | ts.FunctionExpression | ts.ArrowFunction | ts.MethodDeclaration;

function isNamedAsyncFunction(node: ts.Node): node is NamedFunction {
  const isFunction =
    ts.isFunctionDeclaration(node) || ts.isFunctionExpression(node) || ts.isArrowFunction(node) || ts.isMethodDeclaration(node);
  if (!isFunction || !node.body || (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Async) === 0) return false;
  return ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) || holderOf(node) !== node;
}

/** What carries the name of a function: itself, or the variable, property, field or default export it is the value of. */
function holderOf(node: ts.Node): ts.Node {
  const { parent } = node;
  const holds =
    ((ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent)) &&
      parent.initializer === node) ||
    (ts.isExportAssignment(parent) && parent.expression === node) ||
    (ts.isBinaryExpression(parent) &&
      parent.right === node &&
      parent.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
      ts.isPropertyAccessExpression(parent.left));
  return holds ? parent : node;
}

function outlineFunction(
  node: NamedFunction,
  sourceFile: ts.SourceFile,
  checker: ts.TypeChecker,
  exportName: string | undefined,
): FunctionOutline {
  const place = sourceFile.getLineAndCharacterOfPosition((node.name ?? holderOf(node)).getStart(sourceFile));
  const named = nameOf(node);
  return {
    name: named === 'anonymous function' ? (assignedName(node) ?? exportName ?? named) : named,
    line: place.line + 1,
    column: place.character + 1,
    endLine: lineOf(node.end, sourceFile),
    generator: node.asteriskToken !== undefined,
    ...(exportName === undefined ? {} : { exportName }),
    parameters: node.parameters
      .filter((parameter) => parameter.name.getText(sourceFile) !== 'this')
      .map((parameter) => ({
        name: (parameter.dotDotDotToken ? '...' : '') + parameter.name.getText(sourceFile).replace(/\s+/g, ' '),
        type: checker.typeToString(checker.getTypeAtLocation(parameter), parameter),
        optional:
          parameter.initializer !== undefined || parameter.questionToken !== undefined || parameter.dotDotDotToken !== undefined,
      })),
  };
}

function assignedName(node: NamedFunction): string | undefined {
  const holder = holderOf(node);
  return ts.isBinaryExpression(holder) && ts.isPropertyAccessExpression(holder.left) ? holder.left.name.text : undefined;
}

/** Under which name each declaration of the file can be reached from outside; a name of its own comes before `default`. */
function exportNames(sourceFile: ts.SourceFile, checker: ts.TypeChecker): ReadonlyMap<ts.Node, string> {
  const names = new Map<ts.Node, string>();
  const module = moduleSymbolOf(sourceFile, checker);
  if (!module) return names;
  const note = (declaration: ts.Node, name: string): void => {
    if (declaration.getSourceFile() !== sourceFile) return;
    const known = names.get(declaration);
    if (known === undefined || known === 'default') names.set(declaration, name);
  };
  const whole = module.exports?.get(ts.InternalSymbolName.ExportEquals);
  // Of `module.exports = { … }` the properties are what an importer sees.
  const properties = whole ? checker.getTypeOfSymbol(whole).getProperties() : [];
  for (const exported of [...checker.getExportsOfModule(module), ...properties]) {
    const name = exported.escapedName === ts.InternalSymbolName.ExportEquals ? 'default' : exported.name;
    const target = (exported.flags & ts.SymbolFlags.Alias) !== 0 ? checker.getAliasedSymbol(exported) : exported;
    for (const declaration of target.declarations ?? []) {
      note(declaration, name);
      const { parent } = declaration;
      if (parent && ts.isBinaryExpression(parent) && (parent.left as ts.Node) === declaration) note(parent, name);
      // `module.exports = { load }` and `export { load }` name what a shorthand stands for.
      if (ts.isShorthandPropertyAssignment(declaration)) {
        for (const meant of checker.getShorthandAssignmentValueSymbol(declaration)?.declarations ?? []) note(meant, name);
      }
    }
  }
  return names;
}

function lineOf(position: number, sourceFile: ts.SourceFile): number {
  return sourceFile.getLineAndCharacterOfPosition(position).line + 1;
}
