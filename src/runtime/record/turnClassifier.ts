import { AsyncResource } from 'node:async_hooks';
import * as types from 'node:util/types';
import * as workers from 'node:worker_threads';
import { turnKinds, type TurnKind } from '../../shared/waitKind.ts';
import type { NodeInternals } from '../nodeInternals.ts';
import { uncurried } from '../uncurried.ts';

/** How Node names native resources (`AsyncWrap::Providers`), by what they have to do with. */
const kindOfProvider: Readonly<Record<string, TurnKind>> = {
  FSREQCALLBACK: 'file',
  FSREQPROMISE: 'file',
  FILEHANDLE: 'file',
  FILEHANDLECLOSEREQ: 'file',
  DIRHANDLE: 'file',
  FSEVENTWRAP: 'file',
  STATWATCHER: 'file',
  BLOBREADER: 'file',
  TCPWRAP: 'network',
  TCPSERVERWRAP: 'network',
  TCPCONNECTWRAP: 'network',
  PIPESERVERWRAP: 'network',
  PIPECONNECTWRAP: 'network',
  TLSWRAP: 'network',
  UDPWRAP: 'network',
  UDPSENDWRAP: 'network',
  DNSCHANNEL: 'network',
  QUERYWRAP: 'network',
  GETADDRINFOREQWRAP: 'network',
  GETNAMEINFOREQWRAP: 'network',
  HTTPINCOMINGMESSAGE: 'network',
  HTTPCLIENTREQUEST: 'network',
  HTTP2SESSION: 'network',
  HTTP2STREAM: 'network',
  HTTP2PING: 'network',
  HTTP2SETTINGS: 'network',
  PROCESSWRAP: 'process',
  PIPEWRAP: 'process',
  WORKER: 'worker',
  MESSAGEPORT: 'worker',
  TTYWRAP: 'stream',
  JSSTREAM: 'stream',
  STREAMPIPE: 'stream',
  SHUTDOWNWRAP: 'stream',
  WRITEWRAP: 'stream',
  SIGNALWRAP: 'signal',
  ZLIB: 'zlib',
};
const cryptoProvider = /REQUEST$/;

const codeOf = (kind: TurnKind): number => turnKinds.indexOf(kind);
export const timerCode = codeOf('timer');
/** In place of a turn's kind: a callback of `process.nextTick`. */
export const tick = -2;
/** In place of a turn's kind: an HTTP parser, which the network calls, or whoever hands it bytes that came another way. */
export const parser = -3;
/** The same, of one that is known to read its socket by itself. */
export const reader = -4;
export const networkCode = codeOf('network');
/** In place of a turn's kind: what is no turn, or of no kind that is known. */
const noTurn = -1;

export interface TurnClassifier {
  /**
   * The code of the turn kind, {@link tick}, {@link parser} or {@link noTurn}. Never throws.
   * @param isNested called from within another resource's code: a turn only of those kinds that Node itself calls so
   */
  kindOf(resource: unknown, isNested: boolean): number;
  /** Whether what was answered last holds for whatever is called for the same resource later. */
  isLasting(): boolean;
  /** How late the timer classified last started, in units of 100 ns. */
  lateness(): number;
}

export interface ClassifierOptions {
  readonly internals: NodeInternals;
  /** The numbers of Node's native resources by their names. */
  readonly providers: Readonly<Record<string, number>>;
  readonly ownerSymbol: symbol | undefined;
  /** See `childProcesses.ts`; left out where that is not known. */
  readonly isChildPipe?: ((handle: object) => boolean) | undefined;
}

/** What the constructor of a resource tells of it. */
type Shape = 'port' | 'native' | 'tcp' | 'http-parser' | 'reused-handle' | 'other';

/** Native classes whose objects need not be asked one by one. */
const shapeOfNative: Readonly<Record<string, Shape>> = { __proto__: null, TCP: 'tcp', HTTPParser: 'http-parser' } as never;

/**
 * Classes in Node's own scripts that stand for a native resource without being one: an HTTP parser reads its socket by itself, and calls in the
 * name of the first; an agent gives a connection that it keeps alive the second. Nothing exports them, so the text of the class tells.
 */
