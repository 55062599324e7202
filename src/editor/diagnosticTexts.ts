import type { TraceModel } from '../analyze/model.ts';
import { measureLines, withMeasurements } from '../analyze/measuredFindings.ts';
import type { Finding, FindingSeverity } from '../shared/lintMessages.ts';
import { severityOf } from './settings.ts';

/** At most so many findings of one file reach the Problems panel. */
export const maxFindingsPerFile = 250;

export interface ShownFinding {
  readonly finding: Finding;
  readonly severity: FindingSeverity;
}

/**
 * The findings of one file as they are shown: rules that are off left out, what the last run measured added where its text
 * is still the text of the file (`model` undefined otherwise). `path` is the file as the editor knows it, `tracedPath` as the trace does.
 */
export function shownFindings(
  findings: readonly Finding[],
  rules: unknown,
  run: { readonly model: TraceModel; readonly tracedPath: string } | undefined,
): ShownFinding[] {
  const measured = run ? measureLines(run.model).filter(({ path }) => path === run.tracedPath) : [];
  const renamed = findings.map((finding) => (run ? { ...finding, path: run.tracedPath } : finding));
  return withMeasurements(renamed, measured)
    .flatMap((finding) => {
      const severity = severityOf(finding, rules);
      return severity === undefined ? [] : [{ finding, severity }];
    })
    .slice(0, maxFindingsPerFile);
}
