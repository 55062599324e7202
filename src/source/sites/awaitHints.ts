import type { WaitKind } from '../../shared/waitKind.ts';
import { skipOuter, type Bindings, type ExternalRef } from './bindings.ts';
import { isAsyncFunction, isFunctionNode, someInSameCall } from '../syntax.ts';
import { functionBehind } from './functionBehind.ts';
import { ts } from '../typescript.ts';

const kindOfModule: Readonly<Record<string, WaitKind>> = {
  'timers/promises': 'timer',
  timers: 'timer',
  fs: 'file',
  'fs/promises': 'file',
  'fs-extra': 'file',
  'graceful-fs': 'file',
  http: 'network',
  https: 'network',
  http2: 'network',
  net: 'network',
  tls: 'network',
  dns: 'network',
  'dns/promises': 'network',
  dgram: 'network',
  undici: 'network',
  child_process: 'process',
  execa: 'process',
  zx: 'process',
  worker_threads: 'worker',
};
const kindOfGlobal: Readonly<Record<string, WaitKind>> = {
  setTimeout: 'timer',
  setInterval: 'timer',
  setImmediate: 'timer',
  fetch: 'network',
  scheduler: 'timer',
};
const combinators = new Set(['all', 'allSettled', 'race', 'any', 'resolve']);
const maxDepth = 5;
const maxCallees = 8;

/** What the text alone tells of an awaited value: what for, and which functions were called to make it. */
export interface AwaitHint {
  readonly hint: WaitKind | undefined;
  readonly callees: readonly string[];
}

/** Reads an awaited expression, through variables and helper functions of the same file. */
export function awaitHintOf(expression: ts.Expression, bindings: Bindings): AwaitHint {
  const callees = new Set<string>();
  const hint = read(expression, bindings, callees, 0);
  return { hint, callees: [...callees].slice(0, maxCallees) };
}

function read(expression: ts.Expression, bindings: Bindings, callees: Set<string>, depth: number): WaitKind | undefined {
  if (depth > maxDepth) return undefined;
  const node = skipOuter(expression);
  if (ts.isCallExpression(node)) return readCall(node, bindings, callees, depth);
  if (ts.isNewExpression(node))
    return ts.isIdentifier(node.expression) && node.expression.text === 'Promise' ? readExecutor(node, bindings) : undefined;
  if (ts.isConditionalExpression(node)) {
    return agree([read(node.whenTrue, bindings, callees, depth + 1), read(node.whenFalse, bindings, callees, depth + 1)]);
  }
  if (ts.isBinaryExpression(node))
    return agree([read(node.left, bindings, callees, depth + 1), read(node.right, bindings, callees, depth + 1)]);
  if (ts.isIdentifier(node)) {
    const declaration = bindings.declarationOf(node);
    if (declaration && ts.isVariableDeclaration(declaration) && declaration.initializer && ts.isIdentifier(declaration.name)) {
      return read(declaration.initializer, bindings, callees, depth + 1);
    }
    return undefined;
  }
  if (ts.isAwaitExpression(node)) return undefined;
  return kindOf(bindings.externalOf(node));
}

function readCall(node: ts.CallExpression, bindings: Bindings, callees: Set<string>, depth: number): WaitKind | undefined {
  const callee = skipOuter(node.expression);
  if (isFunctionNode(callee)) return isAsyncFunction(callee) ? 'task' : undefined;
  const ref = bindings.externalOf(callee);
  const first = node.arguments[0];
  if (ref) {
    if (ref.specifier === undefined && ref.path[0] === 'Promise' && ref.path.length === 2 && combinators.has(ref.path[1] ?? '')) {
      return first && readList(first, bindings, callees, depth + 1);
    }
    // `once(child, 'exit')` waits for what its emitter stands for.
    if (ref.specifier === 'events' && /^(?:once|on)$/.test(ref.path.at(-1) ?? '') && first)
      return kindOf(bindings.externalOf(first));
    // A timer's own return value is no promise, but its promisified form is.
    const kind = kindOf(ref);
    if (kind) return kind;
    if (ref.specifier === undefined) addCallee(callee, callees);
    return undefined;
  }
  if (ts.isPropertyAccessExpression(callee)) {
    if (/^(?:then|catch|finally)$/.test(callee.name.text)) return read(callee.expression, bindings, callees, depth + 1);
    addCallee(callee, callees);
    return undefined;
  }
  if (!ts.isIdentifier(callee)) return undefined;
  addCallee(callee, callees);
  const target = functionBehind(callee, bindings);
  if (!target) return undefined;
  if (isAsyncFunction(target)) return 'task';
  const result = returnedExpression(target);
  return result && read(result, bindings, new Set(), depth + 1);
}

