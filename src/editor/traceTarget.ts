import { stat } from 'node:fs/promises';
import type * as vscode from 'vscode';
import type { LintClient } from '../run/lintClient.ts';
import { askArguments } from './askArguments.ts';
import { baseName, type Vscode } from './host.ts';
import { problems, showProblem } from './problems.ts';
import type { RunTarget } from './runStore.ts';
import { canTrace } from './supportedFiles.ts';

export interface TargetContext {
  readonly vscode: Vscode;
  readonly lint: LintClient;
  readonly memory: vscode.Memento;
}

/** Which file the command was meant for: the one it was called on, else the active editor's. */
export function targetUri(vscode: Vscode, given: unknown): vscode.Uri | undefined {
  if (given instanceof vscode.Uri) return given;
  const { activeTextEditor, visibleTextEditors, tabGroups } = vscode.window;
  if (activeTextEditor) return activeTextEditor.document.uri;
  const input: unknown = tabGroups.activeTabGroup.activeTab?.input;
  if (input instanceof vscode.TabInputText) return input.uri;
  // The timeline has the focus: the code beside it is meant.
  return visibleTextEditors.find(({ document }) => canTrace(document.uri.path))?.document.uri;
}

/** Makes sure a file can be run, tells the person where it cannot. */
export async function checkedPath(vscode: Vscode, uri: vscode.Uri | undefined): Promise<string | undefined> {
  const { t } = vscode.l10n;
  const refuse = async (problem: Parameters<typeof showProblem>[1]) => {
    await showProblem(vscode, problem);
    return undefined;
  };
  if (!uri) return refuse(problems.noFile(t));
  const name = baseName(uri.path);
  if (uri.scheme !== 'file') return refuse(problems.notOnDisk(t, name));
  if (!canTrace(uri.path)) return refuse(problems.unsupported(t, name));
  try {
    if ((await stat(uri.fsPath)).isFile()) return uri.fsPath;
  } catch {
    // Told below.
  }
  return refuse(problems.notOnDisk(t, name));
}

/** Completes a target with the arguments of its function, asked for where there are parameters; undefined when the person turned away. */
export async function withArguments(context: TargetContext, path: string, exportName: string): Promise<RunTarget | undefined> {
  const { vscode, lint, memory } = context;
  const open = vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === 'file' && uri.fsPath === path);
  let outline = await lint.outline(path, open?.getText());
  // Overtaken by a request for the lenses of the same text.
  if (outline === 'stale') outline = await lint.outline(path, open?.getText());
  const found = outline === 'stale' ? undefined : outline.functions.find((entry) => entry.exportName === exportName);
  if (!found) {
    await showProblem(vscode, problems.functionGone(vscode.l10n.t, exportName));
    return undefined;
  }
  const args = await askArguments(vscode, memory, path, found);
  return args && { path, call: { exportName, args } };
}

/** Saves every changed file; false when the one to run still differs from the disk. */
export async function saveAll(vscode: Vscode, path: string): Promise<boolean> {
  await vscode.workspace.saveAll(false);
  const document = vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === 'file' && uri.fsPath === path);
  if (document?.isDirty !== true) return true;
  await showProblem(vscode, problems.notSaved(vscode.l10n.t, baseName(path)));
  return false;
}
