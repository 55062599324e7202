import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import type * as vscode from 'vscode';
import type { Vscode } from './host.ts';
import { isSupported } from './supportedFiles.ts';

const extensions: Readonly<Record<string, string>> = {
  typescript: '.ts',
  typescriptreact: '.tsx',
  javascript: '.js',
  javascriptreact: '.jsx',
};

/** Whether the lint looks at a document: sources on disk that are no dependency, and texts that were not saved yet. */
export function isLinted(document: vscode.TextDocument): boolean {
  if (document.uri.scheme === 'untitled') return extensions[document.languageId] !== undefined;
  // Nobody mends a dependency.
  return isSupported(document) && !/[\\/]node_modules[\\/]/.test(document.uri.fsPath);
}

/** The absolute path that the lint knows a document by. A text without a file counts as one at the top of the workspace, where its imports are looked for. */
export function lintPath(vscode: Vscode, { uri, languageId }: vscode.TextDocument): string {
  if (uri.scheme !== 'untitled') return uri.fsPath;
  const folder = vscode.workspace.workspaceFolders?.find((candidate) => candidate.uri.scheme === 'file');
  const name = basename(uri.path);
  const extension = extensions[languageId] ?? '.ts';
  return join(folder?.uri.fsPath ?? homedir(), name.endsWith(extension) ? name : `${name}${extension}`);
}
