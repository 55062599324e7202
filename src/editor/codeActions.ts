import type * as vscode from 'vscode';
import type { LintClient } from '../run/lintClient.ts';
import type { LintFix } from '../shared/lintMessages.ts';
import type { Vscode } from './host.ts';
import { lintPath } from './lintedDocuments.ts';
import { fixOptions } from './settings.ts';
import { documentSelector } from './supportedFiles.ts';

export interface CodeActionsOptions {
  readonly vscode: Vscode;
  readonly lint: Pick<LintClient, 'fixes' | 'fixAll'>;
  readonly log: Pick<vscode.LogOutputChannel, 'error'>;
}

/** Offers the fixes of findings where they stand, and `source.fixAll.interleave` for all the safe ones of a file. The worker is asked only where a finding is shown. */
export function registerCodeActions({ vscode, lint, log }: CodeActionsOptions): vscode.Disposable {
  const { QuickFix, SourceFixAll } = vscode.CodeActionKind;
  const fixAllKind = SourceFixAll.append('interleave');

  async function quickFixes(
    document: vscode.TextDocument,
    range: vscode.Range,
    diagnostics: readonly vscode.Diagnostic[],
  ): Promise<vscode.CodeAction[]> {
    if (diagnostics.length === 0) return [];
    const { start, end } = range;
    const { version } = document;
    const place = { line: start.line + 1, column: start.character + 1, endLine: end.line + 1, endColumn: end.character + 1 };
    const fixes = await lint.fixes(lintPath(vscode, document), document.getText(), fixOptions(vscode, document.uri), place);
    if (fixes === 'stale' || document.version !== version) return [];
    const actions = await Promise.all(fixes.map((fix) => actionOf(document, fix, diagnostics)));
    return actions.filter((action) => action !== undefined);
  }

  async function actionOf(
    document: vscode.TextDocument,
    fix: LintFix,
    diagnostics: readonly vscode.Diagnostic[],
  ): Promise<vscode.CodeAction | undefined> {
    const shown = diagnostics.filter(
      ({ range, code }) =>
        typeof code === 'object' &&
        code.value === fix.rule &&
        range.start.line === fix.line - 1 &&
        range.start.character === fix.column - 1,
    );
    if (shown.length === 0) return undefined;
    const edit = await editOf(document, fix);
    if (!edit) return undefined;
    const action = new vscode.CodeAction(fix.title, QuickFix);
    action.diagnostics = shown;
    action.isPreferred = fix.safe;
    action.edit = edit;
    return action;
  }

  /** Undefined where another file is not what the worker had read. */
  async function editOf(document: vscode.TextDocument, { edits, lengths }: LintFix): Promise<vscode.WorkspaceEdit | undefined> {
    const edit = new vscode.WorkspaceEdit();
    for (const { path, start, end, newText } of edits) {
      const target =
        path === lintPath(vscode, document) ? document : await vscode.workspace.openTextDocument(vscode.Uri.file(path));
      if (target !== document && target.getText().length !== lengths?.[path]) return undefined;
      edit.replace(target.uri, new vscode.Range(target.positionAt(start), target.positionAt(end)), newText);
    }
    return edit;
  }

  async function fixAll(document: vscode.TextDocument): Promise<vscode.CodeAction[]> {
    const { version } = document;
    const fix = await lint.fixAll(lintPath(vscode, document), document.getText(), fixOptions(vscode, document.uri));
    if (fix === 'stale' || fix === undefined || document.version !== version) return [];
    const edit = await editOf(document, fix);
    if (!edit) return [];
    const action = new vscode.CodeAction(vscode.l10n.t('Fix all calls that block the event loop'), fixAllKind);
    action.edit = edit;
    return [action];
  }

  return vscode.languages.registerCodeActionsProvider(
    documentSelector,
    {
      async provideCodeActions(document, range, { only, diagnostics }, token) {
        const own = diagnostics.filter(({ source }) => source === 'Interleave');
        try {
          // A whole file is asked for only by name: on saving, or from the menu of source actions.
          const all = only?.intersects(fixAllKind) && !only.contains(QuickFix) ? await fixAll(document) : [];
          const single = !only || only.contains(QuickFix) ? await quickFixes(document, range, own) : [];
          return token.isCancellationRequested ? [] : [...all, ...single];
        } catch (error) {
          log.error('fixes:', error instanceof Error ? error : String(error));
          return [];
        }
      },
    },
    { providedCodeActionKinds: [QuickFix, fixAllKind] },
  );
}
