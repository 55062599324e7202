/**
 * Memory that the threads of one target share: the locks around the two descriptors and the moment the trace began.
 * Word 0: lock of the trace descriptor; word 1: lock of the transform descriptor; word 2: bytes of an answer that a thread
 * was stopped in the middle of reading; word 3: last request id. Bytes 16 to 23: the beginning, in units of 100 ns of
 * the monotonic clock, as a double.
 */
export interface SharedState {
  readonly buffer: SharedArrayBuffer;
  readonly words: Int32Array;
  readonly origin: Float64Array;
}

export const traceLock = 0;
export const transformLock = 1;
export const unreadBytes = 2;
export const lastRequest = 3;

const sizeBytes = 32;

export function createSharedState(buffer = new SharedArrayBuffer(sizeBytes)): SharedState {
  return { buffer, words: new Int32Array(buffer, 0, 4), origin: new Float64Array(buffer, 16, 1) };
}

const { wait, compareExchange, store, notify } = Atomics;

/** A thread that was terminated while it held a lock never gives it back: after this time the lock is taken from it. */
const stolenAfterMs = 2_000;

/** Takes a lock; blocks the thread until it is free. */
export function lock(words: Int32Array, index: number): void {
  while (compareExchange(words, index, 0, 1) !== 0) {
    if (wait(words, index, 1, stolenAfterMs) === 'timed-out') return;
  }
}

export function unlock(words: Int32Array, index: number): void {
  store(words, index, 0);
  notify(words, index, 1);
}
