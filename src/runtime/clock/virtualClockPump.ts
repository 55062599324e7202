import { canonicalPolicy, type ReadyOperation, type SchedulingPolicy } from '../scheduler.ts';
import { maxHoldMs, type Outside, type Pace } from './virtualClockOutside.ts';
import type { ImmediateQueue, PumpSeams, TimerList } from './virtualClockSeams.ts';
import type { VirtualTime } from './virtualClockTime.ts';

/** Turns of the loop that must have brought nothing before it counts as idle: poll, check and close callbacks may start one another. */
const idleTurns = 3;
/** A clock with nothing but unref'd timers may jump only after this long (ms), lest a program that waits for ever spins. */
const unrefQuietMs = 100;
/** What is outside can change with no event here (a worker has done computing), and idle callbacks want to run: look anew after this long (ms). */
const relookMs = 50;
/** While no timer exists and turns go on, idle callbacks run this long (ms) after the last one. */
const restMs = 20;

export interface PumpOptions {
  readonly seams: PumpSeams;
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
 * delays. At the check phase of each turn of the loop, just before immediates run, it is decided to run due timers, to look once more, to
 * wait for something outside, or to jump; where timers are to run the handle is armed so that Node's own function for
 * them is called in the timers phase of that turn.
 *
 * No function of ours stands between libuv and Node's two functions, so that stacks in callbacks end as they always do: the check phase is
 * noticed by the look at the head of the queue of immediates, and the moment that timers are compared with is an object bound as
 * their first argument.
 */
export function installPump(options: PumpOptions): void {
  const { seams, time, outside, wallNs, policy, idle, beforeJump } = options;
  const { binding, timers, runNextTicks, enqueueMicrotask, countEvents } = seams;
  const { apply } = Reflect;
  const { getLibuvNow, scheduleTimer, toggleTimerRef, toggleImmediateRef, immediateInfo, timeoutInfo } = binding;
  const { timerListQueue: queue, timerListMap, immediateQueue } = timers;
  const { kCount, kRefCount } = timers.immediateInfoFields;
  const { processImmediate, processTimers } = timers.getTimerCallbacks(runNextTicks);
  const startMs = apply(getLibuvNow, binding, []);
  const now = (): number => startMs + time.ms();
  const arm = (ms: number): void => apply(scheduleTimer, binding, [Math.min(Math.max(0, Math.ceil(ms)), 0x7fff_ffff)]);
  const isRefed = (): boolean => timeoutInfo[0]! > 0;

  let quietTurns = 0;
  let events = 0;
  let eventAtNs = wallNs();
  let jumpAtNs = 0;
  let holdSinceNs = 0;
  let decisions = 0;
  let rested = true;
  /** The next poll phase must not wait. */
  let spinning = false;
  /** The moment the timers of this phase are compared with; -1 before the phase. */
  let phaseMs = -1;

  const wallMs = (sinceNs: number): number => (wallNs() - sinceNs) / 1e6;

  /** Node's handle for immediates keeps the poll phase from waiting; Node itself stops it at the end of each check phase. */
  function spin(): void {
    spinning = true;
    apply(toggleImmediateRef, binding, [true]);
  }

  /** Goes through one more turn: at once, or after a millisecond where only unref'd timers are left, which must not keep the loop alive. */
  function nextTurn(): void {
    arm(isRefed() ? 0 : 1);
  }

  function noteTurn(): void {
    time.turnBegins();
    quietTurns++;
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

  function rest(): void {
    if (rested) return;
    if (wallMs(eventAtNs) < restMs) {
      arm(restMs);
      return;
    }
    rested = true;
    idle();
  }

  /** True: nothing more can come, jump. False: the handle is armed for the next look. */
  function mayJump(list: TimerList, pace: Pace): boolean {
    const leftMs = list.expiry - now();
    const wait = (ms: number, flows: boolean): false => {
      idle();
      if (flows) time.followWall(list.expiry - startMs);
      arm(Math.max(1, Math.min(ms, relookMs, flows ? leftMs : relookMs)));
      return false;
    };
    const silence = (quietMs: number, perJump: boolean, flows: boolean): boolean => {
      const silentMs = wallMs(perJump ? Math.max(eventAtNs, jumpAtNs) : eventAtNs);
      return silentMs >= quietMs || wait(quietMs - silentMs, flows);
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
      case 'quiet':
        if (isRefed()) return silence(pace.quietMs, pace.perJump, pace.flows);
        return pace.perJump ? wait(leftMs, true) : silence(Math.max(pace.quietMs, unrefQuietMs), true, true);
      case 'jump':
        return isRefed() || silence(unrefQuietMs, true, true);
    }
  }

  function checkPhase(): void {
    phaseMs = -1;
    spinning = false;
    const list = queue.peek();
    try {
      noteTurn();
      decide(list);
    } catch {
      // A defect of ours must not reach the program: the clock goes on with the wall clock.
      if (list === undefined) return;
      const leftMs = list.expiry - now();
      time.followWall(list.expiry - startMs);
      arm(Math.max(1, leftMs));
    }
  }

  function decide(list: TimerList | undefined): void {
    if (list === undefined) return rest();
    if (list.expiry <= now()) return arm(0);
    if (quietTurns < idleTurns) return nextTurn();
    if (!mayJump(list, outside.pace())) return;
    const target = choose(list) - startMs;
    idle();
    beforeJump(target * 1e3);
    time.jumpTo(target);
    jumpAtNs = wallNs();
    holdSinceNs = 0;
    arm(0);
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

  let rearming = false;
  function rearm(): void {
    rearming = false;
    arm(1);
  }

  /** What Node compares timers with in the timers phase: fixed from the first look on, as the argument it stands for. */
  const phaseNow = {
    valueOf(): number {
      if (phaseMs < 0) {
        phaseMs = now();
        const list = queue.peek();
        if (list !== undefined && list.expiry <= phaseMs) {
          quietTurns = 0;
          rested = false;
        }
      }
      // After the phase Node arms the handle for the next timer as if both clocks were one. A turn at once, or a look a
      // millisecond later, takes its place. This runs after all else of the phase, and no promise is involved.
      if (isRefed()) spin();
      else if (!rearming) {
        rearming = true;
        enqueueMicrotask(rearm);
      }
      return phaseMs;
    },
  };

  binding.getLibuvNow = now;
  binding.scheduleTimer = () => {
    arm(1);
    if (isRefed()) spin();
  };
  binding.toggleTimerRef = (on) => {
    apply(toggleTimerRef, binding, [on]);
    if (on) return;
    arm(1);
    spinning = false;
    // Nothing but real immediates may keep the loop turning once no timer does.
    if (immediateInfo[kRefCount] === 0) apply(toggleImmediateRef, binding, [false]);
  };
  binding.toggleImmediateRef = (on) => {
    if (on || !spinning) apply(toggleImmediateRef, binding, [on]);
  };
  // Node calls back in the check phase only when it counts an immediate; this one keeps nothing alive.
  immediateInfo[kCount]!++;
  watchHead(immediateQueue, checkPhase);
  binding.setupTimers(processImmediate, processTimers.bind(process, phaseNow as unknown as number));
}

/** Calls `looked` when the head of the queue is read, other than to remove an immediate. */
function watchHead(queue: ImmediateQueue, looked: () => void): void {
  const { remove } = queue;
  const { apply } = Reflect;
  let head = queue.head;
  let removing = false;
  Object.defineProperty(queue, 'head', {
    configurable: true,
    enumerable: true,
    get() {
      if (!removing) looked();
      return head;
    },
    set(next: object | null) {
      head = next;
    },
  });
  queue.remove = function (immediate) {
    removing = true;
    try {
      apply(remove, this, [immediate]);
    } finally {
      removing = false;
    }
  };
}
