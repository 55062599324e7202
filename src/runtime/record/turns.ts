import { keepMicrotasksDirect } from '../microtasks.ts';
import type { NodeInternals } from '../nodeInternals.ts';
import { keepStreamEndsDirect } from '../streamEnds.ts';
import type { Recorder } from './recorder.ts';
import { createTurnClassifier, networkCode, parser, tick, timerCode } from './turnClassifier.ts';
import { leaveUncounted, type GetHookArrays } from './uncountedHook.ts';

export interface TurnWatch {
  /** What could not be attached, in plain words. */
  readonly limit?: string;
}

interface AsyncHooksInternals {
  getHookArrays?: GetHookArrays;
  enableHooks?: () => void;
  executionAsyncResource?: () => unknown;
  symbols?: { before_symbol?: symbol; owner_symbol?: symbol };
  constants?: { kBefore?: number; kAfter?: number; kTotals?: number };
}

interface AsyncWrapBinding {
  readonly Providers?: Record<string, number>;
  readonly constants?: Partial<Record<'kStackLength' | 'kCheck' | 'kUsesExecutionAsyncResource', number>>;
  /** Two for each depth: the id and the trigger's id of the context around it. */
  readonly async_ids_stack?: Float64Array;
  /** By depth, from the outermost on. */
  readonly execution_async_resources?: readonly unknown[];
  setCallbackTrampoline?: () => void;
}

const unattached =
  'The turns of the event loop could not be observed in this version of Node: what woke a task is known only from the source.';

/**
 * Tells the recorder of each turn of the event loop by a callback in Node's list of `before` hooks. That list is what
 * `async_hooks.createHook` fills; written directly it switches on neither the promise hooks nor the trampoline around callbacks,
 * which would slow awaits down many times and give promises ids that `util.inspect` shows.
 *
 * `begins` is called at each turn before it is told of, `began` afterwards; none of its code runs before.
 */
export function watchTurns(
  internals: NodeInternals,
  recorder: Recorder,
  { begins, began }: { readonly begins: () => void; readonly began: () => void },
  isChildPipe?: (handle: object) => boolean,
): TurnWatch {
  const hooks = internals.module<AsyncHooksInternals>('internal/async_hooks');
  const wrap = internals.binding<AsyncWrapBinding>('async_wrap');
  const { getHookArrays, executionAsyncResource } = hooks ?? {};
  const beforeSymbol = hooks?.symbols?.before_symbol;
  const { kBefore, kTotals } = hooks?.constants ?? {};
  const kStackLength = wrap?.constants?.kStackLength;
  if (getHookArrays === undefined || executionAsyncResource === undefined || beforeSymbol === undefined)
    return { limit: unattached };
  if (kBefore === undefined || kTotals === undefined || kStackLength === undefined) return { limit: unattached };

  const classify = createTurnClassifier({
    internals,
    providers: wrap?.Providers ?? {},
    ownerSymbol: hooks?.symbols?.owner_symbol,
    isChildPipe,
  });
  const [list, counts] = getHookArrays();
  const resources = wrap?.execution_async_resources ?? [];
  const trampoline = watchTrampoline(hooks ?? {}, wrap ?? {}, counts);
  const before = (): void => {
    if (counts[kTotals] !== 0) trampoline.settle();
    const depth = counts[kStackLength] as number;
    // A parser within a socket, say, is part of a turn that was seen already; what is called from a scope without an id is not.
    const isNested = depth > 2 || (depth === 2 && wrap?.async_ids_stack?.[2] !== 0);
    // Node's scripts put theirs in this list; those of native code have to be asked for.
    let resource = depth <= resources.length ? resources[depth - 1] : undefined;
    if (resource === undefined) {
      if (isNested) return;
      resource = trampoline.untold(executionAsyncResource);
    }
    let kind = classify.kindOf(resource, isNested);
    if (kind < 0) {
      if (isNested) return;
      if (kind === tick) return recorder.tick();
      if (kind !== parser || recorder.runsCode()) return recorder.untoldTurn();
      kind = networkCode;
    }
    begins();
    recorder.turn(kind, kind === timerCode ? classify.lateness() : 0);
    began();
  };
  try {
    list.push({ [beforeSymbol]: before });
    counts[kBefore] = (counts[kBefore] ?? 0) + 1;
    leaveUncounted(getHookArrays, kBefore, () => (counts[kTotals] === 0 ? trampoline.gone() : trampoline.settle()));
    const ownHooks = (): number => getHookArrays()[0].length - 1;
    keepMicrotasksDirect(internals, ownHooks);
    keepStreamEndsDirect(internals, ownHooks);
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
