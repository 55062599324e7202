import type * as vscode from 'vscode';
import type { FileOutline } from '../shared/lintMessages.ts';
import type { LintClient } from '../run/lintClient.ts';
import type { Translate, Vscode } from './host.ts';
import { signature } from './functionArguments.ts';
import { documentSelector } from './supportedFiles.ts';

/** One lens: where it stands and what it traces. */
export interface LensText {
  /** From 1. */
  readonly line: number;
  readonly title: string;
  readonly tooltip: string;
  /** The exported function to call; unset: the whole file. */
  readonly exportName?: string;
}

/** Lenses of a file: one over it where it awaits at its top level, one above each named async function. */
export function lensTexts(outline: FileOutline, t: Translate): LensText[] {
  const lenses: LensText[] = [];
  if (outline.topLevelAwaitLine !== undefined) {
    lenses.push({
      line: 1,
      title: t('Trace async run'),
      tooltip: t('Runs this file and shows how its async functions interleave'),
    });
  }
  for (const entry of outline.functions) {
    if (entry.exportName !== undefined) {
      const tooltip = t('Calls {0} and shows how its async functions interleave', signature(entry));
      lenses.push({ line: entry.line, title: t('Trace async run: {0}(…)', entry.name), tooltip, exportName: entry.exportName });
    } else if (entry.name !== '' && !entry.name.startsWith('<') && lenses.every(({ line }) => line !== entry.line)) {
      const tooltip = t('{0} is not exported, so the whole file is run', entry.name);
      lenses.push({ line: entry.line, title: t('Trace async run'), tooltip });
    }
  }
  return lenses;
}

export function registerCodeLens(vscode: Vscode, lint: LintClient, log: vscode.LogOutputChannel): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  /** The lenses last shown: a file that cannot be read for a moment keeps them, so that the text does not jump. */
  const shown = new WeakMap<vscode.TextDocument, vscode.CodeLens[]>();
  const provider: vscode.CodeLensProvider = {
    onDidChangeCodeLenses: changed.event,
    async provideCodeLenses(document, token) {
      if (!vscode.workspace.getConfiguration('interleave', document.uri).get('codeLens.enabled', true)) return [];
      try {
        const outline = await lint.outline(document.uri.fsPath, document.getText());
        if (outline === 'stale' || token.isCancellationRequested) return shown.get(document) ?? [];
        const lenses = lensTexts(outline, vscode.l10n.t).map(({ line, title, tooltip, exportName }) => {
          const args = exportName === undefined ? [document.uri] : [document.uri, { exportName }];
          const range = new vscode.Range(line - 1, 0, line - 1, 0);
          return new vscode.CodeLens(range, {
            command: 'interleave.traceRun',
            title: `$(play)\u00a0${title}`,
            tooltip,
            arguments: args,
          });
        });
        shown.set(document, lenses);
        return lenses;
      } catch (error) {
        log.error('lenses:', error instanceof Error ? error : String(error));
        return shown.get(document) ?? [];
      }
    },
  };
  return vscode.Disposable.from(
    changed,
    vscode.languages.registerCodeLensProvider(documentSelector, provider),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('interleave.codeLens')) changed.fire();
    }),
  );
}
