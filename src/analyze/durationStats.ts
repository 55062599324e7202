import type { DurationUs } from '../shared/time.ts';

/** What a set of measured durations comes to; all 0 for an empty set. */
export interface DurationStats {
  readonly count: number;
  readonly minUs: DurationUs;
  readonly medianUs: DurationUs;
  readonly maxUs: DurationUs;
  readonly totalUs: DurationUs;
}

export function durationStats(durations: readonly number[]): DurationStats {
  const sorted = Float64Array.from(durations).sort();
  const { length } = sorted;
  const middle = length >>> 1;
  const median = length % 2 === 1 ? sorted[middle] : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
  return {
    count: length,
    minUs: (sorted[0] ?? 0) as DurationUs,
    medianUs: (median ?? 0) as DurationUs,
    maxUs: (sorted[length - 1] ?? 0) as DurationUs,
    totalUs: sorted.reduce((sum, us) => sum + us, 0) as DurationUs,
  };
}
