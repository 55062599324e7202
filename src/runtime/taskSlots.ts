/**
 * Of each task alive the probes keep four integers, from its slot on: the number of the task and these. Constants of their own, so that the
 * bundler writes them as numbers.
 */

/** {@link suspended} and {@link completed}, or'ed. */
export const flags = 1;
/** The slot of the task it was called from; of a free slot the next free one. */
export const caller = 2;
export const slotSize = 4;

/** It waits at an await point. */
export const suspended = 1;
/** It is about to return. */
export const completed = 2;
