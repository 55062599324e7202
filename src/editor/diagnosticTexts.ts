import type { TraceModel } from '../analyze/model.ts';
import { measuredPlace, measureLines, withMeasurements } from '../analyze/measuredFindings.ts';
import type { Finding, FindingSeverity } from '../shared/lintMessages.ts';
import { severityOf } from './settings.ts';

/** At most so many findings of one file reach the Problems panel. */
export const maxFindingsPerFile = 250;

export interface ShownFinding {
  readonly finding: Finding;
  readonly severity: FindingSeverity;
}

/** What the last run knows of one file and of the helpers its findings lead to. */
export interface MeasuringRun {
  readonly model: TraceModel;
  /** The path of a traced file whose text is still the one that ran, as the trace spells it; undefined for all others. */
  readonly traced: (path: string) => string | undefined;
}

/**
 * The findings of one file as they are shown: rules that are off left out, and what the last run saw happen, which is shown with
 * its own figures; what that run measured added where the measured text still is the text of the file.
 * @param seen what the last run showed in the file, where the file still has the text that ran
 */
export function shownFindings(
  findings: readonly Finding[],
  rules: unknown,
  run: MeasuringRun | undefined,
  seen: readonly ShownFinding[] = [],
): ShownFinding[] {
  const open = findings.filter((finding) => !seen.some((one) => tellsOf(one.finding, finding)));
  const measured = run ? withMeasurements(open, measurementsFor(open, run)) : open;
  return measured
    .flatMap((finding) => {
      const severity = severityOf(finding, rules);
      return severity === undefined ? [] : [{ finding, severity }];
    })
    .slice(0, maxFindingsPerFile);
}

const dropped: ReadonlySet<string> = new Set(['floating', 'unhandled-rejection']);

/** A promise that the text shows to be dropped, and a run saw dropped, or rejected, at the same call. */
function tellsOf(seen: Finding, finding: Finding): boolean {
  return finding.rule === 'floating' && dropped.has(seen.rule) && seen.line === finding.line && seen.column === finding.column;
}

/** The measurements of the files that the findings are about, under the paths that the findings give them. */
function measurementsFor(findings: readonly Finding[], { model, traced }: MeasuringRun): ReturnType<typeof measureLines> {
  const paths = new Set(findings.flatMap((finding) => measuredPlace(finding)?.path ?? []));
  const byTraced = new Map([...paths].flatMap((path) => [[traced(path), path] as const]));
  return measureLines(model).flatMap((measurement) => {
    const path = byTraced.get(measurement.path);
    return path === undefined ? [] : [{ ...measurement, path }];
  });
}
