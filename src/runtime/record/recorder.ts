import { countEvents } from '../../shared/countEvents.ts';
import { clockEvent, eventKind, farEvent, kindBits, operandMask } from '../../shared/traceEvents.ts';
import { frameHeaderBytes } from '../../shared/traceFrames.ts';
import { turnKinds } from '../../shared/waitKind.ts';
import { toLittleEndian } from './byteOrder.ts';
import { creditOfTurn, fewUnread, mostCredit, mostUnread, plenty, price } from './clockBudget.ts';
import { createFrameWriter } from './frameWriter.ts';
import {
  at,
  callback,
  current,
  every,
  inRun,
  joinAt,
  lastStopped,
  lastTask,
  limit,
  readTo,
  stateSize,
  turnFrom,
  turnKind,
} from './recorderState.ts';
import type { EventSource, Recorder, RecorderOptions } from './recorderTypes.ts';

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
/** 100 µs: within such a time no turn asks twice how long the loop was idle. */
const shortUnits = 1000;
/** Of an event that a probe has just written. */
const mostMoved = 2;
const unknownTurn = turnKinds.indexOf('unknown');

// Places in `times`.
const read = 0;
const written = 1;
const idleAt = 2;
/** When the turn began that is not written, and how late. */
const turnAt = 3;
const turnLate = 4;
const writingUnits = 5;
const turnWall = 6;
/** Time that ran and has not been spent on readings. */
const credit = 7;
/** How long the loop had been idle when a turn last asked, and when that was. */
const askedIdle = 8;
const askedAt = 9;
/** In doubles; larger than what is used, see `recorderState.ts`. */
const timesSize = 16;
/** In place of how long the loop had been idle. */
const notAsked = -1;

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
  const idleSoFar = idleUnits ?? ((): number => 0);
  /** Doubles in a typed array cost no allocation. Units of 100 ns: the last reading, the last write, how long at most the loop had been idle when this turn began, the start and the lateness of a turn not written, the time writing took, the turn's start in wall time, and the credit. */
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
  const moving = new Int32Array(headroomWords);

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
    batchTo = state[turnFrom] = state[at];
    schedule(1);
  }

  function schedule(wordsToGo: number): void {
    state[limit] = immediate || eachEvent || state[turnKind] !== 0 ? 0 : min(end, (state[at] as number) + wordsToGo);
  }

  /** Everything so far happened before the loop last fell idle, which by now it was for so long at least. */
  function putBound(time: number, idle: number): void {
    const before = times[idleAt] as number;
    putReading(eventKind.bound, before >= 0 && idle > before ? time - (idle - before) : time);
  }

  function isUnread(): boolean {
    return (state[at] as number) > (state[readTo] as number);
  }

  /** How long the loop has been idle so far; what is called later without being announced is known by its having been idle since. */
  function askIdle(wall: number): number {
    times[askedAt] = wall;
    return (times[askedIdle] = idleSoFar());
  }

  function noteTurn(time: number, kind: number, late: number, from: number): void {
    times[turnAt] = time;
    times[turnLate] = late;
    state[turnKind] = kind + 1;
    state[turnFrom] = from;
    // What is written next is not to be put together with what lies before.
    state[joinAt] = 0;
  }

  /** Puts the turn noted last before what was written since; so a turn that no event follows costs hardly anything. */
  function putTurn(): void {
    const from = state[turnFrom] as number;
    const moved = (state[at] as number) - from;
    const mayJoin = state[joinAt] === state[at];
    for (let i = 0; i < moved; i++) moving[i] = words[from + i] as number;
    state[at] = from;
    putReading(eventKind.clock, times[turnAt] as number);
    put((((state[turnKind] as number) - 1) << kindBits) | eventKind.turn);
    put((times[turnLate] as number) | 0);
    state[turnKind] = 0;
    state[readTo] = state[at];
    for (let i = 0; i < moved; i++) put(moving[i] as number);
    if (mayJoin) state[joinAt] = state[at];
  }

  /**
   * Node announces some calls to nobody: what V8 runs for `Atomics.waitAsync`, `WebAssembly.compile` or a finalizer. Where the loop was idle
   * since the turn that was told last, the event just written belongs to such a call, and a turn of unknown kind is put before it.
   */
  function putUntoldTurn(time: number): boolean {
    if (idleUnits === undefined) return false;
    const before = times[askedIdle] as number;
    const idled = askIdle(time) - before;
    const from = state[readTo] as number;
    const moved = (state[at] as number) - from;
    // Of more than the one event some may have been written before the loop fell idle.
    if (idled < 2 * shortUnits || state[every] !== 1 || moved > mostMoved) return false;
    times[turnWall] = now();
    noteTurn(time, unknownTurn, 0, from);
    putTurn();
    times[idleAt] = notAsked;
    return true;
  }

  function holdsEvents(): boolean {
    return (state[at] as number) > batchTo;
  }

  function flush(): void {
    write();
    flushed?.();
  }

  function write(): void {
    source.endRun();
    if (state[turnKind] !== 0 && (state[at] as number) > (state[turnFrom] as number)) putTurn();
    frames.flush();
    const began = now();
    times[written] = began;
    if (isUnread()) putBound(eventNow(), idleSoFar());
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
    schedule(1);
  }

  /** What was counted and not written yet lies before what follows. */
  function untoldTurn(): void {
    source.endRun();
    if (isUnread()) putBound(eventNow(), idleSoFar());
    times[idleAt] = notAsked;
    state[every] = 1;
    schedule(1);
  }

  beginBatch();
  return {
    words,
    state,
    now,
    due() {
      // Long on purpose, with all it does at nearly every call written out: V8 would put a short one into each probe, and then
      // leave the probes, which would be long, out of the program's functions.
      if (state[turnKind] !== 0) {
        putTurn();
        if ((times[credit] as number) < 0 && !eachEvent && !immediate && (state[at] as number) < end)
          return schedule(fewUnread - 1);
      }
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
      if (interval > 1 && (times[idleAt] as number) < 0) times[idleAt] = idleSoFar();
      const next = place + interval;
      state[limit] = eachEvent ? 0 : next < end ? next : end;
    },
    happened(nowUnits) {
      if (!eachEvent && isUnread()) putReading(eventKind.bound, nowUnits);
    },
    connect(writer) {
      source = writer;
    },
    hasEvents: () => seen || holdsEvents(),
    turn(kind, late) {
      const wall = now();
      const time = eventNow === now ? wall : eventNow();
      source.endRun();
      const sinceAsked = wall - (times[askedAt] as number);
      const isAsked = sinceAsked >= shortUnits;
      const idle = isAsked ? askIdle(wall) : (times[askedIdle] as number);
      if (isUnread()) putBound(time, idle);
      if (holdsEvents() && wall - (times[written] as number) >= oldUnits) write();
      times[turnWall] = wall;
      times[idleAt] = isAsked ? idle : idle + sinceAsked;
      // Not only time that ran: where there are few turns, all their events are read.
      const passed = time - (times[state[turnKind] === 0 ? read : turnAt] as number);
      let rest = times[credit] as number;
      if (rest < creditOfTurn && passed > 0) {
        rest += passed;
        times[credit] = rest < creditOfTurn ? rest : creditOfTurn;
      }
      state[every] = rest < 0 ? fewUnread : 1;
      noteTurn(time, kind, late, state[at] as number);
      state[limit] = 0;
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
      const sinceAsked = now() - (times[askedAt] as number);
      if (sinceAsked < shortUnits) times[idleAt] = (times[askedIdle] as number) + sinceAsked;
      else if (!isUnread() && state[current] !== inRun) times[idleAt] = notAsked;
      else if (idleSoFar() > before) untoldTurn();
    },
    restart() {
      times[read] = eventNow();
      times[written] = times[turnWall] = now();
      askIdle(times[turnWall]);
      state[turnKind] = 0;
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
