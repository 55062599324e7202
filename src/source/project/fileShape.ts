import { isAssignmentOperator, isFunctionNode, someInSameCall } from '../syntax.ts';
import { ts } from '../typescript.ts';

/** The body of a function that does not say what it returns. */
interface Inferred {
  readonly node: ts.FunctionLikeDeclaration;
  readonly text: string;
}

type Part = string | Inferred;

/** What types two versions of a file have. */
export interface Checkers {
  readonly before: ts.TypeChecker;
  readonly after: ts.TypeChecker;
}

/**
 * True where two versions of a file look the same to other files: all that what they see may depend on is the same, which is the text without
 * comments and without the bodies of functions that say what they return, return nothing, or return the same type. Names that such a body
 * assigns to count as well, since where a variable is assigned to has a part in its type elsewhere in the file.
 * @param checkers left out, bodies whose types are not told must have the same text
 */
export function haveSameShape(before: ts.SourceFile, after: ts.SourceFile, checkers?: Checkers): boolean {
  const olds = partsOf(before);
  const news = partsOf(after);
  return olds.length === news.length && olds.every((part, index) => isSamePart(part, news[index]!, checkers));
}

function isSamePart(before: Part, after: Part, checkers: Checkers | undefined): boolean {
  if (typeof before === 'string' || typeof after === 'string') return before === after;
  if (before.text === after.text) return true;
  if (!checkers || declaresTypes(before.node) || declaresTypes(after.node)) return false;
  return signatureText(before.node, checkers.before) === signatureText(after.node, checkers.after);
}

/** Two types of one name may differ where a function declares them anew. */
function declaresTypes({ body }: ts.FunctionLikeDeclaration): boolean {
  const declares = (node: ts.Node): boolean =>
    ts.isClassLike(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isEnumDeclaration(node) ||
    (ts.forEachChild(node, (child) => declares(child) || undefined) ?? false);
  return body !== undefined && declares(body);
}

/** What a function takes and gives, written out in full, each name with the module it comes from. */
function signatureText(node: ts.FunctionLikeDeclaration, checker: ts.TypeChecker): string | undefined {
  const signature = checker.getSignatureFromDeclaration(node);
  const flags = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.UseFullyQualifiedType;
  return signature && checker.signatureToString(signature, undefined, flags);
}

const known = new WeakMap<ts.SourceFile, readonly Part[]>();

function partsOf(sourceFile: ts.SourceFile): readonly Part[] {
  let parts = known.get(sourceFile);
  if (!parts) known.set(sourceFile, (parts = readParts(sourceFile)));
  return parts;
}

function readParts(sourceFile: ts.SourceFile): readonly Part[] {
  const { text } = sourceFile;
  // In JavaScript functions declare members of what they assign to, and comments declare types.
  if (sourceFile.flags & ts.NodeFlags.JavaScriptFile) return [text];
  const parts: Part[] = [];
  const visit = (node: ts.Node): void => {
    // What stands between the children of a node are keywords and signs, with comments before them.
    let from = node.pos;
    let isLeaf = true;
    ts.forEachChild(node, (child) => {
      isLeaf = false;
      if (child.pos > from) parts.push(withoutComments(text.slice(from, child.pos)));
      if (isFunctionNode(node) && child === node.body) parts.push(...bodyParts(node, node.body));
      else visit(child);
      from = Math.max(from, child.end);
    });
    if (isLeaf) parts.push(text.slice(node.getStart(sourceFile), node.end));
    else if (node.end > from) parts.push(withoutComments(text.slice(from, node.end)));
  };
  visit(sourceFile);
  return parts;
}

function bodyParts(node: ts.FunctionLikeDeclaration, body: ts.ConciseBody): readonly Part[] {
  const assigned = assignedIn(body);
  if (ts.isConstructorDeclaration(node)) return node.parent.members.every(saysItsType) ? assigned : [body.getText()];
  return isHidden(node, body) ? assigned : [...assigned, { node, text: body.getText() }];
}

/** False for a field whose type is that of what the constructor sets it to. */
function saysItsType(member: ts.ClassElement): boolean {
  return !ts.isPropertyDeclaration(member) || member.type !== undefined || member.initializer !== undefined;
}

/** Whether the type of a function does not depend on its body; one that only throws counts as one that returns nothing. */
function isHidden(node: ts.FunctionLikeDeclaration, body: ts.ConciseBody): boolean {
  if (node.type !== undefined || ts.isSetAccessor(node)) return true;
  return ts.isBlock(body) && !givesValue(body);
}

/** Whether a function with this body returns or yields something. */
function givesValue(body: ts.Block): boolean {
  return someInSameCall(
    body,
    (node) => (ts.isReturnStatement(node) && node.expression !== undefined) || ts.isYieldExpression(node),
  );
}

function withoutComments(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

function assignedIn(body: ts.ConciseBody): readonly string[] {
  const names: string[] = [];
  const add = (target: ts.Node): void => {
    if (ts.isIdentifier(target)) names.push(target.text);
    else if (!ts.isPropertyAccessExpression(target)) ts.forEachChild(target, add);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isBinaryExpression(node) && isAssignmentOperator(node.operatorToken.kind)) add(node.left);
    else if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) add(node.operand);
    else if ((ts.isForOfStatement(node) || ts.isForInStatement(node)) && !ts.isVariableDeclarationList(node.initializer))
      add(node.initializer);
    ts.forEachChild(node, visit);
  };
  visit(body);
  return names;
}

/** True for a file whose declarations others see without importing it: a script, or one that adds to global or other modules' declarations. */
export function isGlobalCode(sourceFile: ts.SourceFile): boolean {
  const { moduleAugmentations = [], ambientModuleNames = [] } = sourceFile as ts.SourceFile & {
    readonly moduleAugmentations?: readonly unknown[];
    readonly ambientModuleNames?: readonly unknown[];
  };
  return (
    !ts.isExternalModule(sourceFile) ||
    moduleAugmentations.length > 0 ||
    ambientModuleNames.length > 0 ||
    sourceFile.referencedFiles.length > 0
  );
}
