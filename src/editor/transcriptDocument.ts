import type * as vscode from 'vscode';
import { transcript } from '../export/transcript.ts';
import type { Vscode } from './host.ts';
import type { RunStore } from './runStore.ts';

const scheme = 'interleave-transcript';
export const transcriptLanguage = 'interleave-transcript';

export interface TranscriptDocument extends vscode.Disposable {
  /** Opens the transcript of the last run, or brings it up to date. */
  readonly open: () => Promise<void>;
}

/** The last run as text in a read-only document that follows the runs. */
export function registerTranscript(vscode: Vscode, store: RunStore): TranscriptDocument {
  const changed = new vscode.EventEmitter<vscode.Uri>();
  const uri = vscode.Uri.from({ scheme, path: '/last-run.interleave.txt' });
  const provider: vscode.TextDocumentContentProvider = {
    onDidChange: changed.event,
    provideTextDocumentContent: () => (store.model ? transcript(store.model) : ''),
  };
  const registered = vscode.Disposable.from(
    changed,
    vscode.workspace.registerTextDocumentContentProvider(scheme, provider),
    store.onDidChange((event) => {
      const isOpen = vscode.workspace.textDocuments.some((document) => document.uri.toString() === uri.toString());
      if (event === 'finished' && isOpen) changed.fire(uri);
    }),
  );
  return {
    async open() {
      changed.fire(uri);
      const document = await vscode.workspace.openTextDocument(uri);
      await vscode.languages.setTextDocumentLanguage(document, transcriptLanguage);
      await vscode.window.showTextDocument(document, { preview: true });
    },
    dispose() {
      registered.dispose();
    },
  };
}
