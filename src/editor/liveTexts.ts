import { heldUp } from '../analyze/liveReport.ts';
import { mainThread, type ThreadId } from '../shared/ids.ts';
import type { LiveHang, LivePlace, LiveProcessHang, LiveReport, LiveTask } from '../shared/liveReport.ts';
import { formatDuration } from '../shared/time.ts';
import { baseName, type Translate } from './host.ts';
import { countTasks } from './words.ts';

/** A process whose loop is held, and what to say of it: `The loop has been held for 2.10 s by busy (a.ts:12); 3 tasks are ready.` */
export interface HeldText {
  readonly hang: LiveHang;
  readonly text: string;
}

/** The program itself first. */
export function heldTexts(report: LiveReport, t: Translate): HeldText[] {
  const { hang, heldProcesses = [] } = report;
  const own = hang && { hang, text: heldText(hang, t) + othersText(report, mainThread, t) };
  const below = heldProcesses.map((held) => ({ hang: held, text: processText(held, t) + othersText(report, held.thread, t) }));
  return own === undefined ? below : [own, ...below];
}

function heldText({ heldUs, place }: LiveHang, t: Translate): string {
  const time = formatDuration(heldUs);
  return place === undefined
    ? t('The loop has been held for {0}', time)
    : t('The loop has been held for {0} by {1} ({2})', time, place.text, placeText(place));
}

function processText({ pid, name, heldUs, place }: LiveProcessHang, t: Translate): string {
  const time = formatDuration(heldUs);
  return t('The loop of process {0} ({1}) has been held for {2} by {3} ({4})', pid, name, time, place.text, placeText(place));
}

function othersText(report: LiveReport, thread: ThreadId, t: Translate): string {
  const { ready, waiting } = heldUp(report, thread);
  if (ready > 0) return `; ${t('ready: {0}', countTasks(ready, t))}`;
  return waiting > 0 ? `; ${t('waiting: {0}', countTasks(waiting, t))}` : '';
}

/** One entry of the list of live tasks. */
export interface LiveItem {
  readonly label: string;
  readonly description: string;
  readonly detail: string;
  /** Where a click leads. */
  readonly place: LivePlace | undefined;
}

const icons = { running: '$(play)', waiting: '$(watch)', ready: '$(debug-pause)' } as const;

export function liveItems({ tasks }: LiveReport, t: Translate): LiveItem[] {
  return tasks.map((task) => ({
    label: `${icons[task.state]} ${task.name}`,
    description: `${stateText(task, t)} · ${formatDuration(task.forUs)}`,
    detail: detailsOf(task, t).join(' · '),
    place: task.at ?? task.created ?? task.function,
  }));
}

function stateText({ state }: LiveTask, t: Translate): string {
  if (state === 'running') return t('running');
  return state === 'ready' ? t('ready') : t('waiting');
}

function detailsOf(task: LiveTask, t: Translate): string[] {
  const parts: string[] = [];
  if (task.at) parts.push(`${placeText(task.at)} ${task.at.text}`);
  const created = task.created ?? task.function;
  if (created) parts.push(t('created at {0}', placeText(created)));
  if (task.awaits.length > 0) parts.push(t('awaits {0}', task.awaits.slice(0, 4).join(', ')));
  if (task.awaitedBy.length > 0) parts.push(t('awaited by {0}', task.awaitedBy.join(' ← ')));
  return parts;
}

function placeText({ path, line }: LivePlace): string {
  return `${baseName(path)}:${line}`;
}
