import type { SiteId } from '../shared/ids.ts';
import type { BlockingSpan, Callback, Task, TraceModel, Wait } from '../analyze/model.ts';

/** One thing that happened, before it is put into words. */
export type Entry =
  | { readonly type: 'start'; readonly us: number; readonly order: number; readonly task: Task }
  | {
      readonly type: 'suspend';
      readonly us: number;
      readonly order: number;
      readonly task: Task;
      readonly wait: Wait;
      readonly site: SiteId;
    }
  | { readonly type: 'resume'; readonly us: number; readonly order: number; readonly task: Task; readonly wait: Wait }
  | { readonly type: 'settle'; readonly us: number; readonly order: number; readonly task: Task }
  | { readonly type: 'callback'; readonly us: number; readonly order: number; readonly callback: Callback }
  | {
      readonly type: 'block';
      readonly us: number;
      readonly order: number;
      readonly task: Task | undefined;
      readonly block: BlockingSpan;
    };

/** Where one event is behind several entries: first the hold it ended, then what stopped, then what went on. */
const rank: Readonly<Record<Entry['type'], number>> = {
  block: 0,
  suspend: 1,
  settle: 1,
  resume: 2,
  start: 2,
  callback: 2,
};

/** Everything that happened, in order of time; where times are equal, in the order of the trace. */
export function transcriptEntries(model: TraceModel): Entry[] {
  const entries: Entry[] = [];
  for (const task of model.tasks) {
    task.slices.forEach((slice, i) => {
      const before = task.waits[i - 1];
      if (before) entries.push({ type: 'resume', us: slice.startUs, order: slice.startOrder, task, wait: before });
      else entries.push({ type: 'start', us: slice.startUs, order: slice.startOrder, task });
      const wait = task.waits[i];
      if (wait) entries.push({ type: 'suspend', us: slice.endUs, order: slice.endOrder, task, wait, site: slice.toSite });
      else if (task.endUs !== undefined) entries.push({ type: 'settle', us: slice.endUs, order: slice.endOrder, task });
    });
  }
  for (const callback of model.callbacks) {
    entries.push({ type: 'callback', us: callback.startUs, order: callback.startOrder, callback });
  }
  for (const block of model.blocks) {
    const virtual = model.run?.clock === 'virtual';
    const us = block.startUs + (virtual ? 0 : block.durationUs);
    entries.push({
      type: 'block',
      us,
      order: block.order,
      task: block.task === undefined ? undefined : model.tasks[block.task],
      block,
    });
  }
  return entries.sort((a, b) => a.us - b.us || a.order - b.order || rank[a.type] - rank[b.type]);
}
