import { firstFollowedThread, type SiteId } from '../shared/ids.ts';
import { formatDuration, type DurationUs } from '../shared/time.ts';
import type { WaitKind } from '../shared/waitKind.ts';
import { calledName } from './awaitLinks.ts';
import { harmlessBlocks } from './harmlessBlocks.ts';
import type { PlacedFrame } from './heldPlace.ts';
import type { BlockingSpan, Rejection, Task, TaskIndex, TracedSite, TraceModel } from './model.ts';

/** One problem that a run showed: a line, a cause, a cost. */
export interface RunFinding {
  readonly rule: 'blocking' | 'hang' | 'unhandled-rejection' | 'floating' | 'never-settled';
  /** `hang`: where the hold began; 0 where the trace does not know. */
  readonly site: SiteId;
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  /** The task it happened in, or that did not settle; unset outside tasks. */
  readonly task: TaskIndex | undefined;
  /** `blocking`, `hang`: the longest hold, wall time; `floating`: the longest that such a task went on after the call; else 0. */
  readonly durationUs: DurationUs;
  /** `blocking`: several slices from there share the time of the longest hold. */
  readonly atMost: boolean;
  /** How often. */
  readonly count: number;
  /** `blocking`, `hang`: tasks that stood still meanwhile. */
  readonly heldUp: readonly TaskIndex[];
}

export interface FindingOptions {
  /** Shorter holds are not reported; in milliseconds of wall time, 50 unless set. */
  readonly longSliceMs?: number;
}

/** What a run showed to be wrong, the costliest first; nothing where nothing is. */
export function findings(model: TraceModel, options: FindingOptions = {}): RunFinding[] {
  const leastUs = (options.longSliceMs ?? 50) * 1000;
  return [...hangs(model, leastUs), ...blocking(model, leastUs), ...unhandled(model), ...neverSettled(model), ...floating(model)];
}

function blocking(model: TraceModel, leastUs: number): RunFinding[] {
  const bySite = new Map<SiteId, BlockingSpan[]>();
  const harmless = harmlessBlocks(model);
  for (const block of model.blocks) {
    if (block.durationUs < leastUs || harmless.has(block) || isHang(block)) continue;
    const same = bySite.get(block.site);
    if (same) same.push(block);
    else bySite.set(block.site, [block]);
  }
  return [...bySite]
    .flatMap(([id, blocks]) => {
      const site = model.sites.get(id);
      const worst = blocks.reduce((a, b) => (b.durationUs > a.durationUs ? b : a));
      return site ? [blockingFinding(model, site, blocks, worst)] : [];
    })
    .sort((a, b) => b.durationUs - a.durationUs);
}

/** A hold of which looks while it lasted found the line, where no event tells of a call to blame. */
function isHang(block: BlockingSpan): block is BlockingSpan & { readonly heldAt: PlacedFrame } {
  return block.heldAt !== undefined && block.cause === 'slice';
}

function hangs(model: TraceModel, leastUs: number): RunFinding[] {
  const byPlace = new Map<string, (BlockingSpan & { readonly heldAt: PlacedFrame })[]>();
  const harmless = harmlessBlocks(model);
  const traced = new Set(model.files.filter(({ status }) => status === 'instrumented').map(({ path }) => path));
  for (const block of model.blocks) {
    if (block.durationUs < leastUs || harmless.has(block) || !isHang(block)) continue;
    // Compilers and other tools that a program starts compute as long as they do.
    if (block.thread >= firstFollowedThread && !traced.has(block.heldAt.path)) continue;
    const key = `${block.heldAt.line} ${block.heldAt.path}`;
    const same = byPlace.get(key);
    if (same) same.push(block);
    else byPlace.set(key, [block]);
  }
  return [...byPlace.values()].map((blocks): RunFinding => {
    const worst = blocks.reduce((a, b) => (b.durationUs > a.durationUs ? b : a));
    const { path, line, name } = worst.heldAt;
    const heldUp = [...new Set(blocks.flatMap((block) => block.heldUp))].sort((a, b) => a - b);
    const times = blocks.length === 1 ? '' : `${blocks.length} times, at most `;
    const least = worst.atLeast ? 'at least ' : '';
    const victims = heldUp.length === 0 ? '' : `, holding up ${nameTasks(model, heldUp)}`;
    return {
      rule: 'hang',
      site: worst.site,
      path,
      line,
      column: 1,
      message: `${name} held the event loop here ${times}${least}${formatDuration(worst.durationUs)}${victims}`,
      task: worst.task,
      durationUs: worst.durationUs,
      atMost: false,
      count: blocks.length,
      heldUp,
    };
  });
}

