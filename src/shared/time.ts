declare const brand: unique symbol;
type Branded<T, B extends string> = T & { readonly [brand]: B };

/** Microseconds since the trace began, with fractions (resolution: {@link timeUnitUs}). */
export type TimeUs = Branded<number, 'TimeUs'>;
/** A length of time in microseconds, with fractions. */
export type DurationUs = Branded<number, 'DurationUs'>;

/** Times travel as whole multiples of this unit: 100 ns. */
export const timeUnitUs = 0.1;

/** The time between two moments; negative when `to` lies before `from`. */
export function durationBetween(from: TimeUs, to: TimeUs): DurationUs {
  return (to - from) as DurationUs;
}

/**
 * A duration as people read it, three significant digits: `0 µs`, `12.3 µs`, `4.56 ms`, `1.00 s`, `12 min 30 s`, `12 h 0 min`.
 */
export function formatDuration(duration: DurationUs): string {
  const sign = duration < 0 ? '−' : '';
  const us = Math.abs(duration);
  if (us < 0.05) return '0 µs';
  if (us < 999.5) return `${sign}${threeDigits(us)} µs`;
  if (us < 999_500) return `${sign}${threeDigits(us / 1e3)} ms`;
  if (us < 59_950_000) return `${sign}${threeDigits(us / 1e6)} s`;
  const seconds = Math.round(us / 1e6);
  if (seconds < 3600) return `${sign}${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(seconds / 60);
  return `${sign}${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function threeDigits(value: number): string {
  if (value >= 99.95) return value.toFixed(0);
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}
