import { type FunctionWithBody, isAsyncFunction, isFunctionValue, isFunctionWithBody, isStatic } from '../syntax.ts';
import { ts } from '../typescript.ts';
import { callbackTiming, type CallbackTiming } from './asyncContextCallee.ts';
import { createFunctionUses, isInline, useOf, type Use } from './functionUses.ts';
import { returnsPromise } from './returnsPromise.ts';
import { isStreamHandler } from './streamHandlers.ts';
import type { SymbolResolver } from '../symbols/symbolResolver.ts';

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

const startUp: AsyncContext = { kind: 'start-up' };
const elsewhere: AsyncContext = { kind: 'elsewhere' };

export function createContextFinder(resolver: SymbolResolver): ContextFinder {
  const { checker, facts, answers } = resolver;
  const contexts = answers.question<AsyncContext>('context');
  const elsewheres = answers.question<boolean>('elsewhere');
  /** Functions whose contexts are being found. */
  const active = new Set<ts.Node>();
  const findUses = createFunctionUses(resolver);

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
    // A function handed to itself would ask for its own context; until it is known it is a plain function.
    if (active.has(node)) return { kind: 'sync', node };
    return contexts.find(node, () => {
      active.add(node);
      try {
        return findFunctionContext(node);
      } finally {
        active.delete(node);
      }
    });
  }

  function findFunctionContext(node: FunctionWithBody): AsyncContext {
    if (isInWorkerBranch(node) || isWithinElsewhere(node)) return elsewhere;
    const isNamed = !isInline(node);
    if (runsNeverHere(node))
      return isNamed && !isAsyncFunction(node) && !givesPromise(node) ? { kind: 'elsewhere', node } : elsewhere;
    const asynchronous: AsyncContext = { kind: 'async', name: nameOf(node) };
    if (isAsyncFunction(node)) return asynchronous;
    const uses = findUses(node);
    if (isRequestHandler(node) || uses.isEventHandler() || uses.some((use) => timingOf(use) === 'later')) return asynchronous;
    if (isStreamHandler(node, resolver)) return asynchronous;
    const executing = uses.where((use) => isExecutorOf(use.call) && timingOf(use) === 'now').map(({ call }) => contextOf(call));
    if (executing.some(({ kind }) => kind === 'sync' || (isNamed && kind === 'async'))) return asynchronous;
    // What runs a function that stands in its call is the caller; one with a name is followed from there.
    const [caller] = isNamed ? [] : uses.where((use) => timingOf(use) === 'now');
    if (caller) return contextOf(caller.call);
    return givesPromise(node) ? asynchronous : { kind: 'sync', node };
  }

  function givesPromise(node: FunctionWithBody): boolean {
    return facts.answer('returns a promise', node, () => returnsPromise(node, checker));
  }

  /** Asked of the functions around one, whose whole context may take types of their bodies. */
  function isElsewhere(node: FunctionWithBody): boolean {
    return elsewheres.find(node, () => isInWorkerBranch(node) || isWithinElsewhere(node) || runsNeverHere(node));
  }

  function isWithinElsewhere(node: FunctionWithBody): boolean {
    const outer = ts.findAncestor(node.parent, isFunctionWithBody);
    return outer !== undefined && isElsewhere(outer);
  }

  function runsNeverHere(node: FunctionWithBody): boolean {
    const uses = findUses(node);
    return uses.some((use) => timingOf(use) === 'never-here') && !uses.some((use) => timingOf(use) !== 'never-here');
  }

  function timingOf({ call, index }: Use): CallbackTiming {
    return answers.question<CallbackTiming>(`timing ${index}`).find(call, () => callbackTiming(call, index, resolver));
  }

  return { contextOf };
}

/** `new Promise(…)`: its executor is asynchronous code wherever it is not start-up. */
function isExecutorOf(call: ts.CallExpression | ts.NewExpression): boolean {
  return ts.isNewExpression(call) && ts.isIdentifier(call.expression) && call.expression.text === 'Promise';
}

/** Names and decorators of a method stand in the code around it. */
function runsOutside(from: ts.Node, owner: FunctionWithBody): boolean {
  return from === owner.name || ts.isDecorator(from);
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
