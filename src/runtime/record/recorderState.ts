/**
 * What the recorder and the probes keep, in one array of integers: V8 reads and writes it at a fixed address, unboxed and unchecked, as
 * long as it is larger than the 64 bytes up to which V8 keeps arrays in its movable heap (`typed_array_max_size_in_heap`). A variable of a
 * closure costs more: each access checks whether it was initialised, and what it holds. These are places in it; constants of their own, so
 * that the bundler writes them as numbers: V8 inlines by the length of bytecode.
 */

/** Where the next word goes. */
export const at = 0;
/** Once {@link at} is here or beyond, `due` has to be called. */
export const limit = 1;
/** Slot of the innermost running task, 0 for none, {@link inRun} while a run is open. */
export const current = 2;
/** The number of the task started last. */
export const lastTask = 3;
/** The number of the task that stopped at an await point last. */
export const lastStopped = 4;
/** Where the last word ends if it is a `start` or a `suspend`, which the next event may be joined to. */
export const joinAt = 5;
/** The run: the await point whose `suspend` it waits for; 0 where none is open, or it waits for `resume`. */
export const runNext = 6;
/** Its slot, await point, passes to go, and passes it may have. */
export const runSlot = 7;
export const runSite = 8;
export const runLeft = 9;
export const runLength = 10;
/** The innermost blocking call begun and not ended; 0 when there is none. */
export const openToken = 11;
/** The task that is about to throw; 0 when none is. */
export const throwing = 12;
/** The callback under way, by its site; 0 when there is none. */
export const callback = 13;
/** The first free slot, and where the table of tasks ends: to ask an array for its length takes stack, of which there may be hardly any. */
export const firstFree = 14;
export const slotsEnd = 15;
/** Where the words end that a reading of the clock covers, and after how many words the next one is due. */
export const readTo = 16;
export const every = 17;
/** The turn that no event has followed yet, and that is not written: its kind plus 1, 0 for none; and where the events of it begin. */
export const turnKind = 18;
export const turnFrom = 19;
/** In integers, larger than what is used: see above. */
export const stateSize = 32;

/** In place of the innermost task's slot: passes through one await point are being counted instead of written. */
export const inRun = -1;
