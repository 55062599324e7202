/**
 * How often the clock is read. Time that ran pays for readings, in units of 100 ns: where events are 16 µs apart each has one; in a
 * tight loop one comes every 16 µs, and of turns that follow closely few events have one. A long slice pays for the events that follow
 * it, so that a program whose slices are now short, now long is read at each of them. A long stretch can lie without a reading only
 * where it is the first after a rush of short ones.
 */

/** What a reading is charged with: with all around it one takes 80 to 130 ns, less than 1 % of this. */
export const price = 160;
/** From this credit on each event is read. */
export const plenty = 40 * price;
/** A long stretch pays for so many readings at most. */
export const mostCredit = 20_000 * price;
/**
 * Each turn of the event loop is read when it begins. The time in which the loop waited pays too, up to so much: where turns are far
 * apart their events are read.
 */
export const creditOfTurn = 8 * price;
/** Where there is no credit so many words of a turn are written until the first reading. */
export const fewUnread = 2;
/** So many words are written without a reading at most. */
export const mostUnread = 256;
