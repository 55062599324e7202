import type * as vscode from 'vscode';
import { LintClient } from '../run/lintClient.ts';
import { registerCodeActions } from './codeActions.ts';
import { registerCodeLens } from './codeLens.ts';
import { registerCommands } from './commands.ts';
import { Decorations } from './decorations.ts';
import { Diagnostics } from './diagnostics.ts';
import type { Vscode } from './host.ts';
import { reportHangs } from './hangDiagnostics.ts';
import { registerHover } from './hover.ts';
import { LiveRun } from './liveRun.ts';
import { createSourceRevealer } from './revealSource.ts';
import { RunDiagnostics } from './runDiagnostics.ts';
import { RunController } from './runController.ts';
import { RunStore } from './runStore.ts';
import { SourcePaths } from './sourcePaths.ts';
import { createStatusBar } from './statusBar.ts';
import { TimelinePanel, timelineViewType } from './timelinePanel.ts';
import { createTraceEditor, traceViewType } from './traceEditor.ts';
import { TracedDocuments } from './tracedDocuments.ts';
import { TraceStorage } from './traceStorage.ts';
import { registerTranscript } from './transcriptDocument.ts';

export interface RunningExtension {
  readonly store: RunStore;
  /** Ends the traced program, if one runs. */
  readonly stop: () => Promise<void>;
}

/** Builds all parts and registers them; starts no worker, reads no file. */
export function createExtension(vscode: Vscode, context: vscode.ExtensionContext): RunningExtension {
  const own = <T extends { dispose(): unknown }>(part: T): T => {
    context.subscriptions.push(part);
    return part;
  };
  const { extensionUri } = context;
  const log = own(vscode.window.createOutputChannel('Interleave', { log: true }));
  const cacheFolder = vscode.Uri.joinPath(context.globalStorageUri, 'instrumented').fsPath;
  const workerPath = vscode.Uri.joinPath(extensionUri, 'dist', 'lint-worker.cjs').fsPath;
  const lint = own(new LintClient({ workerPath, codeFolder: cacheFolder }));
  const store = new RunStore();
  const live = own(new LiveRun());
  const storage = new TraceStorage(vscode, context);
  const paths = new SourcePaths(vscode);
  const traced = own(new TracedDocuments(vscode, store, paths));
  const revealer = own(createSourceRevealer(vscode, paths));
  const panel = own(new TimelinePanel({ vscode, extensionUri, store, reveal: revealer.reveal, log }));
  const controller = own(
    new RunController({
      vscode,
      lint,
      memory: context.workspaceState,
      store,
      storage,
      live,
      log,
      extension: context.extension,
      cacheFolder,
      showTimeline: () => panel.show({ takeFocus: false }),
    }),
  );
  own(createStatusBar(vscode, store, live));
  const decorations = own(new Decorations({ vscode, traced, log }));
  own(new Diagnostics({ vscode, lint, traced, log }));
  own(new RunDiagnostics(vscode, traced));
  own(reportHangs(vscode, live, store));
  own(registerCodeActions({ vscode, lint, log }));
  own(registerCodeLens(vscode, lint, log));
  own(registerHover({ vscode, lint, traced, paths, log }));
  const transcript = own(registerTranscript(vscode, store));
  own(registerCommands({ vscode, extensionUri, log, store, storage, controller, live, panel, decorations, transcript }));
  own(
    vscode.window.registerWebviewPanelSerializer(timelineViewType, {
      async deserializeWebviewPanel(revived) {
        if (!store.run) await storage.restore(store);
        panel.adopt(revived);
      },
    }),
  );
  own(
    vscode.window.registerCustomEditorProvider(
      traceViewType,
      createTraceEditor({ vscode, extensionUri, reveal: revealer.reveal, log }),
      {
        supportsMultipleEditorsPerDocument: true,
      },
    ),
  );
  return { store, stop: () => controller.end() };
}
