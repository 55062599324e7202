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
