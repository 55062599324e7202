import { readEvents } from '../../shared/readEvents.ts';
import { batchEvent, kindBits } from '../../shared/traceEvents.ts';
import type { EventBuffer, EventSource } from './recorderTypes.ts';
import { at, joinAt, lastStopped, lastTask, limit, stateSize } from './recorderState.ts';

/** Keeps the latest events in memory; for realms that have nowhere to write them. */
export interface EventLog {
  readonly buffer: EventBuffer;
  /**
   * Hands over what was recorded since the last call: how many events were dropped as there was no room, then five words for each
   * event, oldest first: its kind (`eventKind` in traceEvents.ts) and its numbers (`TakeEvent` in readEvents.ts), then zeros.
   */
  take: () => Uint32Array;
}

const wordsPerEvent = 5;
const defaultEvents = 16_384;
/** The probes write packed words; these are unpacked when they are asked for, or when there is no more room. */
const packedWords = 64 * 1024;
const headroomWords = 32;
const headWords = 5;

// Kept from before the program runs: it may replace globals and patch prototypes.
const Words = Uint32Array;
const wallMs = Date.now;

export function createEventLog(mostEvents = defaultEvents): EventLog {
  const events = new Words(mostEvents * wordsPerEvent);
  const words = new Int32Array(packedWords);
  const state = new Int32Array(stateSize);
  const time = { units: 0, fromUnits: 0, toUnits: 0 };
  let source: EventSource = { endRun() {}, running: () => 0 };
  let next = 0;
  let kept = 0;
  let dropped = 0;
  let batchTo = 0;

  function add(kind: number, a: number, b: number, c: number, d: number): void {
    const place = next * wordsPerEvent;
    events[place] = kind;
    events[place + 1] = a;
    events[place + 2] = b;
    events[place + 3] = c;
    events[place + 4] = d;
    next = next + 1 === mostEvents ? 0 : next + 1;
    if (kept < mostEvents) kept++;
    else dropped++;
  }

  function beginBatch(): void {
    const running = source.running(words, headWords, (packedWords - headWords) >> 1);
    words[0] = (running << kindBits) | batchEvent;
    words[1] = 0;
    words[2] = 0;
    words[3] = state[lastTask] as number;
    words[4] = state[lastStopped] as number;
    state[at] = batchTo = headWords + running;
    state[joinAt] = 0;
    state[limit] = packedWords - headroomWords;
  }

  function unpack(): void {
    source.endRun();
    const length = state[at] as number;
    if (length > batchTo) readEvents(new Words(words.buffer, 0, length), time, add);
    beginBatch();
  }

  beginBatch();
  return {
    buffer: {
      words,
      state,
      due: unpack,
      happened() {},
      now: () => wallMs() * 10_000,
      record() {},
      connect(writer) {
        source = writer;
      },
    },
    take() {
      unpack();
      const taken = new Words(1 + kept * wordsPerEvent);
      taken[0] = dropped;
      const first = (next - kept + mostEvents) % mostEvents;
      for (let i = 0; i < kept; i++) {
        const from = ((first + i) % mostEvents) * wordsPerEvent;
        for (let word = 0; word < wordsPerEvent; word++) taken[1 + i * wordsPerEvent + word] = events[from + word] as number;
      }
      kept = 0;
      dropped = 0;
      return taken;
    },
  };
}
