import type { TimeView } from './timeView.ts';

export interface Tick {
  readonly timeUs: number;
  readonly label: string;
}

const second = 1e6;
/** Steps in microseconds: 1, 2, 5 of each power of ten up to 50 s, above that as clocks count. */
const clockSteps = [60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400].map((s) => s * second);

/** The smallest round step that is at least `leastUs` long. */
export function tickStep(leastUs: number): number {
  if (leastUs > 50 * second) {
    const found = clockSteps.find((step) => step >= leastUs);
    if (found !== undefined) return found;
    return Math.ceil(leastUs / (86_400 * second)) * 86_400 * second;
  }
  const power = 10 ** Math.floor(Math.log10(Math.max(leastUs, 0.1)));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= leastUs * 0.999_999) ?? 10;
  return step * power > 50 * second ? 60 * second : step * power;
}

/** Round moments in view, at least `leastPx` apart, all in one unit. */
export function rulerTicks(view: TimeView, widthPx: number, leastPx: number): Tick[] {
  const usPerPx = (view.endUs - view.startUs) / Math.max(1, widthPx);
  const stepUs = tickStep(usPerPx * leastPx);
  const ticks: Tick[] = [];
  // Numbered rather than added up, so that the thousandth tick is as exact as the first.
  for (let n = Math.max(0, Math.ceil(view.startUs / stepUs)); n * stepUs <= view.endUs && ticks.length < 1000; n++) {
    ticks.push({ timeUs: n * stepUs, label: tickLabel(n * stepUs, stepUs, view.endUs) });
  }
  return ticks;
}

/** A moment with as many digits as neighbours a step apart need, in the unit that suits `largestUs`. */
export function tickLabel(timeUs: number, stepUs: number, largestUs: number): string {
  if (timeUs === 0) return '0';
  if (largestUs >= 60 * second) return clockLabel(timeUs, stepUs);
  const [unit, name] = largestUs >= second ? [second, 's'] : largestUs >= 1000 ? [1000, 'ms'] : [1, 'µs'];
  const digits = Math.max(0, Math.ceil(-Math.log10(stepUs / unit) - 1e-9));
  return `${(timeUs / unit).toFixed(digits)} ${name}`;
}

/** `1:05`, `1:05.25`, `2:00:00`: minutes and seconds, with hours in front where there are any. */
function clockLabel(timeUs: number, stepUs: number): string {
  const digits = Math.max(0, Math.ceil(-Math.log10(stepUs / second) - 1e-9));
  const unit = 10 ** digits;
  const total = Math.round((timeUs / second) * unit);
  const seconds = Math.floor(total / unit);
  const fraction = digits > 0 ? `.${String(total % unit).padStart(digits, '0')}` : '';
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const tail = `${String(seconds % 60).padStart(2, '0')}${fraction}`;
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`;
}
