import type { LoadedFile } from '../project/project.ts';
import { exportsOfPackage, filesMentioning } from '../project/projectFiles.ts';
import { isProjectCode } from '../symbols/symbolModules.ts';
import { ts } from '../typescript.ts';

/** A function that can be made async: its name stands for nothing else, and no other form of it has to go with it. */
export interface Helper {
  readonly node: ts.FunctionDeclaration | ts.ArrowFunction | ts.FunctionExpression | ts.MethodDeclaration;
  readonly name: ts.Identifier | ts.PrivateIdentifier;
}

/**
 * All calls of a function in the project.
 * @returns undefined where it has uses that are no calls, or callers that nobody knows; `missing` where files have to be loaded first
 */
export function callsOf(
  node: ts.FunctionLikeDeclaration,
  file: LoadedFile,
):
  | { readonly helper: Helper; readonly calls: readonly ts.CallExpression[] }
  | { readonly missing: readonly string[] }
  | undefined {
  const { program, checker } = file;
  const helper = helperOf(node, checker);
  if (!helper) return undefined;
  const symbol = checker.getSymbolAtLocation(helper.name);
  if (symbol?.declarations?.length !== 1 || symbol.exports?.size) return undefined;
  const isMember = ts.isMethodDeclaration(helper.node);
  const sourceFile = node.getSourceFile();
  const isShared = isMember ? !ts.isPrivateIdentifier(helper.name) : isExported(helper, symbol, checker);
  if (isShared) {
    const mentioning = filesMentioning(sourceFile.fileName, helper.name.text);
    if (!mentioning) return undefined;
    const missing = mentioning.filter((path) => !program.getSourceFile(path));
    if (missing.length > 0) return { missing };
    const owner = isMember ? checker.getSymbolAtLocation((helper.node.parent as ts.ClassDeclaration).name!) : symbol;
    const given = exportsOfPackage(sourceFile.fileName, program, checker);
    if (!given || !owner || given.has(owner)) return undefined;
  }
  const calls: ts.CallExpression[] = [];
  const files = isShared ? program.getSourceFiles().filter(isProjectCode) : [sourceFile];
  for (const one of files) {
    if (!one.text.includes(helper.name.text)) continue;
    const found = callsIn(one, helper, symbol, checker);
    if (!found) return undefined;
    calls.push(...found);
  }
  return { helper, calls };
}

/** What messages call a helper. */
export function nameOfHelper(node: Helper['node']): string {
  const name = node.name ?? (ts.isVariableDeclaration(node.parent) ? node.parent.name : undefined);
  return name?.getText() ?? 'function';
}

function helperOf(node: ts.FunctionLikeDeclaration, checker: ts.TypeChecker): Helper | undefined {
  if (!node.body || node.asteriskToken || (node.type && ts.isTypePredicateNode(node.type))) return undefined;
  const signature = checker.getSignatureFromDeclaration(node);
  const result = signature && checker.getReturnTypeOfSignature(signature);
  if (!result || checker.getAwaitedType(result) !== result) return undefined;
  if (ts.isFunctionDeclaration(node)) {
    const isDefault = (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Default) !== 0;
    return node.name && !isDefault ? { node, name: node.name } : undefined;
  }
  if (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) {
    const { parent } = node;
    if (!ts.isVariableDeclaration(parent) || parent.type || !ts.isIdentifier(parent.name) || node.name) return undefined;
    return (ts.getCombinedNodeFlags(parent) & ts.NodeFlags.Const) !== 0 ? { node, name: parent.name } : undefined;
  }
  if (!ts.isMethodDeclaration(node) || !ts.isClassDeclaration(node.parent) || ts.isComputedPropertyName(node.name))
    return undefined;
  const { name, parent } = node;
  // What a base class or an interface demands is called through that as well.
  if (parent.heritageClauses || !parent.name || !(ts.isIdentifier(name) || ts.isPrivateIdentifier(name))) return undefined;
  return { node, name };
}

function isExported({ node, name }: Helper, symbol: ts.Symbol, checker: ts.TypeChecker): boolean {
  const declaration = ts.isFunctionDeclaration(node) ? node : node.parent;
  if ((ts.getCombinedModifierFlags(declaration as ts.Declaration) & ts.ModifierFlags.Export) !== 0) return true;
  const module = checker.getSymbolAtLocation(name.getSourceFile());
  const given = module ? checker.getExportsOfModule(module) : [];
  return given.some((one) => (one.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(one) : one) === symbol);
}

/** The calls in one file; undefined where the function is used otherwise, or may be. */
function callsIn(
  sourceFile: ts.SourceFile,
  { name, node }: Helper,
  symbol: ts.Symbol,
  checker: ts.TypeChecker,
): readonly ts.CallExpression[] | undefined {
  const calls: ts.CallExpression[] = [];
  const isMember = ts.isMethodDeclaration(node);
  const owner = isMember ? (node.parent as ts.ClassDeclaration).name!.text : '';
  let isClear = true;
  const visit = (at: ts.Node): void => {
    if (!isClear) return;
    if ((ts.isIdentifier(at) || ts.isPrivateIdentifier(at)) && at !== name) {
      const use = useOf(at);
      if (use === 'escapes') isClear = false;
      else if (use) calls.push(use);
    }
    if (isMember) {
      if (
        ts.isElementAccessExpression(at) &&
        ts.isStringLiteralLike(at.argumentExpression) &&
        at.argumentExpression.text === name.text
      )
        isClear = false;
      if (ts.isHeritageClause(at) && at.types.some((type) => type.expression.getText() === owner)) isClear = false;
    }
    ts.forEachChild(at, visit);
  };

  function useOf(at: ts.Identifier | ts.PrivateIdentifier): ts.CallExpression | 'escapes' | undefined {
    const { parent } = at;
    if (ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent)) {
      // Under another name it would have to be looked for anew.
      return parent.propertyName && refersTo(parent.name) ? 'escapes' : undefined;
    }
    if (at.text !== name.text) return undefined;
    const isMemberName = ts.isPropertyAccessExpression(parent) && parent.name === at;
    if (isMemberName && isMember && isUnknown(parent.expression)) return 'escapes';
    if (!refersTo(at)) return undefined;
    const callee: ts.Node = isMemberName ? parent : at;
    const call = callee.parent;
    if (isMemberName && (parent.questionDotToken || parent.flags & ts.NodeFlags.OptionalChain)) return 'escapes';
    return ts.isCallExpression(call) && call.expression === callee && !call.questionDotToken ? call : 'escapes';
  }

  function refersTo(at: ts.Node): boolean {
    let found = ts.isShorthandPropertyAssignment(at.parent)
      ? checker.getShorthandAssignmentValueSymbol(at.parent)
      : checker.getSymbolAtLocation(at);
    if (found && found.flags & ts.SymbolFlags.Alias) found = checker.getAliasedSymbol(found);
    return found === symbol;
  }

  function isUnknown(object: ts.Expression): boolean {
    return (checker.getTypeAtLocation(object).flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) !== 0;
  }

  visit(sourceFile);
  return isClear ? calls : undefined;
}
