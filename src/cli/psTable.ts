import { basename } from 'node:path';
import { hangTexts } from '../analyze/liveReport.ts';
import type { LivePlace, LiveReport, LiveTask } from '../shared/liveReport.ts';
import { formatDuration, type DurationUs } from '../shared/time.ts';

const gap = '  ';
const widest = { task: 20, created: 18 } as const;
const narrowest = 80;

/** What a run is doing, as a table for people: `columns` is the width of the terminal. */
export function psTable(report: LiveReport, nowMs: number, columns = narrowest): string {
  const { pid, program, tasks, leftOut } = report;
  const age = formatDuration(((nowMs - Date.parse(report.startedAt)) * 1000) as DurationUs);
  const virtual = report.clock === 'virtual' ? ', on the virtual clock' : '';
  const lines = [`${basename(program)}  pid ${pid}, for ${age}${virtual}`];
  for (const hang of hangTexts(report, basenameOf)) lines.push(`${gap}${hang}`);
  if (tasks.length === 0) return [...lines, `${gap}no task is live`].join('\n');
  const rows = tasks.map(rowOf);
  const width = (pick: (row: Row) => string, head: string, most: number): number =>
    Math.min(most, Math.max(head.length, ...rows.map((row) => pick(row).length)));
  const widths = [
    width((row) => row.task, 'TASK', widest.task),
    width((row) => row.created, 'CREATED', widest.created),
    'running'.length,
    width((row) => row.time, 'FOR', 12),
  ] as const;
  const cells = (task: string, created: string, state: string, time: string, at: string): string => {
    const left = [fit(task, widths[0]), fit(created, widths[1]), fit(state, widths[2]), time.padStart(widths[3])].join(gap);
    return clip(`${gap}${left}${gap}${at}`, columns).trimEnd();
  };
  lines.push(cells('TASK', 'CREATED', 'STATE', 'FOR', 'AT'));
  for (const row of rows) {
    lines.push(cells(row.task, row.created, row.state, row.time, row.at));
    for (const note of row.notes) lines.push(clip(`${gap}${gap}${note}`, columns));
  }
  if (leftOut > 0) lines.push(`${gap}… ${leftOut} more tasks`);
  return lines.join('\n');
}

interface Row {
  readonly task: string;
  readonly created: string;
  readonly state: string;
  readonly time: string;
  readonly at: string;
  readonly notes: readonly string[];
}

function rowOf(task: LiveTask): Row {
  const thread = task.thread === 0 ? '' : ` @${task.thread}`;
  const notes: string[] = [];
  if (task.awaits.length > 0) notes.push(`awaits ${listed(task.awaits)}`);
  if (task.awaitedBy.length > 0) notes.push(`awaited by ${task.awaitedBy.join(', by ')}`);
  return {
    task: task.name + thread,
    created: placeText(task.created ?? task.function),
    state: task.state,
    time: formatDuration(task.forUs),
    at: task.at === undefined ? '' : `${placeText(task.at)} ${task.at.text}${waitText(task)}`,
    notes,
  };
}

function waitText({ waitsFor }: LiveTask): string {
  return waitsFor === undefined || waitsFor === 'task' ? '' : ` (${waitsFor})`;
}

function placeText(place: LivePlace | undefined): string {
  return place === undefined ? '?' : `${basename(place.path)}:${place.line}`;
}

function basenameOf(path: string): string {
  return basename(path);
}

function listed(names: readonly string[]): string {
  return names.length > 4 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
}

function fit(text: string, width: number): string {
  return clip(text, width).padEnd(width);
}

function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}
