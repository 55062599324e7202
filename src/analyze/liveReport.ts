import { mainThread, type SiteId, type ThreadId } from '../shared/ids.ts';
import type { LiveHang, LivePlace, LiveProcessHang, LiveReport, LiveTask } from '../shared/liveReport.ts';
import { formatDuration, type DurationUs } from '../shared/time.ts';
import type { HangRecord } from '../shared/traceRecords.ts';
import { heldPlace } from './heldPlace.ts';
import { liveAwaits } from './liveAwaits.ts';
import type { LiveTaskState } from './liveEvents.ts';
import type { LiveHold, LiveTasks } from './liveTasks.ts';
import { siteCode } from './siteCode.ts';

/** Tasks that are told; a program with more has them of the same few kinds. */
const mostTold = 5_000;
const longestChain = 50;

/** What a run is doing now: `nowMs` is of the clock that the trace was handed over by. */
export function liveReport(live: LiveTasks, pid: number, nowMs: number): LiveReport {
  const tasks = live.tasks();
  const now = live.unitsAt(nowMs);
  const namer = nameTasks(live, tasks);
  const awaits = liveAwaits(tasks, live.sites);
  const awaiters = new Map<LiveTaskState, LiveTaskState>();
  for (const task of tasks) for (const other of awaits.of(task)) if (!awaiters.has(other)) awaiters.set(other, task);
  const holds = live.holds();
  const traced = holds.length === 0 ? new Set<string>() : new Set([...live.sites.values()].map(({ path }) => path));
  const isTraced = (path: string): boolean => traced.has(path);
  const heldUs = (last: HangRecord): number =>
    live.run?.clock === 'virtual' ? last.heldUs : Math.max(last.heldUs, now / 10 - last.sinceUs);
  let hang: LiveHang | undefined;
  const heldProcesses: LiveProcessHang[] = [];
  for (const hold of holds) {
    const found = hangOf(hold, isTraced, heldUs);
    const { thread, process } = hold;
    if (thread === mainThread) hang = found;
    // Compilers and other tools that a program starts compute as long as they do: of those nobody is told.
    else if (process && found?.place && isTraced(found.place.path))
      heldProcesses.push({ ...process, thread, heldUs: found.heldUs, place: found.place });
  }
  return {
    version: 1,
    pid,
    program: live.run?.entry ?? '',
    startedAt: live.run?.startedAt ?? '',
    clock: live.run?.clock ?? 'wall',
    ...(hang === undefined ? {} : { hang }),
    ...(heldProcesses.length === 0 ? {} : { heldProcesses }),
    tasks: tasks.slice(0, mostTold).map((task): LiveTask => {
      const ready = awaits.isReady(task);
      const open = awaits.of(task);
      const waitsFor = open.length > 0 ? 'task' : live.sites.get(task.at)?.hint;
      const written = placeOf(live, task.siteId);
      const created = placeOf(live, awaits.createdAt(task));
      const at = placeOf(live, task.at);
      return {
        name: namer(task),
        thread: task.thread,
        ...(written === undefined ? {} : { function: written }),
        ...(created === undefined ? {} : { created }),
        state: task.phase === 'running' ? 'running' : ready ? 'ready' : 'waiting',
        ...(at === undefined ? {} : { at }),
        ...(task.phase === 'waiting' && !ready && waitsFor !== undefined ? { waitsFor } : {}),
        awaits: open.map(namer),
        awaitedBy: chainOf(task, awaiters).map(namer),
        forUs: Math.max(0, Math.round(now - task.sinceUnits) / 10) as DurationUs,
      };
    }),
    leftOut: Math.max(0, tasks.length - mostTold),
  };
}

/** The hold that the last look saw; the turn that was looked at has not ended: the trace would tell of the next. */
function hangOf(
  { samples }: LiveHold,
  isTraced: (path: string) => boolean,
  heldUs: (last: HangRecord) => number,
): LiveHang | undefined {
  const last = samples.at(-1);
  if (last === undefined) return undefined;
  const stacks = samples.filter(({ sinceUs }) => sinceUs === last.sinceUs).map(({ stack }) => stack);
  const place = heldPlace(stacks, isTraced);
  return {
    heldUs: heldUs(last) as DurationUs,
    ...(place === undefined ? {} : { place: { path: place.path, line: place.line, text: place.name } }),
  };
}

/** `The loop has been held for 2.10 s by busy (src/a.ts:12); 3 tasks are ready`: a line for each process that is held. `show` shortens a path. */
export function hangTexts(report: LiveReport, show: (path: string) => string): string[] {
  const { hang, heldProcesses = [] } = report;
  const threads = [...(hang === undefined ? [] : [mainThread]), ...heldProcesses.map(({ thread }) => thread)];
  return threads.flatMap((thread) => hangText(report, thread, show) ?? []);
}

/** The line for one main thread; undefined where that is not held. */
export function hangText(report: LiveReport, thread: ThreadId, show: (path: string) => string): string | undefined {
  const process = report.heldProcesses?.find((held) => held.thread === thread);
  const hang = thread === mainThread ? report.hang : process;
  if (hang === undefined) return undefined;
  const loop = process === undefined ? 'The loop' : `The loop of process ${process.pid} (${process.name})`;
  const by = hang.place === undefined ? '' : ` by ${hang.place.text} (${show(hang.place.path)}:${hang.place.line})`;
  const { ready, waiting } = heldUp(report, thread);
  const others = ready > 0 ? count(ready, 'is ready', 'are ready') : waiting > 0 ? count(waiting, 'waits', 'wait') : '';
  return `${loop} has been held for ${formatDuration(hang.heldUs)}${by}${others}`;
}

/** The tasks that stand still with a main thread. */
export function heldUp({ tasks }: LiveReport, thread: ThreadId): { readonly ready: number; readonly waiting: number } {
  const there = tasks.filter((task) => task.thread === thread);
  const inState = (state: LiveTask['state']): number => there.filter((task) => task.state === state).length;
  return { ready: inState('ready'), waiting: inState('waiting') };
}

function count(number: number, one: string, many: string): string {
  return `; ${number} ${number === 1 ? `task ${one}` : `tasks ${many}`}`;
}

/** Names with numbers where several tasks of a name are live. */
function nameTasks(live: LiveTasks, tasks: readonly LiveTaskState[]): (task: LiveTaskState) => string {
  const nameOf = ({ siteId }: LiveTaskState): string => live.sites.get(siteId)?.name ?? '(unknown)';
  const byName = new Map<string, number>();
  for (const task of tasks) byName.set(nameOf(task), (byName.get(nameOf(task)) ?? 0) + 1);
  return (task) => ((byName.get(nameOf(task)) ?? 0) > 1 ? `${nameOf(task)} #${task.id}` : nameOf(task));
}

function chainOf(task: LiveTaskState, awaiters: ReadonlyMap<LiveTaskState, LiveTaskState>): LiveTaskState[] {
  const chain: LiveTaskState[] = [];
  for (let at = awaiters.get(task); at !== undefined && chain.length < longestChain; at = awaiters.get(at)) chain.push(at);
  return chain;
}

function placeOf(live: LiveTasks, id: SiteId): LivePlace | undefined {
  const site = live.sites.get(id);
  return site && { path: site.path, line: site.line, text: siteCode(site) };
}
