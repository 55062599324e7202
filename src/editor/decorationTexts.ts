import type { SiteStats } from '../analyze/ledger.ts';
import type { TracedFile, TracedSite, TraceModel } from '../analyze/model.ts';
import { formatDuration } from '../shared/time.ts';
import { measuredSites } from './figures.ts';
import type { Translate } from './host.ts';
import { countTasks, waitKindText } from './words.ts';

/** At most so many lines of one file are decorated; those that cost most come first. */
export const maxLinesPerFile = 400;
/** Parts of one line; the hover has the others. */
const maxPartsPerLine = 2;
/** A wait shorter than this is noise at a line, µs. */
const noiseUs = 1000;

/** What stands after one line of the traced text. */
export interface LineText {
  /** From 1. */
  readonly line: number;
  readonly kind: 'wait' | 'blocking';
  readonly text: string;
}

interface Part {
  readonly line: number;
  readonly kind: LineText['kind'];
  readonly text: string;
  /** What it cost, µs: decides what is shown where there is too much. */
  readonly weight: number;
  /** It came after a wait of the same line. */
  readonly after: boolean;
}

export interface LineTexts {
  /** In order of the source, one per line. */
  readonly lines: readonly LineText[];
  /** Lines left out because there were too many. */
  readonly omitted: number;
}

/** What the run measured at the lines of one file, where it is worth a word. */
export function lineTexts(model: TraceModel, file: TracedFile, longSliceMs: number, t: Translate): LineTexts {
  const virtual = model.run?.clock === 'virtual';
  const byLine = new Map<number, Part[]>();
  for (const { site, stats } of measuredSites(model, file)) {
    for (const part of [blockingPart(site, stats, longSliceMs, t), waitPart(site.line, stats, virtual, t)]) {
      if (!part) continue;
      const parts = byLine.get(part.line);
      if (parts) parts.push(part);
      else byLine.set(part.line, [part]);
    }
  }
  const lines = [...byLine].map(([line, parts]) => ({ line, parts, weight: parts.reduce((sum, { weight }) => sum + weight, 0) }));
  const kept = lines.sort((a, b) => b.weight - a.weight).slice(0, maxLinesPerFile);
  return {
    lines: kept.sort((a, b) => a.line - b.line).map(({ line, parts }) => joinParts(line, parts, t)),
    omitted: lines.length - kept.length,
  };
}

function joinParts(line: number, parts: readonly Part[], t: Translate): LineText {
  const order = parts.toSorted((a, b) => Number(b.kind === 'blocking') - Number(a.kind === 'blocking') || b.weight - a.weight);
  // What came after the wait is told after it.
  const kept = order.slice(0, maxPartsPerLine).sort((a, b) => Number(a.after) - Number(b.after));
  const texts = kept.map(({ text }) => text);
  if (order.length > maxPartsPerLine) texts.push(t('{0} more', order.length - maxPartsPerLine));
  return { line, kind: order.some(({ kind }) => kind === 'blocking') ? 'blocking' : 'wait', text: texts.join('  |  ') };
}

function waitPart(line: number, stats: SiteStats, virtual: boolean, t: Translate): Part | undefined {
  const { passes, open, wait } = stats;
  if (passes + open === 0) return undefined;
  const worthWhile = wait.maxUs >= noiseUs || wait.totalUs >= 10 * noiseUs;
  if (open === 0 && !worthWhile) return undefined;
  const words: string[] = [];
  // The kind comes early: beside the timeline an editor is narrow, and the end of a text is cut off.
  const first = stats.byKind[0]?.kind ?? 'other';
  const kind = stats.byKind.length > 1 ? t('mostly {0}', waitKindText(first, t)) : waitKindText(first, t);
  const [median, longest] = [formatDuration(wait.medianUs), formatDuration(wait.maxUs)];
  if (worthWhile && passes === 1) words.push(t('{0} · waited {1}', kind, longest));
  else if (worthWhile) {
    words.push(t('{0} × {1}', passes.toLocaleString('en'), kind));
    if (median === longest) words.push(t('{0} each', longest));
    else words.push(t('median {0}', median), t('longest {0}', longest));
  } else if (passes > 0) words.push(t('{0} ×', passes.toLocaleString('en')));
  if (open > 0) words.push(open === 1 ? t('1 never resumed') : t('{0} never resumed', open.toLocaleString('en')));
  // A time that nobody spent must not pass for one.
  if (virtual && worthWhile) words.push(t('virtual time'));
  return { line, kind: 'wait', text: words.join(' · '), weight: wait.totalUs + open * 1e9, after: false };
}

function blockingPart(site: TracedSite, stats: SiteStats, longSliceMs: number, t: Translate): Part | undefined {
  const { blocking } = stats;
  if (!blocking) return undefined;
  // A short hold that nobody had to wait for, as at start-up, is no news.
  if (blocking.heldUp.length === 0 && blocking.maxUs < longSliceMs * 1000) return undefined;
  // A long slice without a call to blame stands where it began: at an await point it came after the wait.
  const after = blocking.cause === 'slice' && !['function', 'module', 'callback'].includes(site.kind);
  const longest = formatDuration(blocking.maxUs);
  const words: string[] = [];
  if (blocking.count === 1) words.push(after ? t('then held the loop {0}', longest) : t('held the loop {0}', longest));
  else {
    const count = blocking.count.toLocaleString('en');
    words.push(after ? t('then held the loop {0} ×', count) : t('held the loop {0} ×', count));
    words.push(t('{0} in all', formatDuration(blocking.totalUs)), t('longest {0}', longest));
  }
  if (blocking.heldUp.length > 0) words.push(t('{0} stood still', countTasks(blocking.heldUp.length, t)));
  return { line: site.line, kind: 'blocking', text: words.join(' · '), weight: blocking.totalUs, after };
}
