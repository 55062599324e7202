import type { ThreadId } from '../shared/ids.ts';
import { eventKind, kindBits, maxDelta } from '../shared/traceEvents.ts';
import { frameHeaderBytes, frameType } from '../shared/traceFrames.ts';
import type { TraceRecord } from '../shared/traceRecords.ts';
import { lock, traceLock, unlock, type SharedState } from './sharedState.ts';
import type { ReadClock } from './traceClock.ts';
import type { TraceDescriptor } from './traceDescriptor.ts';

/** Packs events into preallocated memory and hands them to the descriptor in frames. No method throws. */
export interface Recorder {
  /** Wall time now, in units of 100 ns since the trace began. */
  readonly now: ReadClock;
  readonly event1: (kind: number, a: number) => void;
  readonly event2: (kind: number, a: number, b: number) => void;
  readonly event3: (kind: number, a: number, b: number, c: number) => void;
  readonly event4: (kind: number, a: number, b: number, c: number, d: number) => void;
  /** True once anything was recorded but announced turns. */
  hasEvents(): boolean;
  /** Announces that a turn began at `atUnits` (time of the events); written only if an event follows in it. */
  turn(kind: number, asyncId: number, late: number, atUnits: number): void;
  /** Time of the events now: wall time, or the virtual clock's. */
  readonly eventNow: ReadClock;
  record(record: TraceRecord): void;
  /** Writes what is buffered, blocking. */
  flush(): void;
  /** Writes what is buffered when the last write is at least `ageUnits` old. `nowUnits` is wall time. */
  flushIfOlder(nowUnits: number, ageUnits: number): void;
  /** Events written so far and the wall time that writing them took, in units of 100 ns; what is still buffered is in neither. */
  cost(): { readonly events: number; readonly units: number };
  /** From here on each event is written at once: nothing may run afterwards that could write it. */
  writeThrough(): void;
}

export interface RecorderOptions {
  readonly descriptor: TraceDescriptor;
  readonly shared: SharedState;
  readonly thread: ThreadId;
  readonly now: ReadClock;
  readonly eventNow: ReadClock;
  readonly bufferWords?: number;
  /** A record to stand before the thread's first events, made when these are written. */
  readonly introduce?: () => TraceRecord;
}

/** 256 KiB: about 20,000 events between two writes. */
const defaultBufferWords = 64 * 1024;
/** A `time` event, a `turn` event and the longest event together. */
const headroomWords = 16;
const headerWords = frameHeaderBytes / 4;

// Kept from before the program runs: it may replace and patch all of these.
const { stringify } = JSON;
const Bytes = Uint8Array;
const encoder = new TextEncoder();
const encode = encoder.encode.bind(encoder);

