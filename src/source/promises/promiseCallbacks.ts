import { isReaction, type PromiseFacts } from './promiseFacts.ts';
import { isArrayLike, isPromiseType, isUnknownType } from './promiseTypes.ts';
import { unwrap } from '../symbols/symbolValue.ts';
import {
  canSuspend,
  type FunctionWithBody,
  isAsyncFunction,
  isFunctionWithBody,
  isGeneratorFunction,
  isMemberName,
} from '../syntax.ts';
import { ts } from '../typescript.ts';

/** An async function given to a method that does nothing with the promise it returns. */
export interface LostAsyncCallback {
  readonly rule: 'lost-async-callback';
  readonly node: ts.Node;
  readonly method: string;
  /** `dropped`: nobody awaits it; `truthy`: taken for true, as every object is; `order`: taken for a number; `sum`: the accumulator is a promise; `values`: promises taken for values. */
  readonly harm: 'dropped' | 'truthy' | 'order' | 'sum' | 'values';
}

/** `new Promise(async (resolve) => …)`. */
export interface AsyncExecutor {
  readonly rule: 'async-executor';
  readonly node: ts.Node;
}

const truthyMethods = new Set(['some', 'every', 'filter', 'find', 'findIndex', 'findLast', 'findLastIndex']);
const orderMethods = new Set(['sort', 'toSorted']);
const sumMethods = new Set(['reduce', 'reduceRight']);
/** What is done to an array of values and makes no sense with promises. */
const valueMethods = new Set([...['join', 'filter', 'sort', 'toSorted', 'some', 'every', 'find', 'includes', 'indexOf']]);

/** An async callback of an array's method whose promise is lost. */
export function lostCallbackAt(call: ts.CallExpression, facts: PromiseFacts): LostAsyncCallback | undefined {
  const callee = unwrap(call.expression);
  const given = call.arguments[0];
  if (!ts.isPropertyAccessExpression(callee) || !given) return undefined;
  const method = callee.name.text;
  const isKnown = method === 'forEach' || method === 'map' || truthyMethods.has(method) || orderMethods.has(method);
  if (!isKnown && !sumMethods.has(method)) return undefined;
  const callback = unwrap(given);
  const inline = isFunctionWithBody(callback) ? callback : undefined;
  if (inline && (!isAsyncFunction(inline) || isGeneratorFunction(inline))) return undefined;
  if (!inline && !ts.isIdentifier(callback) && !ts.isPropertyAccessExpression(callback)) return undefined;
  if (!isCollection(callee.expression, method, facts)) return undefined;
  const node = inline ? (asyncKeyword(inline) ?? callback) : callback;
  const lost = (harm: LostAsyncCallback['harm']): LostAsyncCallback => ({ rule: 'lost-async-callback', node, method, harm });
  if (sumMethods.has(method)) return inline && sumsPromises(inline, facts) ? lost('sum') : undefined;
  if (!inline && !givesPromise(callback, facts)) return undefined;
  if (truthyMethods.has(method)) return lost('truthy');
  if (orderMethods.has(method)) return lost('order');
  if (method === 'map') {
    if (isUsedAsValues(call, facts)) return lost('values');
    if (!isStatement(call)) return undefined;
  }
  return callbackMayReject(callback, facts) ? lost('dropped') : undefined;
}

function asyncKeyword(node: FunctionWithBody): ts.Node | undefined {
  return node.modifiers?.find((modifier) => modifier.kind === ts.SyntaxKind.AsyncKeyword);
}

function isCollection(receiver: ts.Expression, method: string, { checker }: PromiseFacts): boolean {
  const type = checker.getTypeAtLocation(receiver);
  if (isArrayLike(type, checker)) return true;
  if (method !== 'forEach') return false;
  const name = type.getSymbol()?.name ?? '';
  return isUnknownType(type) || /^(?:Readonly)?(?:Set|Map)$|^(?:NodeListOf?|URLSearchParams|Headers|FormData)$/.test(name);
}

function givesPromise(callback: ts.Expression, { checker }: PromiseFacts): boolean {
  const signatures = checker.getTypeAtLocation(callback).getCallSignatures();
  return signatures.length > 0 && signatures.every((one) => isPromiseType(checker.getReturnTypeOfSignature(one), checker));
}

/** Fire and forget is safe where the callback catches everything itself, and nothing is forgotten where it never waits. */
function callbackMayReject(callback: ts.Expression, facts: PromiseFacts): boolean {
  if (isFunctionWithBody(callback)) return facts.functionMayReject(callback);
  const functions = facts.resolver.resolve(callback).flatMap((value) => (value.kind === 'function' ? [value.node] : []));
  return functions.length === 0 || functions.some((one) => isFunctionWithBody(one) && facts.functionMayReject(one));
}

/** The node without parentheses and assertions around it. */
function outermost(node: ts.Expression): ts.Expression {
  let at = node;
  while (
    ts.isParenthesizedExpression(at.parent) ||
    ts.isAsExpression(at.parent) ||
    ts.isNonNullExpression(at.parent) ||
    ts.isSatisfiesExpression(at.parent)
  ) {
    at = at.parent;
  }
  return at;
}

