import { getHeapStatistics } from 'node:v8';
import { runErrors, type RunError } from '../run/errors.ts';

/** Heap taken by the model of a trace and a text of it, in bytes for each byte of the trace; 45 to 61 measured with many short tasks. */
const heapPerByte = 60;
const megabyte = 1024 * 1024;

/** The longest trace that can be read in this process, in bytes: with a longer one Node would run out of memory and abort. */
export function longestTrace(): number {
  const { heap_size_limit, used_heap_size } = getHeapStatistics();
  return (heap_size_limit - used_heap_size) / heapPerByte;
}

/** The error (`trace-too-large`) for a trace of so many bytes, where it is longer than `longest`. */
export function tooLarge(bytes: number, longest = longestTrace()): RunError | undefined {
  if (bytes <= longest) return undefined;
  const heapMb = Math.ceil((bytes * heapPerByte) / megabyte) + 64;
  return runErrors.traceTooLarge(Math.round(bytes / megabyte), Math.floor(longest / megabyte), heapMb);
}
