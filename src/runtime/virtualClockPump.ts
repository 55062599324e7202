import type { NodeInternals } from './nodeInternals.ts';
import { canonicalPolicy, type ReadyOperation, type SchedulingPolicy } from './scheduler.ts';
import { maxHoldMs, type Outside, type Pace } from './virtualClockOutside.ts';
import type { VirtualTime } from './virtualClockTime.ts';

/** Turns of the loop that must have brought nothing before it counts as idle: poll, check and close callbacks may start one another. */
const idleTurns = 3;
/** A clock with nothing but unref'd timers may jump only after this long (ms), lest a program that waits for ever spins. */
const unrefQuietMs = 100;
/** While no timer exists and turns go on, idle callbacks run this long (ms) after the last one. */
const restMs = 20;

interface TimersBinding {
  getLibuvNow: () => number;
  scheduleTimer: (ms: number) => void;
  toggleTimerRef: (on: boolean) => void;
  toggleImmediateRef: (on: boolean) => void;
  setupTimers(processImmediate: () => void, processTimers: (now: number) => number): void;
  readonly immediateInfo: Uint32Array;
  readonly timeoutInfo: Int32Array;
}

interface TimerList {
  readonly expiry: number;
  readonly msecs: number;
  readonly id: number;
}

interface TimersModule {
  getTimerCallbacks(runNextTicks: () => void): { processImmediate: () => void; processTimers: (now: number) => number };
  readonly timerListQueue: { peek(): TimerList | undefined };
  readonly timerListMap: Record<string, TimerList>;
  readonly immediateInfoFields: { readonly kCount: number; readonly kRefCount: number };
}

export interface Pump {
  /** Milliseconds of libuv's clock that stand for the beginning of virtual time. */
  readonly startMs: number;
}

export interface PumpOptions {
  readonly internals: NodeInternals;
  readonly time: VirtualTime;
  readonly outside: Outside;
  readonly wallNs: () => number;
  readonly policy: SchedulingPolicy;
  /** The loop has nothing to do: it is about to wait, or to jump. Must not throw. */
  readonly idle: () => void;
  /** The clock is about to jump to this moment, microseconds of virtual time. Must not throw. */
  readonly beforeJump: (toUs: number) => void;
}

/**
 * Puts Node's own timer lists on the virtual clock. libuv's one timer handle, which Node shares among all timers, no longer measures their
 * delays: it only calls back once in each turn of the loop (after poll, check and close phase, where Node runs timers), and
 * there it is decided to run due timers, to look once more, to wait for something outside, or to jump.
 * Returns undefined, having changed nothing, where this Node's timers are not as expected.
 */
