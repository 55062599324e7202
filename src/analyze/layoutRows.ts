import type { Lane, TimelineLayout } from './layout.ts';
import { segmentState, SegmentWriter, type Strip } from './layoutSegments.ts';
import type { TaskIndex } from './model.ts';

/** A stretch of time that lanes must live in to be shown, but for one lane that is shown in any case. */
export interface RowWindow {
  readonly startUs: number;
  readonly endUs: number;
  readonly keep: number | undefined;
}

/** Indexes of the lanes that are shown, in order: all but the subtrees beneath folded tasks, and within a window those that live in it and all loop lanes. */
export function visibleRows(layout: TimelineLayout, folded: ReadonlySet<TaskIndex>, window?: RowWindow): Int32Array {
  const { lanes, laneStartUs, laneEndUs } = layout;
  const rows = new Int32Array(lanes.length);
  const startUs = window?.startUs ?? -Infinity;
  const endUs = window?.endUs ?? Infinity;
  let count = 0;
  for (let i = 0; i < lanes.length; i++) {
    const inWindow = laneStartUs[i]! <= endUs && laneEndUs[i]! >= startUs;
    if (inWindow || !window || i === window.keep || lanes[i]!.kind === 'loop') rows[count++] = i;
    if (folded.size === 0) continue;
    const { task, subtreeEnd } = lanes[i]!;
    if (task !== undefined && folded.has(task)) i = subtreeEnd - 1;
  }
  return rows.subarray(0, count);
}

/** The row of a lane, or the last row before it where it has none. `rows` from {@link visibleRows}. */
export function rowOfLane(rows: Int32Array, lane: number): number {
  let low = 0;
  let high = rows.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (rows[middle]! <= lane) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Row of the folded task that hides a lane, or its own; undefined where neither is among the rows. */
export function rowShowing(
  layout: TimelineLayout,
  rows: Int32Array,
  folded: ReadonlySet<TaskIndex>,
  lane: number,
): number | undefined {
  const row = rowOfLane(rows, lane);
  const shown = layout.lanes[rows[row] ?? -1];
  if (!shown) return undefined;
  if (shown.index === lane) return row;
  return shown.task !== undefined && folded.has(shown.task) && shown.index < lane && lane < shown.subtreeEnd ? row : undefined;
}

/** Tasks above a task, nearest first. */
export function ancestorsOf(layout: TimelineLayout, task: TaskIndex): TaskIndex[] {
  const ancestors: TaskIndex[] = [];
  const { tasks } = layout.model;
  for (let above = tasks[task]?.parent; above !== undefined && tasks[above]; above = tasks[above]!.parent) ancestors.push(above);
  return ancestors;
}

export function hasChildren(lane: Lane): boolean {
  return lane.subtreeEnd > lane.index + 1;
}

/** Tasks whose label contains the text, upper and lower case alike, in order of lanes. An empty text finds nothing. */
export function searchTasks(layout: TimelineLayout, text: string): TaskIndex[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [];
  return layout.lanes.flatMap(({ task, label }) => (task !== undefined && label.toLowerCase().includes(wanted) ? [task] : []));
}

/** What a folded lane shows for the subtree beneath it. */
export interface FoldedSummary {
  readonly count: number;
  /** Where at least one task of the subtree ran. */
  readonly running: Strip;
  /** All blocking of the subtree, the lane's own included: folding hides no blocking. */
  readonly marks: Strip;
}

const summaries = new WeakMap<Lane, FoldedSummary>();

export function foldedSummary(layout: TimelineLayout, lane: Lane): FoldedSummary {
  const known = summaries.get(lane);
  if (known) return known;
  let segments = 0;
  let marks = 0;
  for (let i = lane.index; i < lane.subtreeEnd; i++) {
    segments += layout.lanes[i]!.segments.to - layout.lanes[i]!.segments.from;
    marks += layout.lanes[i]!.marks.to - layout.lanes[i]!.marks.from;
  }
  const all = new SegmentWriter(segments);
  for (let i = lane.index + 1; i < lane.subtreeEnd; i++)
    copy(layout.lanes[i]!.segments, all, (state) => state === segmentState.running);
  const markWriter = new SegmentWriter(marks);
  for (let i = lane.index; i < lane.subtreeEnd; i++) copy(layout.lanes[i]!.marks, markWriter, () => true);
  const summary = { count: lane.subtreeEnd - lane.index - 1, running: union(all.strip()), marks: markWriter.strip() };
  summaries.set(lane, summary);
  return summary;
}

function copy({ store, from, to }: Strip, writer: SegmentWriter, wanted: (state: number) => boolean): void {
  for (let i = from; i < to; i++) {
    if (wanted(store.state[i]!)) writer.add(store.startUs[i]!, store.endUs[i]!, store.state[i]!, store.ref[i]!);
  }
}

/** Overlapping and touching stretches become one. */
function union({ store, from, to }: Strip): Strip {
  const writer = new SegmentWriter(to - from);
  for (let i = from; i < to;) {
    const startUs = store.startUs[i]!;
    let endUs = store.endUs[i]!;
    for (i++; i < to && store.startUs[i]! <= endUs; i++) endUs = Math.max(endUs, store.endUs[i]!);
    writer.add(startUs, endUs, segmentState.running, -1);
  }
  return writer.strip();
}
