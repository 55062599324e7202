import type { ThreadId } from '../shared/ids.ts';
import type { DurationUs } from '../shared/time.ts';
import type { Slice, TaskIndex, TraceModel } from './model.ts';

/** A stretch in which one task itself ran, what it called and the tracer left out. */
export interface Stretch {
  readonly task: TaskIndex;
  readonly startUs: number;
  readonly endUs: number;
}

export interface Interval {
  readonly startUs: number;
  readonly endUs: number;
}

const cache = new WeakMap<TraceModel, ReadonlyMap<ThreadId, readonly Stretch[]>>();

/** Who ran when, by thread, in order of time and without overlap. Worked out once per model. */
export function runningStretches(model: TraceModel): ReadonlyMap<ThreadId, readonly Stretch[]> {
  let found = cache.get(model);
  if (!found) {
    const byThread = new Map<ThreadId, { task: TaskIndex; slice: Slice }[]>();
    for (const { index: task, thread, slices } of model.tasks) {
      let list = byThread.get(thread);
      if (!list) byThread.set(thread, (list = []));
      for (const slice of slices) list.push({ task, slice });
    }
    found = new Map(
      [...byThread].map(([thread, slices]) => {
        const holds = model.tracerHolds.filter((hold) => hold.thread === thread);
        return [thread, without(flatten(slices), holds)];
      }),
    );
    cache.set(model, found);
  }
  return found;
}

/** Who ran within an interval, in order of time, cut to it. */
export function stretchesWithin(model: TraceModel, thread: ThreadId, { startUs, endUs }: Interval): Stretch[] {
  const stretches = runningStretches(model).get(thread) ?? [];
  const found: Stretch[] = [];
  for (let i = firstEndingAfter(stretches, startUs, 0); i < stretches.length; i++) {
    const stretch = stretches[i]!;
    if (stretch.startUs >= endUs) break;
    found.push({ task: stretch.task, startUs: Math.max(stretch.startUs, startUs), endUs: Math.min(stretch.endUs, endUs) });
  }
  return found;
}

/** How long each task ran within the intervals (in order, without overlap), the longest first. */
export function ranDuring(model: TraceModel, thread: ThreadId, intervals: readonly Interval[]): Map<TaskIndex, DurationUs> {
  const stretches = runningStretches(model).get(thread) ?? [];
  const sums = new Map<TaskIndex, number>();
  let at = 0;
  for (const interval of intervals) {
    at = firstEndingAfter(stretches, interval.startUs, at);
    for (let i = at; i < stretches.length; i++) {
      const stretch = stretches[i]!;
      if (stretch.startUs >= interval.endUs) break;
      const us = Math.min(stretch.endUs, interval.endUs) - Math.max(stretch.startUs, interval.startUs);
      if (us > 0) sums.set(stretch.task, (sums.get(stretch.task) ?? 0) + us);
    }
  }
  return new Map([...sums].sort((a, b) => b[1] - a[1]).map(([task, us]) => [task, us as DurationUs]));
}

/** Intervals in order and joined where they touch. */
export function joined(intervals: readonly Interval[]): Interval[] {
  const result: { startUs: number; endUs: number }[] = [];
  for (const { startUs, endUs } of intervals.toSorted((a, b) => a.startUs - b.startUs)) {
    const last = result.at(-1);
    if (last && startUs <= last.endUs) last.endUs = Math.max(last.endUs, endUs);
    else result.push({ startUs, endUs });
  }
  return result;
}

/** Cuts nested slices out of those that hold them. */
function flatten(slices: { task: TaskIndex; slice: Slice }[]): Stretch[] {
  slices.sort((a, b) => a.slice.startOrder - b.slice.startOrder || b.slice.endOrder - a.slice.endOrder);
  const stretches: Stretch[] = [];
  const stack: { task: TaskIndex; slice: Slice }[] = [];
  let mark = 0;
  const emit = (task: TaskIndex, endUs: number): void => {
    if (endUs > mark) stretches.push({ task, startUs: mark, endUs });
    mark = Math.max(mark, endUs);
  };
  const popUntil = (order: number): void => {
    for (let top = stack.at(-1); top && top.slice.endOrder <= order; top = stack.at(-1)) {
      emit(top.task, top.slice.endUs);
      stack.pop();
    }
  };
  for (const entry of slices) {
    popUntil(entry.slice.startOrder);
    const top = stack.at(-1);
    if (top) emit(top.task, entry.slice.startUs);
    mark = Math.max(mark, entry.slice.startUs);
    stack.push(entry);
  }
  popUntil(Infinity);
  return stretches;
}

/** Stretches less some intervals; both in order and without overlap. */
function without(stretches: Stretch[], holds: readonly Interval[]): Stretch[] {
  if (holds.length === 0) return stretches;
  let at = 0;
  return stretches.flatMap(({ task, startUs, endUs }) => {
    const parts: Stretch[] = [];
    let from = startUs;
    while (at < holds.length && holds[at]!.endUs <= startUs) at++;
    for (let i = at; i < holds.length && holds[i]!.startUs < endUs; i++) {
      if (holds[i]!.startUs > from) parts.push({ task, startUs: from, endUs: holds[i]!.startUs });
      from = Math.max(from, holds[i]!.endUs);
    }
    if (from < endUs) parts.push({ task, startUs: from, endUs });
    return parts;
  });
}

function firstEndingAfter(stretches: readonly Stretch[], us: number, from: number): number {
  let low = from;
  let high = stretches.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (stretches[middle]!.endUs > us) high = middle;
    else low = middle + 1;
  }
  return low;
}
