import { mainThread, type ThreadId } from '../shared/ids.ts';
import { harmlessBlocks } from './harmlessBlocks.ts';
import { emptyStrip, segmentState, SegmentWriter, waitState, type Strip } from './layoutSegments.ts';
import type { BlockingSpan, Task, TaskIndex, TraceModel } from './model.ts';

/** One line of the timeline. */
export interface Lane {
  readonly index: number;
  readonly kind: 'loop' | 'task';
  readonly thread: ThreadId;
  /** Unset on a loop lane. */
  readonly task: TaskIndex | undefined;
  readonly label: string;
  readonly depth: number;
  /** Index after the last lane of this one's subtree. */
  readonly subtreeEnd: number;
  /** A task's running, waiting and ready stretches; a loop's turns and, over them, the callbacks it ran. */
  readonly segments: Strip;
  /** Blocking calls and long slices, harmful or merely busy; they overlap the stretches. */
  readonly marks: Strip;
  /** Loop lanes: how long due timers stood waiting for the loop. They overlap the turns. */
  readonly lag: Strip;
}

/** Where everything of a trace is drawn, whatever part of it is in view. */
export interface TimelineLayout {
  readonly model: TraceModel;
  /** Per thread its loop lane, then its tasks in a tree, siblings in order of start. */
  readonly lanes: readonly Lane[];
  /** By lane: from when to when it has anything; an empty lane ends before it begins. */
  readonly laneStartUs: Float64Array;
  readonly laneEndUs: Float64Array;
  /** The lane of each task of the model. */
  readonly laneOfTask: Int32Array;
  /** The loop lane of each thread that has one. */
  readonly loopLane: ReadonlyMap<ThreadId, number>;
  readonly segmentCount: number;
  /** Blocking spans that hold up nobody, drawn as busy and counted nowhere as blocking. */
  readonly harmless: ReadonlySet<BlockingSpan>;
  /** When the program's own first event was: before it lie only Node's start and the loading of files. */
  readonly startUs: number;
  readonly endUs: number;
}

/** Lays a model out: a tree walk and one pass over all slices and waits. */
export function buildLayout(model: TraceModel): TimelineLayout {
  const order = laneOrder(model);
  const writer = new SegmentWriter(countSegments(model));
  const lengthScale = model.run?.clock === 'virtual' ? 0 : 1;
  const blocksOfTask = group(model.blocks, (block) => block.task);
  const blocksOfThread = group(model.blocks, (block) => block.thread);
  const laneOfTask = new Int32Array(model.tasks.length).fill(-1);
  const loopLane = new Map<ThreadId, number>();
  const turnsOfThread = group(model.turns, (turn) => turn.thread);
  const callbacksOfThread = group(model.callbacks, (callback) => callback.thread);
  const lanes: Lane[] = order.map((entry, index) => {
    if ('task' in entry) {
      const { task } = entry;
      laneOfTask[task.index] = index;
      return {
        index,
        kind: 'task',
        thread: task.thread,
        task: task.index,
        label: task.label,
        depth: entry.depth,
        subtreeEnd: entry.subtreeEnd,
        segments: writeTask(writer, task),
        marks: writeMarks(writer, model, blocksOfTask.get(task.index), lengthScale),
        lag: emptyStrip,
      };
    }
    const { thread } = entry;
    loopLane.set(thread, index);
    const turns = turnsOfThread.get(thread) ?? [];
    for (const turn of turns) writer.add(model.turns[turn]!.startUs, model.turns[turn]!.endUs, segmentState.turn, turn);
    for (const index of callbacksOfThread.get(thread) ?? []) {
      const callback = model.callbacks[index]!;
      writer.add(callback.startUs, callback.endUs, segmentState.callback, index);
    }
    const segments = writer.strip();
    for (const turn of turns) {
      const { startUs, lateUs } = model.turns[turn]!;
      if (lateUs > 0) writer.add(Math.max(0, startUs - lateUs), startUs, segmentState.lag, turn);
    }
    const lag = writer.strip();
    const label = thread === mainThread ? 'Event loop' : `Event loop of ${model.threads.get(thread) ?? `worker ${thread}`}`;
    return {
      index,
      kind: 'loop',
      thread,
      task: undefined,
      label,
      depth: 0,
      subtreeEnd: index + 1,
      segments,
      marks: writeMarks(writer, model, blocksOfThread.get(thread), lengthScale),
      lag,
    };
  });
  const segmentCount = lanes.reduce((sum, lane) => sum + lane.segments.to - lane.segments.from, 0);
  const laneStartUs = new Float64Array(lanes.length).fill(Infinity);
  const laneEndUs = new Float64Array(lanes.length).fill(-Infinity);
  lanes.forEach(({ segments: { store, from, to } }, index) => {
    if (from === to) return;
    laneStartUs[index] = store.startUs[from]!;
    laneEndUs[index] = store.endUs[store.reach[to - 1]!]!;
  });
  return {
    model,
    lanes,
    laneStartUs,
    laneEndUs,
    laneOfTask,
    loopLane,
    segmentCount,
    harmless: harmlessBlocks(model),
    startUs: firstEventUs(model),
    endUs: model.endUs,
  };
}

