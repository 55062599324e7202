import { findings, nameTasks } from '../analyze/findings.ts';
import { countKinds } from '../analyze/ledger.ts';
import type { TraceModel, TracerCost } from '../analyze/model.ts';
import { formatDuration, type DurationUs } from '../shared/time.ts';
import { siteCode } from '../analyze/siteCode.ts';
import { baseName } from './placeText.ts';
import { timingText } from '../shared/timingText.ts';
import { noAsyncCode } from '../shared/skipReasons.ts';
import { skippedFiles } from './transcriptSummary.ts';

export interface SummaryOptions {
  /** Colours for a terminal. */
  readonly colour?: boolean;
  /** Holds of the loop shorter than this are not told; in milliseconds, 50 unless set. */
  readonly longSliceMs?: number;
}

/** How many problems of one sort are told. */
const mostTold = 5;

type Paint = (text: string) => string;

interface Palette {
  readonly strong: Paint;
  readonly dim: Paint;
  readonly warning: Paint;
}

/** The few lines that tell what a run was: tasks, time, waits, what held the loop, what never settled, what was not seen. */
export function summary(model: TraceModel, options: SummaryOptions = {}): string {
  const paint = palette(options.colour ?? false);
  const lines = [headLine(model, paint)];
  const row = (name: string, text: string, colour: Paint = paint.dim): void =>
    void lines.push(`  ${colour(name.padEnd(14))} ${text}`);
  const nothing = whyNothing(model);
  if (nothing !== undefined) lines.push(`  ${paint.warning(nothing)}`);
  if (model.run?.clock === 'virtual') row('clock', 'virtual time: not a measure of performance');
  const kinds = countKinds(model.tasks.flatMap((task) => task.waits));
  if (kinds.length > 0)
    row('waits', kinds.map(({ kind, count, totalUs }) => `${kind} ${count} (${formatDuration(totalUs)})`).join(', '));
  for (const line of problemLines(model, options)) row(line.name, line.text, paint.warning);
  if (model.processes.length > 0) row('processes', processText(model));
  const { told: skipped, withoutAsyncCode } = skippedFiles(model);
  for (const { path, reason } of skipped.slice(0, mostTold)) row('skipped', `${baseName(path)}: ${reason}`);
  if (skipped.length > mostTold) row('skipped', `${skipped.length - mostTold} more files`);
  // Only where nothing was seen is it news that there was nothing to see.
  if (withoutAsyncCode > 0 && nothing !== undefined) row('skipped', filesWithout(withoutAsyncCode));
  const times = timingText(model.timing);
  if (times !== undefined) row('times', times);
  if (model.overhead) row('tracing', costText(model.overhead));
  for (const warning of model.warnings) row('note', warning, paint.warning);
  return lines.join('\n');
}

function headLine(model: TraceModel, paint: Palette): string {
  const { run, exit } = model;
  const parts = [counted(model.tasks.length, 'task')];
  if (model.callbacks.length > 0) parts.push(counted(model.callbacks.length, 'callback'));
  if (run?.clock === 'virtual') parts.push(`${formatDuration(model.endUs as number as DurationUs)} of virtual time`);
  if (exit) {
    const took = exit.afterUs > 0 ? formatDuration(exit.afterUs as number as DurationUs) : undefined;
    // From the start of Node to the end of the process: the trace itself begins with the program's first line.
    if (took !== undefined) parts.push(`${took}${run?.clock === 'virtual' ? ' of real time' : ''} with start-up`);
    if (exit.cause !== 'exited') parts.push(exit.cause);
    if (exit.signal !== null) parts.push(`signal ${exit.signal}`);
    else if (exit.code !== null) parts.push(`exit code ${exit.code}`);
  } else if (model.endUs > 0) parts.push(formatDuration(model.endUs as number as DurationUs));
  return `${paint.strong(run ? baseName(run.entry) : 'trace')}: ${parts.join(', ')}`;
}

function processText({ processes }: TraceModel): string {
  const names = processes.slice(0, mostTold).map(({ name, pid }) => `${name} (${pid})`);
  const more = processes.length > names.length ? ` and ${processes.length - names.length} more` : '';
  return `${processes.length} followed: ${names.join(', ')}${more}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function costText({ transformUs, writingUs }: TracerCost): string {
  return `${formatDuration(transformUs)} waiting for instrumented files, ${formatDuration(writingUs)} writing events; probe calls not counted`;
}

function filesWithout(count: number): string {
  return `${count} ${count === 1 ? 'file' : 'files'}: ${noAsyncCode}`;
}

/** Why a trace shows no task, in plain words; undefined where it shows some. */
function whyNothing(model: TraceModel): string | undefined {
  if (model.tasks.length > 0 || model.callbacks.length > 0) return undefined;
  const instrumented = model.files.filter((file) => file.status === 'instrumented');
  if (instrumented.length === 0) {
    return model.files.length === 0
      ? 'Nothing was instrumented: the program loaded none of your files, or all it loaded are excluded.'
      : 'Nothing was instrumented: every file the program loaded was skipped.';
  }
  const asynchronous = instrumented.some((file) =>
    file.siteIds.some((id) => ['function', 'module'].includes(model.sites.get(id)?.kind ?? '')),
  );
  return asynchronous ? 'No async function ran.' : 'The program has no async function and no top-level await.';
}

function problemLines(model: TraceModel, options: SummaryOptions): { readonly name: string; readonly text: string }[] {
  const all = findings(model, options.longSliceMs === undefined ? {} : { longSliceMs: options.longSliceMs });
  const names = {
    hang: 'held',
    blocking: 'blocking',
    'unhandled-rejection': 'unhandled',
    'never-settled': 'never settled',
    floating: 'floating',
  } as const;
  return (['hang', 'blocking', 'unhandled-rejection', 'never-settled', 'floating'] as const).flatMap((rule) => {
    const found = all.filter((finding) => finding.rule === rule);
    const lines = found.slice(0, mostTold).map((finding) => {
      const site = model.sites.get(finding.site);
      const place = `${baseName(finding.path)}:${finding.line}`;
      if (rule !== 'blocking') return { name: names[rule], text: `${place}  ${finding.message}` };
      const times = `${finding.count === 1 && !finding.atMost ? '' : ' at most'}${finding.count === 1 ? '' : `, ${finding.count} times`}`;
      const victims = finding.heldUp.length === 0 ? '' : `, holding up ${nameTasks(model, finding.heldUp)}`;
      return {
        name: names[rule],
        text: `${place}  ${site ? siteCode(site) : ''}  ${formatDuration(finding.durationUs)}${times}${victims}`,
      };
    });
    if (found.length > lines.length) lines.push({ name: names[rule], text: `${found.length - lines.length} more places` });
    return lines;
  });
}

function palette(colour: boolean): Palette {
  const sgr =
    (on: number, off: number): Paint =>
    (text) =>
      colour ? `\u001b[${on}m${text}\u001b[${off}m` : text;
  return { strong: sgr(1, 22), dim: sgr(2, 22), warning: sgr(33, 39) };
}
