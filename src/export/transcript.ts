import type { TraceModel } from '../analyze/model.ts';
import { mainThread } from '../shared/ids.ts';
import { baseName } from './placeText.ts';
import { transcriptEntries, type Entry } from './transcriptEntries.ts';
import { timingText } from '../shared/timingText.ts';
import { noAsyncCode } from '../shared/skipReasons.ts';
import { skippedFiles, summaryLines } from './transcriptSummary.ts';
import { entryText, threadMark, wordingOf, type Wording } from './transcriptWords.ts';

export interface TranscriptOptions {
  /** Only what is the same in every run: no moments of the wall clock, durations to 0.1 s, file names without folders, no versions. */
  readonly normalised?: boolean;
  /** Events written at most; the rest is counted. 20,000 unless set. */
  readonly mostEvents?: number;
}

/** Names are padded to a common column up to this width. */
const widestName = 32;

/**
 * A trace as text that people read and tools compare: a head, one line per event (moment, task, what happened), a summary.
 * `syntaxes/interleave-transcript.tmLanguage.json` is its grammar.
 */
export function transcript(model: TraceModel, options: TranscriptOptions = {}): string {
  const normalised = options.normalised ?? false;
  const words = wordingOf(model, normalised);
  const lines = [
    ...headLines(model, normalised),
    '',
    'events',
    ...eventLines(words, options.mostEvents ?? 20_000),
    ...summaryLines(words),
  ];
  return `${lines.join('\n')}\n`;
}

function headLines(model: TraceModel, normalised: boolean): string[] {
  const { run, target, exit } = model;
  const path = (full: string): string => (normalised ? baseName(full) : full);
  const lines = ['interleave transcript 1'];
  if (run) {
    const call = run.functionName === undefined ? '' : ` ${run.functionName}(${run.args.join(', ')})`;
    lines.push(`program  ${path(run.entry)}${call}`);
    lines.push(run.clock === 'virtual' ? 'clock    virtual time: not a measure of performance' : 'clock    wall');
    if (!normalised) lines.push(`started  ${run.startedAt}`);
  }
  if (target && !normalised) lines.push(`node     ${target.nodeVersion}`);
  if (exit) lines.push(`exit     ${exitText(model)}`);
  if (!normalised) lines.push(`counts   ${model.counts.events} events, ${model.counts.dropped} dropped`);
  model.processes.forEach((process, index) => {
    const starter = process.parent === mainThread ? '' : `, started by ${threadMark(model, process.parent)}`;
    const pid = normalised ? '' : `, pid ${process.pid}`;
    lines.push(`process  p${index + 1} runs ${process.name}${pid}${starter}`);
  });
  const times = timingText(model.timing);
  if (times !== undefined && !normalised) lines.push(`times    ${times}`);
  const { told, withoutAsyncCode } = skippedFiles(model);
  for (const file of told) lines.push(`skipped  ${path(file.path)}: ${file.reason}`);
  if (withoutAsyncCode > 0)
    lines.push(`skipped  ${withoutAsyncCode} ${withoutAsyncCode === 1 ? 'file' : 'files'}: ${noAsyncCode}`);
  for (const warning of model.warnings) lines.push(`warning  ${warning}`);
  return lines;
}

function exitText(model: TraceModel): string {
  const { exit } = model;
  if (!exit) return '';
  const how = exit.cause === 'exited' ? '' : `${exit.cause}, `;
  if (exit.signal !== null) return `${how}signal ${exit.signal}`;
  return exit.code === null ? `${how}no code` : `${how}code ${exit.code}`;
}

function eventLines(words: Wording, mostEvents: number): string[] {
  const entries = transcriptEntries(words.model);
  const shown = entries.slice(0, mostEvents);
  const width = Math.min(widestName, Math.max(0, ...new Set(shown.map((entry) => nameOf(words, entry).length))));
  const lines = shown.map((entry) => {
    const moment = words.moment(entry.us);
    const name = nameOf(words, entry).padEnd(width);
    return `${moment === undefined ? '' : `${moment.padStart(14)}`}  ${name}  ${entryText(words, entry)}`;
  });
  if (entries.length > shown.length) lines.push(`  … ${entries.length - shown.length} more events left out`);
  return lines;
}

function nameOf(words: Wording, entry: Entry): string {
  if (entry.type === 'callback') return words.callbackName(entry.callback);
  return words.taskName(entry.task, entry.type === 'block' ? entry.block.thread : undefined);
}
