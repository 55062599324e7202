import type { SiteId } from '../shared/ids.ts';
import type { DurationUs } from '../shared/time.ts';
import { toTime, turnNumber, type TaskState } from './taskState.ts';
import { mostUncertainUs } from './threadTime.ts';

export interface SliceEnd {
  readonly toSite: SiteId;
  readonly endUs: number;
  /** Place of the event among all. */
  readonly order: number;
  /** The stop has no event of its own. */
  readonly unseen: boolean;
}

/** A task goes on: it is on top of its thread's stack. */
export function beginSlice(task: TaskState, from: SiteId, order: number): void {
  const { thread } = task;
  task.phase = 'running';
  task.sliceStartUs = thread.nowUs;
  task.sliceFromUs = thread.fromUs;
  task.sliceToUs = thread.toUs;
  task.sliceStartOrder = order;
  task.sliceFrom = from;
  task.nestedUs = 0;
  task.explainedUs = 0;
  task.tracerUs = 0;
  task.childrenBefore = task.children.length;
  task.stackAt = thread.stack.push(task) - 1;
}

/**
 * Notes the slice that ends, while its task still runs. Returns the time of its own, without what it called, blocking calls and the
 * tracer, and what of that is certain; both in µs.
 */
export function noteSlice(task: TaskState, { toSite, endUs, order, unseen }: SliceEnd): { ownUs: number; surelyUs: number } {
  const { thread } = task;
  const end = Math.max(endUs, task.sliceStartUs);
  const durationUs = end - task.sliceStartUs;
  const longestUs = thread.toUs - task.sliceFromUs;
  const certain = unseen || longestUs - durationUs <= mostUncertainUs;
  task.slices.push({
    startUs: toTime(task.sliceStartUs),
    endUs: toTime(end),
    fromSite: task.sliceFrom,
    toSite,
    startOrder: task.sliceStartOrder,
    endOrder: order,
    nestedUs: Math.min(task.nestedUs, durationUs) as DurationUs,
    tracerUs: task.tracerUs as DurationUs,
    atMostUs: certain ? undefined : (longestUs as DurationUs),
  });
  const elsewhereUs = task.nestedUs + task.explainedUs + task.tracerUs;
  const ownUs = durationUs - elsewhereUs;
  // Of a length that is a mere bound what is certain of it counts.
  return { ownUs, surelyUs: certain ? ownUs : thread.fromUs - task.sliceToUs - elsewhereUs };
}

/** The task on top of the stack, whose slice was noted last, leaves it and waits. */
export function beginWait(task: TaskState, order: number, unseen: boolean): void {
  const { thread } = task;
  const { startUs, endUs, toSite } = task.slices.at(-1)!;
  thread.stack.pop();
  const caller = thread.stack.at(-1) ?? thread.callback;
  if (caller) caller.nestedUs += endUs - startUs;
  if (thread.turn && endUs > thread.turn.endUs) thread.turn.endUs = endUs;
  task.phase = 'waiting';
  task.waitSite = toSite;
  task.waitStartUs = endUs;
  task.waitFromUs = unseen ? endUs : Math.min(endUs, thread.fromUs);
  task.waitOrder = order;
  task.waitTurn = turnNumber(thread);
}
