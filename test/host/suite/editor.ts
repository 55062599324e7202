import { join } from 'node:path';
import * as vscode from 'vscode';

export function extension(): vscode.Extension<unknown> {
  const found = vscode.extensions.getExtension('interleave.interleave');
  if (!found) throw new Error('The extension is not installed');
  return found;
}

/** Absolute path of a file of the workspace. */
export function inWorkspace(name: string): string {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (!folder) throw new Error('No folder is open');
  return join(folder.uri.fsPath, name);
}

/** Opens a file of the workspace in the active editor group. */
export async function openFile(name: string): Promise<vscode.TextEditor> {
  return vscode.window.showTextDocument(await vscode.workspace.openTextDocument(inWorkspace(name)), vscode.ViewColumn.One);
}

/** First place of `text` in the document, from its first character. */
export function placeOf(document: vscode.TextDocument, text: string): vscode.Position {
  const offset = document.getText().indexOf(text);
  if (offset < 0) throw new Error(`${document.fileName} has no ${JSON.stringify(text)}`);
  return document.positionAt(offset);
}

/** The text of every hover at a place. */
export async function hoverText(document: vscode.TextDocument, place: vscode.Position): Promise<string> {
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', document.uri, place);
  return hovers
    .flatMap(({ contents }) => contents.map((content) => (typeof content === 'string' ? content : content.value)))
    .join('\n');
}

/** Asks again and again until the answer is neither undefined nor false; throws with the last error after `patienceMs`. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  patienceMs = 30_000,
): Promise<T> {
  const until = performance.now() + patienceMs;
  let cause: unknown;
  do {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      cause = error;
    }
    await new Promise((done) => setTimeout(done, 50));
  } while (performance.now() < until);
  throw new Error(`Waited ${patienceMs / 1000} s in vain for ${what}`, { cause });
}

/** Sets `interleave.NAME` for the workspace while `work` runs. */
export async function withSetting<T>(name: string, value: unknown, work: () => Promise<T>): Promise<T> {
  const settings = vscode.workspace.getConfiguration('interleave');
  await settings.update(name, value, vscode.ConfigurationTarget.Workspace);
  try {
    return await work();
  } finally {
    await vscode.workspace.getConfiguration('interleave').update(name, undefined, vscode.ConfigurationTarget.Workspace);
  }
}
