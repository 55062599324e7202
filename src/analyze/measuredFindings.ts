import type { Finding, FindingSeverity } from '../shared/lintMessages.ts';
import { formatDuration, type DurationUs } from '../shared/time.ts';
import type { TraceModel } from './model.ts';

/** How long the last run was held at one line. */
export interface LineMeasurement {
  readonly path: string;
  readonly line: number;
  /** Longest single hold, wall time. */
  readonly longestUs: DurationUs;
  readonly totalUs: DurationUs;
  /** Holds of a millisecond and more; 0 where all were shorter. */
  readonly count: number;
  /** Most tasks that could have run during one hold. */
  readonly heldUpTasks: number;
}

const measuredRules: ReadonlySet<string> = new Set(['blocking-call', 'busy-wait', 'atomics-wait']);
/** What a hold makes of a severity, and what it makes of it that there was none. */
const raised: Readonly<Record<FindingSeverity, FindingSeverity>> = {
  error: 'error',
  warning: 'warning',
  information: 'warning',
  hint: 'information',
};
const lowered: Readonly<Record<FindingSeverity, FindingSeverity>> = {
  error: 'error',
  warning: 'information',
  information: 'hint',
  hint: 'hint',
};

/** The blocking calls and loops of a trace by line. Long slices without a call to blame are left out. */
export function measureLines(model: TraceModel): LineMeasurement[] {
  const byLine = new Map<string, LineMeasurement>();
  for (const id of model.briefBlocks) {
    const site = model.sites.get(id);
    if (!site) continue;
    const { path, line } = site;
    const none = 0 as DurationUs;
    byLine.set(placeOf(path, line), { path, line, longestUs: none, totalUs: none, count: 0, heldUpTasks: 0 });
  }
  for (const block of model.blocks) {
    const site = model.sites.get(block.site);
    if (!site || block.cause !== 'call') continue;
    const key = placeOf(site.path, site.line);
    const before = byLine.get(key);
    byLine.set(key, {
      path: site.path,
      line: site.line,
      longestUs: Math.max(before?.longestUs ?? 0, block.durationUs) as DurationUs,
      totalUs: ((before?.totalUs ?? 0) + block.durationUs) as DurationUs,
      count: (before?.count ?? 0) + 1,
      heldUpTasks: Math.max(before?.heldUpTasks ?? 0, block.heldUp.length),
    });
  }
  return [...byLine.values()];
}

/** Where a run can have measured what a finding is about: in its own lines, or where its chain ends; undefined for rules that no run measures. */
export function measuredPlace(
  finding: Finding,
): { readonly path: string; readonly line: number; readonly endLine: number } | undefined {
  if (!measuredRules.has(finding.rule)) return undefined;
  const last = finding.chain.at(-1);
  return last ? { path: last.path, line: last.line, endLine: last.line } : finding;
}

/**
 * The findings with what a run measured at their lines, or behind their helpers, added to the message
 * (`…; held the loop 312 ms in the last run, while 4 tasks stood still`) and their severity a step higher; a step lower where
 * the line ran and never held the loop for a millisecond. A finding that was not measured stays as it is.
 */
export function withMeasurements(findings: readonly Finding[], measurements: readonly LineMeasurement[]): Finding[] {
  const byPlace = new Map(measurements.map((measurement) => [placeOf(measurement.path, measurement.line), measurement]));
  return findings.map((finding) => {
    const measured = measuredAt(finding, byPlace);
    if (!measured) return finding;
    const message = `${finding.message.replace(/\.$/, '')}; ${describe(measured)}.`;
    return { ...finding, message, severity: (measured.count > 0 ? raised : lowered)[finding.severity] };
  });
}

/** A finding may span lines; the run reports the line the call begins on. */
function measuredAt(finding: Finding, byPlace: ReadonlyMap<string, LineMeasurement>): LineMeasurement | undefined {
  const place = measuredPlace(finding);
  if (!place) return undefined;
  for (let { line } = place; line <= place.endLine; line++) {
    const measured = byPlace.get(placeOf(place.path, line));
    if (measured) return measured;
  }
  return undefined;
}

function placeOf(path: string, line: number): string {
  return `${line}:${path}`;
}

function describe(measured: LineMeasurement): string {
  if (measured.count === 0) return 'ran in the last run and took less than 1 ms each time';
  const times =
    measured.count === 1
      ? `held the loop ${formatDuration(measured.longestUs)} in the last run`
      : `held the loop ${formatDuration(measured.totalUs)} in ${measured.count} calls of the last run, ${formatDuration(measured.longestUs)} at most`;
  if (measured.heldUpTasks === 0) return times;
  return `${times}, while ${measured.heldUpTasks} ${measured.heldUpTasks === 1 ? 'task' : 'tasks'} stood still`;
}
