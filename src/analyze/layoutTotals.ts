import { waitKinds, type WaitKind } from '../shared/waitKind.ts';
import type { Task } from './model.ts';

/** How a task spent its time, in microseconds. */
export interface TaskTotals {
  /** In its own slices, without tasks that ran nested in them. */
  readonly runningUs: number;
  /** In tasks that it called and that ran within its slices. */
  readonly nestedUs: number;
  /** The tracer held its slices. */
  readonly tracerUs: number;
  readonly readyUs: number;
  /** True where a part of `readyUs` is the most it can have been and not a measurement. */
  readonly readyIsBound: boolean;
  readonly waitingUs: number;
  /** Kinds that occur, the longest first. */
  readonly byKind: readonly KindTotal[];
}

export interface KindTotal {
  readonly kind: WaitKind;
  readonly count: number;
  readonly totalUs: number;
  /** The moment some of these waits were over is known only not to lie before: `totalUs` is the least they took. */
  readonly isBound: boolean;
}

export function totalsOfTask(task: Task): TaskTotals {
  let runningUs = 0;
  let nestedUs = 0;
  let tracerUs = 0;
  for (const slice of task.slices) {
    nestedUs += slice.nestedUs;
    tracerUs += slice.tracerUs;
    runningUs += Math.max(0, slice.endUs - slice.startUs - slice.nestedUs - slice.tracerUs);
  }
  let readyUs = 0;
  let readyIsBound = false;
  let waitingUs = 0;
  const counts = new Map<WaitKind, { count: number; totalUs: number; isBound: boolean }>();
  for (const wait of task.waits) {
    const waitedUs = Math.max(0, Math.min(wait.readyUs, wait.endUs) - wait.startUs);
    waitingUs += waitedUs;
    if (wait.endUs > wait.readyUs) {
      readyUs += wait.endUs - wait.readyUs;
      readyIsBound ||= wait.readyIsBound;
    }
    const of = counts.get(wait.kind) ?? { count: 0, totalUs: 0, isBound: false };
    counts.set(wait.kind, of);
    of.count++;
    of.totalUs += waitedUs;
    of.isBound ||= wait.readyIsBound && wait.endUs > wait.readyUs;
  }
  const byKind = waitKinds
    .flatMap((kind) => (counts.has(kind) ? [{ kind, ...counts.get(kind)! }] : []))
    .sort((a, b) => b.totalUs - a.totalUs || b.count - a.count);
  return { runningUs, nestedUs, tracerUs, readyUs, readyIsBound, waitingUs, byKind };
}
