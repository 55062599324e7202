import { noSite, type SiteId, type TaskId, type ThreadId } from '../shared/ids.ts';
import type { TimeUs } from '../shared/time.ts';
import type { TaskErrorRecord } from '../shared/traceRecords.ts';
import type { TurnKind } from '../shared/waitKind.ts';
import type { Slice, Task, TracedSite, Wait } from './model.ts';

/** What is known of a task while the trace is being read. Times in µs; an order is an event's place among all events. */
export interface TaskState {
  readonly index: number;
  readonly id: TaskId;
  readonly thread: ThreadState;
  siteId: SiteId;
  /** Name without owner, as a call in the source names it. */
  calledAs: string;
  name: string;
  /** 1 for the first task of this name, and so on. */
  readonly ordinal: number;
  readonly parent: TaskState | undefined;
  readonly children: TaskState[];
  readonly depth: number;
  readonly startUs: number;
  readonly startOrder: number;
  readonly slices: Slice[];
  readonly waits: Wait[];
  phase: 'running' | 'waiting' | 'settled';
  threw: boolean;
  error: TaskErrorRecord | undefined;

  /** The slice under way, and its place on the thread's stack. */
  stackAt: number;
  sliceStartUs: number;
  /** The stretch that the start certainly lies in. */
  sliceFromUs: number;
  sliceToUs: number;
  sliceStartOrder: number;
  sliceFrom: SiteId;
  nestedUs: number;
  /** Time of blocking calls within the slice, recorded by themselves. */
  explainedUs: number;
  /** Time of the tracer's own within the slice. */
  tracerUs: number;
  /** Children started before the slice began. */
  childrenBefore: number;

  /** The last wait, or the one under way. `waitSite` 0: it stopped at a place without a probe. */
  waitSite: SiteId;
  waitStartUs: number;
  /** It began then at the earliest. */
  waitFromUs: number;
  waitOrder: number;
  waitTurn: number;
  /** Async generators: the turn of the last `yield`; the task that last asked for an item; the loop's own generator. */
  yieldOrder: number;
  consumer: TaskState | undefined;
  generator: TaskState | undefined;
  /** A generator whose last `yield` ended with a throw: what it then ends with is no error of its own unless one was recorded. */
  closed: boolean;

  settledUs: number;
  settledOrder: number;
  settledTurn: number;

  /** What {@link TaskState} looked like in the last snapshot; unset once it changed. */
  snapshot: Task | undefined;
}

/** A call of a promise's own resolve or reject in the turn under way. */
export interface SettleCall {
  readonly site: SiteId;
  readonly task: TaskState | undefined;
  readonly us: number;
  readonly order: number;
  used: boolean;
}

export interface TurnState {
  readonly index: number;
  readonly kind: TurnKind;
  readonly startUs: number;
  endUs: number;
  readonly lateUs: number;
}

/** A stretch between two readings of the clock that is longer than a millisecond and holds several events. */
export interface UnreadStretch {
  readonly fromUs: number;
  readonly toUs: number;
  /** Where the slices and callbacks began that ran in it, and the task that ran last. */
  readonly sites: Set<SiteId>;
  task: TaskState | undefined;
}

/** A callback under way or ended. */
export interface CallbackState {
  readonly thread: ThreadState;
  readonly site: SiteId;
  readonly startUs: number;
  /** It began by then. */
  readonly startToUs: number;
  readonly startOrder: number;
  /** Infinity while it is under way. */
  endUs: number;
  endOrder: number;
  nestedUs: number;
  /** Time of blocking calls within it, recorded by themselves. */
  explainedUs: number;
  /** Time of the tracer's own within it. */
  tracerUs: number;
}

export interface BlockState {
  readonly startUs: number;
  readonly endUs: number;
  readonly durationUs: number;
  readonly order: number;
  readonly site: SiteId;
  readonly cause: 'call' | 'slice';
  readonly atMost?: boolean;
  readonly task: TaskState | undefined;
  readonly thread: ThreadState;
  readonly detailIndex: number;
  readonly heldUp: TaskState[];
}