const parserText = /^class HTTP(?:Server|Client)AsyncResource \{/;
const reusedText = /^class ReusedHandle \{/;

/** Tells what began a turn of the event loop by the resource that its code is called for. */
export function createTurnClassifier(options: ClassifierOptions): TurnClassifier {
  const { internals, providers, ownerSymbol, isChildPipe } = options;
  const timers = internals.module<{ Timeout?: object; Immediate?: object }>('internal/timers');
  const timersBinding = internals.binding<{ getLibuvNow?: () => number }>('timers');
  const nativeRoot = findNativeRoot(internals);
  const getProviderType = (nativeRoot as { getProviderType?: () => number } | undefined)?.getProviderType;
  const immediateCode = codeOf('immediate');
  const workerCode = codeOf('worker');
  const streamCode = codeOf('stream');
  const codeOfProvider = new Int8Array(Math.max(0, ...Object.values(providers)) + 1).fill(codeOf('unknown'));
  for (const [name, number] of Object.entries(providers)) {
    const kind = kindOfProvider[name] ?? (cryptoProvider.test(name) ? 'crypto' : 'unknown');
    codeOfProvider[number] = codeOf(kind);
  }
  const pipe = providers['PIPEWRAP'];
  const { getOwnPropertyDescriptor } = Object;
  const { apply } = Reflect;
  const { min } = Math;
  const { isProxy } = types;
  const match = uncurried<(pattern: RegExp, text: string) => unknown>(Reflect.get(RegExp.prototype, 'exec'));
  const textOf = uncurried<(of: unknown) => string>(Reflect.get(Function.prototype, 'toString'));
  const isPrototypeOf = Reflect.get(Object.prototype, 'isPrototypeOf') as (...args: unknown[]) => boolean;
  const source = timersBinding as { getLibuvNow(): number } | undefined;
  let late = 0;
  let isLasting = false;

  const { Timeout, Immediate } = timers ?? {};
  const shapes = new WeakMap<object, Shape>();
  const known = shapes.get.bind(shapes);
  const remember = shapes.set.bind(shapes);
  /** The program's own resources: the others have no accessors that it wrote. No class of Node's, whose `Symbol.hasInstance` is not ours. */
  const OwnResource = function () {} as unknown as new () => object;
  OwnResource.prototype = AsyncResource.prototype;
  let lastMade: unknown;
  let lastShape: Shape = 'other';
  // Its prototype chain is that of an event target, not of native resources.
  remember(workers.MessagePort, 'port');

  function nameOf(made: object): string {
    const name: unknown = getOwnPropertyDescriptor(made, 'name')?.value;
    return typeof name === 'string' ? name : '';
  }

  function learn(made: object): Shape {
    const prototype: unknown = isProxy(made) ? undefined : getOwnPropertyDescriptor(made, 'prototype')?.value;
    const text = textOf(made);
    let shape: Shape = 'other';
    if (nativeRoot !== undefined && apply(isPrototypeOf, nativeRoot, [prototype]))
      shape = shapeOfNative[nameOf(made)] ?? 'native';
    else if (match(parserText, text)) shape = 'http-parser';
    else if (match(reusedText, text)) shape = 'reused-handle';
    remember(made, shape);
    return shape;
  }

  /** A pipe leads to a child process, or is a connection by a path of the file system, or the program's own stdin or channel to its parent. */
  function pipeCode(handle: object): number {
    const code = codeOfProvider[pipe as number] as number;
    const owner: unknown = ownerSymbol === undefined ? undefined : (handle as Record<symbol, unknown>)[ownerSymbol];
    if (typeof owner !== 'object' || owner === null) return code;
    const { fd, server } = owner as { fd?: unknown; server?: unknown };
    if (fd === 0) return streamCode;
    if (server !== undefined && server !== null) return networkCode;
    // The owner of a channel has none; a socket has, of whatever value.
    return server === undefined || isChildPipe === undefined || isChildPipe(handle) ? code : networkCode;
  }

  function codeOfNative(provider: number, handle: object): number {
    if (provider === pipe) return pipeCode(handle);
    isLasting = true;
    return codeOfProvider[provider] ?? 0;
  }

  function timerOf({ _idleStart, _idleTimeout }: { readonly _idleStart: number; readonly _idleTimeout: number }): number {
    const overdueMs = source === undefined ? 0 : source.getLibuvNow() - (_idleStart + _idleTimeout);
    late = overdueMs > 0 ? min(overdueMs * 10_000, 0xffff_ffff) : 0;
    return timerCode;
  }

  return {
    kindOf(resource, isNested) {
      isLasting = false;
      try {
        if (typeof resource !== 'object' || resource === null) return noTurn;
        if (resource instanceof OwnResource) return noTurn;
        // To ask any object for its prototype is slow. What `process.nextTick` queues is by far the most frequent.
        const made: unknown = resource.constructor;
        if (made === Object) return tick;
        if (typeof made !== 'function') return noTurn;
        if (made === Timeout) return timerOf(resource as { _idleStart: number; _idleTimeout: number });
        if (made === Immediate) return immediateCode;
        if (isNested) return noTurn;
        if (made !== lastMade) {
          lastShape = known(made) ?? learn(made);
          lastMade = made;
        }
        switch (lastShape) {
          case 'port':
            return workerCode;
          case 'tcp':
            isLasting = true;
            return networkCode;
          case 'native':
            return getProviderType === undefined ? noTurn : codeOfNative(apply(getProviderType, resource, []), resource);
          case 'http-parser':
            isLasting = true;
            return parser;
          case 'reused-handle': {
            const { type, handle } = resource as { readonly type: number; readonly handle: object };
            return codeOfNative(type, handle);
          }
          default:
            return noTurn;
        }
      } catch {
        return noTurn;
      }
    },
    isLasting: () => isLasting,
    lateness: () => late,
  };
}

/** The prototype that all of Node's native resources share. */
function findNativeRoot(internals: NodeInternals): object | undefined {
  const request = internals.binding<{ FSReqCallback?: { prototype: object } }>('fs')?.FSReqCallback?.prototype;
  let prototype = request;
  while (prototype !== undefined && prototype !== null) {
    if (Object.hasOwn(prototype, 'getProviderType')) return prototype;
    prototype = Object.getPrototypeOf(prototype) as object | undefined;
  }
  return undefined;
}
