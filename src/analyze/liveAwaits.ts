import { noSite, type SiteId } from '../shared/ids.ts';
import { calledName, isCalledIn, isCombinator } from './awaitLinks.ts';
import type { LiveTaskState } from './liveEvents.ts';
import type { TracedSite } from './model.ts';

/** What live tasks have to do with each other, as far as the source tells; see `awaitLinks.ts`. */
export interface LiveAwaits {
  /** Those that a task waits for, of those that have not settled. */
  of(task: LiveTaskState): readonly LiveTaskState[];
  /** True where all that a waiting task awaits is done, as far as is known. */
  isReady(task: LiveTaskState): boolean;
  /** The call that started a task; 0 where nothing tells. */
  createdAt(task: LiveTaskState): SiteId;
}

export function liveAwaits(tasks: readonly LiveTaskState[], sites: ReadonlyMap<SiteId, TracedSite>): LiveAwaits {
  const facts = { sites };
  const dropped = [...sites.values()].filter(({ kind }) => kind === 'dropped-call');
  const children = new Map<LiveTaskState, LiveTaskState[]>();
  for (const task of tasks) {
    if (task.parent === undefined) continue;
    const siblings = children.get(task.parent);
    if (siblings) siblings.push(task);
    else children.set(task.parent, [task]);
  }
  const called = (siteId: SiteId) => ({ siteId, calledAs: calledName(sites.get(siteId)?.name ?? '') });
  const awaits = new Map<LiveTaskState, readonly LiveTaskState[]>();

  function find(task: LiveTaskState): readonly LiveTaskState[] {
    const site = task.phase === 'waiting' ? sites.get(task.at) : undefined;
    const own = children.get(task) ?? [];
    if (site === undefined || own.length === 0) return [];
    const several = isCombinator(site) || (site.callees?.length ?? 0) > 1;
    const matching = own.filter((child) => isCalledIn(site, called(child.siteId), facts));
    if (matching.length > 0) return several ? matching : matching.slice(-1);
    if (startedThere(task, site)) return [];
    if (site.hint !== undefined && site.hint !== 'task' && site.hint !== 'other') return [];
    if (isCombinator(site)) return own;
    // `await run()` where `run` gives what it started: the last one, unless that has settled.
    const last = own.at(-1)!;
    return several || last.siteId !== task.lastStarted ? [] : [last];
  }

  /** True where the await takes what the slice before it started; of what has settled nothing else is left. */
  function startedThere({ lastStarted }: LiveTaskState, site: TracedSite): boolean {
    return lastStarted !== noSite && isCalledIn(site, called(lastStarted), facts);
  }

  return {
    of(task) {
      let found = awaits.get(task);
      if (found === undefined) awaits.set(task, (found = find(task)));
      return found;
    },
    isReady(task) {
      const site = task.phase === 'waiting' ? sites.get(task.at) : undefined;
      if (site === undefined) return false;
      if (site.hint === 'settled') return true;
      return startedThere(task, site) && this.of(task).length === 0;
    },
    createdAt({ parent, parentSite, siteId }) {
      const site = parent?.phase === 'waiting' ? sites.get(parent.at) : undefined;
      if (site !== undefined && isCalledIn(site, called(siteId), facts)) return site.id;
      const { calledAs } = called(siteId);
      const call = dropped.find(({ owner, callees }) => owner === parentSite && callees?.includes(calledAs) === true);
      return call?.id ?? noSite;
    },
  };
}
