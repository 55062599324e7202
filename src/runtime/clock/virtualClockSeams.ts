import type { NodeInternals } from '../nodeInternals.ts';

/** What `internalBinding('timers')` offers. Node looks each function up at each call. */
export interface TimersBinding {
  getLibuvNow: () => number;
  scheduleTimer: (ms: number) => void;
  toggleTimerRef: (on: boolean) => void;
  toggleImmediateRef: (on: boolean) => void;
  setupTimers(processImmediate: () => void, processTimers: (now: number) => number): void;
  readonly immediateInfo: Uint32Array;
  readonly timeoutInfo: Int32Array;
}

/** Node's list of the timers of one duration; times are milliseconds of libuv's clock. */
export interface TimerList {
  readonly expiry: number;
  readonly msecs: number;
  readonly id: number;
}

export interface ImmediateQueue {
  head: object | null;
  remove: (immediate: object) => void;
}

export interface TimersModule {
  getTimerCallbacks(runNextTicks: () => void): { processImmediate: () => void; processTimers: (now: number) => number };
  readonly timerListQueue: { peek(): TimerList | undefined };
  readonly timerListMap: Record<string, TimerList>;
  readonly immediateQueue: ImmediateQueue;
  readonly immediateInfoFields: { readonly kCount: number; readonly kRefCount: number };
}

export interface PumpSeams {
  readonly binding: TimersBinding;
  readonly timers: TimersModule;
  /** Drains ticks and microtasks between two callbacks of one phase. */
  readonly runNextTicks: () => void;
  /** Runs a callback after the microtasks queued so far, with no promise and no async id. */
  readonly enqueueMicrotask: (callback: () => void) => void;
  /** How much polling brought to this loop so far: descriptors, thread-pool completions, messages, signals; no timers. */
  readonly countEvents: () => number;
}

/** Everything that virtual time takes hold of, or undefined where this Node's timers are not as expected. Changes nothing. */
export function findPumpSeams(internals: NodeInternals): PumpSeams | undefined {
  const binding = internals.binding<TimersBinding>('timers');
  const timers = internals.module<TimersModule>('internal/timers');
  const enqueueMicrotask = internals.binding<{ enqueueMicrotask?: (callback: () => void) => void }>(
    'task_queue',
  )?.enqueueMicrotask;
  const countEvents = eventCounter(internals);
  if (binding === undefined || timers === undefined || !fits(binding, timers)) return undefined;
  const runNextTicks = findRunNextTicks(internals);
  if (runNextTicks === undefined || enqueueMicrotask === undefined || countEvents === undefined) return undefined;
  return { binding, timers, runNextTicks, enqueueMicrotask, countEvents };
}

function fits(binding: TimersBinding, timers: TimersModule): boolean {
  const callable = ['getLibuvNow', 'scheduleTimer', 'toggleTimerRef', 'toggleImmediateRef', 'setupTimers'] as const;
  return (
    callable.every((key) => typeof binding[key] === 'function') &&
    binding.immediateInfo?.length >= 3 &&
    binding.timeoutInfo?.length >= 1 &&
    typeof timers.getTimerCallbacks === 'function' &&
    typeof timers.timerListQueue?.peek === 'function' &&
    typeof timers.timerListMap === 'object' &&
    typeof timers.immediateQueue?.remove === 'function' &&
    typeof timers.immediateInfoFields?.kCount === 'number' &&
    typeof timers.immediateInfoFields.kRefCount === 'number'
  );
}

/** Node keeps it on `process` for old programs. */
function findRunNextTicks(internals: NodeInternals): (() => void) | undefined {
  const legacy = (process as { _tickCallback?: unknown })._tickCallback;
  if (typeof legacy === 'function') return legacy as () => void;
  return internals
    .module<{ setupTaskQueue?(): { runNextTicks?: () => void } }>('internal/process/task_queues')
    ?.setupTaskQueue?.().runNextTicks;
}

/** Older Nodes return the three metrics of libuv's loop, newer ones put them into a buffer of theirs. The second is the events so far. */
function eventCounter(internals: NodeInternals): (() => number) | undefined {
  const binding = internals.binding<{
    uvMetricsInfo?: () => ArrayLike<number> | undefined;
    uvMetricsBuffer?: ArrayLike<number>;
  }>('performance');
  const read = binding?.uvMetricsInfo;
  if (typeof read !== 'function') return undefined;
  const { apply } = Reflect;
  const count = (): number | undefined => (apply(read, binding, []) ?? binding?.uvMetricsBuffer)?.[1];
  return typeof count() === 'number' ? () => count() ?? 0 : undefined;
}
