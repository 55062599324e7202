import type { Finding } from '../shared/lintMessages.ts';
import { formatDuration, type DurationUs } from '../shared/time.ts';
import type { TraceModel } from './model.ts';

/** How long the last run was held at one line. */
export interface LineMeasurement {
  readonly path: string;
  readonly line: number;
  /** Longest single hold, wall time. */
  readonly longestUs: DurationUs;
  readonly totalUs: DurationUs;
  readonly count: number;
  /** Most tasks that could have run during one hold. */
  readonly heldUpTasks: number;
}

/** The blocking calls and loops of a trace by line. Long slices without a call to blame are left out. */
export function measureLines(model: TraceModel): LineMeasurement[] {
  const byLine = new Map<string, LineMeasurement>();
  for (const block of model.blocks) {
    const site = model.sites.get(block.site);
    if (!site || block.cause !== 'call') continue;
    const key = `${site.line}:${site.path}`;
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

/**
 * The findings with what a run measured at their lines added to the message
 * (`…; held the loop 312 ms in the last run, 4 tasks stood still`). A finding that was not measured stays as it is.
 */
export function withMeasurements(findings: readonly Finding[], measurements: readonly LineMeasurement[]): Finding[] {
  const byPlace = new Map(measurements.map((measurement) => [`${measurement.line}:${measurement.path}`, measurement]));
  return findings.map((finding) => {
    const measured = byPlace.get(`${finding.line}:${finding.path}`) ?? measuredWithin(finding, byPlace);
    return measured ? { ...finding, message: `${finding.message.replace(/\.$/, '')}; ${describe(measured)}.` } : finding;
  });
}

/** A finding may span lines; the run reports the line the call begins on. */
function measuredWithin(finding: Finding, byPlace: ReadonlyMap<string, LineMeasurement>): LineMeasurement | undefined {
  for (let line = finding.line + 1; line <= finding.endLine; line++) {
    const measured = byPlace.get(`${line}:${finding.path}`);
    if (measured) return measured;
  }
  return undefined;
}

function describe(measured: LineMeasurement): string {
  const times =
    measured.count === 1
      ? `held the loop ${formatDuration(measured.longestUs)} in the last run`
      : `held the loop ${formatDuration(measured.totalUs)} in ${measured.count} calls of the last run, ${formatDuration(measured.longestUs)} at most`;
  if (measured.heldUpTasks === 0) return times;
  return `${times}, while ${measured.heldUpTasks} ${measured.heldUpTasks === 1 ? 'task' : 'tasks'} stood still`;
}
