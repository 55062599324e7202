import type { LivePlace, LiveReport, LiveTask } from '../shared/liveReport.ts';
import { formatDuration } from '../shared/time.ts';
import { baseName, type Translate } from './host.ts';
import { countTasks } from './words.ts';

/** `The loop has been held for 2.10 s by busy (a.ts:12); 3 tasks are ready.` */
export function heldText({ hang, tasks }: LiveReport, t: Translate): string {
  if (hang === undefined) return '';
  const time = formatDuration(hang.heldUs);
  const { place } = hang;
  const held =
    place === undefined
      ? t('The loop has been held for {0}', time)
      : t('The loop has been held for {0} by {1} ({2})', time, place.text, placeText(place));
  const ready = tasks.filter(({ state }) => state === 'ready').length;
  const waiting = tasks.filter(({ state }) => state === 'waiting').length;
  if (ready > 0) return `${held}; ${t('ready: {0}', countTasks(ready, t))}`;
  return waiting > 0 ? `${held}; ${t('waiting: {0}', countTasks(waiting, t))}` : held;
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
