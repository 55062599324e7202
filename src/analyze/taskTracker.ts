import { noSite, noTask, type SiteId, type TaskId, type ThreadId } from '../shared/ids.ts';
import type { DurationUs } from '../shared/time.ts';
import { readEvents, type EventTime } from '../shared/readEvents.ts';
import { eventKind } from '../shared/traceEvents.ts';
import type { RejectionRecord } from '../shared/traceRecords.ts';
import { turnKinds } from '../shared/waitKind.ts';
import { calledName } from './awaitLinks.ts';
import { addBlock, addHeldUp } from './blockingSpans.ts';
import type { TracerHold } from './model.ts';
import { noteRejection, type NotedRejection } from './rejections.ts';
import { beginSlice, beginWait, noteSlice } from './sliceState.ts';
import {
  newTask,
  newThread,
  noteRunner,
  noteSettleCall,
  toTime,
  turnNumber,
  type CallbackState,
  type TaskState,
  type ThreadState,
  type TraceFacts,
  type TurnState,
} from './taskState.ts';
import { endStretch, leavesStretch, mostUncertainUs, moveOn, noteCandidate, type TimingState } from './threadTime.ts';
import { resolveWait } from './waits.ts';

/** A turn that took this long may hide when I/O was done. */
const longTurnUs = 1000;
/** Two turns with less between them followed one another without an idle loop. */
const idleGapUs = 1000;

/**
 * Follows events to tasks, slices, waits, turns and holds of the loop. An event that cannot follow what went before (a task goes on
 * while another is running, stops without having gone on) means that a stop or a start without a probe lies in between; it is filled in.
 */
export class TaskTracker {
  readonly tasks: TaskState[] = [];
  readonly turns: (TurnState & { readonly thread: ThreadState })[] = [];
  readonly callbacks: CallbackState[] = [];
  readonly tracerHolds: TracerHold[] = [];
  readonly rejections: NotedRejection[] = [];
  readonly threads = new Map<ThreadId, ThreadState>();
  /** Tasks that are not as in the last snapshot, each once. */
  changed: TaskState[] = [];
  events = 0;
  dropped = 0;
  endUs = 0;
  readonly timing: TimingState = { withinUs: 0, unread: 0, longestUnreadUs: 0 };
  readonly #facts: TraceFacts;
  readonly #longSliceUs: number;
  readonly #byName = new Map<string, { count: number; readonly first: TaskState }>();

  constructor(facts: TraceFacts, longSliceUs: number) {
    this.#facts = facts;
    this.#longSliceUs = longSliceUs;
  }

  /** Node told of a promise without a handler. */
  reject(record: RejectionRecord): void {
    noteRejection(this.rejections, this.#thread(record.thread), record);
  }

  /** Applies a sound batch of one thread's events. */
  apply(threadId: ThreadId, words: Uint32Array): void {
    const thread = this.#thread(threadId);
    const time: EventTime = { units: 0, fromUnits: 0, toUnits: 0 };
    readEvents(words, time, (kind, a, b, c, d) => {
      if (leavesStretch(thread, time)) this.#endStretch(thread);
      moveOn(thread, time, this.timing);
      if (thread.nowUs > this.endUs) this.endUs = thread.nowUs;
      this.#event(thread, kind, a, b, c, d);
      if (thread.stretch) noteCandidate(thread.stretch, thread);
    });
    this.#endStretch(thread);
  }

  /** A stretch in which nothing tells when its events happened is over: something in it may have held the loop. */
  #endStretch(thread: ThreadState): void {
    const stretch = endStretch(thread, this.timing);
    if (!stretch) return;
    const durationUs = stretch.toUs - stretch.fromUs;
    const [site, ...others] = stretch.sites;
    if (site === undefined || others.length > 0 || durationUs < this.#longSliceUs || this.#facts.virtual) return;
    const { task } = stretch;
    addBlock(thread, { site, cause: 'slice', durationUs, atMost: true, detailIndex: 0, task, order: this.events }, false);
  }

  #event(thread: ThreadState, kind: number, a: number, b: number, c: number, d: number): void {
    this.events++;
    const asked = thread.askedForItem;
    thread.askedForItem = undefined;
    switch (kind) {
      case eventKind.start:
        this.#start(thread, a as TaskId, b as SiteId, c as TaskId, asked);
        break;
      case eventKind.suspend:
        this.#suspend(this.#task(thread, a as TaskId), b as SiteId);
        break;
      case eventKind.resume:
        this.#resume(this.#task(thread, a as TaskId), b === 1, asked);
        break;
      case eventKind.settle:
        this.#settle(this.#task(thread, a as TaskId), b === 1);
        break;
      case eventKind.turn:
        this.#turn(thread, a, b / 10, thread.beforeUs);
        break;
      case eventKind.block:
        this.#block(thread, a as SiteId, b / 10, thread.tasks.get(c), d);
        break;
      case eventKind.settleCall:
        noteSettleCall(thread, a as SiteId, b, this.events);
        break;
      case eventKind.callbackBegin:
        this.#beginCallback(thread, a as SiteId);
        break;
      case eventKind.callbackEnd:
        this.#endCallback(thread, thread.nowUs);
        break;
      case eventKind.tracer:
        this.#tracerHeld(thread, a / 10);
        break;
      case eventKind.dropped:
        this.dropped += a;
        this.#stopAll(thread, 0, thread.nowUs);
        this.#endCallback(thread, thread.nowUs, true);
        break;
    }
  }

