import { wordLength } from './eventWords.ts';
import { argumentWords, eventKind, kindBits, kindMask, operandMask } from './traceEvents.ts';

/** How many events the words of a batch hold, how many of them start a task, and how many a turn. Words that make no sense count as nothing. */
export function countEvents(
  words: ArrayLike<number>,
  from: number,
  to: number,
): { readonly events: number; readonly tasks: number; readonly turns: number } {
  let events = 0;
  let tasks = 0;
  let turns = 0;
  for (let at = from; at < to;) {
    const word = words[at]!;
    const kind = word & kindMask;
    at += 1 + (argumentWords[kind] ?? 0);
    switch (kind) {
      case eventKind.batch:
        at += (word >>> kindBits) & operandMask;
        break;
      case eventKind.clock:
      case eventKind.bound:
      case eventKind.far:
      case eventKind.task:
      case eventKind.dropped:
        break;
      case eventKind.pass:
        events += 2 * (words[at - 1] ?? 0);
        break;
      case eventKind.ran:
        tasks++;
        events += 2;
        break;
      case eventKind.switched:
        events += 2;
        break;
      case eventKind.turn:
        turns++;
        events++;
        break;
      case eventKind.start:
        tasks++;
        events++;
        break;
      default:
        events++;
    }
  }
  return { events, tasks, turns };
}

/** Where the words of a batch without fault end that hold at most so many events and end with a reading of the clock: what is cut off there keeps its times. */
export function endWithin(words: ArrayLike<number>, mostEvents: number): number {
  let end = 0;
  let events = 0;
  for (let at = 0; at < words.length;) {
    const word = words[at]!;
    const kind = word & kindMask;
    at += wordLength(word);
    if (kind !== eventKind.clock && kind !== eventKind.bound) continue;
    events += countEvents(words, end, at).events;
    if (events > mostEvents) return end;
    end = at;
  }
  return events + countEvents(words, end, words.length).events > mostEvents ? end : words.length;
}
