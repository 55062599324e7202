import { formatDuration, type DurationUs } from './time.ts';

/** How well the times of a trace are known, in µs; see `Timing` of the model. */
export interface KnownTimes {
  readonly withinUs: DurationUs;
  readonly unreadStretches: number;
  readonly longestUnreadUs: DurationUs;
}

/** `known to within 5.20 µs`, in plain words; undefined where each was read off the clock. */
export function timingText({ withinUs, unreadStretches, longestUnreadUs }: KnownTimes): string | undefined {
  const parts: string[] = [];
  if (withinUs > 0) parts.push(`known to within ${formatDuration(withinUs)}`);
  if (unreadStretches > 0) {
    const stretches = unreadStretches === 1 ? 'one stretch' : `${unreadStretches.toLocaleString('en')} stretches`;
    parts.push(`${stretches} of up to ${formatDuration(longestUnreadUs)} where only the order is known`);
  }
  return parts.length === 0 ? undefined : parts.join('; ');
}
