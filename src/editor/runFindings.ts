import { findings, type RunFinding } from '../analyze/findings.ts';
import type { TracedFile, TraceModel } from '../analyze/model.ts';
import type { Finding } from '../shared/lintMessages.ts';
import { maxFindingsPerFile, type ShownFinding } from './diagnosticTexts.ts';
import { severityOf } from './settings.ts';

/**
 * What the last run showed to be wrong in one file and no look at its text could tell: promises nobody awaited, tasks that never
 * settled, long slices without a call to blame. `rules` is the setting `interleave.lint.rules`; lines are those of the traced text.
 */
export function runFindings(model: TraceModel, file: TracedFile, rules: unknown, longSliceMs: number): ShownFinding[] {
  return findings(model, { longSliceMs })
    .flatMap((found): ShownFinding[] => {
      const rule = found.path === file.path ? ruleOf(found, model) : undefined;
      if (rule === undefined) return [];
      const { path, line, column } = found;
      // A function or a loop is marked at its first line, not in its whole length.
      const site = model.sites.get(found.site);
      const end =
        site?.line === line && site.endLine === line && found.rule !== 'hang'
          ? { endLine: line, endColumn: site.endColumn }
          : { endLine: line, endColumn: Number.MAX_SAFE_INTEGER };
      const message = `In the last run: ${found.message}.`;
      const finding: Finding = { rule, severity: 'warning', message, path, line, column, ...end, chain: [] };
      const severity = severityOf(finding, rules);
      return severity === undefined ? [] : [{ finding, severity }];
    })
    .slice(0, maxFindingsPerFile);
}

/** Blocking calls and loops are told where the text is checked, with the run's milliseconds. */
function ruleOf({ rule, site }: RunFinding, model: TraceModel): string | undefined {
  if (rule !== 'blocking') return rule;
  return model.sites.get(site)?.kind === 'blocking' ? undefined : 'long-slice';
}
