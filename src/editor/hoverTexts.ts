import type { SiteStats, WakerCount } from '../analyze/ledger.ts';
import type { TracedFile, TracedSite, TraceModel } from '../analyze/model.ts';
import type { AwaitPointInfo } from '../shared/lintMessages.ts';
import type { TimelineFocus } from '../shared/pageMessages.ts';
import type { SiteKind } from '../shared/site.ts';
import { formatDuration, type DurationUs } from '../shared/time.ts';
import type { TurnKind } from '../shared/waitKind.ts';
import { baseName, type Translate } from './host.ts';
import { escapeMarkdown, inlineCode } from './markdown.ts';
import { waitKindText } from './words.ts';

const awaitKinds: ReadonlySet<SiteKind> = new Set(['await', 'for-await', 'yield', 'yield-star', 'await-using', 'return']);

/** The half of a hover that the source alone gives, as Markdown. */
export function sourceHalf(info: AwaitPointInfo, t: Translate): string {
  const operand = inlineCode(info.expression);
  const types = info.operandType === undefined ? '' : ` — ${inlineCode(info.operandType)}`;
  const result = info.resultType === undefined || info.resultType === info.operandType ? '' : ` → ${inlineCode(info.resultType)}`;
  const lines = [`**${kindText(info.kind, t)}** ${operand}${types}${result}`];
  if (info.neverSuspendsLong) {
    lines.push(t('The operand is no promise: the function suspends for one microtask and goes on.'));
  } else if (info.functionName === undefined) {
    lines.push(t('The module suspends here: its loading, and every module that imports it, waits.'));
  } else {
    const name = inlineCode(info.functionName);
    lines.push(
      info.callerGets === undefined
        ? t('{0} suspends here and lets others run.', name)
        : t('{0} suspends here and lets others run; its caller holds {1} meanwhile.', name, inlineCode(info.callerGets)),
    );
  }
  return lines.join('\n\n');
}

function kindText(kind: SiteKind, t: Translate): string {
  if (kind === 'for-await') return t('Each round awaits');
  if (kind === 'yield' || kind === 'yield-star') return t('Yields');
  if (kind === 'await-using') return t('Awaits the disposal of');
  return kind === 'return' ? t('Returns, and awaits') : t('Awaits');
}

/** The await point of the traced text at a place of it, columns from 1: the exact one, else the only one on the line. */
export function siteAt(
  model: TraceModel,
  file: TracedFile,
  line: number,
  column: number,
  expression: string | undefined,
): TracedSite | undefined {
  const onLine = file.siteIds.flatMap((id) => {
    const site = model.sites.get(id);
    return site && site.line === line && awaitKinds.has(site.kind) ? [site] : [];
  });
  const exact = onLine.find((site) => site.column === column);
  if (exact) return exact;
  const named = onLine.filter(({ name }) => name === expression);
  if (named.length === 1) return named[0];
  return onLine.length === 1 ? onLine[0] : undefined;
}

/** A link to a moment of the timeline, as a command URI. */
export function timelineLink(focus: TimelineFocus): string {
  return `command:interleave.openTimeline?${encodeURIComponent(JSON.stringify([focus]))}`;
}

export interface RunHalfOptions {
  readonly model: TraceModel;
  readonly site: TracedSite;
  readonly stats: SiteStats | undefined;
  /** The file was edited since. */
  readonly changed: boolean;
  /** Turns a traced path and line into a link target. */
  readonly link: (path: string, line: number) => string;
}

