import * as workers from 'node:worker_threads';
import { turnKinds, type TurnKind } from '../../shared/waitKind.ts';
import { keepMicrotasksDirect } from '../microtasks.ts';
import type { NodeInternals } from '../nodeInternals.ts';
import type { Recorder } from './recorder.ts';

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

export interface TurnWatch {
  /** What could not be attached, in plain words. */
  readonly limit?: string;
}

interface AsyncHooksInternals {
  getHookArrays?: () => [object[], Uint32Array];
  enableHooks?: () => void;
  disableHooks?: () => void;
  updatePromiseHookMode?: () => void;
  executionAsyncResource?: () => unknown;
  symbols?: { before_symbol?: symbol; owner_symbol?: symbol };
  constants?: { kBefore?: number; kAfter?: number; kTotals?: number };
}

interface AsyncWrapBinding {
  readonly Providers?: Record<string, number>;
  readonly constants?: Partial<Record<'kStackLength' | 'kCheck' | 'kUsesExecutionAsyncResource', number>>;
  setCallbackTrampoline?: () => void;
}

const unattached =
  'The turns of the event loop could not be observed in this version of Node: what woke a task is known only from the source.';

/**
 * Tells the recorder of each turn of the event loop by a callback in Node's list of `before` hooks. That list is what
 * `async_hooks.createHook` fills; written directly it switches on neither the promise hooks nor the trampoline around callbacks,
 * which would slow awaits down many times and give promises ids that `util.inspect` shows.
 *
 * `begins` is called at each turn, before any of its code runs.
 */
export function watchTurns(internals: NodeInternals, recorder: Recorder, begins: () => void): TurnWatch {
  const hooks = internals.module<AsyncHooksInternals>('internal/async_hooks');
  const wrap = internals.binding<AsyncWrapBinding>('async_wrap');
  const { getHookArrays, executionAsyncResource, disableHooks, updatePromiseHookMode } = hooks ?? {};
  const beforeSymbol = hooks?.symbols?.before_symbol;
  const { kBefore, kTotals } = hooks?.constants ?? {};
  const kStackLength = wrap?.constants?.kStackLength;
  if (getHookArrays === undefined || executionAsyncResource === undefined || beforeSymbol === undefined)
    return { limit: unattached };
  if (kBefore === undefined || kTotals === undefined || kStackLength === undefined) return { limit: unattached };

  const classify = createClassifier(internals, wrap?.Providers ?? {}, hooks?.symbols?.owner_symbol);
  const [list, counts] = getHookArrays();
  const trampoline = watchTrampoline(hooks ?? {}, wrap ?? {}, counts);
  const before = (): void => {
    if (counts[kTotals] !== 0) trampoline.settle();
    const kind = classify.kindOf(trampoline.untold(executionAsyncResource));
    if (kind < 0) {
      if ((counts[kStackLength] as number) > 1) return;
      if (kind === tick) recorder.tick();
      else recorder.untoldTurn();
      return;
    }
    // Deeper calls are nested in a turn that was seen already (a parser within a socket), except of those resources that
    // Node itself calls from within a scope of its own.
    if ((counts[kStackLength] as number) > 1 && isScoped[kind] === 0) return;
    begins();
    recorder.turn(kind, kind === timerCode ? classify.lateness() : 0);
    // A hook of the program's own was switched off again, and our entry in the counts kept Node from noticing.
    if (counts[kTotals] === 1 && list.length === 1) {
      counts[kTotals] = 0;
      disableHooks?.();
      updatePromiseHookMode?.();
      trampoline.gone();
    }
  };
  try {
    list.push({ [beforeSymbol]: before });
    counts[kBefore] = (counts[kBefore] ?? 0) + 1;
    keepMicrotasksDirect(internals, () => getHookArrays()[0].length - 1);
  } catch {
    return { limit: unattached };
  }
  return {};
}

interface Trampoline {
  /** To be called while the program has hooks: Node has put it in where they were the first. */
  settle(): void;
  /** Node has taken it out. */
  gone(): void;
  /** Asks for the resource without Node's taking that for the program's use of it. */
  untold(executionAsyncResource: () => unknown): unknown;
}

/**
 * While the program has hooks, Node calls through a function of its own, seen in stacks, where there is any of `before` or `after`, or
 * somebody asks for the resource. One of ours shall not count for that. Without the function Node calls our hook by itself.
 */
