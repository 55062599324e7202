import type { ProbeRecorder } from './probes.ts';

/** Keeps the latest events in memory; for realms that have nowhere to write them. */
export interface EventLog {
  readonly recorder: ProbeRecorder;
  /**
   * Hands over what was recorded since the last call: how many events were dropped as there was no room, then five words for each
   * event, oldest first: its kind (`eventKind` in traceEvents.ts) and its arguments, as many as its kind has, then zeros.
   */
  take: () => Uint32Array;
}

const wordsPerEvent = 5;
const defaultEvents = 16_384;

// Kept from before the program runs: it may replace globals and patch prototypes.
const Words = Uint32Array;
const wallMs = Date.now;

export function createEventLog(mostEvents = defaultEvents): EventLog {
  const words = new Words(mostEvents * wordsPerEvent);
  let next = 0;
  let kept = 0;
  let dropped = 0;

  function event(kind: number, a: number, b: number, c: number, d: number): void {
    const at = next * wordsPerEvent;
    words[at] = kind;
    words[at + 1] = a;
    words[at + 2] = b;
    words[at + 3] = c;
    words[at + 4] = d;
    next = next + 1 === mostEvents ? 0 : next + 1;
    if (kept < mostEvents) kept++;
    else dropped++;
  }

  return {
    recorder: {
      now: () => wallMs() * 10_000,
      event1: (kind, a) => event(kind, a, 0, 0, 0),
      event2: (kind, a, b) => event(kind, a, b, 0, 0),
      event3: (kind, a, b, c) => event(kind, a, b, c, 0),
      event4: event,
      record() {},
    },
    take() {
      const taken = new Words(1 + kept * wordsPerEvent);
      taken[0] = dropped;
      const first = (next - kept + mostEvents) % mostEvents;
      for (let i = 0; i < kept; i++) {
        const from = ((first + i) % mostEvents) * wordsPerEvent;
        for (let word = 0; word < wordsPerEvent; word++) taken[1 + i * wordsPerEvent + word] = words[from + word] as number;
      }
      kept = 0;
      dropped = 0;
      return taken;
    },
  };
}
