import type * as vscode from 'vscode';
import { findings, type RunFinding } from '../analyze/findings.ts';
import type { TracedFile, TraceModel } from '../analyze/model.ts';
import type { Finding } from '../shared/lintMessages.ts';
import { formatDuration } from '../shared/time.ts';
import { maxFindingsPerFile, type ShownFinding } from './diagnosticTexts.ts';
import type { Vscode } from './host.ts';
import { readRunSettings, severityOf } from './settings.ts';
import type { TracedDocument } from './tracedDocuments.ts';

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
      const message = `In the last run: ${found.message}${wentOn(found)}.`;
      const finding: Finding = { rule, severity: 'warning', message, path, line, column, ...end, chain: [] };
      const severity = severityOf(finding, rules);
      return severity === undefined ? [] : [{ finding, severity }];
    })
    .slice(0, maxFindingsPerFile);
}

/** The same for a document, under its settings; nothing where its text is not the one that ran. */
export function runFindingsOf(vscode: Vscode, uri: vscode.Uri, run: TracedDocument | undefined): ShownFinding[] {
  if (!run?.fresh) return [];
  const rules: unknown = vscode.workspace.getConfiguration('interleave', uri).get('lint.rules');
  return runFindings(run.model, run.file, rules, readRunSettings(vscode, uri).longSliceMs);
}

function wentOn({ rule, durationUs, count }: RunFinding): string {
  if (rule !== 'floating' || durationUs === 0) return '';
  const length = formatDuration(durationUs);
  return count === 1 ? `; it went on for ${length} after the call` : `; they went on for up to ${length} after the calls`;
}

/** Blocking calls and loops are told where the text is checked, with the run's milliseconds. */
function ruleOf({ rule, site }: RunFinding, model: TraceModel): string | undefined {
  if (rule !== 'blocking') return rule;
  return model.sites.get(site)?.kind === 'blocking' ? undefined : 'long-slice';
}
