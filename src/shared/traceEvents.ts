/**
 * The events of a trace as they travel: little-endian 32-bit words. Word 0 holds the kind in its low five bits and, above
 * them, the time since the previous event of the same thread in units of 100 ns (27 bits, 13.4 s; a `time` event
 * comes first where that is not enough). The arguments follow, one word each.
 */
export const eventKind = {
  /** Absolute time since the trace began: high word, low word, in units of 100 ns. Its own delta is 0. */
  time: 1,
  /** A task begins: task, site, parent task (0 where none was running). It runs from here on. */
  start: 2,
  /** A task reaches an await point: task, site. */
  suspend: 3,
  /** A task goes on: task, how (0 with a value, 1 with a throw). */
  resume: 4,
  /** A task ends: task, outcome (0 returned, 1 threw). */
  settle: 5,
  /** A turn of the event loop began: turn kind, detail (the id Node gave the resource), lateness in units of 100 ns (timers: start minus due time; else 0). Its time is the turn's own start. Only written when something else of the turn is. */
  turn: 6,
  /** A blocking call or loop ended: site, duration in units of 100 ns of wall time, task it ran in (0 none), index of its `blocking-detail` record or 0. */
  block: 7,
  /** A promise's own resolve or reject function is being called: site, task it is called in (0 none). */
  settleCall: 8,
  /** Events were lost here because memory ran out: how many. */
  dropped: 9,
  /** A synchronous function that the loop itself called, and no task, begins: its `callback` site. */
  callbackBegin: 10,
  /** It returned or threw: the same site. */
  callbackEnd: 11,
} as const;
export type EventKind = (typeof eventKind)[keyof typeof eventKind];

/** How many argument words follow word 0, by kind. */
export const eventArity: readonly number[] = [0, 2, 3, 2, 2, 2, 3, 4, 2, 1, 1, 1];

export const kindBits = 5;
export const maxDelta = 2 ** 27 - 1;
