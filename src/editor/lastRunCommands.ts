import type * as vscode from 'vscode';
import { baseName, errorText, type Vscode } from './host.ts';
import { problems, showProblem } from './problems.ts';
import type { RunStore, StoredRun } from './runStore.ts';

export interface LastRunOptions {
  readonly vscode: Vscode;
  readonly store: RunStore;
  /** A self-contained page with the trace in it. */
  readonly renderReport: (run: StoredRun) => Promise<string>;
}

/** The last run, or a word to the person that there is none. */
export async function requireRun({ vscode, store }: LastRunOptions): Promise<StoredRun | undefined> {
  if (store.run) return store.run;
  await showProblem(vscode, problems.noRun(vscode.l10n.t));
  return undefined;
}

/** Saves the trace to a file of the person's choice. */
export async function saveTrace(options: LastRunOptions): Promise<void> {
  const run = await requireRun(options);
  const { vscode } = options;
  if (!run) return;
  const target = await chooseFile(vscode, run, 'interleave', vscode.l10n.t('Interleave trace'));
  if (target) await write(vscode, target, run.log.read(0, run.log.length));
}

/** Writes the last run as one HTML file that needs nothing else. */
export async function exportReport(options: LastRunOptions): Promise<void> {
  const run = await requireRun(options);
  const { vscode } = options;
  if (!run) return;
  const target = await chooseFile(vscode, run, 'html', 'HTML');
  if (!target) return;
  if (!(await write(vscode, target, new TextEncoder().encode(await options.renderReport(run))))) return;
  const open = vscode.l10n.t('Open');
  const chosen = await vscode.window.showInformationMessage(vscode.l10n.t('{0} was written.', baseName(target.path)), open);
  if (chosen === open) await vscode.env.openExternal(target);
}

async function chooseFile(vscode: Vscode, run: StoredRun, extension: string, kind: string): Promise<vscode.Uri | undefined> {
  const name = `${run.title
    .replace(/\.[a-z]+(?=:|$)/i, '')
    .replace(/[^\p{L}\p{N}._-]+/gu, '-')
    .replace(/-+$/, '')}.${extension}`;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  return vscode.window.showSaveDialog({
    ...(folder ? { defaultUri: vscode.Uri.joinPath(folder, name) } : {}),
    filters: { [kind]: [extension] },
  });
}

async function write(vscode: Vscode, target: vscode.Uri, bytes: Uint8Array): Promise<boolean> {
  try {
    await vscode.workspace.fs.writeFile(target, bytes);
    return true;
  } catch (error) {
    await showProblem(vscode, problems.cannotWrite(vscode.l10n.t, baseName(target.path), errorText(error)));
    return false;
  }
}
