import type * as vscode from 'vscode';
import type { LintClient } from '../run/lintClient.ts';
import type { AwaitPointInfo } from '../shared/lintMessages.ts';
import { figuresOf } from './figures.ts';
import type { Vscode } from './host.ts';
import { runHalf, siteAt, sourceHalf } from './hoverTexts.ts';
import type { SourcePaths } from './sourcePaths.ts';
import { documentSelector } from './supportedFiles.ts';
import type { TracedDocuments } from './tracedDocuments.ts';

export interface HoverOptions {
  readonly vscode: Vscode;
  readonly lint: LintClient;
  readonly traced: TracedDocuments;
  readonly paths: SourcePaths;
  readonly log: vscode.LogOutputChannel;
}

/** Explains await points: what the source says, and what the last run measured. */
export function registerHover(options: HoverOptions): vscode.Disposable {
  const { vscode, lint, traced, paths, log } = options;
  const link = (path: string, line: number) =>
    vscode.Uri.file(paths.inEditor(path))
      .with({ fragment: `L${line}` })
      .toString();

  function measured(document: vscode.TextDocument, info: AwaitPointInfo): string | undefined {
    const run = traced.get(document);
    if (!run) return undefined;
    const line = run.lineThen(info.line);
    const site = line === undefined ? undefined : siteAt(run.model, run.file, line, info.column, info.expression);
    if (!site)
      return run.fresh ? undefined : `*${vscode.l10n.t('The file changed since the last run; this line has no figures.')}*`;
    const stats = figuresOf(run.model).get(site.id);
    return runHalf({ model: run.model, site, stats, changed: !run.fresh, link }, vscode.l10n.t);
  }

  return vscode.languages.registerHoverProvider(documentSelector, {
    async provideHover(document, position, token) {
      let info: AwaitPointInfo | undefined | 'stale';
      try {
        info = await lint.awaitPoint(document.uri.fsPath, position.line + 1, position.character + 1, document.getText());
      } catch (error) {
        log.error('hover:', error instanceof Error ? error : String(error));
        return undefined;
      }
      if (info === 'stale' || info === undefined || token.isCancellationRequested) return undefined;
      const source = new vscode.MarkdownString(sourceHalf(info, vscode.l10n.t));
      const run = measured(document, info);
      const contents = [source];
      if (run !== undefined) {
        const half = new vscode.MarkdownString(run);
        half.isTrusted = { enabledCommands: ['interleave.openTimeline'] };
        contents.push(half);
      }
      return new vscode.Hover(contents, new vscode.Range(info.line - 1, info.column - 1, info.endLine - 1, info.endColumn - 1));
    },
  });
}
