import type { ThreadId } from '../../shared/ids.ts';

/**
 * Memory that the threads of one target share: the locks around the two descriptors and the moment the trace began.
 * Word 0: lock of the trace descriptor; word 1: lock of the transform descriptor; word 2: bytes of an answer that a thread
 * was stopped in the middle of reading; word 3: last request id. Bytes 16 to 23: the beginning, in units of 100 ns of
 * the monotonic clock, as a double. From byte 32 on: the threads that were told to stop last, each by its number plus 1.
 */
export interface SharedState {
  readonly buffer: SharedArrayBuffer;
  readonly words: Int32Array;
  readonly origin: Float64Array;
  readonly stopped: Int32Array;
}

export const traceLock = 0;
export const transformLock = 1;
export const unreadBytes = 2;
export const lastRequest = 3;

const stoppedAt = 32;
/** A power of two. */
const mostStopped = 64;

export function createSharedState(buffer = new SharedArrayBuffer(stoppedAt + 4 * mostStopped)): SharedState {
  return {
    buffer,
    words: new Int32Array(buffer, 0, 4),
    origin: new Float64Array(buffer, 16, 1),
    stopped: new Int32Array(buffer, stoppedAt, mostStopped),
  };
}

const { wait, compareExchange, store, load, notify } = Atomics;

/** A thread that is terminated while it holds a lock never gives it back: when it was told to stop this long ago the lock is taken from it. */
const stoppedForMs = 50;
/** Longer than a live thread holds the lock: after so many ms it is taken from any, whose end nobody may have seen. Writing to a launcher that does not read is given up after 10 s, an instrumented text comes within 60 s. */
const stolenAfterMs = { [traceLock]: 12_000, [transformLock]: 90_000 } as const;

/** A worker thread is being terminated. */
export function noteStopped({ stopped }: SharedState, thread: ThreadId): void {
  store(stopped, thread & (mostStopped - 1), thread + 1);
}

/** Takes a lock; blocks the thread until it is free. One that this thread has is what an overflow of the stack kept it from giving back. */
export function lock({ words, stopped }: SharedState, index: keyof typeof stolenAfterMs, thread: ThreadId): void {
  const own = thread + 1;
  for (let waitedMs = 0, of = 0; ;) {
    const holder = compareExchange(words, index, 0, own);
    if (holder === 0 || holder === own) return;
    if (holder !== of) waitedMs = 0;
    of = holder;
    if (wait(words, index, holder, stoppedForMs) !== 'timed-out') continue;
    waitedMs += stoppedForMs;
    const isGone = load(stopped, (holder - 1) & (mostStopped - 1)) === holder;
    if ((isGone || waitedMs >= stolenAfterMs[index]) && compareExchange(words, index, holder, own) === holder) return;
  }
}

export function unlock({ words }: SharedState, index: keyof typeof stolenAfterMs): void {
  store(words, index, 0);
  notify(words, index, 1);
}
