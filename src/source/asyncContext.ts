import { ts } from './typescript.ts';
import { callbackTiming } from './asyncContextCallee.ts';
import { createFunctionUses, isFunctionValue, isInline, useOf } from './functionUses.ts';
import { isStreamHandler } from './streamHandlers.ts';
import type { SymbolResolver } from './symbolResolver.ts';

/**
 * Where a place of the source runs: in asynchronous code; in a synchronous function, whose callers decide; at start-up, when
 * nothing else waits; or elsewhere (another thread, a page, the end of the process), where it holds nobody up.
 */
export type AsyncContext =
  | { readonly kind: 'async'; readonly name: string }
  | { readonly kind: 'sync'; readonly node: ts.FunctionLikeDeclaration | undefined }
  | { readonly kind: 'start-up' }
  /** `node` is a synchronous function with a name, which others may call as well. */
  | { readonly kind: 'elsewhere'; readonly node?: ts.FunctionLikeDeclaration };

/** Tells the context of any node of a program; remembers functions. */
export interface ContextFinder {
  contextOf(node: ts.Node): AsyncContext;
}

type FunctionWithBody = ts.FunctionLikeDeclaration & { readonly body: ts.ConciseBody };

const startUp: AsyncContext = { kind: 'start-up' };
const elsewhere: AsyncContext = { kind: 'elsewhere' };

export function createContextFinder(resolver: SymbolResolver): ContextFinder {
  const { checker } = resolver;
  const known = new WeakMap<ts.Node, AsyncContext>();
  const usesOf = createFunctionUses(resolver);

  function contextOf(node: ts.Node): AsyncContext {
    let from = node;
    for (let at = node.parent; ; from = at, at = at.parent) {
      if (isWorkerBranch(from, at)) return elsewhere;
      if (ts.isSourceFile(at)) return moduleContext(at, node);
      if (isFunctionWithBody(at) && !runsOutside(from, at)) return functionContext(at);
      if (ts.isPropertyDeclaration(at) && at.initializer === from && !isStatic(at)) return { kind: 'sync', node: undefined };
    }
  }

  function functionContext(node: FunctionWithBody): AsyncContext {
    const found = known.get(node);
    if (found) return found;
    // A function handed to itself would ask for its own context; until it is known it is a plain function.
    known.set(node, { kind: 'sync', node });
    const context = findFunctionContext(node);
    known.set(node, context);
    return context;
  }

  function findFunctionContext(node: FunctionWithBody): AsyncContext {
    if (isInWorkerBranch(node)) return elsewhere;
    const outer = ts.findAncestor(node.parent, isFunctionWithBody);
    if (outer && functionContext(outer).kind === 'elsewhere') return elsewhere;
    const { uses, isEventHandler } = usesOf(node);
    const timings = uses.map(({ call, index }) => callbackTiming(call, index, resolver));
    const isNamed = !isInline(node);
    if (timings.length > 0 && timings.every((timing) => timing === 'never-here'))
      return isNamed && !isAsync(node) && !returnsPromise(node) ? { kind: 'elsewhere', node } : elsewhere;
    const asynchronous: AsyncContext = { kind: 'async', name: nameOf(node) };
    if (isAsync(node) || timings.includes('later') || isEventHandler || isRequestHandler(node)) return asynchronous;
    if (isStreamHandler(node, resolver)) return asynchronous;
    const callers = uses.filter((_, index) => timings[index] === 'now').map(({ call }) => ({ call, context: contextOf(call) }));
    if (
      callers.some(
        ({ call, context }) => isExecutorOf(call) && (context.kind === 'sync' || (isNamed && context.kind === 'async')),
      )
    )
      return asynchronous;
    // What runs a function that stands in its call is the caller; one with a name is followed from there.
    const [caller] = callers;
    if (caller && !isNamed) return caller.context;
    return returnsPromise(node) ? asynchronous : { kind: 'sync', node };
  }

  function returnsPromise(node: FunctionWithBody): boolean {
    if (node.asteriskToken || ts.isConstructorDeclaration(node)) return false;
    const signature = checker.getSignatureFromDeclaration(node);
    if (!signature) return false;
    const type = checker.getReturnTypeOfSignature(signature);
    const parts = type.isUnion() ? type.types : [type];
    return parts.some((part) => /^(?:Promise|PromiseLike|Thenable)$/.test(part.getSymbol()?.name ?? ''));
  }

  return { contextOf };
}

/** `new Promise(…)`: its executor is asynchronous code wherever it is not start-up. */
function isExecutorOf(call: ts.CallExpression | ts.NewExpression): boolean {
  return ts.isNewExpression(call) && ts.isIdentifier(call.expression) && call.expression.text === 'Promise';
}

