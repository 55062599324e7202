import { keepMicrotasksDirect } from '../microtasks.ts';
import type { NodeInternals } from '../nodeInternals.ts';
import { keepStreamEndsDirect } from '../streamEnds.ts';
import type { CallbackTrampoline, createCallbackTrampoline } from './callbackTrampoline.ts';
import { countOwnHook, type GetHookArrays } from './ownHook.ts';
import type { Recorder } from './recorderTypes.ts';
import { watchTickQueue } from './tickQueue.ts';
import { createTurnClassifier, networkCode, parser, reader, tick, timerCode } from './turnClassifier.ts';

export interface TurnWatch {
  /** What could not be attached, in plain words. */
  readonly limit?: string;
}

interface AsyncHooksInternals {
  getHookArrays?: GetHookArrays;
  enableHooks?: () => void;
  executionAsyncResource?: () => unknown;
  symbols?: { before_symbol?: symbol; owner_symbol?: symbol };
  /** What native code calls. */
  nativeHooks?: { before?: (asyncId: number) => void; after?: (asyncId: number) => void };
  constants?: { kBefore?: number; kAfter?: number; kTotals?: number };
}

interface AsyncWrapBinding {
  readonly Providers?: Record<string, number>;
  readonly constants?: Partial<Record<'kStackLength' | 'kCheck' | 'kUsesExecutionAsyncResource', number>>;
  /** Two for each depth: the id and the trigger's id of the context around it. */
  readonly async_ids_stack?: Float64Array;
  /** By depth, from the outermost on. */
  readonly execution_async_resources?: readonly unknown[];
  setCallbackTrampoline?: (trampoline?: CallbackTrampoline) => void;
}

/** So many native resources are known by their ids at most; a power of 2. */
const knownSize = 4096;
const unattached =
  'The turns of the event loop could not be observed in this version of Node: what woke a task is known only from the source.';

/** What {@link watchTurns} tells, and what it is given. */
export interface TurnWatcher {
  readonly recorder: Recorder;
  /** Called at each turn before the recorder is told of it, and before any code of the turn. */
  readonly begins: () => void;
  /** Called afterwards. */
  readonly began: () => void;
  /** See `callbackTrampoline.ts`. */
  readonly createTrampoline: typeof createCallbackTrampoline;
  /** See `childProcesses.ts`. */
  readonly isChildPipe?: ((handle: object) => boolean) | undefined;
}

/**
 * Tells the recorder of each turn of the event loop by a callback in Node's list of `before` hooks. That list is what
 * `async_hooks.createHook` fills; written directly it switches on neither the promise hooks nor the function around callbacks,
 * which would slow awaits down many times, give promises ids that `util.inspect` shows, and be seen in stacks.
 *
 * While the program has no hooks, a function of ours around the callbacks of native resources takes the place of the callback in the
 * list, which Node would have to look up and to enter from native code each time. What is called within a turn is no turn: so Node is
 * told to call the list neither within such a callback nor for ticks.
 */
