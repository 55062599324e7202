import { noSite, type SiteId } from '../shared/ids.ts';
import type { TurnKind, WaitKind } from '../shared/waitKind.ts';
import { isCombinator, isRace, linkedChildren, possibleChildren } from './awaitLinks.ts';
import type { TaskIndex, TracedSite, Waker } from './model.ts';
import { turnNumber, type SettleCall, type TaskState, type TraceFacts, type WaitFacts } from './taskState.ts';

/** What a wait was for when the turn that ended it is of this kind. A turn not listed tells nothing of what was awaited. */
const kindOfTurn: Partial<Record<TurnKind, WaitKind>> = {
  timer: 'timer',
  file: 'file',
  network: 'network',
  process: 'process',
  worker: 'worker',
};

/** What an await may have waited for that went on in a turn of a kind that tells nothing (a child's end comes through its pipes, a page through a parser). */
const outsideKinds: ReadonlySet<WaitKind> = new Set<WaitKind>(['timer', 'file', 'network', 'process', 'worker']);

const none: readonly TaskIndex[] = [];

/**
 * Works out the wait that ends now, from the strongest evidence to the weakest: a task it awaited settled in this turn; the turn
 * is of the kind the source names; a resolve was called; the turn began with it; it was only queued; another task ran before it.
 */
export function resolveWait(task: TaskState, facts: TraceFacts): WaitFacts {
  const { thread } = task;
  const site = facts.sites.get(task.waitSite);
  const turn = turnNumber(thread);
  const sameTurn = task.waitTurn === turn;
  const linked = linkedChildren(task, facts);
  const awaited = linked.length === 0 ? none : narrowed(linked, site, task, turn);

  const byGenerator = wokenByGenerator(task, site, turn);
  if (byGenerator && task.generator) return { ...byGenerator, awaited: [task.generator.index] };
  const byTask = wokenByChild(task, linked, site, turn) ?? wokenByConsumer(task, site);
  if (byTask) return { ...byTask, awaited };

  const ofTurn = thread.turn && !sameTurn ? kindOfTurn[thread.turn.kind] : undefined;
  if (ofTurn !== undefined && ofTurn === site?.hint) {
    const call = callThatResolved(task);
    if (call && !call.task) call.used = true;
    return { ...wokenByTurn(task, ofTurn), awaited };
  }

  const possible = linked.length === 0 ? possibleChildren(task, facts) : [];
  const byPossible = possible.length > 0 ? wokenByChild(task, possible, site, turn) : undefined;
  if (byPossible) {
    const taken = isCombinator(site) ? possible : possible.filter((child) => child.settledTurn === turn);
    return { ...byPossible, awaited: taken.map((child) => child.index) };
  }

  const call = callThatResolved(task);
  if (call) {
    call.used = true;
    if (call.task) {
      return ready('queue', byTaskAt(call.task, call.site, 'resolve-call'), call.us, call.order, awaited);
    }
    if (thread.turn && !sameTurn) return { ...wokenByTurn(task, kindInTurn(thread.turn.kind, site?.hint)), awaited };
    return ready('queue', undefined, call.us, call.order, awaited);
  }

  const other = thread.lastRunner !== task ? thread.lastRunner : thread.runnerBefore;
  if (thread.turn && sameTurn) {
    // Promise jobs run first in, first out: whoever suspended later and went on earlier shows that this one waited for more than its turn.
    const queuedOnly = thread.latestResumedSuspend < task.waitOrder;
    if (task.waitSite !== noSite && (!other || (queuedOnly && site?.hint !== 'queue'))) {
      return ready('settled', undefined, task.waitStartUs, task.waitOrder, awaited);
    }
  } else if (thread.turn) {
    const told = kindOfTurn[thread.turn.kind] !== undefined;
    const byHint = !told && site?.hint !== undefined && outsideKinds.has(site.hint);
    if (!other || byHint) {
      const kind = kindInTurn(thread.turn.kind, site?.hint);
      return { ...wokenByTurn(task, kind), kindFrom: told || kind === 'other' ? 'observed' : 'source', awaited };
    }
  }
  if (thread.turn && other && task.waitSite !== noSite) {
    return { ...unseen(task, 'queue', 'observed'), waker: byTaskAt(other, startOfLastSlice(other), 'inferred'), awaited };
  }
  return { ...unseen(task, kindFromSource(site, linked), 'source'), awaited };
}

/** What a wait that has not ended is for: only the source can tell. */
export function openWait(task: TaskState, facts: TraceFacts): WaitFacts {
  const site = facts.sites.get(task.waitSite);
  const linked = linkedChildren(task, facts).filter((child) => child.settledOrder > task.waitOrder);
  return {
    ...unseen(task, kindFromSource(site, linked), 'source'),
    awaited: linked.length === 0 ? none : narrowed(linked, site, task, -2),
  };
}

function kindFromSource(site: TracedSite | undefined, linked: readonly TaskState[]): WaitKind {
  if (linked.length > 0) return 'task';
  // A value that was there already would have let the task go on within its turn.
  return site?.hint === undefined || site.hint === 'settled' ? 'other' : site.hint;
}

