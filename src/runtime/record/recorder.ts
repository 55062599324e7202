import type { ThreadId } from '../../shared/ids.ts';
import { countEvents } from '../../shared/countEvents.ts';
import { clockEvent, eventKind, farEvent, kindBits, operandMask } from '../../shared/traceEvents.ts';
import { frameHeaderBytes } from '../../shared/traceFrames.ts';
import type { TraceRecord } from '../../shared/traceRecords.ts';
import { turnKinds } from '../../shared/waitKind.ts';
import { toLittleEndian } from './byteOrder.ts';
import { creditOfTurn, mostCredit, mostUnread, plenty, price } from './clockBudget.ts';
import { createFrameWriter } from './frameWriter.ts';
import { at, callback, current, every, inRun, joinAt, lastStopped, lastTask, limit, readTo, stateSize } from './recorderState.ts';
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
  /** What comes next was queued with `process.nextTick`: a part of the turn under way. */
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
  /** So many writes are made at once, one for each event: a program that hangs in its first turn, or is killed there, has said where. {@link earlyWrites} unless set. */
  readonly early?: number;
  /** A record to stand before the thread's first events, made when these are written. */
  readonly introduce?: () => TraceRecord;
}

/** 256 KiB. */
const defaultBufferWords = 64 * 1024;
/** About a millisecond of work for each thread. */
export const earlyWrites = 128;
/** 40 ms of wall time: what was written last so long ago is old. Less than the period in which a waiting program is asked, so that once is enough. */
const oldUnits = 400_000;
/** More than is ever written between two looks at the limit. */
const headroomWords = 32;
const headerWords = frameHeaderBytes / 4;
/** Of the tasks that run when a batch begins so many are told at most, the innermost ones. */
const mostRunning = 16 * 1024;
const high = 2 ** 32;
/** 100 µs: within such a time nobody asks twice how long the loop was idle. */
const shortUnits = 1000;
/** Of an event that a probe has just written. */
const mostMoved = 2;
const unknownTurn = turnKinds.indexOf('unknown');

// Places in `times`.
const read = 0;
const written = 1;
const idleAt = 2;
const turnAt = 3;
const beforeTurn = 4;
const writingUnits = 5;
const turnWall = 6;
/** Time that ran and has not been spent on readings. */
const credit = 7;
/** How long the loop had been idle when a turn last asked, and when that was. */
const turnIdle = 8;
const turnAsked = 9;
/** In doubles; larger than what is used, see `recorderState.ts`. */
const timesSize = 16;

