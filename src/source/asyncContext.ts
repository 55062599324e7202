import { ts } from './typescript.ts';
import { callbackTiming } from './asyncContextCallee.ts';
import type { SymbolResolver } from './symbolResolver.ts';

/**
 * Where a place of the source runs: in asynchronous code; in a synchronous function, whose callers decide; at start-up, when
 * nothing else waits; or elsewhere (another thread, a page, the end of the process), where it holds nobody up.
 */
export type AsyncContext =
  | { readonly kind: 'async'; readonly name: string }
  | { readonly kind: 'sync'; readonly node: ts.FunctionLikeDeclaration | undefined }
  | { readonly kind: 'start-up' }
  | { readonly kind: 'elsewhere' };

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
    const uses = usesOf(node);
    const asynchronous: AsyncContext = { kind: 'async', name: nameOf(node) };
    const timings = uses.map(({ call, index }) => callbackTiming(call, index, resolver));
    if (timings.length > 0 && timings.every((timing) => timing === 'never-here')) return elsewhere;
    if (isAsync(node) || timings.includes('later') || isEventProperty(node) || isRequestHandler(node)) return asynchronous;
    const atOnce = uses.filter((_, index) => timings[index] === 'now').map(({ call }) => callerContext(call, asynchronous));
    const decided = atOnce.find(({ kind }) => kind === 'async') ?? atOnce.find(({ kind }) => kind === 'sync') ?? atOnce[0];
    if (decided && isInline(node)) return decided;
    if (decided?.kind === 'async' || returnsPromise(node)) return asynchronous;
    return { kind: 'sync', node };
  }

  /** The context of a function that `call` runs at once. */
  function callerContext(call: ts.CallExpression | ts.NewExpression, asynchronous: AsyncContext): AsyncContext {
    const context = contextOf(call);
    const isExecutor = ts.isNewExpression(call) && ts.isIdentifier(call.expression) && call.expression.text === 'Promise';
    return isExecutor && context.kind === 'sync' ? asynchronous : context;
  }

  /** The calls that are given the function: where it stands itself, and by name in the same file. */
  function usesOf(node: FunctionWithBody): readonly Use[] {
    if (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) {
      const use = useOf(node);
      if (use) return [use];
    }
    const named = nameNodeOf(node);
    if (!named) return [];
    return isClassMember(named.parent) ? memberUses(named) : nameUses(named);
  }

  function nameUses(name: ts.Identifier): readonly Use[] {
    const symbol = checker.getSymbolAtLocation(name);
    return (identifiersOf(name.getSourceFile()).get(name.text) ?? []).flatMap((reference) => {
      if (reference === name || checker.getSymbolAtLocation(reference) !== symbol) return [];
      return useOf(reference) ?? [];
    });
  }

  /** `emitter.on('data', this.onData)` within the class. */
  function memberUses(name: ts.Identifier): readonly Use[] {
    const owner = name.parent.parent;
    return (identifiersOf(name.getSourceFile()).get(name.text) ?? []).flatMap((reference) => {
      const { parent } = reference;
      const isOwn = ts.isPropertyAccessExpression(parent) && parent.expression.kind === ts.SyntaxKind.ThisKeyword;
      if (!isOwn || reference.pos < owner.pos || reference.end > owner.end) return [];
      return useOf(parent) ?? [];
    });
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

interface Use {
  readonly call: ts.CallExpression | ts.NewExpression;
  readonly index: number;
}

/** The call that an expression is an argument (or the callee) of; `.bind(…)` in between counts for nothing. */
function useOf(expression: ts.Expression): Use | undefined {
  let at: ts.Node = expression;
  for (;;) {
    const { parent } = at;
    if (
      ts.isParenthesizedExpression(parent) ||
      ts.isAsExpression(parent) ||
      ts.isSatisfiesExpression(parent) ||
      ts.isNonNullExpression(parent)
    ) {
      at = parent;
    } else if (
      ts.isPropertyAccessExpression(parent) &&
      parent.expression === at &&
      parent.name.text === 'bind' &&
      ts.isCallExpression(parent.parent)
    ) {
      at = parent.parent;
    } else {
      break;
    }
  }
  const call = at.parent;
  if (!ts.isCallExpression(call) && !ts.isNewExpression(call)) return undefined;
  if (call.expression === at) return isFunctionNode(expression) ? { call, index: -1 } : undefined;
  const index = call.arguments?.indexOf(at as ts.Expression) ?? -1;
  return index < 0 ? undefined : { call, index };
}

function isFunctionNode(node: ts.Node): boolean {
  return ts.isArrowFunction(node) || ts.isFunctionExpression(node);
}

function isInline(node: ts.Node): boolean {
  return isFunctionNode(node) && useOf(node as ts.Expression) !== undefined;
}

const identifierCache = new WeakMap<ts.SourceFile, Map<string, ts.Identifier[]>>();

function identifiersOf(sourceFile: ts.SourceFile): Map<string, ts.Identifier[]> {
  const found = identifierCache.get(sourceFile);
  if (found) return found;
  const byText = new Map<string, ts.Identifier[]>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) {
      const list = byText.get(node.text);
      if (list) list.push(node);
      else byText.set(node.text, [node]);
    }
    ts.forEachChild(node, visit);
  };
  visit(sourceFile);
  identifierCache.set(sourceFile, byText);
  return byText;
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

function isClassMember(node: ts.Node): boolean {
  return ts.isClassElement(node) && ts.isClassLike(node.parent);
}

/** The identifier a function is known by: its own, or that of the variable or class field it is the value of. */
function nameNodeOf(node: FunctionWithBody): ts.Identifier | undefined {
  if (node.name && ts.isIdentifier(node.name)) return node.name;
  const { parent } = node;
  const holds = (ts.isVariableDeclaration(parent) || ts.isPropertyDeclaration(parent)) && parent.initializer === node;
  return holds && ts.isIdentifier(parent.name) ? parent.name : undefined;
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
  const use = isFunctionNode(node) ? useOf(node as unknown as ts.Expression) : undefined;
  const callee = use?.call.expression;
  if (callee && use.index >= 0) {
    const name = ts.isPropertyAccessExpression(callee) ? callee.name.text : ts.isIdentifier(callee) ? callee.text : undefined;
    if (name !== undefined) return `callback of ${name}`;
  }
  return 'anonymous function';
}

/** `socket.onmessage = () => …`: the handlers of the web's event targets. */
function isEventProperty(node: FunctionWithBody): boolean {
  const { parent } = node;
  if (
    !ts.isBinaryExpression(parent) ||
    (parent.right as ts.Node) !== node ||
    parent.operatorToken.kind !== ts.SyntaxKind.EqualsToken
  )
    return false;
  return ts.isPropertyAccessExpression(parent.left) && /^on[a-z]+$/.test(parent.left.name.text);
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
  if (!ts.isIfStatement(parent)) return false;
  const { expression } = parent;
  const negated = ts.isPrefixUnaryExpression(expression) && expression.operator === ts.SyntaxKind.ExclamationToken;
  const condition = negated ? expression.operand : expression;
  const name = ts.isPropertyAccessExpression(condition) ? condition.name : condition;
  if (!ts.isIdentifier(name) || name.text !== 'isMainThread') return false;
  return branch === (negated ? parent.thenStatement : parent.elseStatement);
}
