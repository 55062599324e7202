import { skipOuter, type Bindings } from './bindings.ts';
import { isFunctionNode, isStatic } from '../syntax.ts';
import { ts } from '../typescript.ts';

/** How many references are followed, one behind another. */
const maxSteps = 8;

/**
 * The function of this file that an expression stands for: itself, by its name, as a member of `this` or of an object literal that a name
 * stands for, bound or not. Undefined where the text does not tell. By the text alone: a member that is set anew, or overridden in a class
 * that extends this one, is not seen.
 */
export function functionBehind(
  expression: ts.Expression,
  bindings: Bindings,
  steps = maxSteps,
): ts.FunctionLikeDeclaration | undefined {
  if (steps === 0) return undefined;
  const node = withoutBind(expression);
  if (isFunctionNode(node)) return node;
  if (ts.isIdentifier(node)) {
    const declaration = bindings.declarationOf(node);
    if (!declaration) return undefined;
    if (isFunctionNode(declaration)) return declaration;
    return ts.isVariableDeclaration(declaration) && declaration.initializer && ts.isIdentifier(declaration.name)
      ? functionBehind(declaration.initializer, bindings, steps - 1)
      : undefined;
  }
  if (!ts.isPropertyAccessExpression(node)) return undefined;
  const owner = ownerOf(node.expression, bindings);
  return owner && memberOf(owner, node.name.text, bindings, steps - 1);
}

/** `f` of `f.bind(…)`. */
export function withoutBind(expression: ts.Expression): ts.Expression {
  const node = skipOuter(expression);
  if (!ts.isCallExpression(node)) return node;
  const callee = skipOuter(node.expression);
  return ts.isPropertyAccessExpression(callee) && callee.name.text === 'bind' ? skipOuter(callee.expression) : node;
}

interface Owner {
  readonly node: ts.ClassLikeDeclaration | ts.ObjectLiteralExpression;
  readonly isStatic: boolean;
}

function ownerOf(receiver: ts.Expression, bindings: Bindings): Owner | undefined {
  const node = skipOuter(receiver);
  if (node.kind === ts.SyntaxKind.ThisKeyword) return ownerOfThis(node);
  if (!ts.isIdentifier(node)) return undefined;
  const declaration = bindings.declarationOf(node);
  if (!declaration) return undefined;
  if (ts.isClassLike(declaration)) return { node: declaration, isStatic: true };
  if (!ts.isVariableDeclaration(declaration) || !declaration.initializer || !ts.isIdentifier(declaration.name)) return undefined;
  const value = skipOuter(declaration.initializer);
  return ts.isObjectLiteralExpression(value) ? { node: value, isStatic: false } : undefined;
}

/** The class or object literal whose member the code around is. */
function ownerOfThis(node: ts.Node): Owner | undefined {
  let member: ts.Node = node;
  // Arrow functions have the `this` around them.
  do member = member.parent;
  while (member && !ts.isClassElement(member) && !(ts.isFunctionLike(member) && !ts.isArrowFunction(member)));
  if (member && ts.isFunctionExpression(member) && ts.isPropertyAssignment(member.parent)) member = member.parent;
  const owner = member?.parent;
  if (!owner || !(ts.isClassLike(owner) || ts.isObjectLiteralExpression(owner))) return undefined;
  return { node: owner, isStatic: ts.isClassStaticBlockDeclaration(member) || isStatic(member) };
}

function memberOf(owner: Owner, name: string, bindings: Bindings, steps: number): ts.FunctionLikeDeclaration | undefined {
  const members: readonly (ts.ClassElement | ts.ObjectLiteralElementLike)[] = ts.isClassLike(owner.node)
    ? owner.node.members
    : owner.node.properties;
  for (const member of members) {
    if (!member.name || ts.isComputedPropertyName(member.name) || member.name.text !== name) continue;
    if (ts.isMethodDeclaration(member) && member.body && isStatic(member) === owner.isStatic) return member;
    if (ts.isPropertyDeclaration(member) && member.initializer && isStatic(member) === owner.isStatic)
      return functionBehind(member.initializer, bindings, steps);
    if (ts.isPropertyAssignment(member)) return functionBehind(member.initializer, bindings, steps);
    if (ts.isShorthandPropertyAssignment(member)) return functionBehind(member.name, bindings, steps);
  }
  return undefined;
}
