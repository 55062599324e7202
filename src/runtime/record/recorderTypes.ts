import type { ThreadId } from '../../shared/ids.ts';
import type { TraceRecord } from '../../shared/traceRecords.ts';
import type { SharedState } from './sharedState.ts';
import type { ReadClock } from './traceClock.ts';
import type { TraceDescriptor } from './traceDescriptor.ts';

/** What probes write events to: they put words at `state[at]`, and call `due` afterwards where `state[at]` has reached `state[limit]`. */
export interface EventBuffer {
  readonly words: Int32Array;
  /** See `recorderState.ts`. */
  readonly state: Int32Array;
  /** The event written last happened now, as far as the clock has to be told; what is full is handed on. */
  readonly due: () => void;
  /** All that was written happened by `nowUnits`; what comes next may take long. */
  happened(nowUnits: number): void;
  /** Wall time now, in units of 100 ns since the trace began. */
  readonly now: ReadClock;
  record(record: TraceRecord): void;
  /** Tells who writes. */
  connect(source: EventSource): void;
}

export interface EventSource {
  /** Writes down what is only counted so far. */
  endRun(): void;
  /** Writes the numbers of the tasks that run from `into[at]` on, outermost first, and returns how many; forgets outer ones beyond `most`. */
  running(into: Int32Array, at: number, most: number): number;
}

/** Packs events into preallocated memory and hands them to the descriptor in frames. No method throws. */
export interface Recorder extends EventBuffer {
  /** True once anything was recorded but announced turns. */
  hasEvents(): boolean;
  /** A turn began just now; it is written only if an event follows in it. What is old is handed on before its own code runs. */
  turn(kind: number, late: number): void;
  /** What comes next is called by the event loop, though in no turn that is told of. */
  untoldTurn(): void;
  /** True while a task or a callback of the program runs, as far as its probes tell. */
  runsCode(): boolean;
  /** What comes next was queued with `process.nextTick`: a part of the turn under way, unless the loop was idle since that began. */
  tick(): void;
  /** The moment that counts as 0 has moved; nothing was recorded yet. */
  restart(): void;
  /** Writes what is buffered, blocking. */
  flush(): void;
  /** Writes what is buffered when the last write is old. */
  flushIfOld(): void;
  /** Sets what is called after each flush within a turn, where nothing is half done: it may record and flush, and must not throw. */
  onFlushed(listener: () => void): void;
  /** A file of the pack is about to run: its record is to stand before what is written next. */
  packedFile(place: number): void;
  /** From here on the clock is read at every event. */
  readEachEvent(): void;
  /** When the turn that was told last began, wall time in units of 100 ns. */
  turnUnits(): number;
  /** The wall time that writing took so far, in units of 100 ns. */
  writingUnits(): number;
  /** From here on each event is written at once: nothing may run afterwards that could write it. */
  writeThrough(): void;
}

export interface RecorderOptions {
  readonly descriptor: TraceDescriptor;
  readonly shared: SharedState;
  readonly thread: ThreadId;
  readonly now: ReadClock;
  /** Time of the events: wall time, or the virtual clock's. */
  readonly eventNow: ReadClock;
  /** How long the event loop has been idle so far, in units of 100 ns. Left out: the clock is read at every event. */
  readonly idleUnits?: (() => number) | undefined;
  readonly bufferWords?: number;
  /** So many writes are made at once, one for each event: a program that hangs in its first turn, or is killed there, has said where. `earlyWrites` in recorder.ts unless set. */
  readonly early?: number;
  /** A record to stand before the thread's first events, made when these are written. */
  readonly introduce?: () => TraceRecord;
}
