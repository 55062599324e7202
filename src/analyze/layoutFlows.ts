import type { TimelineLayout } from './layout.ts';
import type { TaskIndex, TraceModel } from './model.ts';

/**
 * A enabled B. `spawn`: the parent started the task; `settle`: a task ended and one that awaited it went on; `wake`: a task or a
 * turn of the loop otherwise settled what was awaited.
 */
export interface Flow {
  readonly type: 'spawn' | 'settle' | 'wake';
  readonly fromLane: number;
  readonly fromUs: number;
  readonly toLane: number;
  readonly toUs: number;
  /** `wake` and `settle`: index of the wait that ended, in the task of `toLane`. */
  readonly wait: number;
  /** The waker was not seen but concluded from the order of events. */
  readonly inferred: boolean;
}

const outgoing = new WeakMap<TraceModel, ReadonlyMap<TaskIndex, readonly (readonly [TaskIndex, number])[]>>();

/** Arrows into and out of one task, at most `limit` of them, in no particular order. */
export function flowsOfTask(layout: TimelineLayout, task: TaskIndex, limit: number): Flow[] {
  const flows: Flow[] = [];
  const { tasks } = layout.model;
  const self = tasks[task];
  if (!self) return flows;
  const add = (flow: Flow | undefined): boolean => {
    if (flow) flows.push(flow);
    return flows.length < limit;
  };
  if (!add(spawnFlow(layout, task))) return flows;
  for (const child of self.children) if (!add(spawnFlow(layout, child))) return flows;
  for (let wait = 0; wait < self.waits.length; wait++) if (!add(wakeFlow(layout, task, wait))) return flows;
  for (const [woken, wait] of wokenBy(layout.model).get(task) ?? []) {
    if (woken !== task && !add(wakeFlow(layout, woken, wait))) return flows;
  }
  return flows;
}

/** Every arrow between two tasks, when there are at most `limit`; undefined when there are more: then they would only cover the picture. */
export function allFlows(layout: TimelineLayout, limit: number): Flow[] | undefined {
  const flows: Flow[] = [];
  const { tasks } = layout.model;
  if (tasks.length > limit * 2) return undefined;
  for (const task of tasks) {
    const spawn = spawnFlow(layout, task.index);
    if (spawn) flows.push(spawn);
    for (let wait = 0; wait < task.waits.length; wait++) {
      if (task.waits[wait]!.waker?.type !== 'task') continue;
      const flow = wakeFlow(layout, task.index, wait);
      if (flow) flows.push(flow);
      if (flows.length > limit) return undefined;
    }
  }
  return flows;
}

/** The arrow that ended one wait; undefined where nobody is known to have, or while it still lasts. */
export function wakeFlow(layout: TimelineLayout, task: TaskIndex, wait: number): Flow | undefined {
  const { tasks, turns } = layout.model;
  const ended = tasks[task]?.waits[wait];
  if (!ended || ended.open || !ended.waker) return undefined;
  const toLane = layout.laneOfTask[task]!;
  const { waker } = ended;
  if (waker.type === 'turn') {
    const turn = turns[waker.turn];
    const fromLane = turn && layout.loopLane.get(turn.thread);
    if (fromLane === undefined) return undefined;
    return {
      type: 'wake',
      fromLane,
      fromUs: Math.min(turn!.startUs, ended.endUs),
      toLane,
      toUs: ended.endUs,
      wait,
      inferred: false,
    };
  }
  const source = tasks[waker.task];
  if (!source || waker.task === task) return undefined;
  const settled = waker.how === 'settled';
  const fromUs = settled && source.endUs !== undefined ? Math.min(source.endUs, ended.endUs) : ended.readyUs;
  const fromLane = layout.laneOfTask[waker.task]!;
  return {
    type: settled ? 'settle' : 'wake',
    fromLane,
    fromUs,
    toLane,
    toUs: ended.endUs,
    wait,
    inferred: waker.how === 'inferred',
  };
}

function spawnFlow(layout: TimelineLayout, task: TaskIndex): Flow | undefined {
  const self = layout.model.tasks[task];
  if (self?.parent === undefined || !layout.model.tasks[self.parent]) return undefined;
  const fromLane = layout.laneOfTask[self.parent]!;
  const toLane = layout.laneOfTask[task]!;
  return { type: 'spawn', fromLane, fromUs: self.startUs, toLane, toUs: self.startUs, wait: -1, inferred: false };
}

/** For each task the waits it ended, made at first use. */
function wokenBy(model: TraceModel): ReadonlyMap<TaskIndex, readonly (readonly [TaskIndex, number])[]> {
  const known = outgoing.get(model);
  if (known) return known;
  const index = new Map<TaskIndex, (readonly [TaskIndex, number])[]>();
  for (const task of model.tasks) {
    task.waits.forEach(({ waker }, wait) => {
      if (waker?.type !== 'task') return;
      const list = index.get(waker.task);
      if (list) list.push([task.index, wait]);
      else index.set(waker.task, [[task.index, wait]]);
    });
  }
  outgoing.set(model, index);
  return index;
}