function isFunctionWithBody(node: ts.Node): node is FunctionWithBody {
  return ts.isFunctionLike(node) && (node as ts.FunctionLikeDeclaration).body !== undefined;
}

/** Names and decorators of a method stand in the code around it. */
function runsOutside(from: ts.Node, owner: FunctionWithBody): boolean {
  return from === owner.name || ts.isDecorator(from);
}

function isStatic(node: ts.Declaration): boolean {
  return (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Static) !== 0;
}

function isAsync(node: FunctionWithBody): boolean {
  return (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Async) !== 0;
}

/** What messages call a function: its name, `Class.method`, or what it is given to. */
export function nameOf(node: ts.FunctionLikeDeclaration): string {
  const own =
    node.name ??
    (ts.isVariableDeclaration(node.parent) || ts.isPropertyAssignment(node.parent) || ts.isPropertyDeclaration(node.parent)
      ? node.parent.name
      : undefined);
  const text = own && (ts.isComputedPropertyName(own) ? own.getText() : 'text' in own ? own.text : undefined);
  const member = node.name ? node : node.parent;
  const owner = ts.isClassElement(member) && ts.isClassLike(member.parent) ? member.parent.name?.text : undefined;
  if (ts.isConstructorDeclaration(node)) return `new ${owner ?? 'class'}`;
  if (text !== undefined) return owner === undefined ? text : `${owner}.${text}`;
  const use = isFunctionValue(node) ? useOf(node) : undefined;
  const callee = use?.call.expression;
  if (callee && use.index >= 0) {
    const name = ts.isPropertyAccessExpression(callee) ? callee.name.text : ts.isIdentifier(callee) ? callee.text : undefined;
    if (name !== undefined) return `callback of ${name}`;
  }
  return 'anonymous function';
}

/** `(req, res) => …`, wherever it is registered. */
function isRequestHandler(node: FunctionWithBody): boolean {
  const [first, second] = node.parameters.map(({ name }) => (ts.isIdentifier(name) ? name.text : ''));
  return /^_?req(?:uest)?$/.test(first ?? '') && /^_?(?:res|response|reply)$/.test(second ?? '');
}

const firstAwaits = new WeakMap<ts.SourceFile, number>();

function moduleContext(sourceFile: ts.SourceFile, node: ts.Node): AsyncContext {
  let first = firstAwaits.get(sourceFile);
  if (first === undefined) {
    first = firstTopLevelAwait(sourceFile)?.end ?? Number.POSITIVE_INFINITY;
    firstAwaits.set(sourceFile, first);
  }
  return node.getStart() >= first ? { kind: 'async', name: 'module' } : startUp;
}

/** The first `await` of a module that is in no function, in the order of the text. */
export function firstTopLevelAwait(sourceFile: ts.SourceFile): ts.Node | undefined {
  const visit = (node: ts.Node): ts.Node | undefined => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node)) return undefined;
    if (ts.isAwaitExpression(node)) return ts.forEachChild(node, visit) ?? node;
    if (ts.isForOfStatement(node) && node.awaitModifier) return node.awaitModifier;
    if (isAwaitUsingList(node)) return node;
    return ts.forEachChild(node, visit);
  };
  return visit(sourceFile);
}

/** True for the declarations of an `await using`. */
export function isAwaitUsingList(node: ts.Node): node is ts.VariableDeclarationList {
  const both: number = ts.NodeFlags.AwaitUsing;
  return ts.isVariableDeclarationList(node) && (node.flags & both) === both;
}

function isInWorkerBranch(node: ts.Node): boolean {
  for (let at = node; !ts.isSourceFile(at); at = at.parent) if (isWorkerBranch(at, at.parent)) return true;
  return false;
}

/** The branch of `if (isMainThread)` that runs in a worker. */
function isWorkerBranch(branch: ts.Node, parent: ts.Node): boolean {
  if (!ts.isIfStatement(parent) && !ts.isConditionalExpression(parent)) return false;
  const expression = ts.isIfStatement(parent) ? parent.expression : parent.condition;
  const negated = ts.isPrefixUnaryExpression(expression) && expression.operator === ts.SyntaxKind.ExclamationToken;
  const condition = negated ? expression.operand : expression;
  const name = ts.isPropertyAccessExpression(condition) ? condition.name : condition;
  if (!ts.isIdentifier(name) || name.text !== 'isMainThread') return false;
  const [whenTrue, whenFalse] = ts.isIfStatement(parent)
    ? [parent.thenStatement, parent.elseStatement]
    : [parent.whenTrue, parent.whenFalse];
  return branch === (negated ? whenTrue : whenFalse);
}