function blockingFinding(model: TraceModel, site: TracedSite, blocks: readonly BlockingSpan[], worst: BlockingSpan): RunFinding {
  const heldUp = [...new Set(blocks.flatMap((block) => block.heldUp))].sort((a, b) => a - b);
  const whole = worst.cause === 'call' || site.kind === 'callback';
  const slice = worst.atMost ? 'slices that begin here' : `the slice of ${labelOf(model, worst.task)} that begins here`;
  const what = whole ? site.name : slice;
  const times = blocks.length === 1 ? '' : `${blocks.length} times, `;
  const bound = blocks.length > 1 || worst.atMost ? 'at most ' : '';
  const victims = heldUp.length === 0 ? '' : `, holding up ${nameTasks(model, heldUp)}`;
  return {
    rule: 'blocking',
    ...placeOf(site),
    message: `${what} held the event loop ${times}${bound}${formatDuration(worst.durationUs)}${victims}`,
    task: worst.task,
    durationUs: worst.durationUs,
    atMost: worst.atMost,
    count: blocks.length,
    heldUp,
  };
}

/**
 * Tasks still waiting when the program ended by itself. Only the trace of an ordinary end can tell: after `process.exit` in a task,
 * a crash, a signal or lost events nobody knows what would have come.
 */
function neverSettled(model: TraceModel): RunFinding[] {
  const { exit } = model;
  if (exit?.cause !== 'exited' || exit.signal !== null || (exit.code !== 0 && exit.code !== 13)) return [];
  if (model.counts.dropped > 0) return [];
  const unsettled = model.tasks.filter((task) => task.outcome === 'unsettled' && task.thread === 0);
  if (unsettled.some((task) => !task.waits.at(-1)?.open)) return [];
  // A timer or a file operation under way keeps a program alive: this one was ended by a call.
  if (unsettled.some((task) => ['timer', 'file'].includes(openKind(task)))) return [];
  return unsettled.flatMap((task): RunFinding[] => {
    const wait = task.waits.at(-1);
    const site = wait && (model.sites.get(wait.site) ?? model.sites.get(task.site));
    // A generator that nobody asks for more is done with, not stuck.
    if (!site || site.kind === 'yield' || dependsOnOutside(model, task)) return [];
    const awaited = wait.awaited.length > 0 ? ` for ${nameTasks(model, wait.awaited)}` : '';
    const finding = {
      rule: 'never-settled',
      ...placeOf(site),
      task: task.index,
      durationUs: 0 as DurationUs,
      atMost: false,
      count: 1,
      heldUp: [],
    } as const;
    return [{ ...finding, message: `${task.label} never settled: it still waits${awaited} at ${site.name}` }];
  });
}

const outside: ReadonlySet<WaitKind> = new Set<WaitKind>(['network', 'process', 'worker']);

/** True where the task, or one it awaits, waits for what another program or thread may yet send. */
function dependsOnOutside(model: TraceModel, task: Task, depth = 0): boolean {
  if (outside.has(openKind(task))) return true;
  if (depth > 100) return false;
  const awaited = task.waits.at(-1)?.awaited ?? [];
  return awaited.some((index) => {
    const other = model.tasks[index];
    return other?.outcome === 'unsettled' && dependsOnOutside(model, other, depth + 1);
  });
}

function openKind(task: Task): WaitKind {
  return task.waits.at(-1)?.kind ?? 'other';
}

