import type { Finding } from '../shared/lintMessages.ts';
import { toDiagnostic } from './diagnostics.ts';
import type { Vscode } from './host.ts';
import type { LiveRun } from './liveRun.ts';
import { heldTexts, type HeldText } from './liveTexts.ts';
import type { RunStore } from './runStore.ts';
import { severityOf } from './settings.ts';
import { isTracedText } from './sourceHash.ts';

/** Reports the lines that hold the loops of the running program and of the processes below it, as long as they do. */
export function reportHangs(vscode: Vscode, live: LiveRun, store: RunStore): { dispose(): void } {
  const collection = vscode.languages.createDiagnosticCollection('interleave-hang');

  function show(): void {
    collection.clear();
    const report = live.held();
    if (!report) return;
    const byPath = new Map<string, Finding[]>();
    for (const held of heldTexts(report, vscode.l10n.t)) {
      const found = findingOf(held);
      if (found && isFresh(found.path)) byPath.set(found.path, [...(byPath.get(found.path) ?? []), found]);
    }
    for (const [path, found] of byPath) {
      const uri = vscode.Uri.file(path);
      const rules = vscode.workspace.getConfiguration('interleave', uri).get('lint.rules');
      const told = found.flatMap((finding) => {
        const severity = severityOf(finding, rules);
        return severity === undefined ? [] : [toDiagnostic(vscode, { finding, severity })];
      });
      if (told.length > 0) collection.set(uri, told);
    }
  }

  function findingOf({ hang: { place }, text }: HeldText): Finding | undefined {
    if (place === undefined) return undefined;
    const { path, line } = place;
    const message = `${text}.`;
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
