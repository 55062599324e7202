import type { Vscode } from './host.ts';
import type { LiveRun } from './liveRun.ts';
import { heldTexts, liveItems } from './liveTexts.ts';

/** Lists the tasks of the running program that have not settled; the one picked is shown at its line. */
export async function showLiveTasks(vscode: Vscode, live: LiveRun): Promise<void> {
  const { t } = vscode.l10n;
  const asked = live.report();
  // The palette offers the command only while a program runs; it may just have ended.
  const report = asked && (await asked.catch(() => undefined));
  if (report === undefined) return void vscode.window.showInformationMessage(t('No program is being traced now.'));
  const items = liveItems(report, t);
  const held = heldTexts(report, t)
    .map(({ text }) => text)
    .join('. ');
  if (items.length === 0) {
    return void vscode.window.showInformationMessage(held === '' ? t('No task is live.') : `${held}. ${t('No task is live.')}`);
  }
  const picked = await vscode.window.showQuickPick(items, {
    title: t('Live Tasks'),
    placeHolder: held === '' ? t('Pick a task to go to its line') : held,
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (picked?.place === undefined) return;
  const line = picked.place.line - 1;
  await vscode.window.showTextDocument(vscode.Uri.file(picked.place.path), {
    selection: new vscode.Range(line, 0, line, 0),
    preview: true,
  });
}
