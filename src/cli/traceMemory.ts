import { getHeapStatistics } from 'node:v8';
import { countEvents } from '../shared/countEvents.ts';
import { eventWords } from '../shared/eventWords.ts';
import { frameType, type Frame } from '../shared/traceFrames.ts';

/** Heap taken by the model of a trace and a text of it, in bytes for each event: 540 to 730 measured with many short tasks. */
const heapPerEvent = 720;
const megabyte = 1024 * 1024;
/** Not for a model: the young generation counts towards the limit that V8 tells, with three times 64 MB in Node 24, and there is other work. */
const reserve = 224 * megabyte;

/** How many events the longest trace has that can be read in this process: with more Node would run out of memory and abort. */
export function longestTrace(): number {
  const { heap_size_limit, used_heap_size } = getHeapStatistics();
  return Math.max(0, Math.floor((heap_size_limit - used_heap_size - reserve) / heapPerEvent));
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

/** Says that of a trace of so many events only the first `longest` are read, and what to do to read all of it; undefined where all are. */
export function shortOfMemory(events: number, longest: number): string | undefined {
  if (events <= longest) return undefined;
  const heapMb = Math.ceil((events * heapPerEvent + reserve) / megabyte);
  return (
    `The trace has ${events.toLocaleString('en')} events. Node's memory here is enough for about the first ${longest.toLocaleString('en')}; ` +
    `for all of them give it more: NODE_OPTIONS=--max-old-space-size=${heapMb}`
  );
}