function isStatement(call: ts.Expression): boolean {
  const outer = outermost(call);
  return ts.isExpressionStatement(outer.parent) || ts.isVoidExpression(outer.parent);
}

/** `await items.map(async …)`, `items.map(async …).join()`: right away, or through a constant that is used in no other way. */
function isUsedAsValues(call: ts.CallExpression, facts: PromiseFacts): boolean {
  const outer = outermost(call);
  if (takesValues(outer)) return true;
  const { parent } = outer;
  if (!ts.isVariableDeclaration(parent) || !ts.isIdentifier(parent.name)) return false;
  if (!(parent.parent.flags & ts.NodeFlags.Const)) return false;
  const uses = usesOf(parent.name, facts.checker);
  return uses.length > 0 && uses.every((use) => takesValues(outermost(use)));
}

function takesValues(node: ts.Expression): boolean {
  const { parent } = node;
  if (ts.isAwaitExpression(parent)) return true;
  if (ts.isTemplateSpan(parent)) return true;
  if (ts.isCallExpression(parent) && parent.arguments[0] === node) return parent.expression.getText() === 'JSON.stringify';
  if (!ts.isPropertyAccessExpression(parent) || parent.expression !== node || !ts.isCallExpression(parent.parent)) return false;
  return valueMethods.has(parent.name.text);
}

function usesOf(name: ts.Identifier, checker: ts.TypeChecker): readonly ts.Identifier[] {
  const symbol = checker.getSymbolAtLocation(name);
  const uses: ts.Identifier[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && node !== name && node.text === name.text) {
      const own = ts.isShorthandPropertyAssignment(node.parent)
        ? checker.getShorthandAssignmentValueSymbol(node.parent)
        : checker.getSymbolAtLocation(node);
      if (own === symbol) uses.push(node);
    }
    ts.forEachChild(node, visit);
  };
  visit(scopeOf(name));
  return uses;
}

function scopeOf(name: ts.Identifier): ts.Node {
  return ts.findAncestor(name, (node) => ts.isBlock(node) || ts.isSourceFile(node)) ?? name.getSourceFile();
}

/** True where an async reducer uses its accumulator, which is a promise from the second round on, as if it were a value. */
function sumsPromises(callback: FunctionWithBody, { checker }: PromiseFacts): boolean {
  const parameter = callback.parameters[0];
  if (!parameter) return false;
  // `async ({ total }, item) => …` takes the promise apart.
  if (!ts.isIdentifier(parameter.name)) return true;
  const uses = usesWithin(callback.body, parameter.name, checker);
  return uses.length > 0 && !uses.some(mayAwait);
}

function usesWithin(body: ts.Node, name: ts.Identifier, checker: ts.TypeChecker): readonly ts.Identifier[] {
  const symbol = checker.getSymbolAtLocation(name);
  const uses: ts.Identifier[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && node.text === name.text && !isMemberName(node)) {
      if (ts.isShorthandPropertyAssignment(node.parent) || checker.getSymbolAtLocation(node) === symbol) uses.push(node);
    }
    ts.forEachChild(node, visit);
  };
  visit(body);
  return uses;
}

/** Awaited, given to a call (`Promise.all`) or returned: the use may well know that it is a promise. */
function mayAwait(use: ts.Identifier): boolean {
  const { parent } = outermost(use);
  if (ts.isPropertyAccessExpression(parent)) {
    return ts.isCallExpression(parent.parent) && isReaction(parent.parent);
  }
  const isTakenAsValue =
    ts.isBinaryExpression(parent) ||
    ts.isElementAccessExpression(parent) ||
    ts.isSpreadElement(parent) ||
    ts.isSpreadAssignment(parent) ||
    ts.isTemplateSpan(parent) ||
    ts.isPrefixUnaryExpression(parent);
  return !isTakenAsValue;
}

/** An async executor: what it throws settles nothing. */
export function asyncExecutorAt(node: ts.NewExpression, facts: PromiseFacts): AsyncExecutor | undefined {
  if (!ts.isIdentifier(node.expression) || node.expression.text !== 'Promise') return undefined;
  const executor = node.arguments?.[0] && unwrap(node.arguments[0]);
  if (!executor || !isFunctionWithBody(executor) || !isAsyncFunction(executor)) return undefined;
  const external = facts.externalOf(node.expression);
  if (external?.specifier !== undefined || external?.path.join('.') !== 'Promise') return undefined;
  // Where the executor catches everything itself it is a matter of taste.
  if (catchesAll(executor) || (canSuspend(executor.body) && !facts.functionMayReject(executor))) return undefined;
  return { rule: 'async-executor', node: asyncKeyword(executor) ?? executor };
}

/** True for a body that is one `try` with a `catch`, and the variables it needs, where making these waits for nothing. */
function catchesAll({ body }: FunctionWithBody): boolean {
  if (!ts.isBlock(body)) return false;
  const [only, ...others] = body.statements.filter((statement) => !ts.isVariableStatement(statement) || canSuspend(statement));
  return only !== undefined && others.length === 0 && ts.isTryStatement(only) && only.catchClause !== undefined;
}
