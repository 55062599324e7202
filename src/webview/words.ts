import type { TimelineLayout } from '../analyze/layout.ts';
import type { Callback, Task, TracedSite, Waker } from '../analyze/layoutTrace.ts';
import type { SiteId } from '../shared/ids.ts';
import type { SourcePlace } from '../shared/pageMessages.ts';
import { formatDuration, type DurationUs } from '../shared/time.ts';
import type { TurnKind, WaitKind } from '../shared/waitKind.ts';
import { tickLabel } from './ruler.ts';

/** What a task of this kind waits for, as the interface says it. */
export const waitWords: Readonly<Record<WaitKind, string>> = {
  timer: 'timer',
  file: 'file',
  network: 'network',
  process: 'process',
  worker: 'worker',
  task: 'task',
  queue: 'queue',
  settled: 'settled value',
  other: 'other',
};

const turnWords: Readonly<Record<TurnKind, string>> = {
  unknown: 'a callback of unknown kind',
  main: 'the main program',
  timer: 'a timer',
  immediate: 'setImmediate',
  file: 'a file operation',
  network: 'the network',
  process: 'a child process',
  worker: 'a worker',
  stream: 'a stream',
  crypto: 'a crypto operation',
  zlib: 'a compression',
  signal: 'a signal',
};

export function turnWord(kind: TurnKind): string {
  return turnWords[kind];
}

export function duration(us: number): string {
  return formatDuration(us as DurationUs);
}

/** A moment of the trace with about five digits of its length. */
export function moment(layout: TimelineLayout, timeUs: number): string {
  const largestUs = Math.max(layout.endUs, 1);
  return tickLabel(timeUs, 10 ** (Math.floor(Math.log10(largestUs)) - 4), largestUs);
}

export function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

/** A path as it is written from the folder the program ran in; whole where it lies outside. */
export function shortPath(path: string, folder: string | undefined): string {
  if (folder === undefined || folder === '' || !path.startsWith(folder)) return path;
  const rest = path.slice(folder.length);
  return /^[/\\]/.test(rest) ? rest.slice(1) : path;
}

export function placeOf(site: TracedSite | undefined): SourcePlace | undefined {
  return site && { path: site.path, line: site.line, column: site.column };
}

export function siteOf(layout: TimelineLayout, site: SiteId): TracedSite | undefined {
  return layout.model.sites.get(site);
}

/** `load.ts:12`, or nothing where the trace does not know the site. */
export function lineText(site: TracedSite | undefined): string {
  return site ? `${baseName(site.path)}:${site.line}` : 'an unknown line';
}

/** What stands at a site, for a person: `await load(url), load.ts:12`. */
export function siteText(site: TracedSite | undefined): string {
  if (!site) return 'an unknown line';
  return `${siteCode(site)}, ${lineText(site)}`;
}

/** Site names hold the operand or the whole expression; the keyword is put in front where it is missing. */
function siteCode(site: TracedSite): string {
  const keyword = {
    await: 'await',
    'for-await': 'for await',
    yield: 'yield',
    'yield-star': 'yield*',
    'await-using': 'await using',
    return: 'return',
  };
  const word = (keyword as Partial<Record<string, string>>)[site.kind];
  if (word === undefined || site.name.startsWith(word)) return site.name;
  return site.name === '' ? word : `${word} ${site.name}`;
}

export function taskLabel(layout: TimelineLayout, task: number): string {
  return layout.model.tasks[task]?.label ?? 'an unknown task';
}

export function callbackName(layout: TimelineLayout, callback: Callback): string {
  return siteOf(layout, callback.site)?.name ?? 'an unknown callback';
}

export function wakerText(layout: TimelineLayout, waker: Waker | undefined): string | undefined {
  if (!waker) return undefined;
  if (waker.type === 'turn') return turnWord(waker.kind);
  const name = taskLabel(layout, waker.task);
  const line = lineText(siteOf(layout, waker.site));
  switch (waker.how) {
    case 'settled':
      return `the end of ${name}`;
    case 'resolve-call':
      return `${name}, at ${line}`;
    case 'inferred':
      return `probably ${name}, at ${line}`;
  }
}

export function outcomeText(task: Task): string {
  switch (task.outcome) {
    case 'returned':
      return 'returned';
    case 'threw':
      return task.error === undefined ? 'threw' : `threw ${task.error}`;
    case 'unsettled':
      return 'has not settled';
  }
}