export function createRecorder(options: RecorderOptions): Recorder {
  const { now, eventNow, idleUnits } = options;
  const frames = createFrameWriter(options);
  const size = Math.max(options.bufferWords ?? defaultBufferWords, headerWords + 4 * headroomWords);
  const words = new Int32Array(size);
  const bytes = new Uint8Array(words.buffer);
  const end = size - headroomWords;
  const most = Math.min(mostRunning, (end - headerWords) >> 1);
  const state = new Int32Array(stateSize);
  state[every] = 1;
  const { floor, min } = Math;
  /** Doubles in a typed array cost no allocation. Units of 100 ns: the last reading, the last write, how long the loop had been idle when this turn began (negative: not asked), the turn's start and the reading before it, the time writing took, the turn's start in wall time, and the credit. */
  const times = new Float64Array(timesSize);
  let source: EventSource = { endRun() {}, running: () => 0 };
  let introduction = options.introduce;
  let seen = false;
  let flushed: (() => void) | undefined;
  let early = options.early ?? earlyWrites;
  /** Each event is written at once. */
  let immediate = early > 0;
  let eachEvent = options.idleUnits === undefined;
  let dropped = 0;
  /** Where the words end that a batch begins with. */
  let batchTo = 0;
  /** The turn that no event has followed yet: where it begins and ends, and what it says; end 0: none. */
  let turnFrom = 0;
  let turnTo = 0;
  let turnKind = 0;
  let turnLate = 0;

  function put(word: number): void {
    const place = state[at] as number;
    words[place] = word;
    state[at] = place + 1;
  }

  /** Notes a reading; a clock that was set back counts as standing still. */
  function putReading(kind: number, time: number): void {
    let gap = time - (times[read] as number);
    if (gap > 0) times[read] = time;
    else gap = 0;
    if (gap > operandMask) {
      put((floor(gap / (operandMask + 1)) << kindBits) | eventKind.far);
      gap %= operandMask + 1;
    }
    put((gap << kindBits) | kind);
    state[readTo] = state[at] as number;
  }

  function beginBatch(): void {
    state[at] = headerWords;
    state[joinAt] = 0;
    const time = times[read] as number;
    const tasksAt = headerWords + 5;
    const running = source.running(words, tasksAt, most);
    put((running << kindBits) | eventKind.batch);
    put(floor(time / high));
    put((time % high) | 0);
    put(state[lastTask] as number);
    put(state[lastStopped] as number);
    state[at] = tasksAt + running;
    if (dropped > 0 && frames.isOpen()) {
      put((min(dropped, operandMask) << kindBits) | eventKind.dropped);
      dropped = 0;
    }
    putReading(eventKind.clock, time);
    batchTo = state[at];
    turnTo = 0;
    schedule(1);
  }

  function schedule(wordsToGo: number): void {
    state[limit] = immediate || eachEvent ? 0 : min(end, (state[at] as number) + wordsToGo);
  }

  /** The first events of what the loop calls are read. */
  function newTurn(): void {
    times[idleAt] = -1;
    state[every] = 1;
    if ((times[credit] as number) < creditOfTurn) times[credit] = creditOfTurn;
    schedule(1);
  }

  /** Everything so far happened before the loop last fell idle. */
  function putBound(time: number): void {
    const before = times[idleAt] as number;
    const idle = before < 0 || idleUnits === undefined ? 0 : idleUnits() - before;
    putReading(eventKind.bound, time - (idle > 0 ? idle : 0));
  }

  function putTurn(time: number, kind: number, late: number): void {
    turnFrom = state[at] as number;
    turnKind = kind;
    turnLate = late;
    times[beforeTurn] = times[read] as number;
    times[turnAt] = time;
    putReading(eventKind.clock, time);
    put((kind << kindBits) | eventKind.turn);
    put(late | 0);
    state[readTo] = turnTo = state[at] as number;
  }

  /**
   * Node announces some calls to nobody: what V8 runs for `Atomics.waitAsync`, `WebAssembly.compile` or a finalizer. Where the loop was idle
   * since the turn that was told last, the event just written belongs to such a call, and a turn of unknown kind is put before it.
   */
  function putUntoldTurn(time: number): boolean {
    if (idleUnits === undefined) return false;
    const idle = idleUnits();
    const idled = idle - (times[turnIdle] as number);
    times[turnIdle] = idle;
    times[turnAsked] = time;
    const from = state[readTo] as number;
    const moved = (state[at] as number) - from;
    // Of more than the one event some may have been written before the loop fell idle.
    if (idled < 2 * shortUnits || state[every] !== 1 || moved > mostMoved) return false;
    const first = words[from] as number;
    const last = words[from + moved - 1] as number;
    state[at] = from;
    times[turnWall] = now();
    putTurn(time, unknownTurn, 0);
    times[idleAt] = -1;
    if (moved > 1) put(first);
    put(last);
    return true;
  }

  function hasEventless(): boolean {
    return turnTo !== 0 && turnTo === state[at];
  }

  /** Takes a turn back that no event followed. */
  function dropTurn(): void {
    state[at] = state[readTo] = turnFrom;
    times[read] = times[beforeTurn] as number;
    turnTo = 0;
  }

  /** True where the buffer holds more than the beginning of a batch and a turn that nothing followed. */
  function holdsEvents(): boolean {
    return (hasEventless() ? turnFrom : (state[at] as number)) > batchTo;
  }

  function flush(): void {
    write();
    flushed?.();
  }

  function write(): void {
    source.endRun();
    frames.flush();
    const began = now();
    times[written] = began;
    const pending = hasEventless();
    if (pending) dropTurn();
    else if ((state[at] as number) > (state[readTo] as number)) putBound(eventNow());
    const to = state[at] as number;
    if (to > batchTo) {
      seen = true;
      const make = introduction;
      introduction = undefined;
      if (make !== undefined) frames.writeRecord(make());
      toLittleEndian(words, headerWords, to);
      frames.writeEvents(bytes, to * 4);
      if (early > 0 && --early === 0) immediate = false;
      if (!frames.isOpen()) dropped += countEvents(words, headerWords, to).events;
      times[writingUnits] = (times[writingUnits] as number) + (now() - began);
      beginBatch();
    }
    if (pending) putTurn(times[turnAt] as number, turnKind, turnLate);
    schedule(1);
  }

  /** What was counted and not written yet lies before what follows. */
  function untoldTurn(): void {
    source.endRun();
    if ((state[at] as number) > (state[readTo] as number)) putBound(eventNow());
    newTurn();
  }

  beginBatch();
  return {
    words,
    state,
    now,
    due() {
      // Long on purpose, with all it does at nearly every call written out: V8 would put a short one into each probe, and then
      // leave the probes, which would be long, out of the program's functions.
      const time = eventNow();
      let gap = time - (times[read] as number);
      if (gap > 2 * shortUnits && putUntoldTurn(time)) gap = 0;
      if (gap > 0) times[read] = time;
      else gap = 0;
      let place = state[at] as number;
      if (gap > operandMask) {
        words[place++] = (floor(gap / (operandMask + 1)) << kindBits) | farEvent;
        words[place++] = ((gap % (operandMask + 1)) << kindBits) | clockEvent;
      } else words[place++] = (gap << kindBits) | clockEvent;
      state[at] = place;
      state[readTo] = place;
      if (place >= end || immediate) return flush();
      let rest = (times[credit] as number) + (gap < mostCredit ? gap : mostCredit) - price;
      if (rest > mostCredit) rest = mostCredit;
      else if (rest < -price) rest = -price;
      times[credit] = rest;
      let interval = state[every] as number;
      if (rest >= plenty) interval = 1;
      else if (rest >= 0) interval = interval > 1 ? interval >> 1 : 1;
      else if (interval < mostUnread) interval <<= 1;
      state[every] = interval;
      if (interval > 1 && (times[idleAt] as number) < 0 && idleUnits !== undefined) times[idleAt] = idleUnits();
      const next = place + interval;
      state[limit] = eachEvent ? 0 : next < end ? next : end;
    },
    happened(nowUnits) {
      if (!eachEvent && (state[at] as number) > (state[readTo] as number)) putReading(eventKind.bound, nowUnits);
    },
    connect(writer) {
      source = writer;
    },
    hasEvents: () => seen || holdsEvents(),
    turn(kind, late) {
      const wall = now();
      const time = eventNow === now ? wall : eventNow();
      source.endRun();
      if (hasEventless()) dropTurn();
      else if ((state[at] as number) > (state[readTo] as number)) putBound(time);
      if (holdsEvents() && wall - (times[written] as number) >= oldUnits) write();
      times[turnWall] = wall;
      if (idleUnits !== undefined && wall - (times[turnAsked] as number) >= shortUnits) {
        times[turnAsked] = wall;
        times[turnIdle] = idleUnits();
      }
      putTurn(time, kind, late);
      newTurn();
    },
    untoldTurn,
    runsCode() {
      source.endRun();
      return state[current] !== 0 || state[callback] !== 0;
    },
    tick() {
      // A callback that Node announces to nobody (a finalizer, a task of V8's own) may have queued it, after the loop was idle: a bound
      // that is told later would be too early for what follows. What has been read needs no bound.
      const before = times[idleAt] as number;
      if (before < 0 || idleUnits === undefined) return;
      if ((state[at] as number) === state[readTo] && state[current] !== inRun) times[idleAt] = -1;
      else if (idleUnits() > before) untoldTurn();
    },
    restart() {
      times[read] = eventNow();
      times[written] = times[turnWall] = times[turnAsked] = now();
      beginBatch();
    },
    record(record) {
      flush();
      frames.writeRecord(record);
    },
    packedFile: (place) => frames.addPackedFile(place),
    flush,
    onFlushed: (listener) => void (flushed = listener),
    flushIfOld() {
      if (holdsEvents() && now() - (times[written] as number) >= oldUnits) flush();
    },
    readEachEvent() {
      eachEvent = true;
      schedule(1);
    },
    turnUnits: () => times[turnWall] as number,
    writingUnits: () => times[writingUnits] as number,
    writeThrough() {
      early = 0;
      immediate = true;
      flush();
    },
  };
}