export function watchTurns(internals: NodeInternals, watcher: TurnWatcher): TurnWatch {
  const { recorder } = watcher;
  const hooks = internals.module<AsyncHooksInternals>('internal/async_hooks');
  const wrap = internals.binding<AsyncWrapBinding>('async_wrap');
  const { getHookArrays, executionAsyncResource } = hooks ?? {};
  const beforeSymbol = hooks?.symbols?.before_symbol;
  const { kBefore, kAfter, kTotals } = hooks?.constants ?? {};
  const kStackLength = wrap?.constants?.kStackLength;
  if (getHookArrays === undefined || executionAsyncResource === undefined || beforeSymbol === undefined)
    return { limit: unattached };
  if (kBefore === undefined || kAfter === undefined || kTotals === undefined || kStackLength === undefined)
    return { limit: unattached };

  const classify = createTurnClassifier({
    internals,
    providers: wrap?.Providers ?? {},
    ownerSymbol: hooks?.symbols?.owner_symbol,
    isChildPipe: watcher.isChildPipe,
  });
  const [list, counts] = getHookArrays();
  const resources = wrap?.execution_async_resources ?? [];
  /** A parser within a socket, say, is part of a turn that was seen already; what is called from a scope without an id is not. */
  const isNestedAt = (depth: number): boolean => depth > 2 || (depth === 2 && wrap?.async_ids_stack?.[2] !== 0);

  let watchesTicks = false;
  /** What is queued with `process.nextTick` belongs to the turn that was told last: its callback runs. */
  let isWithin = false;
  /** It is not known whether what was queued belongs to the turn that was told last. */
  let maybeLater = false;

  function tell(kind: number): void {
    if (kind < 0) {
      if (kind === tick) return watchesTicks ? undefined : recorder.tick();
      if ((kind !== parser && kind !== reader) || recorder.runsCode()) return recorder.untoldTurn();
      kind = networkCode;
    }
    watcher.begins();
    recorder.turn(kind, kind === timerCode ? classify.lateness() : 0);
    watcher.began();
  }

  /** What a native resource's callback is, by the resource's id, which no other ever has: that of a connection or a parser is met again and again. */
  const knownIds = new Float64Array(knownSize);
  const knownKinds = new Int8Array(knownSize);
  /** @param resource looked up where it is left out */
  function kindOfNative(asyncId: number, resource?: unknown): number {
    const place = asyncId & (knownSize - 1);
    if (knownIds[place] === asyncId) return knownKinds[place] as number;
    const kind = classify.kindOf(resource ?? around.untold(executionAsyncResource as () => unknown), false);
    if (classify.isLasting()) {
      knownIds[place] = asyncId;
      knownKinds[place] = kind;
    }
    return kind;
  }

  /** The parser that called last, past the trampoline. */
  let lastParser = 0;
  /**
   * A parser that reads its socket by itself calls some scripts past the trampoline, and another through it once all that has come is
   * parsed. Where that is known of it, there is nothing else to be told of until then.
   */
  function leaveOutUntilRead(kind: number, asyncId: number): void {
    if (kind === reader) isWithin = own.leaveOut();
    else lastParser = kind === parser ? asyncId : 0;
  }

  const before = (asyncId: number): void => {
    if (counts[kTotals] !== 0) around.settle();
    const depth = counts[kStackLength] as number;
    const isNested = isNestedAt(depth);
    // Node's scripts put theirs in this list.
    const resource = depth <= resources.length ? resources[depth - 1] : undefined;
    if (resource === undefined) {
      if (isNested) return;
      const kind = kindOfNative(asyncId);
      isWithin = false;
      tell(kind);
      leaveOutUntilRead(kind, asyncId);
      return;
    }
    const kind = classify.kindOf(resource, isNested);
    if (kind < 0 && isNested) return;
    isWithin = false;
    tell(kind);
  };
  const trampoline = watcher.createTrampoline(
    (asyncId, resource) => {
      if (counts[kTotals] !== 0 && !around.settle()) {
        // A hook enabled from within a hook: from the next callback on Node's function does this.
        hooks?.nativeHooks?.before?.(asyncId);
        return true;
      }
      if (!isNestedAt(counts[kStackLength] as number)) {
        const kind = kindOfNative(asyncId, resource);
        if (kind === parser && asyncId === lastParser) knownKinds[asyncId & (knownSize - 1)] = reader;
        lastParser = 0;
        tell(kind);
        own.leaveOut();
        isWithin = counts[kTotals] === 0;
      }
      return counts[kTotals] === 0;
    },
    (asyncId, returned) => {
      if (!isNestedAt(counts[kStackLength] as number)) {
        own.count();
        isWithin = false;
      }
      // Node leaves it to the trampoline, also where the program's first hook was enabled in the callback.
      if (returned && counts[kAfter] !== 0) hooks?.nativeHooks?.after?.(asyncId);
    },
  );
  const around = watchTrampoline(hooks ?? {}, wrap ?? {}, counts, trampoline);
  const kUses = wrap?.constants?.kUsesExecutionAsyncResource;
  const hooksChanged = (): void => {
    if (counts[kTotals] === 0) around.hooksGone();
    else around.settle();
  };
  const own = countOwnHook(getHookArrays, { kBefore, kTotals, kUses }, hooksChanged);
  try {
    list.push({ [beforeSymbol]: before });
    // What is loaded before us may have hooks already.
    hooksChanged();
    watchesTicks = watchTickQueue(internals, {
      queued() {
        maybeLater = !isWithin;
      },
      begins() {
        own.leaveOut();
        if (maybeLater) recorder.tick();
        maybeLater = false;
      },
      drained: () => own.count(),
    });
    const ownHooks = (): number => getHookArrays()[0].length - 1;
    keepMicrotasksDirect(internals, ownHooks);
    keepStreamEndsDirect(internals, ownHooks);
  } catch {
    return { limit: unattached };
  }
  return {};
}

interface TrampolineWatch {
  /** To be called while the program has hooks: Node has put its own in where they were the first. True where ours is in from here on. */
  settle(): boolean;
  /** The program has no hooks: Node has taken its own out. */
  hooksGone(): void;
  /** Asks for the resource without Node's taking that for the program's use of it. */
  untold(executionAsyncResource: () => unknown): unknown;
}

/**
 * While the program has hooks, Node calls through a function of its own, seen in stacks, where there is any of `before` or `after`, or
 * somebody asks for the resource. Our hook shall not count for that: where it is the only one Node calls through our function, which is
 * not seen.
 */
function watchTrampoline(
  { constants = {}, enableHooks }: AsyncHooksInternals,
  wrap: AsyncWrapBinding,
  counts: Uint32Array,
  trampoline: CallbackTrampoline,
): TrampolineWatch {
  const { kBefore, kAfter } = constants;
  const { setCallbackTrampoline: set } = wrap;
  const { kCheck, kUsesExecutionAsyncResource: kUses } = wrap.constants ?? {};
  if (kBefore === undefined || kAfter === undefined || kCheck === undefined || kUses === undefined)
    return { settle: () => false, hooksGone() {}, untold: (ask) => ask() };
  /** While the program has hooks. */
  let isOurs = false;
  return {
    settle() {
      const ownOnly = counts[kBefore] === 1 && counts[kAfter] === 0 && counts[kUses] === 0;
      if (ownOnly === isOurs || set === undefined || enableHooks === undefined) return isOurs;
      isOurs = ownOnly;
      if (isOurs) {
        set(trampoline);
        return true;
      }
      // Nothing else gives it to us; it counts how often it was called.
      const checks = counts[kCheck] as number;
      enableHooks();
      counts[kCheck] = checks;
      return false;
    },
    hooksGone() {
      // With the next hook Node puts its own in.
      isOurs = false;
      set?.(trampoline);
    },
    untold(ask) {
      const used = counts[kUses] as number;
      const resource = ask();
      counts[kUses] = used;
      return resource;
    },
  };
}