  /** Marks a task as different from the last snapshot. */
  touch(task: TaskState): void {
    if (!task.snapshot) return;
    task.snapshot = undefined;
    this.changed.push(task);
  }

  /** Names that were unknown when their tasks began. */
  nameTasks(): void {
    for (const task of this.tasks) {
      const site = this.#facts.sites.get(task.siteId);
      if (!site || site.name === task.name) continue;
      task.name = site.name;
      task.calledAs = calledName(site.name);
      this.touch(task);
    }
  }

  /** How many tasks bear a name. */
  countOf(name: string): number {
    return this.#byName.get(name)?.count ?? 1;
  }

  #thread(id: ThreadId): ThreadState {
    let thread = this.threads.get(id);
    if (!thread) {
      thread = newThread(id);
      this.threads.set(id, thread);
    }
    return thread;
  }

  /** The task of an id; one whose start was lost begins here. */
  #task(thread: ThreadState, id: TaskId): TaskState {
    return thread.tasks.get(id) ?? this.#newTask(thread, id, noSite, undefined);
  }

  #nameOf(site: SiteId): string {
    return this.#facts.sites.get(site)?.name ?? '(unknown)';
  }

  #newTask(thread: ThreadState, id: TaskId, siteId: SiteId, parent: TaskState | undefined): TaskState {
    const name = this.#nameOf(siteId);
    const named = this.#byName.get(name);
    const task = newTask({
      index: this.tasks.length,
      id,
      thread,
      siteId,
      calledAs: calledName(name),
      name,
      ordinal: (named?.count ?? 0) + 1,
      parent,
      startOrder: this.events,
    });
    if (named) {
      // The first of a name loses its bare label when the second comes.
      if (++named.count === 2) this.touch(named.first);
    } else this.#byName.set(name, { count: 1, first: task });
    this.tasks.push(task);
    this.changed.push(task);
    thread.tasks.set(id, task);
    if (parent) {
      parent.children.push(task);
      this.touch(parent);
    }
    this.#openSlice(task, siteId);
    return task;
  }

  #start(thread: ThreadState, id: TaskId, siteId: SiteId, parentId: TaskId, asked: TaskState | undefined): void {
    const known = thread.tasks.get(id);
    if (known?.phase === 'running') this.#stopAll(thread, 0, thread.nowUs);
    let parent = parentId === noTask ? undefined : thread.tasks.get(parentId);
    if (parent?.phase === 'settled') parent = undefined;
    this.#stopAll(thread, parent?.phase === 'running' ? parent.stackAt + 1 : 0, thread.nowUs);
    // A loop asks its async iterator after it was marked as suspended: the generator, or the method, that starts at once is what it asks.
    const answers = asked && (this.#facts.generators.has(siteId) || calledName(this.#nameOf(siteId)) === 'next');
    const task = this.#newTask(thread, id, siteId, answers ? asked : parent);
    if (!answers) return;
    asked.generator = task;
    task.consumer = asked;
  }

  #suspend(task: TaskState, site: SiteId): void {
    if (!this.#makeRunning(task, false)) return;
    this.#closeSlice(task, site, task.thread.nowUs);
    const kind = this.#facts.sites.get(site)?.kind;
    if (kind === 'yield') task.yieldOrder = this.events;
    if (kind === 'for-await' || kind === 'yield-star') task.thread.askedForItem = task;
  }

  #resume(task: TaskState, threw: boolean, asked: TaskState | undefined): void {
    if (task.phase !== 'waiting') return;
    const { stack } = task.thread;
    if (this.#facts.sites.get(task.waitSite)?.kind === 'yield') {
      // A generator goes on within the call of its `next`.
      task.consumer = asked ?? stack.at(-1);
      if (asked) asked.generator = task;
    } else this.#stopAll(task.thread, 0, task.thread.nowUs);
    this.#endWait(task, threw);
  }

  #settle(task: TaskState, threw: boolean): void {
    if (!this.#makeRunning(task, threw)) return;
    this.#closeSlice(task, noSite, task.thread.nowUs);
    task.phase = 'settled';
    task.threw = threw;
    task.settledUs = task.thread.nowUs;
    task.settledOrder = this.events;
    task.settledTurn = turnNumber(task.thread);
    if (threw) task.thread.threw.push(task);
  }

  #turn(thread: ThreadState, kindNumber: number, lateUs: number, beforeUs: number): void {
    // A turn begins with an empty stack; when its last slice stopped is not known better than by its last event.
    this.#stopAll(thread, 0, beforeUs);
    this.#endCallback(thread, beforeUs, true);
    const before = thread.turn;
    const startUs = thread.nowUs;
    const long = before && before.endUs - before.startUs >= longTurnUs ? before : thread.longTurnBefore;
    thread.longTurnBefore = long && startUs - long.endUs <= idleGapUs ? long : undefined;
    const turn = { index: this.turns.length, thread, kind: turnKinds[kindNumber] ?? 'unknown', startUs, endUs: startUs, lateUs };
    this.turns.push(turn);
    thread.turn = turn;
    thread.lastRunner = undefined;
    thread.runnerBefore = undefined;
    thread.latestResumedSuspend = -1;
    thread.settleCalls = [];
    if (thread.threw.length > 0) thread.threw = [];
  }

  /** The loop calls it: whatever ran before has stopped. */
  #beginCallback(thread: ThreadState, site: SiteId): void {
    this.#stopAll(thread, 0, thread.nowUs);
    this.#endCallback(thread, thread.nowUs);
    const { nowUs } = thread;
    const callback: CallbackState = {
      thread,
      site,
      startUs: nowUs,
      startToUs: thread.toUs,
      startOrder: this.events,
      endUs: Infinity,
      endOrder: Infinity,
      nestedUs: 0,
      explainedUs: 0,
      tracerUs: 0,
    };
    this.callbacks.push(callback);
    thread.callback = callback;
  }

  #endCallback(thread: ThreadState, endUs: number, unseen = false): void {
    const { callback } = thread;
    if (!callback) return;
    this.#stopAll(thread, 0, endUs);
    thread.callback = undefined;
    callback.endUs = Math.max(endUs, callback.startUs);
    callback.endOrder = this.events;
    if (thread.turn && callback.endUs > thread.turn.endUs) thread.turn.endUs = callback.endUs;
    const ownUs = callback.endUs - callback.startUs - callback.nestedUs - callback.explainedUs - callback.tracerUs;
    const uncertainUs = ownUs - (thread.fromUs - callback.startToUs);
    const certain = uncertainUs <= mostUncertainUs || ownUs - uncertainUs >= this.#longSliceUs;
    if (ownUs >= this.#longSliceUs && certain && !unseen && !this.#facts.virtual) {
      const { site } = callback;
      const facts = { site, cause: 'slice', durationUs: ownUs, detailIndex: 0, task: undefined, order: this.events } as const;
      addBlock(thread, facts, false);
    }
  }

  #block(thread: ThreadState, site: SiteId, durationUs: number, task: TaskState | undefined, detailIndex: number): void {
    if (task?.phase === 'running') task.explainedUs += durationUs;
    else if (thread.callback) thread.callback.explainedUs += durationUs;
    if (thread.turn) thread.turn.endUs = thread.nowUs;
    addBlock(thread, { site, cause: 'call', durationUs, detailIndex, task, order: this.events }, this.#facts.virtual);
  }

  /** Whatever runs was held by the tracer until now. */
  #tracerHeld(thread: ThreadState, durationUs: number): void {
    // Wall time is no time of the virtual clock.
    if (this.#facts.virtual) return;
    const { nowUs } = thread;
    // Nothing else happened meanwhile.
    const startUs = Math.max(thread.beforeUs, nowUs - durationUs);
    const runs = thread.stack.at(-1) ?? thread.callback;
    if (runs) runs.tracerUs += nowUs - startUs;
    if (thread.turn) thread.turn.endUs = nowUs;
    this.tracerHolds.push({ thread: thread.id, startUs: toTime(startUs), endUs: toTime(nowUs) });
  }

  /** Puts a task on top of its thread's stack; false when it has settled and cannot run. */
  #makeRunning(task: TaskState, threw: boolean): boolean {
    if (task.phase === 'settled') return false;
    if (task.phase === 'running') {
      this.#stopAll(task.thread, task.stackAt + 1, task.thread.nowUs);
      return true;
    }
    // It went on without a probe (the throw of an await that nothing catches): nothing tells since when it runs.
    this.#stopAll(task.thread, 0, task.thread.nowUs);
    this.#endWait(task, threw);
    return true;
  }

  /** Ends the slices of the stack from `keep` upwards: their tasks stopped at places without a probe. */
  #stopAll(thread: ThreadState, keep: number, endUs: number): void {
    while (thread.stack.length > keep) this.#closeSlice(thread.stack.at(-1)!, noSite, endUs, true);
  }

  #endWait(task: TaskState, threw: boolean): void {
    const { thread } = task;
    const facts = resolveWait(task, this.#facts);
    const longestUs = thread.toUs - task.waitFromUs;
    const certain = longestUs - (thread.nowUs - task.waitStartUs) <= mostUncertainUs;
    task.waits.push({
      site: task.waitSite,
      startUs: toTime(task.waitStartUs),
      readyUs: toTime(facts.readyUs),
      readyIsBound: facts.readyIsBound,
      endUs: toTime(thread.nowUs),
      open: false,
      threw,
      kind: facts.kind,
      kindFrom: facts.kindFrom,
      waker: facts.waker,
      awaited: facts.awaited,
      atMostUs: certain ? undefined : (longestUs as DurationUs),
    });
    addHeldUp(task, facts);
    // `return()` on a generator looks to its probes like a throw at the `yield`.
    task.closed = threw && this.#facts.sites.get(task.waitSite)?.kind === 'yield';
    if (task.waitTurn === turnNumber(thread) && task.waitOrder > thread.latestResumedSuspend) {
      thread.latestResumedSuspend = task.waitOrder;
    }
    this.#openSlice(task, task.waitSite);
    this.touch(task);
  }

  #openSlice(task: TaskState, from: SiteId): void {
    beginSlice(task, from, this.events);
    noteRunner(task.thread, task);
  }

  /** Ends the slice on top of the stack; its task waits from here on. */
  #closeSlice(task: TaskState, toSite: SiteId, endUs: number, unseen = false): void {
    const { thread } = task;
    const { ownUs, surelyUs } = noteSlice(task, { toSite, endUs, order: this.events, unseen });
    if (surelyUs >= this.#longSliceUs && !unseen && !this.#facts.virtual) {
      const { sliceFrom: site } = task;
      addBlock(thread, { site, cause: 'slice', durationUs: ownUs, detailIndex: 0, task, order: this.events }, false);
    }
    beginWait(task, this.events, unseen);
    noteRunner(thread, task);
    this.touch(task);
  }
}
