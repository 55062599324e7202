import type { SiteId, ThreadId } from '../shared/ids.ts';
import type { DurationUs } from '../shared/time.ts';
import { waitKinds, type TurnKind, type WaitKind } from '../shared/waitKind.ts';
import { durationStats, type DurationStats } from './durationStats.ts';
import { harmlessBlocks } from './harmlessBlocks.ts';
import type { BlockingSpan, Task, TaskIndex, TraceModel, Wait, Waker } from './model.ts';
import { joined, ranDuring } from './runningTime.ts';

/** How many of the tasks that ran meanwhile, and of those that woke it, are told of one site. */
const mostNamed = 5;

/** What a run measured at one place in the source. */
export interface SiteStats {
  readonly site: SiteId;
  /** Waits that ended. */
  readonly passes: number;
  /** Waits that were still open at the end of the trace. */
  readonly open: number;
  /** From suspend to resume, over the waits that ended. */
  readonly wait: DurationStats;
  /** Set where the length of some waits is not known to the millisecond: none of those was longer than this. */
  readonly waitAtMostUs: DurationUs | undefined;
  /** The part of it in which the task could have gone on. */
  readonly ready: DurationStats;
  /** True where a ready time is only known to be at most that much. */
  readonly readyIsBound: boolean;
  readonly threw: number;
  /** Waits that ended, the kind with the longest time first. `inferred` of them only go by what the source says. */
  readonly byKind: readonly {
    readonly kind: WaitKind;
    readonly count: number;
    readonly totalUs: DurationUs;
    readonly inferred: number;
  }[];
  /** Who ended the waits, the most frequent first, at most five. */
  readonly wakers: readonly WakerCount[];
  /** How many more there were. */
  readonly moreWakers: number;
  /** Who ran on the thread while somebody waited here, the longest first, at most five. Worked out when first read. */
  readonly ranMeanwhile: readonly { readonly task: TaskIndex; readonly label: string; readonly runningUs: DurationUs }[];
  /** Holds of the loop by this call or loop, or by slices that began here and were a fault; unset where there were none. Wall time. */
  readonly blocking: BlockingStats | undefined;
}

export interface BlockingStats extends DurationStats {
  readonly cause: BlockingSpan['cause'];
  /** Some are bounds: several slices share them. */
  readonly atMost: boolean;
  /** Different tasks that stood still. */
  readonly heldUp: readonly TaskIndex[];
}

export type WakerCount =
  | { readonly type: 'turn'; readonly kind: TurnKind; readonly count: number }
  | {
      readonly type: 'task';
      /** The task's label, or the function's name where several of its tasks did it. */
      readonly label: string;
      readonly site: SiteId;
      readonly path: string | undefined;
      readonly line: number | undefined;
      readonly how: Extract<Waker, { type: 'task' }>['how'];
      readonly count: number;
    };

interface Collected {
  readonly waits: { readonly task: Task; readonly wait: Wait }[];
  readonly blocks: BlockingSpan[];
}

/** What the run measured at each site that was waited at or that held the loop. */
export function siteStats(model: TraceModel): Map<SiteId, SiteStats> {
  const collected = new Map<SiteId, Collected>();
  const at = (site: SiteId): Collected => {
    let found = collected.get(site);
    if (!found) collected.set(site, (found = { waits: [], blocks: [] }));
    return found;
  };
  for (const task of model.tasks) for (const wait of task.waits) at(wait.site).waits.push({ task, wait });
  const harmless = harmlessBlocks(model);
  for (const block of model.blocks) if (block.cause === 'call' || !harmless.has(block)) at(block.site).blocks.push(block);
  return new Map([...collected].map(([site, parts]) => [site, statsOf(model, site, parts)]));
}

function statsOf(model: TraceModel, site: SiteId, { waits, blocks }: Collected): SiteStats {
  const ended = waits.filter(({ wait }) => !wait.open);
  const { wakers, more } = countWakers(model, ended);
  let ranMeanwhile: SiteStats['ranMeanwhile'] | undefined;
  return {
    site,
    passes: ended.length,
    open: waits.length - ended.length,
    wait: durationStats(ended.map(({ wait }) => wait.endUs - wait.startUs)),
    waitAtMostUs: longestBound(ended.map(({ wait }) => wait.atMostUs)),
    ready: durationStats(ended.map(({ wait }) => wait.endUs - wait.readyUs)),
    readyIsBound: ended.some(({ wait }) => wait.readyIsBound),
    threw: ended.filter(({ wait }) => wait.threw).length,
    byKind: countKinds(ended.map(({ wait }) => wait)),
    wakers,
    moreWakers: more,
    get ranMeanwhile() {
      return (ranMeanwhile ??= tasksDuring(model, waits));
    },
    blocking: blocks[0] && {
      ...durationStats(blocks.map((block) => block.durationUs)),
      cause: blocks[0].cause,
      atMost: blocks.some((block) => block.atMost),
      heldUp: [...new Set(blocks.flatMap((block) => block.heldUp))].sort((a, b) => a - b),
    },
  };
}

