import { callbackModules, listenerMethods } from '../context/callbackApis.ts';
import { referenceIn, useOf } from '../context/functionUses.ts';
import { waitedFlags } from './waitedFlags.ts';
import type { SymbolResolver } from '../symbols/symbolResolver.ts';
import { unwrap } from '../symbols/symbolValue.ts';
import { isAsyncFunction, isFunctionValue } from '../syntax.ts';
import { ts } from '../typescript.ts';

/** Microtasks that follow one another without end: no timer, no socket, no file gets its turn. */
export interface StarvedLoop {
  readonly node: ts.Node;
  /** What a loop looks at, as written, or what a function queues itself by (`process.nextTick`); neither for a loop that looks at nothing. */
  readonly by: { readonly flag?: string; readonly queue?: string };
}

/** The loop of awaits that wait for nothing, or the call by which a function queues itself for ever, that a node is. */
export function starvedLoopAt(node: ts.Node, resolver: SymbolResolver): StarvedLoop | undefined {
  if (ts.isWhileStatement(node) || ts.isDoStatement(node) || ts.isForStatement(node)) return loopOfAwaits(node, resolver);
  return ts.isCallExpression(node) ? requeueing(node, resolver) : undefined;
}

function loopOfAwaits(
  node: ts.WhileStatement | ts.DoStatement | ts.ForStatement,
  resolver: SymbolResolver,
): StarvedLoop | undefined {
  if (!awaitsNothing(node.statement, resolver)) return undefined;
  const condition = ts.isForStatement(node) ? node.condition : node.expression;
  if (!condition || condition.kind === ts.SyntaxKind.TrueKeyword)
    return ts.isForStatement(node) && node.incrementor ? undefined : { node, by: {} };
  if (ts.isForStatement(node) && node.incrementor) return undefined;
  const flags = waitedFlags(node, condition, resolver);
  const isLate = flags?.every(
    ({ isVariable, writers }) => isVariable && writers.length > 0 && writers.every((one) => runsInMacrotask(one, resolver)),
  );
  return flags && isLate && flags.length > 0 ? { node, by: { flag: flags[0]!.text } } : undefined;
}

/** A body of `await null` and the like alone. */
function awaitsNothing(body: ts.Statement, resolver: SymbolResolver): boolean {
  const statements = ts.isBlock(body) ? body.statements : [body];
  return (
    statements.length > 0 && statements.every((one) => ts.isExpressionStatement(one) && isEmptyAwait(one.expression, resolver))
  );
}

function isEmptyAwait(node: ts.Expression, resolver: SymbolResolver): boolean {
  if (!ts.isAwaitExpression(node)) return false;
  const operand = unwrap(node.expression);
  if (isPlain(operand)) return true;
  if (!ts.isCallExpression(operand) || !operand.arguments.every(isPlain)) return false;
  return nameIn(operand.expression, resolver) === 'Promise.resolve';
}

function isPlain(node: ts.Expression): boolean {
  return (
    ts.isLiteralExpression(node) ||
    ts.isVoidExpression(node) ||
    (ts.isIdentifier(node) && node.text === 'undefined') ||
    node.kind === ts.SyntaxKind.NullKeyword ||
    node.kind === ts.SyntaxKind.TrueKeyword ||
    node.kind === ts.SyntaxKind.FalseKeyword
  );
}

const eventsOfNode = /^process\.(?:stdin\.)?\w+$/;

/** True where a write stands directly in the callback of a timer or of one of Node's operations: no microtask runs those. */
function runsInMacrotask(writer: ts.Node, resolver: SymbolResolver): boolean {
  const owner = ts.findAncestor(writer.parent, ts.isFunctionLike);
  const use = owner && isFunctionValue(owner) ? useOf(owner) : undefined;
  if (!use || use.index < 0) return false;
  return resolver.resolve(use.call.expression).some((value) => {
    if (value.kind !== 'external') return false;
    const name = value.path.join('.');
    const module = value.specifier?.replace(/^node:/, '');
    const listens = listenerMethods.has(value.path.at(-1)!);
    if (module === undefined)
      return /^(?:setTimeout|setInterval|setImmediate)$/.test(name) || (listens && eventsOfNode.test(name));
    if (module === 'timers') return true;
    if (!callbackModules.has(module)) return false;
    // Streams in memory call their listeners in the turn in which somebody writes.
    return value.path.length === 1 ? !name.endsWith('Sync') : listens && module !== 'stream';
  });
}

