import type { Strip } from './layoutSegments.ts';

/** Index of the first value greater than `value` between `from` and `to` of a sorted array; `to` when there is none. */
export function upperBound(sorted: ArrayLike<number>, value: number, from: number, to: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** First stretch of a strip that ends at `timeUs` or later, stretches overlapping or not; `strip.to` when there is none. */
export function firstEndingAt(strip: Strip, timeUs: number): number {
  const { reach, endUs } = strip.store;
  let low = strip.from;
  let high = strip.to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (endUs[reach[middle]!]! >= timeUs) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * The stretch at a moment: the one that contains it and began last, else the nearest one at most `toleranceUs` away
 * (so that a stretch narrower than a pixel can be pointed at), else -1. `accepts` leaves out hidden states.
 */
export function hitTest(
  strip: Strip,
  timeUs: number,
  toleranceUs: number,
  accepts: (state: number) => boolean = () => true,
): number {
  const { startUs, endUs, state, reach } = strip.store;
  const after = upperBound(startUs, timeUs, strip.from, strip.to);
  let best = -1;
  let bestDistance = toleranceUs;
  for (let i = after - 1; i >= strip.from && timeUs - endUs[reach[i]!]! <= bestDistance; i--) {
    if (!accepts(state[i]!)) continue;
    if (endUs[i]! >= timeUs) return i;
    const distance = timeUs - endUs[i]!;
    if (distance < bestDistance || (best < 0 && distance <= bestDistance)) {
      best = i;
      bestDistance = distance;
    }
  }
  for (let i = after; i < strip.to && startUs[i]! - timeUs <= bestDistance; i++) {
    if (!accepts(state[i]!)) continue;
    const distance = startUs[i]! - timeUs;
    if (distance < bestDistance || best < 0) best = i;
    break;
  }
  return best;
}

/** A run of pixels that hold at least one stretch; `to` is exclusive. */
export interface PixelRun {
  readonly from: number;
  to: number;
  /** The stretch to take the look from: the longest-reaching one. */
  readonly index: number;
  /** The stretches it stands for, both included. */
  readonly first: number;
  last: number;
}

/**
 * Which of `widthPx` pixels a strip touches between two moments. Every stretch in view lights at least `minimumPx` pixels, however
 * short; the cost depends on the pixels and not on how many stretches there are. Stretches may overlap.
 */
export function pixelRuns(strip: Strip, viewStartUs: number, viewEndUs: number, widthPx: number, minimumPx: number): PixelRun[] {
  const { startUs, endUs, reach, state } = strip.store;
  const usPerPx = (viewEndUs - viewStartUs) / widthPx;
  const pixelOf = (timeUs: number): number => Math.min(widthPx - 1, Math.max(0, Math.floor((timeUs - viewStartUs) / usPerPx)));
  const end = upperBound(startUs, viewEndUs, strip.from, strip.to);
  const runs: PixelRun[] = [];
  let at = firstEndingAt(strip, viewStartUs);
  while (at < end) {
    if (endUs[at]! < viewStartUs) {
      at++;
      continue;
    }
    const from = pixelOf(startUs[at]!);
    // All that begin in this pixel are drawn as one, as long as the one that reaches furthest.
    let last = at;
    for (let high = end; high - last > 1;) {
      const middle = (last + high) >>> 1;
      if (pixelOf(startUs[middle]!) > from) high = middle;
      else last = middle;
    }
    const index = Math.max(at, reach[last]!);
    const to = Math.min(widthPx, Math.max(from + minimumPx, Math.ceil((endUs[index]! - viewStartUs) / usPerPx)));
    const previous = runs.at(-1);
    if (previous && previous.to >= from && state[previous.index] === state[index]) {
      previous.to = Math.max(previous.to, to);
      previous.last = last;
    } else runs.push({ from, to, index, first: at, last });
    at = last + 1;
  }
  return runs;
}
