import type { LiveReport } from '../shared/liveReport.ts';
import type { Finding } from '../shared/lintMessages.ts';
import { toDiagnostic } from './diagnostics.ts';
import type { Vscode } from './host.ts';
import type { LiveRun } from './liveRun.ts';
import { heldText } from './liveTexts.ts';
import type { RunStore } from './runStore.ts';
import { severityOf } from './settings.ts';
import { isTracedText } from './sourceHash.ts';

/** Reports the line that holds the loop of the running program, as long as it does. */
export function reportHangs(vscode: Vscode, live: LiveRun, store: RunStore): { dispose(): void } {
  const collection = vscode.languages.createDiagnosticCollection('interleave-hang');

  function show(): void {
    collection.clear();
    const report = live.held();
    const found = report && findingOf(report);
    if (!found || !isFresh(found.path)) return;
    const uri = vscode.Uri.file(found.path);
    const severity = severityOf(found, vscode.workspace.getConfiguration('interleave', uri).get('lint.rules'));
    if (severity !== undefined) collection.set(uri, [toDiagnostic(vscode, { finding: found, severity })]);
  }

  function findingOf(report: LiveReport): Finding | undefined {
    const place = report.hang?.place;
    if (place === undefined) return undefined;
    const { path, line } = place;
    const message = `${heldText(report, vscode.l10n.t)}.`;
    return { rule: 'hang', severity: 'warning', message, path, line, column: 1, endLine: line, endColumn: 1000, chain: [] };
  }

  /** Lines of a text that was edited since are not those that run. */
  function isFresh(path: string): boolean {
    const document = vscode.workspace.textDocuments.find(({ uri }) => uri.fsPath === path);
    const file = store.model?.files.find((known) => known.path === path);
    return document === undefined || file === undefined || isTracedText(document.getText(), file);
  }

  const listening = [
    live.onDidChange(show),
    // The hold is over when the trace goes on; nobody else says so.
    store.onDidChange((event) => {
      if (event === 'grown') live.held();
    }),
  ];
  return {
    dispose() {
      for (const listener of listening) listener.dispose();
      collection.dispose();
    },
  };
}