function longestBound(bounds: readonly (DurationUs | undefined)[]): DurationUs | undefined {
  return bounds.reduce((longest, bound) => ((bound ?? -1) > (longest ?? -1) ? bound : longest), undefined);
}

/** Passes and time by kind of wait, the kind with the longest time first. */
export function countKinds(waits: readonly Wait[]): SiteStats['byKind'] {
  const sums = new Map<WaitKind, { count: number; totalUs: number; inferred: number }>();
  for (const wait of waits) {
    let sum = sums.get(wait.kind);
    if (!sum) sums.set(wait.kind, (sum = { count: 0, totalUs: 0, inferred: 0 }));
    sum.count++;
    sum.totalUs += wait.endUs - wait.startUs;
    if (wait.kindFrom === 'source') sum.inferred++;
  }
  return waitKinds
    .flatMap((kind) => {
      const sum = sums.get(kind);
      return sum ? [{ kind, count: sum.count, totalUs: sum.totalUs as DurationUs, inferred: sum.inferred }] : [];
    })
    .sort((a, b) => b.totalUs - a.totalUs);
}

function countWakers(model: TraceModel, ended: Collected['waits']): { wakers: WakerCount[]; more: number } {
  const groups = new Map<string, { waker: Waker; tasks: Set<TaskIndex>; count: number }>();
  for (const { wait } of ended) {
    const { waker } = wait;
    if (!waker) continue;
    const key = waker.type === 'turn' ? waker.kind : `${waker.how} ${waker.site} ${model.tasks[waker.task]?.name}`;
    let group = groups.get(key);
    if (!group) groups.set(key, (group = { waker, tasks: new Set(), count: 0 }));
    group.count++;
    if (waker.type === 'task') group.tasks.add(waker.task);
  }
  const sorted = [...groups.values()].sort((a, b) => b.count - a.count);
  const wakers = sorted.slice(0, mostNamed).map(({ waker, tasks, count }): WakerCount => {
    if (waker.type === 'turn') return { type: 'turn', kind: waker.kind, count };
    const task = model.tasks[waker.task];
    const site = model.sites.get(waker.site);
    const label = (tasks.size > 1 ? task?.name : task?.label) ?? '(unknown)';
    return { type: 'task', label, site: waker.site, path: site?.path, line: site?.line, how: waker.how, count };
  });
  return { wakers, more: sorted.length - wakers.length };
}

function tasksDuring(model: TraceModel, waits: Collected['waits']): SiteStats['ranMeanwhile'] {
  const threads = new Map<ThreadId, Wait[]>();
  for (const { task, wait } of waits) {
    const ofThread = threads.get(task.thread);
    if (ofThread) ofThread.push(wait);
    else threads.set(task.thread, [wait]);
  }
  return [...threads]
    .flatMap(([thread, ofThread]) => [...ranDuring(model, thread, joined(ofThread))])
    .sort((a, b) => b[1] - a[1])
    .slice(0, mostNamed)
    .map(([task, runningUs]) => ({ task, label: model.tasks[task]?.label ?? '(unknown)', runningUs }));
}

/** Where the time of a task went: `spanUs` is `runningUs` + `nestedUs` + `tracerUs` + the waits + `readyUs`. */
export interface TaskTotals {
  readonly spanUs: DurationUs;
  /** In its own slices, what it called left out. */
  readonly runningUs: DurationUs;
  /** Slices of other tasks within its own. */
  readonly nestedUs: DurationUs;
  /** The tracer held its slices. */
  readonly tracerUs: DurationUs;
  readonly waitingUs: DurationUs;
  readonly waitingByKind: ReadonlyMap<WaitKind, DurationUs>;
  /** Could have gone on, but the loop was busy. */
  readonly readyUs: DurationUs;
  readonly readyIsBound: boolean;
}

export function taskTotals(task: Task): TaskTotals {
  let runningUs = 0;
  let nestedUs = 0;
  let tracerUs = 0;
  for (const slice of task.slices) {
    runningUs += slice.endUs - slice.startUs - slice.nestedUs - slice.tracerUs;
    nestedUs += slice.nestedUs;
    tracerUs += slice.tracerUs;
  }
  let waitingUs = 0;
  let readyUs = 0;
  const byKind = new Map<WaitKind, DurationUs>();
  for (const wait of task.waits) {
    const us = wait.readyUs - wait.startUs;
    waitingUs += us;
    readyUs += wait.endUs - wait.readyUs;
    byKind.set(wait.kind, ((byKind.get(wait.kind) ?? 0) + us) as DurationUs);
  }
  return {
    spanUs: (runningUs + nestedUs + tracerUs + waitingUs + readyUs) as DurationUs,
    runningUs: runningUs as DurationUs,
    nestedUs: nestedUs as DurationUs,
    tracerUs: tracerUs as DurationUs,
    waitingUs: waitingUs as DurationUs,
    waitingByKind: byKind,
    readyUs: readyUs as DurationUs,
    readyIsBound: task.waits.some((wait) => wait.readyIsBound),
  };
}
