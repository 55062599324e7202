import { isAssignmentOperator } from '../syntax.ts';
import { ts } from '../typescript.ts';
import type { SymbolResolver } from '../symbols/symbolResolver.ts';
import { unwrap } from '../symbols/symbolValue.ts';

/** A loop that turns until a clock has moved on, and nothing else. */
export interface BusyLoop {
  readonly node: ts.IterationStatement;
  /** The clock it looks at: `Date.now`, `new Date`, `performance.now`, `process.hrtime`, `process.hrtime.bigint`, `process.uptime`. */
  readonly clock: string;
}

const clocks: ReadonlySet<string> = new Set([
  'Date.now',
  'performance.now',
  'process.hrtime',
  'process.hrtime.bigint',
  'process.uptime',
]);
/** Calls that make a loop no less idle. */
const idle = /^(?:Math\.\w+|Number|BigInt|Number\.\w+|Atomics\.(?:load|wait|pause)|console\.\w+|Date|String)$/;
const clockModules = /^(?:node:)?(?:perf_hooks|process)$/;

/** The busy loop that a statement is; undefined for every loop that awaits, yields, or does work between two looks at the clock. */
export function busyLoopAt(node: ts.Node, resolver: SymbolResolver): BusyLoop | undefined {
  if (!ts.isWhileStatement(node) && !ts.isDoStatement(node) && !ts.isForStatement(node)) return undefined;
  const condition = ts.isForStatement(node) ? node.condition : node.expression;
  const deciding = [...(condition ? [condition] : []), ...exitConditions(node.statement)];
  const clock = deciding.map((expression) => clockIn(expression, node, resolver)).find((name) => name !== undefined);
  if (clock === undefined) return undefined;
  const parts: readonly (ts.Node | undefined)[] = [
    condition,
    node.statement,
    ts.isForStatement(node) ? node.incrementor : undefined,
  ];
  return parts.every((part) => !part || isIdle(part, resolver)) ? { node, clock } : undefined;
}

/** Conditions under which the body leaves the loop. */
function exitConditions(body: ts.Statement): readonly ts.Expression[] {
  const found: ts.Expression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node)) return;
    if (ts.isIfStatement(node) && leaves(node.thenStatement)) found.push(node.expression);
    ts.forEachChild(node, visit);
  };
  visit(body);
  return found;
}

function leaves(statement: ts.Statement): boolean {
  const last = ts.isBlock(statement) ? statement.statements.at(-1) : statement;
  return last !== undefined && (ts.isBreakStatement(last) || ts.isReturnStatement(last));
}

/** The clock that a comparison looks at, directly or through a variable that the loop sets from a clock. */
function clockIn(condition: ts.Expression, loop: ts.IterationStatement, resolver: SymbolResolver): string | undefined {
  let found: string | undefined;
  const visit = (node: ts.Node, compared: boolean): void => {
    if (found !== undefined || ts.isFunctionLike(node)) return;
    if (compared) found = clockRead(node, resolver) ?? (ts.isIdentifier(node) ? clockThrough(node, loop, resolver) : undefined);
    const isComparison = ts.isBinaryExpression(node) && isRelational(node.operatorToken.kind);
    ts.forEachChild(node, (child) => visit(child, compared || isComparison));
  };
  visit(condition, false);
  return found;
}

function isRelational(kind: ts.SyntaxKind): boolean {
  return (
    kind === ts.SyntaxKind.LessThanToken ||
    kind === ts.SyntaxKind.LessThanEqualsToken ||
    kind === ts.SyntaxKind.GreaterThanToken ||
    kind === ts.SyntaxKind.GreaterThanEqualsToken ||
    kind === ts.SyntaxKind.ExclamationEqualsEqualsToken ||
    kind === ts.SyntaxKind.ExclamationEqualsToken
  );
}

function clockThrough(name: ts.Identifier, loop: ts.IterationStatement, resolver: SymbolResolver): string | undefined {
  const symbol = resolver.checker.getSymbolAtLocation(name);
  if (!symbol) return undefined;
  let found: string | undefined;
  const visit = (node: ts.Node): void => {
    if (found !== undefined || ts.isFunctionLike(node)) return;
    const written = writtenBy(node);
    if (written && ts.isIdentifier(written.name) && resolver.checker.getSymbolAtLocation(written.name) === symbol) {
      found = firstClock(written.value, resolver);
    }
    ts.forEachChild(node, visit);
  };
  visit(loop);
  return found;
}

function writtenBy(node: ts.Node): { readonly name: ts.Node; readonly value: ts.Expression } | undefined {
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken)
    return { name: node.left, value: node.right };
  // A variable of the loop's head is set once, before the first round.
  if (!ts.isVariableDeclaration(node) || !node.initializer || ts.isForStatement(node.parent.parent)) return undefined;
  return { name: node.name, value: node.initializer };
}

function firstClock(expression: ts.Expression, resolver: SymbolResolver): string | undefined {
  const own = clockRead(expression, resolver);
  if (own !== undefined) return own;
  return ts.forEachChild(expression, (child) => (ts.isExpression(child) ? firstClock(child, resolver) : undefined));
}

/** The clock that this very node reads. */
function clockRead(node: ts.Node, resolver: SymbolResolver): string | undefined {
  if (ts.isNewExpression(node)) {
    return (node.arguments?.length ?? 0) === 0 && externalName(node.expression, resolver) === 'Date' ? 'new Date' : undefined;
  }
  if (!ts.isCallExpression(node)) return undefined;
  const name = externalName(node.expression, resolver);
  if (name === undefined) return undefined;
  if (clocks.has(name)) return name;
  return undefined;
}

/** `Date.now` for whatever stands for it, `performance.now` also for the one that `node:perf_hooks` exports. */
function externalName(expression: ts.Expression, resolver: SymbolResolver): string | undefined {
  for (const value of resolver.resolve(unwrap(expression))) {
    if (value.kind !== 'external') continue;
    const path = value.path.join('.');
    if (value.specifier === undefined) return path;
    if (!clockModules.test(value.specifier)) continue;
    return value.specifier.endsWith('process') ? `process.${path}` : path;
  }
  return undefined;
}

/** No await, no yield, no work: counting, looking at clocks and leaving is all that happens. */
export function isIdle(node: ts.Node, resolver: SymbolResolver): boolean {
  if (
    ts.isAwaitExpression(node) ||
    ts.isYieldExpression(node) ||
    ts.isTaggedTemplateExpression(node) ||
    ts.isThrowStatement(node)
  )
    return false;
  if (ts.isForOfStatement(node) || ts.isForInStatement(node)) return false;
  if (ts.isDeleteExpression(node)) return false;
  if (ts.isBinaryExpression(node) && isAssignmentOperator(node.operatorToken.kind) && !ts.isIdentifier(node.left)) return false;
  if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
    if (clockRead(node, resolver) === undefined && !isIdleCall(node, resolver)) return false;
  }
  return ts.forEachChild(node, (child) => (isIdle(child, resolver) ? undefined : true)) === undefined;
}

function isIdleCall(node: ts.CallExpression | ts.NewExpression, resolver: SymbolResolver): boolean {
  const callee = unwrap(node.expression);
  // `new Date().getTime()`, `+start.valueOf()`: reading a date is no work.
  if (ts.isPropertyAccessExpression(callee) && /^(?:getTime|valueOf|getSeconds|getMilliseconds)$/.test(callee.name.text))
    return true;
  const name = externalName(callee, resolver);
  return name !== undefined && idle.test(name);
}