function watchTrampoline(
  { constants = {}, enableHooks }: AsyncHooksInternals,
  wrap: AsyncWrapBinding,
  counts: Uint32Array,
): Trampoline {
  const { kBefore, kAfter } = constants;
  const { setCallbackTrampoline: set } = wrap;
  const { kCheck, kUsesExecutionAsyncResource: kUses } = wrap.constants ?? {};
  if (kBefore === undefined || kAfter === undefined || kCheck === undefined || kUses === undefined)
    return { settle() {}, gone() {}, untold: (ask) => ask() };
  let isOut = false;
  return {
    settle() {
      const ownOnly = counts[kBefore] === 1 && counts[kAfter] === 0 && counts[kUses] === 0;
      if (ownOnly === isOut || set === undefined || enableHooks === undefined) return;
      isOut = ownOnly;
      if (ownOnly) return set();
      // Nothing else gives it to us; it counts how often it was called.
      const checks = counts[kCheck] as number;
      enableHooks();
      counts[kCheck] = checks;
    },
    gone() {
      isOut = false;
    },
    untold(ask) {
      const used = counts[kUses] as number;
      const resource = ask();
      counts[kUses] = used;
      return resource;
    },
  };
}

const codeOf = (kind: TurnKind): number => turnKinds.indexOf(kind);
const timerCode = codeOf('timer');
const isScoped = Uint8Array.from(turnKinds, (kind) => (kind === 'timer' || kind === 'immediate' || kind === 'worker' ? 1 : 0));

/** In place of a turn's kind: a callback of `process.nextTick`. */
const tick = -2;

interface Classifier {
  /** The code of the turn kind, -1 for what is no turn, or {@link tick}. */
  kindOf(resource: unknown): number;
  /** How late the timer classified last started, in units of 100 ns. */
  lateness(): number;
}

function createClassifier(
  internals: NodeInternals,
  providers: Record<string, number>,
  ownerSymbol: symbol | undefined,
): Classifier {
  const timers = internals.module<{ Timeout?: { prototype: object }; Immediate?: { prototype: object } }>('internal/timers');
  const timersBinding = internals.binding<{ getLibuvNow?: () => number }>('timers');
  const timeout = timers?.Timeout?.prototype;
  const immediate = timers?.Immediate?.prototype;
  const plain = Object.prototype;
  // Its prototype chain is that of an event target, not of native resources.
  const messagePort = workers.MessagePort.prototype as object;
  const nativeRoot = findNativeRoot(internals);
  const getProviderType = (nativeRoot as { getProviderType?: () => number } | undefined)?.getProviderType;
  const immediateCode = codeOf('immediate');
  const workerCode = codeOf('worker');
  const codeOfProvider = new Int8Array(Math.max(0, ...Object.values(providers)) + 1).fill(codeOf('unknown'));
  for (const [name, number] of Object.entries(providers)) {
    const kind = kindOfProvider[name] ?? (cryptoProvider.test(name) ? 'crypto' : 'unknown');
    codeOfProvider[number] = codeOf(kind);
  }
  const pipe = providers['PIPEWRAP'];
  const networkCode = codeOf('network');
  const streamCode = codeOf('stream');
  const { getPrototypeOf } = Object;
  const { apply } = Reflect;
  const { min } = Math;
  const isPrototypeOf = Reflect.get(Object.prototype, 'isPrototypeOf') as (...args: unknown[]) => boolean;
  const source = timersBinding as { getLibuvNow(): number } | undefined;
  let late = 0;

  /** A pipe is a child's stdio unless it was accepted by a server, or the program's own stdin. */
  const pipeCode = (resource: object): number => {
    const owner =
      ownerSymbol === undefined
        ? undefined
        : ((resource as Record<symbol, unknown>)[ownerSymbol] as { server?: unknown; fd?: unknown } | undefined);
    if (owner !== undefined && owner !== null) {
      if (owner.fd === 0) return streamCode;
      if (owner.server !== undefined && owner.server !== null) return networkCode;
    }
    return codeOfProvider[pipe as number] as number;
  };

  return {
    kindOf(resource) {
      try {
        if (typeof resource !== 'object' || resource === null) return -1;
        const prototype = getPrototypeOf(resource) as object | null;
        // What `process.nextTick` queues, by far the most frequent.
        if (prototype === plain) return tick;
        if (prototype === timeout) {
          const { _idleStart, _idleTimeout } = resource as { _idleStart: number; _idleTimeout: number };
          const overdueMs = source === undefined ? 0 : source.getLibuvNow() - (_idleStart + _idleTimeout);
          late = overdueMs > 0 ? min(overdueMs * 10_000, 0xffff_ffff) : 0;
          return timerCode;
        }
        if (prototype === immediate) return immediateCode;
        if (prototype === messagePort) return workerCode;
        if (nativeRoot === undefined || getProviderType === undefined || !apply(isPrototypeOf, nativeRoot, [resource])) return -1;
        const provider = apply(getProviderType, resource, []);
        if (provider === pipe) return pipeCode(resource);
        return codeOfProvider[provider] ?? 0;
      } catch {
        return -1;
      }
    },
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