/** What is known of a thread while the trace is being read. */
export interface ThreadState {
  readonly id: ThreadId;
  /** Time of the last event, in µs: as far as is known, and the stretch that it certainly lies in. */
  nowUs: number;
  fromUs: number;
  toUs: number;
  /** Time of the event before it. */
  beforeUs: number;
  /** The stretch under way of which nothing tells when its events happened. */
  stretch: UnreadStretch | undefined;
  readonly tasks: Map<number, TaskState>;
  /** Tasks in a slice, callers before the called. */
  readonly stack: TaskState[];
  turn: TurnState | undefined;
  /** The last turn that took a millisecond or more, when this one began right after it. */
  longTurnBefore: TurnState | undefined;
  /** The last two different tasks that ran in this turn, the last first. */
  lastRunner: TaskState | undefined;
  runnerBefore: TaskState | undefined;
  /** Latest suspend among the waits that ended in this turn: a task that suspended before it and still waits was not merely queued. */
  latestResumedSuspend: number;
  settleCalls: SettleCall[];
  /** Tasks that ended with a throw in the turn under way. */
  threw: TaskState[];
  /** The task whose suspend at a `for await` was the thread's last event. */
  askedForItem: TaskState | undefined;
  /** The callback under way. */
  callback: CallbackState | undefined;
  readonly blocks: BlockState[];
}

/** Facts of the trace that every thread shares. */
export interface TraceFacts {
  readonly sites: ReadonlyMap<SiteId, TracedSite>;
  /** Functions with a `yield`: their bodies start when they are asked for an item, not when they are called. */
  readonly generators: ReadonlySet<SiteId>;
  readonly virtual: boolean;
}

/** Number of the turn under way, −1 where the trace tells no turns. */
export function turnNumber(thread: ThreadState): number {
  return thread.turn ? thread.turn.index : -1;
}

/** A wait as it will stand in the model, for the part that works it out. */
export type WaitFacts = Pick<Wait, 'kind' | 'kindFrom' | 'waker' | 'awaited'> & {
  readonly readyUs: number;
  readonly readyIsBound: boolean;
  /** Order of the event that made it ready, where one did; else Infinity. */
  readonly readyOrder: number;
};

export function toTime(us: number): TimeUs {
  return us as TimeUs;
}

/** A thread of which nothing is known yet. */
export function newThread(id: ThreadId): ThreadState {
  return {
    id,
    nowUs: 0,
    fromUs: 0,
    toUs: 0,
    beforeUs: 0,
    stretch: undefined,
    tasks: new Map(),
    stack: [],
    turn: undefined,
    longTurnBefore: undefined,
    lastRunner: undefined,
    runnerBefore: undefined,
    latestResumedSuspend: -1,
    settleCalls: [],
    threw: [],
    askedForItem: undefined,
    callback: undefined,
    blocks: [],
  };
}

type TaskFacts = Pick<
  TaskState,
  'index' | 'id' | 'thread' | 'siteId' | 'calledAs' | 'name' | 'ordinal' | 'parent' | 'startOrder'
>;

/** A task that begins now. */
export function newTask(facts: TaskFacts): TaskState {
  const { index, id, thread, siteId, calledAs, name, ordinal, parent, startOrder } = facts;
  // Written out: with a spread in it Node 20 takes fifty times as long.
  return {
    index,
    id,
    thread,
    siteId,
    calledAs,
    name,
    ordinal,
    parent,
    startOrder,
    depth: parent ? parent.depth + 1 : 0,
    startUs: thread.nowUs,
    sliceFrom: siteId,
    children: [],
    slices: [],
    waits: [],
    phase: 'running',
    threw: false,
    error: undefined,
    stackAt: 0,
    sliceStartUs: 0,
    sliceFromUs: 0,
    sliceToUs: 0,
    sliceStartOrder: 0,
    nestedUs: 0,
    explainedUs: 0,
    tracerUs: 0,
    childrenBefore: 0,
    waitSite: noSite,
    waitStartUs: 0,
    waitFromUs: 0,
    waitOrder: 0,
    waitTurn: -1,
    yieldOrder: -1,
    consumer: undefined,
    generator: undefined,
    closed: false,
    settledUs: Infinity,
    settledOrder: Infinity,
    settledTurn: -1,
    snapshot: undefined,
  };
}

/** Resolve calls of one turn that are remembered until a wait they ended comes along. */
const mostSettleCalls = 256;

/** A promise's own resolve or reject is being called, in a task or (0) in none. */
export function noteSettleCall(thread: ThreadState, site: SiteId, task: number, order: number): void {
  thread.settleCalls.push({ site, task: thread.tasks.get(task), us: thread.nowUs, order, used: false });
  if (thread.settleCalls.length > mostSettleCalls) thread.settleCalls.shift();
}

/** A task runs on a thread. */
export function noteRunner(thread: ThreadState, task: TaskState): void {
  if (thread.lastRunner === task) return;
  thread.runnerBefore = thread.lastRunner;
  thread.lastRunner = task;
}
