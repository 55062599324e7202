import type { PromiseFacts } from './promiseFacts.ts';
import { isShared } from './promiseShared.ts';
import { holdsTests } from '../context/testFiles.ts';
import { unwrap } from '../symbols/symbolValue.ts';
import { isAssignmentOperator, isFunctionNode, someInSameCall } from '../syntax.ts';
import { ts } from '../typescript.ts';

/** Shared state that is read, then awaited over, then written from what was read. */
export interface LostUpdate {
  readonly rule: 'lost-update';
  readonly node: ts.Expression;
  /** What is written, as the text calls it. */
  readonly target: string;
  /** The line that reads it, from 1, where another statement does. */
  readonly readLine?: number;
}

/** `x = x + (await f())`, `x += await f()`, and `const n = x; await f(); x = n + 1`. */
export function lostUpdateAt(node: ts.BinaryExpression, facts: PromiseFacts): LostUpdate | undefined {
  const { kind } = node.operatorToken;
  if (!isAssignmentOperator(kind)) return undefined;
  const target = unwrap(node.left);
  if (!isReference(target)) return undefined;
  if (kind === ts.SyntaxKind.EqualsToken) {
    const read = readsBeforeAwait(node.right, target) ? undefined : copyBeforeAwait(node, target, facts);
    const inPlace = read === undefined && readsBeforeAwait(node.right, target);
    if ((!inPlace && !read) || !isOurs(node, target, facts)) return undefined;
    return { rule: 'lost-update', node, target: target.getText(), ...(read ? { readLine: lineOf(read) } : {}) };
  }
  // `??=` and its like only write what is not there.
  if (kind >= ts.SyntaxKind.BarBarEqualsToken && kind <= ts.SyntaxKind.QuestionQuestionEqualsToken) return undefined;
  if (!someInSameCall(node.right, ts.isAwaitExpression) || !isOurs(node, target, facts)) return undefined;
  return { rule: 'lost-update', node, target: target.getText() };
}

function isOurs(node: ts.BinaryExpression, target: ts.Expression, facts: PromiseFacts): boolean {
  return !holdsTests(node.getSourceFile()) && isShared(node, target, facts);
}

/** A variable, or a member of a variable or of `this`, however deep; keys of elements have to be plain. */
function isReference(node: ts.Expression): boolean {
  const inner = unwrap(node);
  if (ts.isIdentifier(inner) || inner.kind === ts.SyntaxKind.ThisKeyword) return true;
  if (ts.isPropertyAccessExpression(inner)) return isReference(inner.expression);
  if (!ts.isElementAccessExpression(inner)) return false;
  const key = unwrap(inner.argumentExpression);
  return (ts.isIdentifier(key) || ts.isLiteralExpression(key)) && isReference(inner.expression);
}

/**
 * True where an expression takes the value of the target before it awaits: not as an argument of the awaited call, whose result
 * replaces it on purpose (`token = await renew(token)`).
 */
function readsBeforeAwait(expression: ts.Expression, target: ts.Expression): boolean {
  let wasRead = false;
  return someInOrder(expression, (node) => {
    if (ts.isAwaitExpression(node)) return wasRead;
    if (isSame(node, target) && !isAwaited(node, expression) && isTakenAsValue(node)) wasRead = true;
    return false;
  });
}

/** As it runs: what stands in an await before the await itself. */
function someInOrder(node: ts.Node, accept: (node: ts.Node) => boolean): boolean {
  if (isFunctionNode(node) || ts.isClassLike(node)) return false;
  return (ts.forEachChild(node, (child) => someInOrder(child, accept) || undefined) ?? false) || accept(node);
}

function isAwaited(node: ts.Node, within: ts.Node): boolean {
  for (let at = node; at !== within; at = at.parent) if (ts.isAwaitExpression(at.parent)) return true;
  return ts.isAwaitExpression(within);
}