/** `function tick() { …; process.nextTick(tick); }`: queued again whatever happens. */
function requeueing(call: ts.CallExpression, resolver: SymbolResolver): StarvedLoop | undefined {
  const [given] = call.arguments;
  const queued = given && queuedBy(given);
  if (!queued) return undefined;
  const owner = ts.findAncestor(call.parent, ts.isFunctionLike) as ts.FunctionLikeDeclaration | undefined;
  if (!owner?.body || owner.asteriskToken || isAsyncFunction(owner) || !standsAlone(call, owner.body)) return undefined;
  const queue = queueOf(call, resolver);
  return queue === undefined || mayEnd(owner.body) || !isOnly(queued, owner, resolver)
    ? undefined
    : { node: call, by: { queue } };
}

function queueOf(call: ts.CallExpression, resolver: SymbolResolver): string | undefined {
  const callee = unwrap(call.expression);
  const name = nameIn(callee, resolver);
  if (name === 'process.nextTick' || name === 'queueMicrotask') return name;
  if (!ts.isPropertyAccessExpression(callee) || callee.name.text !== 'then' || call.arguments.length !== 1) return undefined;
  const promise = unwrap(callee.expression);
  if (!ts.isCallExpression(promise) || !promise.arguments.every(isPlain)) return undefined;
  return nameIn(promise.expression, resolver) === 'Promise.resolve' ? 'Promise.resolve().then' : undefined;
}

function nameIn(expression: ts.Expression, resolver: SymbolResolver): string | undefined {
  for (const value of resolver.resolve(expression)) {
    if (value.kind !== 'external') continue;
    if (value.specifier === undefined) return value.path.join('.');
    if (/^(?:node:)?process$/.test(value.specifier)) return `process.${value.path.join('.')}`;
  }
  return undefined;
}

/** A statement of the function's own body, not within an `if` or the like. */
function standsAlone(call: ts.CallExpression, body: ts.ConciseBody): boolean {
  let at: ts.Node = call;
  while (ts.isVoidExpression(at.parent) || ts.isParenthesizedExpression(at.parent)) at = at.parent;
  if (at === body) return true;
  return (ts.isExpressionStatement(at.parent) || ts.isReturnStatement(at.parent)) && at.parent.parent === body;
}

/** True where the function may leave early or end the program. */
function mayEnd(body: ts.Node): boolean {
  const visit = (node: ts.Node): boolean => {
    if (ts.isFunctionLike(node)) return false;
    if (ts.isThrowStatement(node) || (ts.isReturnStatement(node) && node.parent !== body)) return true;
    if (ts.isCallExpression(node) && /\b(?:exit|abort|kill)$/.test(node.expression.getText())) return true;
    return ts.forEachChild(node, (child) => visit(child) || undefined) ?? false;
  };
  return visit(body);
}

/** What is queued, by name or as `() => tick()`. */
function queuedBy(given: ts.Expression): ts.Identifier | ts.PropertyAccessExpression | undefined {
  const wrapped = unwrap(given);
  const isWrapper = ts.isArrowFunction(wrapped) && wrapped.parameters.length === 0 && ts.isCallExpression(wrapped.body);
  return referenceIn(isWrapper ? wrapped.body.expression : wrapped);
}

/** Whether a name stands for a function and nothing else. */
function isOnly(reference: ts.Expression, owner: ts.FunctionLikeDeclaration, resolver: SymbolResolver): boolean {
  const values = resolver.resolve(reference);
  return values.length === 1 && values[0]!.kind === 'function' && values[0]!.node === owner;
}
