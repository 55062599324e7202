/**
 * What the recorder and the probes share, in one array of integers: V8 reads and writes it at a fixed address, unboxed. These are places
 * in it; constants of their own, so that the bundler writes them as numbers: V8 inlines by the length of bytecode.
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
export const stateSize = 8;

/** In place of the innermost task's slot: passes through one await point are being counted instead of written. */
export const inRun = -1;