/** `x` in `x + …` or `[...x, …]`; not in a test, where it decides and is not kept. */
function isTakenAsValue(node: ts.Node): boolean {
  let at = node;
  while (ts.isParenthesizedExpression(at.parent) || ts.isAsExpression(at.parent) || ts.isNonNullExpression(at.parent)) {
    at = at.parent;
  }
  const { parent } = at;
  if (ts.isSpreadElement(parent) || ts.isSpreadAssignment(parent) || ts.isTemplateSpan(parent)) return true;
  if (ts.isPropertyAccessExpression(parent)) return /^concat$/.test(parent.name.text);
  return ts.isBinaryExpression(parent) && /^(?:[-+*/%&|^]|\*\*|<<|>>|>>>|\?\?|\|\|)$/.test(parent.operatorToken.getText());
}

function isSame(node: ts.Node, target: ts.Expression): boolean {
  return node.kind === target.kind && node.getText() === target.getText();
}

/** The statement that copies the target into a local, from which the assignment makes the new value after an await in between. */
function copyBeforeAwait(node: ts.BinaryExpression, target: ts.Expression, facts: PromiseFacts): ts.Node | undefined {
  const value = unwrap(node.right);
  // The copy itself is put back after something else was there for a while.
  if (!ts.isExpressionStatement(node.parent) || ts.isIdentifier(value)) return undefined;
  const between: ts.Node[] = [value];
  for (const earlier of runsBefore(node.parent)) {
    if (!ts.isVariableStatement(earlier) || !copies(earlier, target, value, facts)) {
      between.push(earlier);
      continue;
    }
    if (!between.some((one) => someInSameCall(one, ts.isAwaitExpression))) return undefined;
    // Looked at again after the await, or written in the meantime: somebody thought of it.
    return between.some((one) => someInSameCall(one, (inner) => isSame(inner, target))) ? undefined : earlier;
  }
  return undefined;
}

/** What runs before a statement, the latest first: the statements before it, and the heads and statements around its block, up to a loop or function. */
function* runsBefore(statement: ts.Statement): Generator<ts.Node> {
  for (let at: ts.Node = statement; ; at = at.parent) {
    const { parent } = at;
    if (ts.isBlock(parent)) {
      const index = parent.statements.indexOf(at as ts.Statement);
      yield* parent.statements.slice(0, index).reverse();
    } else if (ts.isIfStatement(parent)) yield parent.expression;
    else if (!ts.isTryStatement(parent) || parent.tryBlock !== at) return;
  }
}

function copies(
  { declarationList }: ts.VariableStatement,
  target: ts.Expression,
  value: ts.Expression,
  facts: PromiseFacts,
): boolean {
  return declarationList.declarations.some(
    ({ name, initializer }) => initializer !== undefined && takesCopy(initializer, target) && mentions(value, name, facts),
  );
}

/** `x`, `x + 1`, `[...x]`: the value of the target as it is now, awaited over by nothing. */
function takesCopy(initializer: ts.Expression, target: ts.Expression): boolean {
  const value = unwrap(initializer);
  if (isSame(value, target)) return true;
  if (someInSameCall(value, ts.isAwaitExpression)) return false;
  return ts.isBinaryExpression(value) && [value.left, value.right].some((side) => isSame(unwrap(side), target));
}

function mentions(value: ts.Node, name: ts.BindingName, { checker }: PromiseFacts): boolean {
  if (!ts.isIdentifier(name)) return false;
  const symbol = checker.getSymbolAtLocation(name);
  return someInSameCall(
    value,
    (node) =>
      ts.isIdentifier(node) && node.text === name.text && checker.getSymbolAtLocation(node) === symbol && isMade(node, value),
  );
}

/** True where the value is made of the local by arithmetic or spreading, not by asking an object that it is. */
function isMade(node: ts.Identifier, value: ts.Node): boolean {
  for (let at: ts.Node = node; at !== value; at = at.parent) {
    const { parent } = at;
    if (ts.isCallExpression(parent)) return /^concat$/.test(lastName(parent.expression));
  }
  return isTakenAsValue(node);
}

function lastName(callee: ts.Expression): string {
  return ts.isPropertyAccessExpression(callee) ? callee.name.text : '';
}

function lineOf(node: ts.Node): number {
  const sourceFile = node.getSourceFile();
  return sourceFile.getLineAndCharacterOfPosition(node.getStart(sourceFile)).line + 1;
}