export function createRecorder(options: RecorderOptions): Recorder {
  const { descriptor, shared, thread, now, eventNow } = options;
  const words = new Uint32Array(Math.max(options.bufferWords ?? defaultBufferWords, headerWords + 2 * headroomWords));
  const bytes = new Uint8Array(words.buffer);
  const littleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;
  const limit = words.length - headroomWords;
  const { floor } = Math;
  /** 0: time of the last event; 1: wall time of the last write; 2: time of the pending turn; 3: events written; 4: wall time it took. Doubles in a typed array cost no allocation. */
  const times = new Float64Array(5);
  let at = headerWords;
  let events = 0;
  let dropped = 0;
  let seen = false;
  let alive = true;
  let immediate = false;
  let introduction = options.introduce;
  let turnPending = false;
  let turnKind = 0;
  let turnAsyncId = 0;
  let turnLate = 0;

  function writeFrame(frame: Uint8Array, length: number): boolean {
    lock(shared.words, traceLock);
    try {
      if (!descriptor.isOurs()) return false;
      return descriptor.writeAll(frame, length);
    } finally {
      unlock(shared.words, traceLock);
    }
  }

  function flush(): void {
    times[1] = now();
    if (at === headerWords) return;
    seen = true;
    if (alive) {
      introduce();
      const length = at * 4;
      writeHeader(bytes, frameType.events, length - frameHeaderBytes);
      if (!littleEndian) swap(words, headerWords, at);
      alive = writeFrame(bytes, length);
    }
    if (!alive) dropped += events;
    else times[3] = (times[3] as number) + events;
    times[4] = (times[4] as number) + (now() - times[1]);
    at = headerWords;
    events = 0;
  }

  function writeHeader(frame: Uint8Array, type: number, payload: number): void {
    frame[0] = payload;
    frame[1] = payload >>> 8;
    frame[2] = payload >>> 16;
    frame[3] = payload >>> 24;
    frame[4] = type;
    frame[5] = 0;
    frame[6] = thread;
    frame[7] = thread >>> 8;
  }

  function introduce(): void {
    const make = introduction;
    introduction = undefined;
    if (make !== undefined) writeRecord(make());
  }

  function writeRecord(record: TraceRecord): void {
    let payload: Uint8Array;
    try {
      payload = encode(stringify(record));
    } catch {
      // A `toJSON` of the program's on a built-in prototype: the record is lost, the program does not notice.
      return;
    }
    const length = payload.length;
    const frame = new Bytes(frameHeaderBytes + length);
    writeHeader(frame, frameType.record, length);
    for (let i = 0; i < length; i++) frame[frameHeaderBytes + i] = payload[i] as number;
    alive = writeFrame(frame, frameHeaderBytes + length);
  }

  /** Each frame begins with the absolute time, so that one can be read without those before it. */
  function absoluteTime(time: number): void {
    words[at++] = eventKind.time;
    words[at++] = floor(time / 0x1_0000_0000);
    words[at++] = time % 0x1_0000_0000;
    times[0] = time;
  }

  function head(kind: number, time: number): void {
    if (at >= limit) flush();
    if (at === headerWords) {
      absoluteTime(time);
      if (dropped > 0 && alive) {
        words[at++] = eventKind.dropped;
        words[at++] = dropped >>> 0;
        dropped = 0;
      }
    }
    let delta = time - (times[0] as number);
    if (delta < 0) delta = 0;
    else if (delta > maxDelta) {
      absoluteTime(time);
      delta = 0;
    }
    if (delta > 0) times[0] = time;
    words[at++] = (delta << kindBits) | kind;
    events++;
  }

  function begin(kind: number): void {
    const time = eventNow();
    if (turnPending) {
      turnPending = false;
      head(eventKind.turn, times[2] as number);
      words[at++] = turnKind;
      words[at++] = turnAsyncId;
      words[at++] = turnLate;
    }
    head(kind, time);
  }

  return {
    now,
    eventNow,
    event1(kind, a) {
      begin(kind);
      words[at++] = a;
      if (immediate) flush();
    },
    event2(kind, a, b) {
      begin(kind);
      words[at++] = a;
      words[at++] = b;
      if (immediate) flush();
    },
    event3(kind, a, b, c) {
      begin(kind);
      words[at++] = a;
      words[at++] = b;
      words[at++] = c;
      if (immediate) flush();
    },
    event4(kind, a, b, c, d) {
      begin(kind);
      words[at++] = a;
      words[at++] = b;
      words[at++] = c;
      words[at++] = d;
      if (immediate) flush();
    },
    hasEvents: () => seen || at > headerWords,
    turn(kind, asyncId, late, atUnits) {
      turnPending = true;
      turnKind = kind;
      turnAsyncId = asyncId;
      turnLate = late;
      times[2] = atUnits;
    },
    record(record) {
      flush();
      if (alive) writeRecord(record);
    },
    flush,
    flushIfOlder(nowUnits, ageUnits) {
      if (at > headerWords && nowUnits - (times[1] as number) >= ageUnits) flush();
    },
    cost: () => ({ events: times[3] as number, units: times[4] as number }),
    writeThrough() {
      immediate = true;
      flush();
    },
  };
}

function swap(words: Uint32Array, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    const word = words[i] as number;
    words[i] = ((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
  }
}
