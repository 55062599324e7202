/**
 * The events of a trace as they travel: little-endian 32-bit words. The low five bits of a word hold its kind, the other 27 its operand; the
 * kinds in {@link argumentWords} are followed by as many words more.
 *
 * A batch can be read without those before it: it begins with `batch`. From there on the reader keeps what the writer kept:
 * the tasks that run, the innermost last (an event without `task` before it is the innermost one's), the last task that started, the
 * task that stopped at an await point last, and the last reading of the clock.
 *
 * The clock is not read at every event: reading it costs as much as ten events. `clock` tells when the event before it happened. Of the
 * events between two readings the order is known, and that they happened between the two.
 */

// Constants of their own, so that the bundler writes them as numbers into the probes: V8 inlines by the length of bytecode.

/** Begins a batch. Operand: how many tasks run. Then the time in units of 100 ns since the trace began (high word, low word), the last task started, the task that stopped last, and the tasks that run, outermost first. */
export const batchEvent = 1;
/** A reading of the clock, at the event before it. Operand: time since the reading before, in units of 100 ns. */
export const clockEvent = 2;
/** The same, but no event's own time: all before it happened by then. */
export const boundEvent = 3;
/** Operand times 2^27 is to be added to the operand of the `clock` or `bound` that follows. */
export const farEvent = 4;
/** The event that follows is of the task given by the operand. */
export const taskEvent = 5;
/** A task begins, called by the innermost one, and is now that itself. Operand: site. Its number is one more than that of the task started last. */
export const startEvent = 6;
/** The innermost task reaches an await point. Operand: site. */
export const suspendEvent = 7;
/** A task goes on with a value and is now the innermost. Operand: its number minus that of the task that stopped last, modulo 2^27. */
export const resumeEvent = 8;
/** The same with a throw. */
export const resumeThrewEvent = 9;
/** The innermost task ends. Operand: 0 returned, 1 threw. */
export const settleEvent = 10;
/** `start` and `settle` (returned) in one: a task that never stopped and called no other. Operand: site. */
export const ranEvent = 11;
/** `suspend` and `resume` in one. Operand: site in the low {@link joinedSiteBits} bits, above them the number of the task that goes on minus that of the one that stops, signed. */
export const switchedEvent = 12;
/** The innermost task suspended and went on with a value, and nothing happened in between. Operand: site. Then how many times. */
export const passEvent = 13;
/** A turn of the event loop began, at the reading before it: no task runs. Operand: turn kind. Then its lateness in units of 100 ns (timers: start minus due time; else 0). Only written when something else of the turn is. */
export const turnEvent = 14;
/** A blocking call or loop of the innermost task ended. Operand: site. Then its duration in units of 100 ns of wall time and the index of its `blocking-detail` record or 0. */
export const blockEvent = 15;
/** A promise's own resolve or reject function is being called by the innermost task. Operand: site. */
export const settleCallEvent = 16;
/** Events were lost here because memory ran out. Operand: how many. */
export const droppedEvent = 17;
/** A synchronous function that the loop itself called, and no task, begins. Operand: its `callback` site. */
export const callbackBeginEvent = 18;
/** It returned or threw. Operand: the same site. */
export const callbackEndEvent = 19;
/** The tracer itself held the thread until now: the text of a file that is being loaded was made. Operand: for how long, in units of 100 ns of wall time. */
export const tracerEvent = 20;

export const kindBits = 5;
export const kindMask = 0x1f;
/** Of an operand; also of the number of a task: after this many they begin again at 1. */
export const operandBits = 27;
export const operandMask = 0x7ff_ffff;
export const joinedSiteBits = 13;
/** Sites below this, and differences of tasks from minus this to below it, fit into a `switched`. */
export const joinedSites = 0x2000;
export const joinedTasks = 0x2000;

/** A `pass` has no higher count. */
export const mostPasses = 0x10000;

export const eventKind = {
  batch: batchEvent,
  clock: clockEvent,
  bound: boundEvent,
  far: farEvent,
  task: taskEvent,
  start: startEvent,
  suspend: suspendEvent,
  resume: resumeEvent,
  resumeThrew: resumeThrewEvent,
  settle: settleEvent,
  ran: ranEvent,
  switched: switchedEvent,
  pass: passEvent,
  turn: turnEvent,
  block: blockEvent,
  settleCall: settleCallEvent,
  dropped: droppedEvent,
  callbackBegin: callbackBeginEvent,
  callbackEnd: callbackEndEvent,
  tracer: tracerEvent,
} as const;
export type EventKind = (typeof eventKind)[keyof typeof eventKind];

/** How many words follow a word, by its kind; for `batch` the tasks that run come on top. -1: no kind. */
export const argumentWords: readonly number[] = [-1, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 0, 0, 0, 0, 0];
