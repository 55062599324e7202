import { getHeapStatistics } from 'node:v8';
import { countEvents } from '../shared/countEvents.ts';
import { eventWords } from '../shared/eventWords.ts';
import { frameType, type Frame } from '../shared/traceFrames.ts';
import { runErrors, type RunError } from '../run/errors.ts';

/** Heap taken by the model of a trace and a text of it, in bytes for each event: 540 to 730 measured with many short tasks. */
const heapPerEvent = 720;
const megabyte = 1024 * 1024;

/** How many events the longest trace has that can be read in this process: with more Node would run out of memory and abort. */
export function longestTrace(): number {
  const { heap_size_limit, used_heap_size } = getHeapStatistics();
  return Math.floor((heap_size_limit - used_heap_size) / heapPerEvent);
}

/** How many events a trace has. */
export function eventsIn(frames: readonly Frame[]): number {
  let events = 0;
  for (const { type, payload } of frames) {
    const words = type === frameType.events ? eventWords(payload) : undefined;
    if (words) events += countEvents(words, 0, words.length).events;
  }
  return events;
}

/** The error (`trace-too-large`) for a trace of so many events, where they are more than `longest`. */
export function tooLarge(events: number, longest = longestTrace()): RunError | undefined {
  if (events <= longest) return undefined;
  const heapMb = Math.ceil((events * heapPerEvent) / megabyte) + 64;
  return runErrors.traceTooLarge(events, longest, heapMb);
}