/** The turn of the main program begins long before its code does: the first task, blocking call or callback tells more. */
function firstEventUs(model: TraceModel): number {
  let firstUs = Infinity;
  for (const { startUs } of model.tasks) firstUs = Math.min(firstUs, startUs);
  for (const { startUs } of model.blocks) firstUs = Math.min(firstUs, startUs);
  for (const { startUs } of model.callbacks) firstUs = Math.min(firstUs, startUs);
  for (const { kind, startUs } of model.turns) if (kind !== 'main') firstUs = Math.min(firstUs, startUs);
  if (firstUs === Infinity) firstUs = model.turns[0]?.startUs ?? 0;
  return Math.min(firstUs, model.endUs);
}

type OrderEntry = { readonly thread: ThreadId } | { readonly task: Task; readonly depth: number; subtreeEnd: number };

/** Walks the forest without recursion: chains of ten thousand tasks exist. */
function laneOrder(model: TraceModel): OrderEntry[] {
  const roots = new Map<ThreadId, Task[]>();
  for (const turn of model.turns) if (!roots.has(turn.thread)) roots.set(turn.thread, []);
  for (const { thread } of [...model.callbacks, ...model.blocks]) if (!roots.has(thread)) roots.set(thread, []);
  const hasLoop = new Set(roots.keys());
  for (const task of model.tasks) {
    if (task.parent !== undefined && model.tasks[task.parent]) continue;
    const list = roots.get(task.thread);
    if (list) list.push(task);
    else roots.set(task.thread, [task]);
  }
  const order: OrderEntry[] = [];
  for (const thread of [...roots.keys()].sort((a, b) => a - b)) {
    if (hasLoop.has(thread)) order.push({ thread });
    for (const root of byStart(roots.get(thread)!)) pushSubtree(model, root, order);
  }
  return order;
}

function pushSubtree(model: TraceModel, root: Task, order: OrderEntry[]): void {
  const open: { entry: { subtreeEnd: number }; children: Task[]; next: number }[] = [];
  const enter = (task: Task): void => {
    const entry = { task, depth: open.length, subtreeEnd: 0 };
    order.push(entry);
    open.push({ entry, children: byStart(task.children.flatMap((child) => model.tasks[child] ?? [])), next: 0 });
  };
  enter(root);
  for (let top = open.at(-1); top; top = open.at(-1)) {
    const child = top.children[top.next++];
    if (child) enter(child);
    else {
      top.entry.subtreeEnd = order.length;
      open.pop();
    }
  }
}

function byStart(tasks: readonly Task[]): Task[] {
  return [...tasks].sort((a, b) => a.startUs - b.startUs || a.index - b.index);
}

function countSegments(model: TraceModel): number {
  let count = model.turns.length * 2 + model.blocks.length * 2 + model.callbacks.length;
  for (const task of model.tasks) count += task.slices.length + task.waits.length * 2;
  return count;
}

/** Slices and waits alternate; the two lists are merged by start, a slice before a wait that begins at its end. */
function writeTask(writer: SegmentWriter, task: Task): Strip {
  const { slices, waits } = task;
  let s = 0;
  let w = 0;
  while (s < slices.length || w < waits.length) {
    const slice = slices[s];
    const wait = waits[w];
    if (slice && (!wait || slice.startUs < wait.startUs || (slice.startUs === wait.startUs && s <= w))) {
      writer.add(slice.startUs, slice.endUs, segmentState.running, s++);
    } else if (wait) {
      const readyUs = Math.min(Math.max(wait.readyUs, wait.startUs), wait.endUs);
      writer.add(wait.startUs, readyUs, waitState(wait.kind), w);
      if (readyUs < wait.endUs)
        writer.add(readyUs, wait.endUs, wait.readyIsBound ? segmentState.readyAtMost : segmentState.ready, w);
      w++;
    }
  }
  return writer.strip();
}

/** Blocking is measured in wall time; on a virtual axis it has a place and no length. */
function writeMarks(writer: SegmentWriter, model: TraceModel, blocks: readonly number[] | undefined, lengthScale: number): Strip {
  const harmless = harmlessBlocks(model);
  for (const index of blocks ?? []) {
    const block = model.blocks[index]!;
    const { startUs, durationUs } = block;
    const harm = block.cause === 'call' ? segmentState.blockingCall : segmentState.longSlice;
    const state = harmless.has(block) ? segmentState.busy : harm;
    writer.add(startUs, startUs + durationUs * lengthScale, state, index);
  }
  return writer.strip();
}

/** Indexes of a list by a key; entries without a key are left out. */
function group<T, K>(list: readonly T[], keyOf: (entry: T) => K | undefined): Map<K, number[]> {
  const groups = new Map<K, number[]>();
  list.forEach((entry, index) => {
    const key = keyOf(entry);
    if (key === undefined) return;
    const indexes = groups.get(key);
    if (indexes) indexes.push(index);
    else groups.set(key, [index]);
  });
  return groups;
}
