import type * as vscode from 'vscode';
import { countTasks } from './words.ts';
import type { Translate, Vscode } from './host.ts';
import type { RunHandle } from '../run/launchOptions.ts';

/** A program that ends at once needs no notification. */
const patienceMs = 600;

/** `12 tasks · 3,456 events · 7 s` */
export function progressText(tasks: number, events: number, seconds: number, t: Translate): string {
  return [countTasks(tasks, t), t('{0} events', events.toLocaleString('en')), t('{0} s', Math.floor(seconds))].join(' · ');
}

/** Shows a notification with live counts and Cancel until the run is over. */
export async function showProgress(vscode: Vscode, title: string, run: RunHandle): Promise<void> {
  const startedAt = Date.now();
  let ended = false;
  const ending = run.finished.then(() => (ended = true));
  await Promise.race([ending, new Promise((resolve) => setTimeout(resolve, patienceMs))]);
  if (ended) return;
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: vscode.l10n.t('Tracing {0}', title),
    cancellable: true,
  };
  await vscode.window.withProgress(options, async (progress: vscode.Progress<{ message?: string }>, token) => {
    const report = () => {
      const { tasks, events } = run.counts;
      progress.report({ message: progressText(tasks, events, (Date.now() - startedAt) / 1000, vscode.l10n.t) });
    };
    report();
    const timer = setInterval(report, 500);
    const stopping = token.onCancellationRequested(() => {
      clearInterval(timer);
      progress.report({ message: vscode.l10n.t('stopping…') });
      run.cancel();
    });
    await ending;
    clearInterval(timer);
    stopping.dispose();
  });
}
