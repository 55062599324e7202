import type { SiteId } from '../shared/ids.ts';
import type { TimeUs } from '../shared/time.ts';
import type { WaitKind } from '../shared/waitKind.ts';
import type { Slice, Task, TaskIndex, TraceModel } from './model.ts';
import { stretchesWithin } from './runningTime.ts';

/** A stretch of the run that its end had to wait for. */
export type PathStep =
  | { readonly type: 'slice'; readonly task: TaskIndex; readonly site: SiteId; readonly startUs: TimeUs; readonly endUs: TimeUs }
  | {
      readonly type: 'wait';
      readonly task: TaskIndex;
      readonly site: SiteId;
      readonly startUs: TimeUs;
      readonly endUs: TimeUs;
      readonly kind: WaitKind;
    };

/**
 * The chain of slices and waits that determined when the last task ended, in order of time: from the end backwards, a wait that
 * another task ended leads to what that task did until then; a task's first slice leads to the one that started it.
 */
export function criticalPath(model: TraceModel): PathStep[] {
  const steps: PathStep[] = [];
  let task = lastToRun(model);
  // Only slices that began before this place count; it falls with every step, so the walk ends.
  let before = Infinity;
  let untilUs: number = Infinity;
  while (task) {
    const at = lastSliceBefore(task.slices, before);
    const slice = task.slices[at];
    if (!slice) break;
    const endUs = Math.max(slice.startUs, Math.min(slice.endUs, untilUs)) as TimeUs;
    // One by one: a slice can have started more tasks than a call takes arguments.
    for (const step of sliceSteps(model, task, slice, endUs).reverse()) steps.push(step);
    before = slice.startOrder;
    untilUs = slice.startUs;
    const wait = task.waits[at - 1];
    if (!wait) {
      task = task.parent === undefined ? undefined : model.tasks[task.parent];
      continue;
    }
    const waker: Task | undefined = wait.waker?.type === 'task' ? model.tasks[wait.waker.task] : undefined;
    const wakingSlice = waker?.slices[lastSliceBefore(waker.slices, before)];
    // A waker that did nothing since the task stopped cannot have ended its wait.
    if (waker && waker !== task && wakingSlice && wakingSlice.endUs >= wait.startUs) {
      untilUs = Math.min(untilUs, wait.readyUs);
      task = waker;
    } else {
      steps.push({ type: 'wait', task: task.index, site: wait.site, startUs: wait.startUs, endUs: wait.endUs, kind: wait.kind });
      untilUs = wait.startUs;
    }
  }
  return steps.reverse();
}

/** A slice up to a moment; what it called in between as steps of their own. */
function sliceSteps(model: TraceModel, task: Task, slice: Slice, endUs: TimeUs): PathStep[] {
  const whole: PathStep = { type: 'slice', task: task.index, site: slice.fromSite, startUs: slice.startUs, endUs };
  if (slice.nestedUs === 0 || endUs === slice.startUs) return [whole];
  const steps = stretchesWithin(model, task.thread, whole).map((stretch): PathStep => {
    const ran = model.tasks[stretch.task];
    const site = ran?.slices[lastSliceStartedBy(ran.slices, stretch.startUs)]?.fromSite ?? slice.fromSite;
    const [startUs, until] = [stretch.startUs as TimeUs, stretch.endUs as TimeUs];
    return { type: 'slice', task: stretch.task, site, startUs, endUs: until };
  });
  // All of it was the tracer's own time.
  return steps.length > 0 ? steps : [whole];
}

function lastToRun(model: TraceModel): Task | undefined {
  let last: Task | undefined;
  let lastOrder = -1;
  // The main thread's end is the run's end; worker threads only count where nothing else was traced.
  const onMain = model.tasks.some((task) => task.thread === 0);
  for (const task of model.tasks) {
    if (onMain && task.thread !== 0) continue;
    const order = task.slices.at(-1)?.endOrder ?? -1;
    // Of a caller and the called that end with one event the caller counts.
    if (order > lastOrder) {
      last = task;
      lastOrder = order;
    }
  }
  return last;
}

/** Index of the last slice that began before a place in the trace; −1 for none. */
function lastSliceBefore(slices: readonly Slice[], order: number): number {
  return countWhile(slices, (slice) => slice.startOrder < order) - 1;
}

function lastSliceStartedBy(slices: readonly Slice[], us: number): number {
  return countWhile(slices, (slice) => slice.startUs <= us) - 1;
}

/** How many slices from the first on hold, where none holds after one that does not. */
function countWhile(slices: readonly Slice[], holds: (slice: Slice) => boolean): number {
  let low = 0;
  let high = slices.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(slices[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
}
