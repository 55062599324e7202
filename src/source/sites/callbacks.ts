import { skipOuter, type Bindings, type ExternalRef } from './bindings.ts';
import { callbackModules, listenerMethods, reactionMethods, runAtOnceMethods, timerFunctions } from '../context/callbackApis.ts';
import { functionBehind } from './functionBehind.ts';
import { functionName } from '../functionName.ts';
import type { NodeIndex } from '../nodeIndex.ts';
import { isAsyncFunction, isGeneratorFunction } from '../syntax.ts';
import { ts } from '../typescript.ts';

/** Synchronous functions of a file that are given to something that calls them in a turn or microtask of their own. */
export class Callbacks {
  readonly #bindings: Bindings;
  readonly #names = new Map<ts.Node, string>();

  constructor({ flow }: NodeIndex, bindings: Bindings) {
    this.#bindings = bindings;
    for (const node of flow) if (ts.isCallExpression(node)) this.#addArguments(node);
  }

  /**
   * What the interface calls the function: its own name, else that of the call it is given to (`answer.then callback`);
   * undefined where it is no callback.
   */
  nameOf(node: ts.FunctionLikeDeclaration): string | undefined {
    return this.#names.get(node);
  }

  #addArguments(call: ts.CallExpression): void {
    if (call.arguments.length === 0) return;
    const given = call.arguments.map((argument) => this.#functionOf(argument));
    if (given.every((node) => node === undefined)) return;
    const callee = skipOuter(call.expression);
    const external = this.#bindings.externalOf(callee);
    const method = ts.isPropertyAccessExpression(callee) ? callee.name.text : undefined;
    given.forEach((node, index) => {
      if (!node || this.#names.has(node)) return;
      const isListener = method !== undefined && listenerMethods.has(method) && index === 1;
      const isReaction = method !== undefined && index < (reactionMethods.get(method) ?? 0);
      if (!isListener && !isReaction && !(external && runsLater(external, index))) return;
      const own = functionName(node);
      this.#names.set(node, own === '<anonymous>' ? `${calleeText(callee)}${isListener ? eventText(call) : ''} callback` : own);
    });
  }

  #functionOf(argument: ts.Expression): ts.FunctionLikeDeclaration | undefined {
    const node = functionBehind(argument, this.#bindings);
    return node && isPlain(node) ? node : undefined;
  }
}

function isPlain(node: ts.FunctionLikeDeclaration): boolean {
  return node.body !== undefined && !isAsyncFunction(node) && !isGeneratorFunction(node);
}

function runsLater({ specifier, path }: ExternalRef, index: number): boolean {
  const name = path.filter((part) => part !== 'globalThis').join('.');
  if (specifier === undefined) return index === 0 && (timerFunctions.has(name) || name === 'process.nextTick');
  if (specifier === 'process') return index === 0 && name === 'nextTick';
  if (!callbackModules.has(specifier) || path.includes('promises') || path.at(-1)?.endsWith('Sync') === true) return false;
  // `fs.readdirSync(p).forEach(…)` runs what it is given at once.
  return !(path.includes('()') && runAtOnceMethods.has(path.at(-1) ?? ''));
}

/** Longer receivers say more of how a value was come by than of what it is. */
const longestReceiver = 30;

/** `answer.then`, `setTimeout`, and `then` alone where what stands before it is no plain reference. */
function calleeText(callee: ts.Expression): string {
  if (!ts.isPropertyAccessExpression(callee)) return ts.isIdentifier(callee) ? callee.text : 'call';
  const receiver = referenceText(callee.expression);
  const name = callee.name.text;
  if (receiver === 'globalThis') return name;
  return receiver === undefined || receiver.length > longestReceiver ? name : `${receiver}.${name}`;
}

function referenceText(node: ts.Expression): string | undefined {
  const inner = skipOuter(node);
  if (ts.isIdentifier(inner)) return inner.text;
  if (inner.kind === ts.SyntaxKind.ThisKeyword) return 'this';
  if (!ts.isPropertyAccessExpression(inner)) return undefined;
  const receiver = referenceText(inner.expression);
  return receiver === undefined ? undefined : `${receiver}.${inner.name.text}`;
}

function eventText(call: ts.CallExpression): string {
  const [event] = call.arguments;
  return event && ts.isStringLiteralLike(event) && event.text.length <= longestReceiver ? `('${event.text}')` : '';
}
