import { isAssignmentOperator, isFunctionNode, someInSameCall } from './syntax.ts';
import { ts } from './typescript.ts';

/**
 * True where two versions of a file look the same to other files: all that what they see may depend on is the same, which is the text without
 * comments and without the bodies of functions that say what they return, or return nothing. Names that such a body assigns to count as well, since where a
 * variable is assigned to has a part in its type elsewhere in the file.
 */
export function haveSameShape(before: ts.SourceFile, after: ts.SourceFile): boolean {
  const olds = partsOf(before);
  const news = partsOf(after);
  return olds.length === news.length && olds.every((part, index) => part === news[index]);
}

const known = new WeakMap<ts.SourceFile, readonly string[]>();

function partsOf(sourceFile: ts.SourceFile): readonly string[] {
  let parts = known.get(sourceFile);
  if (!parts) known.set(sourceFile, (parts = readParts(sourceFile)));
  return parts;
}

function readParts(sourceFile: ts.SourceFile): readonly string[] {
  const { text } = sourceFile;
  // In JavaScript functions declare members of what they assign to, and comments declare types.
  if (sourceFile.flags & ts.NodeFlags.JavaScriptFile) return [text];
  const parts: string[] = [];
  const visit = (node: ts.Node): void => {
    // What stands between the children of a node are keywords and signs, with comments before them.
    let from = node.pos;
    let isLeaf = true;
    ts.forEachChild(node, (child) => {
      isLeaf = false;
      if (child.pos > from) parts.push(withoutComments(text.slice(from, child.pos)));
      if (isFunctionNode(node) && child === node.body && ts.isBlock(child) && isHidden(node, child))
        parts.push(...assignedIn(child));
      else visit(child);
      from = Math.max(from, child.end);
    });
    if (isLeaf) parts.push(text.slice(node.getStart(sourceFile), node.end));
    else if (node.end > from) parts.push(withoutComments(text.slice(from, node.end)));
  };
  visit(sourceFile);
  return parts;
}

/** Whether the type of a function does not depend on its body; one that only throws counts as one that returns nothing. */
function isHidden(node: ts.FunctionLikeDeclaration, body: ts.Block): boolean {
  if (ts.isConstructorDeclaration(node)) return node.parent.members.every(saysItsType);
  // What a setter alone takes its parameter says, or nothing does.
  return node.type !== undefined || ts.isSetAccessor(node) || !givesValue(body);
}

/** False for a field whose type is that of what the constructor sets it to. */
function saysItsType(member: ts.ClassElement): boolean {
  return !ts.isPropertyDeclaration(member) || member.type !== undefined || member.initializer !== undefined;
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

function assignedIn(body: ts.Block): readonly string[] {
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
