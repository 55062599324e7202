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
