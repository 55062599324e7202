import type { Bindings } from './bindings.ts';
import { blockingApis, findBlockingApi, findGlobalBlockingApi, type BlockingApi } from '../blocking/blockingCatalogue.ts';
import { canSuspend, someInSameCall } from '../syntax.ts';
import { ts } from '../typescript.ts';

/** Last names of all catalogued paths: what a callee must be called to be looked up at all. */
const lastNames = new Set<string>();
/** Modules that block when called themselves, whatever name they were given. */
const callableModules = new Set<string>();
for (const api of blockingApis) {
  const last = api.export.split('.').at(-1);
  if (last === '()') for (const specifier of api.specifiers) callableModules.add(specifier);
  else if (last && last !== '*') lastNames.add(last);
}

export type BlockingCandidate = ts.CallExpression | ts.NewExpression | ts.TaggedTemplateExpression;

/** What the instances are called that some synchronous databases hand out. */
const madeBy: Readonly<Record<string, string>> = {
  'DatabaseSync.prototype.prepare.()': 'StatementSync.prototype',
  'default.prototype.prepare.()': 'Statement.prototype',
  'default.()': 'Database.prototype',
  'default.prototype': 'Database.prototype',
};

/** The catalogue's entry for a call that may hold the event loop; undefined for all others, and where the call cannot be measured in one piece (an optional chain, an await within). */
export function blockingCallOf(node: BlockingCandidate, bindings: Bindings): BlockingApi | undefined {
  const callee = ts.isTaggedTemplateExpression(node) ? node.tag : node.expression;
  const name = lastNameOf(callee);
  if (name === undefined || (!lastNames.has(name) && !ts.isIdentifier(callee))) return undefined;
  if (node.flags & ts.NodeFlags.OptionalChain) return undefined;
  const ref = bindings.externalOf(callee);
  if (!ref) return undefined;
  let api: BlockingApi | undefined;
  if (ref.specifier === undefined) api = findGlobalBlockingApi(ref.path.join('.'));
  else {
    if (!lastNames.has(ref.path.at(-1) ?? '') && !callableModules.has(ref.specifier)) return undefined;
    const path = instancePath(ref.path);
    api = findBlockingApi(ref.specifier, path) ?? findBlockingApi(`node:${ref.specifier}`, path);
  }
  if (!api || !matchesShape(node, api) || canSuspend(node)) return undefined;
  return api;
}

function instancePath(path: readonly string[]): string {
  const joined = path.join('.');
  const owner = path.slice(0, -1).join('.');
  const known = madeBy[owner];
  return known ? `${known}.${path.at(-1)}` : joined;
}

function lastNameOf(callee: ts.Expression): string | undefined {
  if (ts.isIdentifier(callee)) return callee.text;
  if (ts.isPropertyAccessExpression(callee)) return callee.name.text;
  return undefined;
}

function matchesShape(node: BlockingCandidate, api: BlockingApi): boolean {
  if (api.detect === 'tagged-template') return ts.isTaggedTemplateExpression(node);
  if (ts.isTaggedTemplateExpression(node)) return false;
  const args = node.arguments ?? [];
  switch (api.detect) {
    case 'new':
      return ts.isNewExpression(node);
    case 'call':
      // Some modules are classes as well (`new Database(path)`).
      return ts.isCallExpression(node) || api.export === '()';
    case 'call-without-callback':
      // A name may hold a callback; it then returns soon and is not recorded.
      return ts.isCallExpression(node) && !(api.callbackIndex ?? []).some((index) => isFunctionText(args[index]));
    case 'call-with-number-first-argument':
      return ts.isCallExpression(node) && args[0] !== undefined && !ts.isStringLiteralLike(args[0]);
  }
}

function isFunctionText(node: ts.Expression | undefined): boolean {
  return node !== undefined && (ts.isArrowFunction(node) || ts.isFunctionExpression(node));
}

export type LoopStatement = ts.WhileStatement | ts.DoStatement | ts.ForStatement;

export function isPlainLoop(node: ts.Node): node is LoopStatement {
  return ts.isWhileStatement(node) || ts.isDoStatement(node) || ts.isForStatement(node);
}

/** True for a loop that spins until a clock says so and cannot stop the function it is in. */
export function isBusyWait(loop: LoopStatement, bindings: Bindings): boolean {
  const condition = ts.isForStatement(loop) ? loop.condition : loop.expression;
  const readsClock = (node: ts.Node): boolean => isClockRead(node, bindings);
  if (condition && someInSameCall(condition, readsClock)) return !canSuspend(loop);
  // The clock read in the body, into a variable the condition compares: `while (spent < 50) spent = Date.now() - start`.
  const compared = new Set<string>();
  if (condition) someInSameCall(condition, (node) => (ts.isIdentifier(node) && void compared.add(node.text)) || false);
  const endless = condition === undefined || condition.kind === ts.SyntaxKind.TrueKeyword;
  const byBody = someInSameCall(loop.statement, (node) => {
    if (endless && ts.isIfStatement(node))
      return someInSameCall(node.expression, readsClock) && someInSameCall(node.thenStatement, ts.isBreakStatement);
    if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.EqualsToken) return false;
    return ts.isIdentifier(node.left) && compared.has(node.left.text) && someInSameCall(node.right, readsClock);
  });
  return byBody && !canSuspend(loop);
}

const clockCalls = new Set(['Date.now', 'performance.now', 'process.hrtime', 'process.hrtime.bigint', 'process.uptime']);

function isClockRead(node: ts.Node, bindings: Bindings): boolean {
  if (ts.isNewExpression(node))
    return ts.isIdentifier(node.expression) && node.expression.text === 'Date' && !node.arguments?.length;
  if (!ts.isCallExpression(node)) return false;
  const name = lastNameOf(node.expression);
  if (name !== 'now' && name !== 'hrtime' && name !== 'bigint' && name !== 'uptime') return false;
  const ref = bindings.externalOf(node.expression);
  if (!ref) return false;
  const path = ref.path.filter((part) => part !== 'default').join('.');
  if (ref.specifier === undefined || ref.specifier === 'perf_hooks') return clockCalls.has(path);
  return ref.specifier === 'process' && clockCalls.has(`process.${path}`);
}