/** The list given to `Promise.all` and its like. */
function readList(list: ts.Expression, bindings: Bindings, callees: Set<string>, depth: number): WaitKind | undefined {
  const node = skipOuter(list);
  if (ts.isArrayLiteralExpression(node)) {
    return agree(
      node.elements.map((element) =>
        ts.isSpreadElement(element)
          ? readList(element.expression, bindings, callees, depth + 1)
          : read(element, bindings, callees, depth),
      ),
    );
  }
  if (ts.isIdentifier(node)) {
    const declaration = bindings.declarationOf(node);
    if (depth < maxDepth && declaration && ts.isVariableDeclaration(declaration) && declaration.initializer) {
      return readList(declaration.initializer, bindings, callees, depth + 1);
    }
    return undefined;
  }
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return undefined;
  const isMap = /^(?:map|from|flatMap)$/.test(node.expression.name.text);
  const mapper = isMap ? node.arguments.at(-1) : undefined;
  if (!mapper) return undefined;
  const made = skipOuter(mapper);
  if (ts.isIdentifier(made)) {
    addCallee(made, callees);
    const target = functionBehind(made, bindings);
    return target && isAsyncFunction(target) ? 'task' : undefined;
  }
  if (!isFunctionNode(made)) return undefined;
  if (isAsyncFunction(made)) {
    callees.add('<anonymous>');
    return 'task';
  }
  const result = returnedExpression(made);
  return result && read(result, bindings, callees, depth + 1);
}

/** `new Promise((resolve) => setTimeout(resolve, ms))`: the kind of the call that is handed the executor's own functions. */
function readExecutor(node: ts.NewExpression, bindings: Bindings): WaitKind | undefined {
  const executor = node.arguments?.[0] && skipOuter(node.arguments[0]);
  if (!executor || !isFunctionNode(executor) || !executor.body) return undefined;
  const names = new Set(executor.parameters.map((parameter) => (ts.isIdentifier(parameter.name) ? parameter.name.text : '')));
  let kind: WaitKind | undefined;
  const visit = (inner: ts.Node): void => {
    if (kind) return;
    if (ts.isCallExpression(inner) && inner.arguments.some((argument) => mentions(argument, names)))
      kind = kindOf(bindings.externalOf(inner.expression));
    ts.forEachChild(inner, visit);
  };
  visit(executor.body);
  return kind;
}

function mentions(node: ts.Node, names: ReadonlySet<string>): boolean {
  if (ts.isIdentifier(node) && names.has(node.text)) return true;
  return ts.forEachChild(node, (child) => mentions(child, names) || undefined) ?? false;
}

/** What a function returns, where that is one expression. */
function returnedExpression(node: ts.FunctionLikeDeclaration): ts.Expression | undefined {
  if (!node.body) return undefined;
  if (!ts.isBlock(node.body)) return node.body;
  let result: ts.Expression | undefined;
  let count = 0;
  someInSameCall(node.body, (inner) => {
    if (ts.isReturnStatement(inner)) {
      count++;
      result = inner.expression;
    }
    return false;
  });
  return count === 1 ? result : undefined;
}

function kindOf(ref: ExternalRef | undefined): WaitKind | undefined {
  if (!ref) return undefined;
  if (ref.specifier === undefined) {
    const root = ref.path[0] === 'globalThis' ? ref.path[1] : ref.path[0];
    return root !== undefined && Object.hasOwn(kindOfGlobal, root) ? kindOfGlobal[root] : undefined;
  }
  return Object.hasOwn(kindOfModule, ref.specifier) ? kindOfModule[ref.specifier] : undefined;
}

function agree(kinds: readonly (WaitKind | undefined)[]): WaitKind | undefined {
  const [first] = kinds;
  return kinds.every((kind) => kind === first) ? first : undefined;
}

function addCallee(callee: ts.Expression, callees: Set<string>): void {
  if (ts.isIdentifier(callee)) callees.add(callee.text);
  else if (ts.isPropertyAccessExpression(callee)) callees.add(callee.name.text);
}
