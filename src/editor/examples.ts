import type * as vscode from 'vscode';
import { canTrace } from './supportedFiles.ts';
import type { Vscode } from './host.ts';

/** Lets the person choose one of the shipped examples and opens it. */
export async function openExample(vscode: Vscode, extensionUri: vscode.Uri): Promise<void> {
  const folder = vscode.Uri.joinPath(extensionUri, 'media', 'examples');
  const names = (await vscode.workspace.fs.readDirectory(folder)).map(([name]) => name).filter((name) => canTrace(name));
  const items = await Promise.all(
    names.sort().map(async (name) => {
      const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(vscode.Uri.joinPath(folder, name)));
      return { label: name, detail: firstComment(text) };
    }),
  );
  const chosen = await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Open an Example'), matchOnDetail: true });
  if (chosen) await vscode.window.showTextDocument(vscode.Uri.joinPath(folder, chosen.label));
}

/** What a file says of itself: the first sentence of its first comment. */
export function firstComment(text: string): string {
  const comment = /^\s*(?:\/\*\*?([\s\S]*?)\*\/|((?:\/\/.*\n?)+))/.exec(text);
  const words = (comment?.[1] ?? comment?.[2] ?? '')
    .replace(/^\s*(?:\/\/|\*)?[ \t]*/gm, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return /^.*?[.:;](?=\s|$)/.exec(words)?.[0].replace(/[:;]$/, '.') ?? words;
}
