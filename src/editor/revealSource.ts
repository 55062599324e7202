import type * as vscode from 'vscode';
import type { SourcePlace } from '../shared/pageMessages.ts';
import { baseName, errorText, type Vscode } from './host.ts';
import type { SourcePaths } from './sourcePaths.ts';

const highlightMs = 1500;

/** Opens a source line in a text column (not over the timeline) and lights it up for a moment. */
export function createSourceRevealer(
  vscode: Vscode,
  paths: SourcePaths,
): { reveal: (place: SourcePlace) => void; dispose: () => void } {
  const highlight = vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: new vscode.ThemeColor('editor.rangeHighlightBackground'),
    borderColor: new vscode.ThemeColor('editor.rangeHighlightBorder'),
  });
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function open(place: SourcePlace): Promise<void> {
    const uri = vscode.Uri.file(paths.inEditor(place.path));
    const column = columnFor(vscode, uri);
    const editor = await vscode.window.showTextDocument(uri, { viewColumn: column, preserveFocus: false, preview: true });
    const line = Math.min(Math.max(0, place.line - 1), editor.document.lineCount - 1);
    const at = editor.document.validatePosition(new vscode.Position(line, Math.max(0, place.column - 1)));
    editor.selection = new vscode.Selection(at, at);
    editor.revealRange(new vscode.Range(at, at), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    editor.setDecorations(highlight, [new vscode.Range(line, 0, line, 0)]);
    clearTimeout(timer);
    timer = setTimeout(() => editor.setDecorations(highlight, []), highlightMs);
  }

  return {
    reveal: (place) => {
      open(place).catch((error: unknown) => {
        const message = vscode.l10n.t('{0} could not be opened: {1}', baseName(place.path), errorText(error));
        void vscode.window.showWarningMessage(message);
      });
    },
    dispose: () => {
      clearTimeout(timer);
      highlight.dispose();
    },
  };
}

/** Where the file is open already; else the first column that shows text; else the first. */
function columnFor(vscode: Vscode, uri: vscode.Uri): vscode.ViewColumn {
  const groups = vscode.window.tabGroups.all;
  const holds = (tab: vscode.Tab) => tab.input instanceof vscode.TabInputText && tab.input.uri.toString() === uri.toString();
  const group =
    groups.find(({ activeTab }) => activeTab && holds(activeTab)) ??
    groups.find(({ tabs }) => tabs.some(holds)) ??
    groups.find(({ activeTab }) => activeTab?.input instanceof vscode.TabInputText) ??
    groups.find(({ activeTab }) => !(activeTab?.input instanceof vscode.TabInputWebview));
  return group?.viewColumn ?? vscode.ViewColumn.One;
}