function kindInTurn(turn: TurnKind, hint: WaitKind | undefined): WaitKind {
  return kindOfTurn[turn] ?? (hint !== undefined && (outsideKinds.has(hint) || hint === 'queue') ? hint : 'other');
}

type Woken = Omit<WaitFacts, 'awaited'>;

function wokenByChild(
  task: TaskState,
  children: readonly TaskState[],
  site: TracedSite | undefined,
  turn: number,
): Woken | undefined {
  let found: TaskState | undefined;
  const first = isRace(site);
  for (const child of children) {
    if (child.phase !== 'settled' || child.settledOrder < task.waitOrder || child.settledTurn !== turn) continue;
    if (!found || (first ? child.settledOrder < found.settledOrder : child.settledOrder > found.settledOrder)) found = child;
  }
  if (!found) return undefined;
  return woken('task', byTaskAt(found, startOfLastSlice(found), 'settled'), found.settledUs, found.settledOrder);
}

/** A round of `for await` over an async generator: it yielded, or ended, since it was asked. */
function wokenByGenerator(task: TaskState, site: TracedSite | undefined, turn: number): Woken | undefined {
  const { generator } = task;
  if (!generator || (site?.kind !== 'for-await' && site?.kind !== 'yield-star')) return undefined;
  if (generator.phase === 'settled') {
    if (generator.settledOrder < task.waitOrder || generator.settledTurn !== turn) return undefined;
    return woken(
      'task',
      byTaskAt(generator, startOfLastSlice(generator), 'settled'),
      generator.settledUs,
      generator.settledOrder,
    );
  }
  if (generator.phase !== 'waiting' || generator.yieldOrder < task.waitOrder || generator.waitTurn !== turn) return undefined;
  return woken('task', byTaskAt(generator, generator.waitSite, 'settled'), generator.waitStartUs, generator.waitOrder);
}

/** A `yield` waits until the consumer asks for the next item. */
function wokenByConsumer(task: TaskState, site: TracedSite | undefined): Woken | undefined {
  if (site?.kind !== 'yield' || !task.consumer) return undefined;
  const { consumer } = task;
  const asking = consumer.phase === 'waiting' ? consumer.waitSite : consumer.sliceFrom;
  return woken('task', byTaskAt(consumer, asking, 'inferred'), task.thread.nowUs, Infinity);
}

function wokenByTurn(task: TaskState, kind: WaitKind): Woken {
  const turn = task.thread.turn!;
  const waker: Waker = { type: 'turn', kind: turn.kind, turn: turn.index };
  if (turn.kind === 'timer') {
    return woken(kind, waker, Math.max(task.waitStartUs, turn.startUs - turn.lateUs), Infinity);
  }
  // The loop asks for finished I/O between turns only. Had a long turn just ended, the work may have been done since it began.
  const long = task.thread.longTurnBefore;
  if (long && kindOfTurn[turn.kind]) {
    return { ...woken(kind, waker, Math.max(task.waitStartUs, long.startUs), Infinity), readyIsBound: true };
  }
  return woken(kind, waker, Math.max(task.waitStartUs, turn.startUs), Infinity);
}

/** The call of a resolve function that may have ended the wait: the first of this turn not yet matched with one, else the last. */
function callThatResolved(task: TaskState): SettleCall | undefined {
  let last: SettleCall | undefined;
  for (const call of task.thread.settleCalls) {
    if (call.order < task.waitOrder || call.task === task) continue;
    if (!call.used) return call;
    last = call;
  }
  return last;
}

/** Which of the linked children the await takes: all for `Promise.all` and for calls of several functions, else one. */
function narrowed(
  linked: readonly TaskState[],
  site: TracedSite | undefined,
  task: TaskState,
  turn: number,
): readonly TaskIndex[] {
  if (linked.length === 1 || isCombinator(site) || (site?.callees?.length ?? 0) > 1) return linked.map((child) => child.index);
  const isCall = site?.name.includes('(') ?? false;
  const settledNow = linked.filter((child) => child.settledTurn === turn && child.settledOrder > task.waitOrder);
  const one = isCall ? linked.at(-1) : (settledNow.at(-1) ?? linked[0]);
  return one ? [one.index] : none;
}

function startOfLastSlice(task: TaskState): SiteId {
  return task.phase === 'running' ? task.sliceFrom : (task.slices.at(-1)?.fromSite ?? task.siteId);
}

function byTaskAt(task: TaskState, site: SiteId, how: 'settled' | 'resolve-call' | 'inferred'): Waker {
  return { type: 'task', task: task.index, site, how };
}

function woken(kind: WaitKind, waker: Waker | undefined, readyUs: number, readyOrder: number): Woken {
  return { kind, kindFrom: 'observed', waker, readyUs, readyIsBound: false, readyOrder };
}

function ready(
  kind: WaitKind,
  waker: Waker | undefined,
  readyUs: number,
  readyOrder: number,
  awaited: readonly TaskIndex[],
): WaitFacts {
  return { ...woken(kind, waker, readyUs, readyOrder), awaited };
}

/** A wait of which nothing tells when it could have gone on. */
function unseen(task: TaskState, kind: WaitKind, kindFrom: 'observed' | 'source'): Woken {
  return { kind, kindFrom, waker: undefined, readyUs: task.thread.nowUs, readyIsBound: false, readyOrder: Infinity };
}