/** Tasks that threw while nobody handled their promise, at the call that dropped it where that is known. */
function unhandled(model: TraceModel): RunFinding[] {
  const all = model.rejections.flatMap((rejection): RunFinding[] => {
    const first = rejection.tasks[0];
    const task = first === undefined ? undefined : model.tasks[first];
    const dropped = task && droppedCall(model, task);
    const site = task && (dropped ?? model.sites.get(task.site));
    if (!site) return [];
    // A handler without an await leaves no mark: only of a promise that was dropped it is certain.
    const isSure = rejection.tasks.length === 1 && dropped !== undefined;
    const error = rejection.tasks.length === 1 && task.error !== undefined ? ` (${task.error})` : '';
    const what = isSure
      ? `${task.label} threw${error} and nobody handled its promise`
      : `a promise was rejected and nobody handled it, likely that of ${nameTasks(model, rejection.tasks)}${error}`;
    const late = rejection.handledUs === undefined ? '' : `; a handler came ${lateBy(rejection)} later`;
    return [
      {
        rule: 'unhandled-rejection',
        ...placeOf(site),
        message: `${what}${late}`,
        task: task.index,
        durationUs: 0 as DurationUs,
        atMost: false,
        count: 1,
        heldUp: [],
      },
    ];
  });
  const told = new Map<string, RunFinding>();
  for (const found of all) {
    const key = `${found.site} ${found.message}`;
    told.set(key, { ...found, count: (told.get(key)?.count ?? 0) + 1 });
  }
  return [...told.values()];
}

function lateBy({ atUs, handledUs = atUs }: Rejection): string {
  return formatDuration((handledUs - atUs) as DurationUs);
}

/** The call, standing as a statement, that started a task. */
function droppedCall(model: TraceModel, task: Task): TracedSite | undefined {
  const parent = task.parent === undefined ? undefined : model.tasks[task.parent];
  for (const site of model.sites.values()) if (site.kind === 'dropped-call' && isStartedAt(site, task, parent)) return site;
  return undefined;
}

function isStartedAt(site: TracedSite, task: Task, parent: Task | undefined): boolean {
  return (site.callees?.includes(calledName(task.name)) ?? false) && parent?.site === site.owner;
}

/** Tasks started by a call that stands as a statement, which no await of the run took and which went on after it. */
function floating(model: TraceModel): RunFinding[] {
  const dropped = [...model.sites.values()].filter((site) => site.kind === 'dropped-call');
  if (dropped.length === 0) return [];
  const awaited = new Set(model.tasks.flatMap((task) => task.waits.flatMap((wait) => wait.awaited)));
  const told = new Set(model.rejections.flatMap(({ tasks }) => (tasks.length === 1 ? tasks : [])));
  return dropped.flatMap((site): RunFinding[] => {
    const lost = model.tasks.filter((task) => {
      const parent = task.parent === undefined ? undefined : model.tasks[task.parent];
      return isStartedAt(site, task, parent) && task.waits.length > 0 && !awaited.has(task.index) && !told.has(task.index);
    });
    const first = lost[0];
    if (!first) return [];
    const names = nameTasks(
      model,
      lost.map((task) => task.index),
    );
    const message = `the promise of ${names} is dropped here: nobody awaits it, and if it fails nobody is told`;
    return [
      {
        rule: 'floating',
        ...placeOf(site),
        message,
        task: first.index,
        durationUs: wentOn(model, lost),
        atMost: false,
        count: lost.length,
        heldUp: [],
      },
    ];
  });
}

/** How long the longest of some tasks went on after the call that started it; 0 where none ended, or where the clock is no measure. */
function wentOn({ run }: TraceModel, tasks: readonly Task[]): DurationUs {
  if (run?.clock === 'virtual') return 0 as DurationUs;
  const lengths = tasks.map(({ endUs, waits: [first] }) => (endUs === undefined || !first ? 0 : endUs - first.startUs));
  return Math.max(...lengths) as DurationUs;
}

function placeOf(site: TracedSite): Pick<RunFinding, 'site' | 'path' | 'line' | 'column'> {
  return { site: site.id, path: site.path, line: site.line, column: site.column };
}

function labelOf(model: TraceModel, task: TaskIndex | undefined): string {
  return (task === undefined ? undefined : model.tasks[task]?.label) ?? 'the program';
}

/** `a, b and c`, at most three by name. */
export function nameTasks(model: TraceModel, tasks: readonly TaskIndex[]): string {
  const shown = tasks.slice(0, tasks.length > 4 ? 3 : 4).map((index) => labelOf(model, index));
  if (tasks.length > shown.length) return `${shown.join(', ')} and ${tasks.length - shown.length} more`;
  const last = shown.pop() ?? '';
  return shown.length === 0 ? last : `${shown.join(', ')} and ${last}`;
}
