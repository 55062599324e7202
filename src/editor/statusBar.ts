import type { Vscode } from './host.ts';
import { escapeMarkdown } from './markdown.ts';
import type { LiveRun } from './liveRun.ts';
import type { RunStore } from './runStore.ts';
import { statusText } from './statusTexts.ts';

/** Keeps the status bar item, hidden before any run, and the context keys that menus ask for. */
export function createStatusBar(vscode: Vscode, store: RunStore, live: LiveRun): { dispose: () => void } {
  const item = vscode.window.createStatusBarItem('interleave.status', vscode.StatusBarAlignment.Left, 10);
  item.name = vscode.l10n.t('Interleave');
  item.command = 'interleave.openTimeline';
  let timer: ReturnType<typeof setTimeout> | undefined;

  function show(): void {
    clearTimeout(timer);
    timer = undefined;
    const { run, model } = store;
    if (!run || !model) return item.hide();
    const { text, details, warning } = statusText(run, model, vscode.l10n.t, live.held());
    item.text = text;
    item.tooltip = new vscode.MarkdownString(details.map((line) => escapeMarkdown(line)).join('\n\n'));
    item.accessibilityInformation = {
      label: vscode.l10n.t('Interleave: {0}', [text.replace(/\$\([^)]*\)\s*/g, ''), ...details].join(', ')),
    };
    item.backgroundColor = warning ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    item.show();
  }

  const setContext = (key: string, value: boolean) =>
    void vscode.commands.executeCommand('setContext', `interleave.${key}`, value);
  const listening = store.onDidChange((event) => {
    if (event === 'grown') {
      // The model is made anew when asked for; twice a second is enough to see it live.
      timer ??= setTimeout(show, 500);
      return;
    }
    setContext('hasRun', store.run !== undefined);
    setContext('running', store.run?.state === 'running');
    show();
  });
  const listeningToHolds = live.onDidChange(show);
  return {
    dispose: () => {
      clearTimeout(timer);
      listeningToHolds.dispose();
      listening.dispose();
      item.dispose();
    },
  };
}