/** The half of a hover that the last run gives, as Markdown. */
export function runHalf(options: RunHalfOptions, t: Translate): string {
  const { model, site, stats, changed } = options;
  // Links first: a hover shows little at once, and nobody scrolls for what they cannot see.
  const heading = [`**${t('Last run')}**`, ...(changed ? [t('the file changed since')] : []), ...spanLinks(model, site, t)].join(
    ' · ',
  );
  if (!stats || stats.passes + stats.open === 0) return `${heading}\n\n${t('This point was not reached.')}`;
  const { passes, open, wait } = stats;
  const facts: string[] = [];
  if (passes === 1) facts.push(t('Passed once, waited {0}', bold(wait.maxUs)));
  else if (passes > 1) {
    const [shortest, median, longest] = [wait.minUs, wait.medianUs, wait.maxUs].map(bold) as [string, string, string];
    facts.push(t('{0} passes: shortest {1}, median {2}, longest {3}', passes.toLocaleString('en'), shortest, median, longest));
  }
  if (stats.waitAtMostUs !== undefined)
    facts.push(t('Of some passes only the order is known: each of these waited at most {0}', formatDuration(stats.waitAtMostUs)));
  if (stats.threw > 0) facts.push(stats.threw === 1 ? t('Threw once') : t('Threw {0} times', stats.threw));
  if (open > 0)
    facts.push(
      open === 1 ? t('Once it never resumed: it was still waiting when the trace ended') : t('{0} times it never resumed', open),
    );
  if (stats.byKind.length > 0)
    facts.push(t('Waited for: {0}', stats.byKind.map((entry) => kindEntry(entry, passes, t)).join(', ')));
  if (stats.ready.maxUs >= 1000) {
    const longest = formatDuration(stats.ready.maxUs);
    facts.push(
      stats.readyIsBound
        ? t('Ready, but the loop was busy: at most {0}', longest)
        : t('Ready, but the loop was busy: up to {0}', longest),
    );
  }
  if (stats.wakers.length > 0) {
    const wakers = stats.wakers.map((waker) => wakerEntry(waker, passes, options, t));
    if (stats.moreWakers > 0) wakers.push(t('{0} more', stats.moreWakers));
    facts.push(t('Woken by: {0}', wakers.join(', ')));
  }
  const meanwhile = stats.ranMeanwhile
    .slice(0, 3)
    .map(({ label, runningUs }) => `${inlineCode(label)} ${formatDuration(runningUs)}`);
  if (meanwhile.length > 0) facts.push(t('Ran meanwhile: {0}', meanwhile.join(', ')));
  if (model.run?.clock === 'virtual') facts.push(t("Times are the virtual clock's, no measure of speed"));
  return [heading, facts.map((fact) => `- ${fact}`).join('\n')].join('\n\n');
}

function bold(us: DurationUs): string {
  return `**${formatDuration(us)}**`;
}

function kindEntry(entry: SiteStats['byKind'][number], passes: number, t: Translate): string {
  const name = waitKindText(entry.kind, t);
  const share = entry.count === passes ? name : `${name} ${entry.count.toLocaleString('en')} ×`;
  return entry.inferred === entry.count ? t('{0} (by the source)', share) : share;
}

function wakerEntry(waker: WakerCount, passes: number, options: RunHalfOptions, t: Translate): string {
  const times = waker.count === passes && passes === 1 ? '' : ` ${waker.count.toLocaleString('en')} ×`;
  if (waker.type === 'turn') return `${turnText(waker.kind, t)}${times}`;
  const place = waker.path === undefined || waker.line === undefined ? '' : ` (${placeLink(waker.path, waker.line, options)})`;
  return `${inlineCode(waker.label)}${place}${times}${waker.how === 'inferred' ? ` ${t('(inferred)')}` : ''}`;
}

function placeLink(path: string, line: number, { link }: RunHalfOptions): string {
  return `[${escapeMarkdown(baseName(path))}:${line}](${link(path, line)})`;
}

function turnText(kind: TurnKind, t: Translate): string {
  switch (kind) {
    case 'main':
      return t("the program's first turn");
    case 'timer':
      return t('a timer');
    case 'immediate':
      return t('an immediate');
    case 'file':
      return t('a file operation');
    case 'network':
      return t('the network');
    case 'process':
      return t('a child process');
    case 'worker':
      return t('a worker');
    case 'stream':
      return t('a stream');
    case 'crypto':
      return t('a crypto operation');
    case 'zlib':
      return t('a compression');
    case 'signal':
      return t('a signal');
    case 'unknown':
      return t('a callback of another kind');
  }
}

/** Links to the longest and, where there are more, the first wait. */
function spanLinks(model: TraceModel, site: TracedSite, t: Translate): string[] {
  const waits = model.tasks.flatMap((task) =>
    task.waits.filter((wait) => wait.site === site.id).map((wait) => ({ task: task.index, wait })),
  );
  const [first] = waits;
  if (!first) return [];
  const longest = waits.reduce((a, b) => (b.wait.endUs - b.wait.startUs > a.wait.endUs - a.wait.startUs ? b : a));
  const link = (words: string, { task, wait }: typeof longest) =>
    `[${words}](${timelineLink({ task, startUs: wait.startUs, endUs: wait.endUs })})`;
  if (waits.length === 1) return [link(t('Show in Timeline'), first)];
  const earliest = waits.reduce((a, b) => (b.wait.startUs < a.wait.startUs ? b : a));
  return [link(t('Longest Wait in Timeline'), longest), ...(earliest === longest ? [] : [link(t('First Wait'), earliest)])];
}
