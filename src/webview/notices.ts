import { showsAnything, type TraceModel, type TracedFile } from '../analyze/layoutTrace.ts';
import { noAsyncCode } from '../shared/skipReasons.ts';
import { element, plural } from './dom.ts';
import { duration, shortPath } from './words.ts';

/** How far the program is, as the page knows it. */
export interface RunStatus {
  readonly running: boolean;
  readonly failed: string | undefined;
  /** The first bytes have come. */
  readonly begun: boolean;
  /** The last bytes have come: what is missing now is missing for good. */
  readonly complete: boolean;
}

/** Things that must be known before any figure is read, one line each. */
export function banners(model: TraceModel | undefined, status: RunStatus): HTMLElement[] {
  const lines: HTMLElement[] = [];
  const add = (level: 'info' | 'warning' | 'error', text: string): void => {
    lines.push(element('div', { class: `il-banner il-${level}`, role: level === 'error' ? 'alert' : 'note' }, text));
  };
  if (status.failed !== undefined && model && model.counts.events > 0) add('error', status.failed);
  // Of a file that is no trace nothing else is worth saying.
  if (!model || (status.failed !== undefined && model.counts.events === 0)) return lines;
  if (model.run?.clock === 'virtual')
    add(
      'info',
      'Virtual time: not a measure of performance. Waits take no real time here; blocking calls are given in wall time.',
    );
  const { dropped } = model.counts;
  if (dropped > 0)
    add(
      'warning',
      `${plural(dropped, 'event')} dropped: the target ran out of room to record. What happened then is missing here.`,
    );
  const { unreadStretches, longestUnreadUs } = model.timing;
  if (unreadStretches > 0)
    add(
      'info',
      `In ${plural(unreadStretches, 'stretch', 'stretches')} of up to ${duration(longestUnreadUs)} only the order of events is known, not their moments. Slices and waits there are given as “at most”.`,
    );
  const limits = new Set([...(model.target?.limits ?? []), ...model.notices]);
  for (const limit of limits) add('info', sentenceCase(limit));
  const { exit } = model;
  if (exit?.message !== undefined && exit.cause === 'spawn-failed' && model.tasks.length > 0)
    add('error', sentenceCase(exit.message));
  for (const warning of model.warnings) {
    // Said already above, or true of every trace that still grows.
    if (limits.has(warning) || warning === status.failed || isDroppedWarning(warning)) continue;
    if (exit?.cause === 'spawn-failed' && warning === exit.message) continue;
    if (status.complete || warning === exit?.message) add('warning', sentenceCase(warning));
  }
  return lines;
}

/** The banner with the count of dropped events says more. */
function isDroppedWarning(warning: string): boolean {
  return warning.endsWith('events were lost because memory ran out');
}

function sentenceCase(text: string): string {
  const plain = text.replaceAll('`', '');
  const first = plain.charAt(0).toUpperCase() + plain.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}

/** What is shown in place of the lanes when there are none; undefined when there are. */
export function emptyState(model: TraceModel | undefined, status: RunStatus, idle: boolean): HTMLElement | undefined {
  const nothingYet = !model || (model.turns.length === 0 && !showsAnything(model));
  if (status.failed !== undefined && nothingYet)
    return panel('The trace cannot be shown', 'alert', element('p', {}, status.failed));
  if (!model && idle && !status.begun && !status.running) {
    return panel('No trace yet', 'status', element('p', {}, 'Run “Trace async run” on a file, or open a trace file.'));
  }
  if (!model) return panel(status.begun || !status.running ? 'Reading the trace…' : 'Waiting for the program…', 'status');
  if (model.tasks.length > 0 || model.callbacks.length > 0) return undefined;
  const skipped = model.files.filter((file) => file.status === 'skipped');
  const instrumented = model.files.length - skipped.length;
  if (status.running) {
    if (model.files.length === 0)
      return panel('Waiting for the program…', 'status', element('p', {}, 'It has not loaded any of your files yet.'));
    return panel(
      'No async function has run yet',
      'status',
      element('p', {}, `${plural(instrumented, 'file')} instrumented. Tasks appear as they start.`),
    );
  }
  if (model.exit?.cause === 'spawn-failed')
    return panel('The program did not start', 'alert', element('p', {}, model.exit.message ?? 'Node could not be run.'));
  if (instrumented === 0) {
    const [heading, why] = nothingInstrumented(skipped);
    return panel(heading, 'status', element('p', {}, why), fileList(skipped, model.run?.cwd));
  }
  const text = `${plural(instrumented, 'file was', 'files were')} instrumented, and no async function in ${instrumented === 1 ? 'it' : 'them'} was called.`;
  const rest =
    skipped.length > 0
      ? [element('p', {}, `${plural(skipped.length, 'file was', 'files were')} skipped:`), fileList(skipped, model.run?.cwd)]
      : [];
  return panel('No async tasks', 'status', element('p', {}, text), ...rest);
}

/** Heading and sentence over the list of files that were left as they are. */
function nothingInstrumented(skipped: readonly TracedFile[]): [heading: string, why: string] {
  const all = (start: string): boolean => skipped.every(({ reason }) => reason?.startsWith(start));
  if (skipped.length === 0)
    return ['Nothing was instrumented', 'The program loaded none of your files, or all it loaded are excluded.'];
  if (all(noAsyncCode))
    return ['No async code', 'There is nothing to show: no file of the program has an async function or a top-level await.'];
  if (all('syntax error')) return ['Syntax error', 'The program could not be read. Its output has what Node says of it.'];
  return ['Nothing was instrumented', 'No file of the program was instrumented, so there is nothing to show:'];
}

function panel(title: string, role: 'status' | 'alert', ...children: readonly HTMLElement[]): HTMLElement {
  return element('div', { class: 'il-empty', role }, element('h2', {}, title), ...children);
}

const mostFiles = 200;

/** Files that were not instrumented, each with its reason. */
export function fileList(files: readonly TracedFile[], folder: string | undefined): HTMLElement {
  const items = files
    .slice(0, mostFiles)
    .map(({ path, reason }) =>
      element(
        'li',
        {},
        element('span', { title: path }, shortPath(path, folder)),
        element('small', {}, reason ?? 'no reason was recorded'),
      ),
    );
  if (files.length > mostFiles)
    items.push(element('li', { class: 'il-more' }, `and ${plural(files.length - mostFiles, 'other')}`));
  return element('ul', { class: 'il-files' }, ...items);
}

/** How the program stands or ended, by the launcher's clock: `Exit code 0, 1.02 s after launch`. */
export function statusText(model: TraceModel | undefined, status: RunStatus): string {
  const exit = model?.exit;
  if (!exit) return status.failed !== undefined ? 'Failed' : status.running ? 'Running' : 'Ended';
  const wall = model.run?.clock === 'virtual' ? ' (wall time)' : '';
  const after = `${duration(exit.afterUs)}${wall} after launch`;
  switch (exit.cause) {
    case 'spawn-failed':
      return 'Did not start';
    case 'cancelled':
      return `Cancelled ${after}`;
    case 'timeout':
      return `Timed out ${after}`;
    case 'exited':
      if (exit.signal !== null) return `Killed by ${exit.signal}, ${after}`;
      // Node's code for a program that runs out of work while a module still awaits.
      if (exit.code === 13) return `Exit code 13 (a top-level await never settled), ${after}`;
      return `Exit code ${exit.code ?? 'unknown'}, ${after}`;
  }
}
