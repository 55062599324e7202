import { formatDuration, type DurationUs } from '../shared/time.ts';
import type { LeftOutRecord } from '../shared/traceRecords.ts';

export function leftOutText(read: number, leftOut: number): string {
  const [first, more] = [read, leftOut].map((count) => count.toLocaleString('en'));
  return `only the first ${first} events are shown: ${more} more were left out, and with them how the program ended`;
}

/** The beginning of a run that is in no trace any more. */
export function begunText({ events, untilUs }: LeftOutRecord): string {
  const length = formatDuration(untilUs as number as DurationUs);
  return `the trace keeps only the end of the run: its first ${length} are missing, with ${events.toLocaleString('en')} events`;
}
