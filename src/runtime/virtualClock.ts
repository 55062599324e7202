import { openNodeInternals } from './nodeInternals.ts';
import { canonicalPolicy, type SchedulingPolicy } from './scheduler.ts';
import { installBlockingCalls } from './clock/virtualClockBlocking.ts';
import { watchOutside } from './clock/virtualClockOutside.ts';
import { installPump } from './clock/virtualClockPump.ts';
import { findPumpSeams } from './clock/virtualClockSeams.ts';
import { installClockReads } from './clock/virtualClockReads.ts';
import { createVirtualTime } from './clock/virtualClockTime.ts';

/** The clock of a program that runs in virtual time. */
export interface VirtualClock {
  /** Microseconds of virtual time since it was installed, with fractions; never goes back. Reading it does not move the clock. */
  nowUs(): number;
  /** Monotonic wall clock in nanoseconds; its origin is arbitrary. */
  wallNs(): number;
  /** Called whenever the loop has found nothing to do, before it waits or the clock jumps. It must not start timers. */
  onIdle(callback: () => void): void;
  /** Called before each jump with the moment it goes to, in microseconds of virtual time. */
  beforeJump(callback: (toUs: number) => void): void;
  /** What cannot be had on this version of Node, in plain words; empty when all is well. */
  readonly limits: readonly string[];
}

/**
 * Puts this thread on virtual time. Must run before any user code, under `--expose-internals`; keeps nothing alive and adds no tick.
 *
 * The clock stands still while code runs, adding 7.6 ns at each reading (5 µs once a turn has read it 1,000 times, so that
 * busy waits end), and jumps to the next timer when the loop is idle and nothing native is under way:
 * - file, name, crypto and compression work on the thread pool holds the clock (for one second, then it keeps pace with the
 *   wall clock);
 * - while a terminal is read, a child process runs, a worker thread computes or owes an answer, or a peer outside owes an answer
 *   on a connection we opened, the clock keeps pace with the wall clock: timers and answers come in the order they would without us;
 * - a peer outside that has answered on a connection still in use gets one second of silence, in which the rest may come;
 * - standard input from a pipe, an IPC channel or a waiting worker is given 250 ms of silence before each jump, servers and other
 *   sockets that somebody outside may speak on 30 ms, a server nobody has called yet 50 ms;
 * - with nothing but unref'd timers it keeps pace with the wall clock, unless all that goes on is within the process: then it
 *   jumps after 100 ms of silence.
 * Worker threads, `vm` contexts, `Intl` without a date, file times, `fs.watchFile` and `Atomics.waitAsync` stay on the wall clock.
 * `Atomics.wait` and synchronous child processes block for real and move the clock by what they took; other code that blocks or
 * computes does not move it.
 */
export function installVirtualClock(policy: SchedulingPolicy = canonicalPolicy): VirtualClock {
  const internals = openNodeInternals();
  const hrtime = Reflect.get(process.hrtime, 'bigint');
  const wallNs = (): number => Number(hrtime());
  const idle: (() => void)[] = [];
  const jumps: ((toUs: number) => void)[] = [];
  const hooks = {
    wallNs,
    onIdle: (callback: () => void) => void idle.push(callback),
    beforeJump: (callback: (toUs: number) => void) => void jumps.push(callback),
  };
  const seams = findPumpSeams(internals);
  if (seams === undefined) {
    const startNs = wallNs();
    const limit =
      'This version of Node does not let its timers be put on a virtual clock: the program ran on the wall clock for all it did.';
    return { ...hooks, nowUs: () => (wallNs() - startNs) / 1e3, limits: [limit] };
  }
  const time = createVirtualTime(wallNs);
  const outside = watchOutside(internals, wallNs);
  installPump({
    seams,
    time,
    outside,
    wallNs,
    policy,
    idle: () => idle.forEach((callback) => callback()),
    beforeJump: (toUs) => jumps.forEach((callback) => callback(toUs)),
  });
  installClockReads(time);
  installBlockingCalls(internals, time, wallNs);
  return { ...hooks, nowUs: () => time.us(), limits: outside.limits };
}
