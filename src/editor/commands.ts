import type * as vscode from 'vscode';
import type { TimelineFocus } from '../shared/pageMessages.ts';
import type { Decorations } from './decorations.ts';
import { openExample } from './examples.ts';
import type { Vscode } from './host.ts';
import { exportReport, requireRun, saveTrace, type LastRunOptions } from './lastRunCommands.ts';
import type { LiveRun } from './liveRun.ts';
import { showLiveTasks } from './liveTaskList.ts';
import { problems, showProblem } from './problems.ts';
import { renderReport } from './renderReport.ts';
import { openRule } from './rulePages.ts';
import type { RunController } from './runController.ts';
import type { RunStore } from './runStore.ts';
import type { TimelinePanel } from './timelinePanel.ts';
import type { TraceStorage } from './traceStorage.ts';
import type { TranscriptDocument } from './transcriptDocument.ts';

export interface CommandsOptions {
  readonly vscode: Vscode;
  readonly extensionUri: vscode.Uri;
  readonly log: vscode.LogOutputChannel;
  readonly store: RunStore;
  readonly storage: TraceStorage;
  readonly controller: RunController;
  readonly live: LiveRun;
  readonly panel: TimelinePanel;
  readonly decorations: Decorations;
  readonly transcript: TranscriptDocument;
}

/** Registers every command of the extension. */
export function registerCommands(options: CommandsOptions): vscode.Disposable {
  const { vscode, extensionUri, log, store, storage, controller, live, panel, decorations, transcript } = options;
  const lastRun: LastRunOptions = { vscode, store, renderReport: (run) => renderReport(extensionUri.fsPath, run) };

  const commands: Record<string, (...args: unknown[]) => unknown> = {
    traceRun: (uri, wish) => controller.trace(uri, wish),
    rerun: () => controller.again(),
    stopRun: () => controller.stop(),
    showLiveTasks: () => showLiveTasks(vscode, live),
    async openTimeline(focus) {
      if (!store.run) await storage.restore(store);
      if (!(await requireRun(lastRun))) return;
      const place = focusFrom(focus);
      panel.show({ takeFocus: true, ...(place ? { focus: place } : {}) });
    },
    clearDecorations: () => decorations.clear(),
    async toggleDecorations() {
      const settings = vscode.workspace.getConfiguration('interleave');
      const enabled = settings.get('decorations.enabled', true);
      await settings.update('decorations.enabled', !enabled, vscode.ConfigurationTarget.Global);
    },
    async showTranscript() {
      if (await requireRun(lastRun)) await transcript.open();
    },
    exportReport: () => exportReport(lastRun),
    saveTrace: () => saveTrace(lastRun),
    showLog: () => log.show(),
    openRule: (rule) => openRule(vscode, extensionUri, rule),
    openExamples: () => openExample(vscode, extensionUri),
  };

  return vscode.Disposable.from(
    ...Object.entries(commands).map(([name, run]) =>
      vscode.commands.registerCommand(`interleave.${name}`, async (...args: unknown[]) => {
        try {
          await run(...args);
        } catch (error) {
          log.error(`${name}:`, error instanceof Error ? error : String(error));
          await showProblem(vscode, problems.defect(vscode.l10n.t));
        }
      }),
    ),
  );
}

/** Command links of hovers carry where to look; anything else is not ours. */
function focusFrom(value: unknown): TimelineFocus | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { startUs, endUs, task } = value as Record<string, unknown>;
  return {
    ...(typeof startUs === 'number' ? { startUs } : {}),
    ...(typeof endUs === 'number' ? { endUs } : {}),
    ...(typeof task === 'number' ? { task } : {}),
  };
}
