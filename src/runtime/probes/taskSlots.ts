import { firstFree, slotsEnd } from '../record/recorderState.ts';

/**
 * Of each task alive the probes keep four integers, from its slot on: the number of the task and these. Constants of their own, so that the
 * bundler writes them as numbers.
 */

/** {@link completed} or 0. */
export const flags = 1;
/** The slot of the task it was called from; {@link stopped} at an await point; of a free slot the next free one, 0 where it was never used. */
export const caller = 2;
export const slotSize = 4;

/** In place of the caller's slot: it waits at an await point. Told by the place that changes there anyway, it costs no access of its own. */
export const stopped = -2;

/** It is about to return. */
export const completed = 2;

/** A property that was never set anew is a constant for V8, and the array behind it has a fixed address. */
export interface TaskTable {
  slots: Int32Array;
}

/** 16,384 tasks alive at once; for more the table grows. */
const firstSize = 64 * 1024;

// Kept from before the program runs: it may replace globals and patch prototypes.
const Integers = Int32Array;

/** All its slots are free. */
export function createTaskTable(state: Int32Array): TaskTable {
  state[firstFree] = slotSize;
  state[slotsEnd] = firstSize;
  return { slots: new Integers(firstSize) };
}

/** The slot after one that was never used before; the table grows where that does not fit. */
export function slotAfter(table: TaskTable, state: Int32Array, slot: number): number {
  const next = slot + slotSize;
  const end = state[slotsEnd] as number;
  if (next + slotSize > end) {
    const { slots } = table;
    const larger = new Integers(2 * end);
    for (let i = 0; i < next; i++) larger[i] = slots[i] as number;
    table.slots = larger;
    state[slotsEnd] = 2 * end;
  }
  return next;
}
