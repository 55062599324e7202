import type { SiteId } from '../shared/ids.ts';
import type { TimeUs } from '../shared/time.ts';
import type { RejectionRecord } from '../shared/traceRecords.ts';
import type { Rejection, Task, TracedSite } from './model.ts';
import { toTime, type TaskState, type ThreadState } from './taskState.ts';

/** What the tracker knows of one when the trace tells of it. */
export interface NotedRejection {
  readonly thread: ThreadState;
  readonly atUs: TimeUs;
  /** The tasks that ended with a throw in the turn, in order; the same list for all that were told of in one draining. */
  readonly threw: readonly TaskState[];
  handledUs: TimeUs | undefined;
}

/** Takes a record in, in its place among the events of its thread. */
export function noteRejection(noted: NotedRejection[], thread: ThreadState, { late }: RejectionRecord): void {
  const atUs = toTime(thread.nowUs);
  if (!late) {
    noted.push({ thread, atUs, threw: thread.threw, handledUs: undefined });
    return;
  }
  const open = noted.filter((one) => one.thread === thread && one.handledUs === undefined);
  // Of several nobody knows which.
  if (open.length === 1) open[0]!.handledUs = atUs;
}

/**
 * Finds whose promises they can be: of the tasks that threw in that turn those that no other task awaits, one each where they are as many.
 * A module that throws ends the program in another way.
 */
export function rejectionsOf(
  noted: readonly NotedRejection[],
  tasks: readonly Task[],
  sites: ReadonlyMap<SiteId, TracedSite>,
): Rejection[] {
  if (noted.length === 0) return [];
  const awaited = new Set(tasks.flatMap((task) => task.waits.flatMap((wait) => wait.awaited)));
  const groups = new Map<readonly TaskState[], NotedRejection[]>();
  for (const one of noted) groups.set(one.threw, [...(groups.get(one.threw) ?? []), one]);
  return noted.map((one) => {
    const group = groups.get(one.threw) ?? [];
    const candidates = one.threw
      .filter(({ index, siteId }) => !awaited.has(index) && sites.get(siteId)?.kind !== 'module')
      .map(({ index }) => index);
    const own = candidates[group.indexOf(one)];
    return {
      thread: one.thread.id,
      atUs: one.atUs,
      tasks: candidates.length === group.length && own !== undefined ? [own] : candidates,
      handledUs: one.handledUs,
    };
  });
}