export function installPump(options: PumpOptions): Pump | undefined {
  const { internals, time, outside, wallNs, policy, idle, beforeJump } = options;
  const binding = internals.binding<TimersBinding>('timers');
  const timers = internals.module<TimersModule>('internal/timers');
  const runNextTicks = findRunNextTicks(internals);
  if (binding === undefined || timers === undefined || runNextTicks === undefined || !fits(binding, timers)) return undefined;

  const { apply } = Reflect;
  const { getLibuvNow, scheduleTimer, toggleTimerRef, toggleImmediateRef, immediateInfo, timeoutInfo } = binding;
  const { timerListQueue: queue, timerListMap } = timers;
  const { kCount, kRefCount } = timers.immediateInfoFields;
  const { processImmediate, processTimers } = timers.getTimerCallbacks(runNextTicks);
  const countEvents = eventCounter(internals);
  const startMs = apply(getLibuvNow, binding, []);
  const now = (): number => startMs + time.ms();
  const arm = (ms: number): void => apply(scheduleTimer, binding, [ms]);
  const spin = (on: boolean): void => apply(toggleImmediateRef, binding, [on]);

  let turn = 0;
  let lookedTurn = 0;
  let quietTurns = 0;
  let events = 0;
  let eventAtNs = wallNs();
  let jumpAtNs = 0;
  let holdSinceNs = 0;
  let firing = false;
  let firingAtMs = 0;
  let decisions = 0;
  let rested = true;

  const wallMs = (sinceNs: number): number => (wallNs() - sinceNs) / 1e6;

  /** The answer to libuv's timer: wait so long in real time; the sign says whether timers keep the process alive. */
  function waitFor(ms: number, realNow: number): number {
    const until = realNow + Math.min(Math.max(1, Math.ceil(ms)), 0x7fff_ffff);
    return timeoutInfo[0]! > 0 ? until : -until;
  }

  function nextTurn(realNow: number): number {
    // Without this the poll phase would wait for a millisecond.
    if (timeoutInfo[0]! > 0) spin(true);
    return waitFor(1, realNow);
  }

  function noteTurn(): void {
    if (turn !== lookedTurn) {
      lookedTurn = turn;
      quietTurns++;
      time.turnBegins();
    }
    const seen = countEvents();
    if (seen !== events) {
      events = seen;
      eventAtNs = wallNs();
      quietTurns = 0;
      rested = false;
    }
    // One count is ours.
    if (immediateInfo[kCount]! > 1) quietTurns = 0;
  }

  function withoutTimers(realNow: number): number {
    if (rested) return 0;
    if (wallMs(eventAtNs) < restMs) return -(realNow + restMs);
    rested = true;
    idle();
    return 0;
  }

  function waitOrJump(list: TimerList, pace: Pace, realNow: number): number | undefined {
    const refed = timeoutInfo[0]! > 0;
    const leftMs = list.expiry - now();
    const wait = (ms: number, flows: boolean): number => {
      idle();
      const limitMs = flows ? Math.min(ms, leftMs) : ms;
      if (flows) time.followWall(list.expiry - startMs);
      return waitFor(limitMs, realNow);
    };
    if (pace.kind !== 'hold') holdSinceNs = 0;
    switch (pace.kind) {
      case 'hold': {
        if (holdSinceNs === 0) holdSinceNs = wallNs();
        const heldMs = wallMs(holdSinceNs);
        return heldMs < maxHoldMs ? wait(maxHoldMs - heldMs, false) : wait(leftMs, true);
      }
      case 'wall':
        return wait(leftMs, true);
      case 'quiet': {
        if (!refed && pace.perJump) return wait(leftMs, true);
        const quietMs = refed ? pace.quietMs : Math.max(pace.quietMs, unrefQuietMs);
        const silentMs = wallMs(pace.perJump || !refed ? Math.max(eventAtNs, jumpAtNs) : eventAtNs);
        if (silentMs < quietMs) return wait(quietMs - silentMs, pace.flows || !refed);
        return undefined;
      }
      case 'jump': {
        if (refed) return undefined;
        const silentMs = wallMs(Math.max(eventAtNs, jumpAtNs));
        return silentMs < unrefQuietMs ? wait(unrefQuietMs - silentMs, true) : undefined;
      }
    }
  }

  /** Undefined: run the timers that are due. Else what to answer to libuv. */
  function decide(realNow: number): number | undefined {
    noteTurn();
    const list = queue.peek();
    if (list === undefined) return withoutTimers(realNow);
    if (list.expiry <= now()) return undefined;
    if (quietTurns < idleTurns) return nextTurn(realNow);
    const answer = waitOrJump(list, outside.pace(), realNow);
    if (answer !== undefined) return answer;
    const target = choose(list) - startMs;
    idle();
    beforeJump(target * 1e3);
    time.jumpTo(target);
    jumpAtNs = wallNs();
    holdSinceNs = 0;
    return undefined;
  }

  /** How far to jump, as a moment of the timers' clock. */
  function choose(first: TimerList): number {
    if (policy === canonicalPolicy) return first.expiry;
    const lists = Object.values(timerListMap).sort((a, b) => a.expiry - b.expiry || a.id - b.id);
    if (lists.length < 2) return first.expiry;
    const ready = lists.map((list, index): ReadyOperation => ({
      id: index,
      kind: 'timer',
      dueUs: (list.expiry - startMs) * 1e3,
      delayMs: list.msecs,
    }));
    return lists[policy.choose(ready, decisions++)]?.expiry ?? first.expiry;
  }

  binding.getLibuvNow = now;
  binding.scheduleTimer = () => {
    arm(1);
    if (timeoutInfo[0]! > 0) spin(true);
  };
  binding.toggleTimerRef = (on) => {
    apply(toggleTimerRef, binding, [on]);
    // Nothing but real immediates may keep the loop turning once no timer does.
    if (!on && immediateInfo[kRefCount] === 0) spin(false);
  };
  // Node calls back in the check phase only when it counts an immediate; this one keeps nothing alive.
  immediateInfo[kCount]!++;
  binding.setupTimers(
    function checkPhase(this: unknown) {
      turn++;
      if (immediateInfo[kCount]! > 1) quietTurns = 0;
      arm(0);
      apply(processImmediate, this, []);
    },
    function timersPhase(this: unknown, realNow: number) {
      if (!firing) {
        const answer = decide(realNow);
        if (answer !== undefined) return answer;
        firing = true;
        firingAtMs = now();
      }
      // When a timer throws, Node calls here again for the rest.
      const next = apply(processTimers, this, [firingAtMs]);
      firing = false;
      quietTurns = 0;
      rested = false;
      return next === 0 ? 0 : nextTurn(realNow);
    },
  );
  return { startMs };
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
    typeof timers.immediateInfoFields?.kCount === 'number' &&
    typeof timers.immediateInfoFields.kRefCount === 'number'
  );
}

/** Drains ticks and microtasks between two callbacks of one phase. Node keeps it on `process` for old programs. */
function findRunNextTicks(internals: NodeInternals): (() => void) | undefined {
  const legacy = (process as { _tickCallback?: unknown })._tickCallback;
  if (typeof legacy === 'function') return legacy as () => void;
  return internals
    .module<{ setupTaskQueue?(): { runNextTicks?: () => void } }>('internal/process/task_queues')
    ?.setupTaskQueue?.().runNextTicks;
}

/** Counts what polling brought to this loop: descriptors, thread-pool completions, messages, signals; no timers. */
function eventCounter(internals: NodeInternals): () => number {
  const binding = internals.binding<{ uvMetricsInfo?: () => readonly number[] }>('performance');
  const read = binding?.uvMetricsInfo;
  if (typeof read !== 'function') return () => 0;
  const { apply } = Reflect;
  return () => apply(read, binding, [])[1] ?? 0;
}
