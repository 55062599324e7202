import type { PromiseFacts } from './promiseFacts.ts';
import { unwrap } from '../symbols/symbolValue.ts';
import { isAssignmentOperator, someInSameCall } from '../syntax.ts';
import { ts } from '../typescript.ts';

/** Tells the variables of a loop's round from those that outlive it. */
export interface LoopNames {
  /** True for variables that every round has anew. */
  ofRound(node: ts.Identifier): boolean;
  /** True for variables of the function itself. */
  ofFunction(node: ts.Identifier): boolean;
  /** True where the expression takes a variable of the round. */
  dependsOnRound(node: ts.Node): boolean;
}

type Loop = ts.ForOfStatement | ts.ForInStatement | ts.ForStatement;

/** Functions without effects, by the last name of the callee. */
const pure =
  /^(?:(?:is|has|to|get|parse|format|normalize|as)(?:[A-Z]\w*)?|join|resolve|relative|basename|dirname|extname|concat|slice|substring|trim\w*|split|includes|startsWith|endsWith|replace|replaceAll|match|test|exec|at|charAt|indexOf|lastIndexOf|find|findIndex|some|every|filter|map|flatMap|flat|keys|values|entries|fromEntries|from|of|max|min|floor|ceil|round|stringify|repeat|pad\w+|String|Number|Boolean|BigInt|encodeURIComponent|decodeURIComponent|fileURLToPath|pathToFileURL)$/;
const pureClasses = /^(?:URL|Map|Set|Date|Array|RegExp|TextDecoder|TextEncoder)$/;
const collects = /^(?:push|add|set|append|unshift)$/;

/**
 * True where no round can tell that another went before: the body is left by no jump, has no effect but to add to variables of the
 * function that nothing in the loop reads, and calls nothing whose effects are not known.
 */
export function bodyIsSteady(loop: Loop, names: LoopNames, facts: PromiseFacts): boolean {
  const results = new Map<string, number>();
  const addTo = (target: ts.Identifier): boolean => {
    if (names.ofRound(target)) return true;
    if (!names.ofFunction(target)) return false;
    results.set(target.text, (results.get(target.text) ?? 0) + 1);
    return true;
  };
  const isUnsteady = (node: ts.Node): boolean => breaksOut(node) || !isQuiet(node, addTo, names, facts);
  if (someInSameCall(loop.statement, isUnsteady)) return false;
  return [...results].every(([name, writes]) => countOf(loop, name) === writes);
}

function breaksOut(node: ts.Node): boolean {
  switch (node.kind) {
    case ts.SyntaxKind.BreakStatement:
    case ts.SyntaxKind.ReturnStatement:
    case ts.SyntaxKind.ThrowStatement:
    case ts.SyntaxKind.YieldExpression:
    case ts.SyntaxKind.TaggedTemplateExpression:
    case ts.SyntaxKind.DeleteExpression:
    case ts.SyntaxKind.WhileStatement:
    case ts.SyntaxKind.DoStatement:
    case ts.SyntaxKind.ForStatement:
    case ts.SyntaxKind.TryStatement:
      return true;
    case ts.SyntaxKind.ForOfStatement:
    case ts.SyntaxKind.ForInStatement:
      return someInSameCall((node as ts.ForOfStatement).statement, ts.isAwaitExpression);
    case ts.SyntaxKind.ContinueStatement:
      return (node as ts.ContinueStatement).label !== undefined;
    default:
      return false;
  }
}

function isQuiet(node: ts.Node, addTo: (target: ts.Identifier) => boolean, names: LoopNames, facts: PromiseFacts): boolean {
  if (ts.isBinaryExpression(node)) return isQuietWrite(node, addTo, names);
  if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) {
    const steps = node.operator === ts.SyntaxKind.PlusPlusToken || node.operator === ts.SyntaxKind.MinusMinusToken;
    const target = unwrap(node.operand);
    return !steps || (ts.isIdentifier(target) && addTo(target));
  }
  if (ts.isNewExpression(node)) return ts.isIdentifier(node.expression) && pureClasses.test(node.expression.text);
  if (!ts.isCallExpression(node)) return true;
  if (isAwaitedCall(node)) return true;
  const callee = unwrap(node.expression);
  if (!ts.isPropertyAccessExpression(callee)) return isPureCall(node);
  const receiver = unwrap(callee.expression);
  if (collects.test(callee.name.text)) {
    return ts.isIdentifier(receiver) && isPlainCollection(receiver, facts) && addTo(receiver);
  }
  return isPureCall(node);
}

/** A call without effects, by the last name of its callee. */
export function isPureCall(call: ts.CallExpression): boolean {
  const callee = unwrap(call.expression);
  if (ts.isPropertyAccessExpression(callee)) return pure.test(callee.name.text);
  return ts.isIdentifier(callee) && pure.test(callee.text);
}

/** Awaited calls, and reactions within what is awaited, are judged as reads. */
export function isAwaitedCall(call: ts.CallExpression): boolean {
  let at: ts.Node = call.parent;
  while (ts.isParenthesizedExpression(at) || ts.isPropertyAccessExpression(at) || ts.isCallExpression(at)) at = at.parent;
  return ts.isAwaitExpression(at);
}

/** A `push` of something else than an array may be a stream's. */
function isPlainCollection(receiver: ts.Identifier, { checker }: PromiseFacts): boolean {
  const type = checker.getTypeAtLocation(receiver);
  return checker.isArrayType(type) || /^(?:Map|Set|WeakMap|FormData|URLSearchParams)$/.test(type.getSymbol()?.name ?? '');
}

function isQuietWrite(
  { left, operatorToken: { kind } }: ts.BinaryExpression,
  addTo: (target: ts.Identifier) => boolean,
  names: LoopNames,
): boolean {
  if (!isAssignmentOperator(kind)) return true;
  const target = unwrap(left);
  if (ts.isIdentifier(target)) return names.ofRound(target) || (kind !== ts.SyntaxKind.EqualsToken && addTo(target));
  if (ts.isElementAccessExpression(target)) {
    const holder = unwrap(target.expression);
    return ts.isIdentifier(holder) && names.dependsOnRound(target.argumentExpression) && addTo(holder);
  }
  if (!ts.isPropertyAccessExpression(target)) return false;
  const holder = unwrap(target.expression);
  return ts.isIdentifier(holder) && names.ofRound(holder);
}

function countOf(loop: Loop, name: string): number {
  let count = 0;
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && node.text === name) count++;
    ts.forEachChild(node, visit);
  };
  visit(loop);
  return count;
}
