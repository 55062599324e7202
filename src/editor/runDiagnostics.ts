import type * as vscode from 'vscode';
import { toDiagnostic } from './diagnostics.ts';
import type { Vscode } from './host.ts';
import { runFindingsOf } from './runFindings.ts';
import type { TracedDocuments } from './tracedDocuments.ts';

/** Reports what the last run showed to be wrong, in open files whose text is the one that ran; an edit takes it away. */
export class RunDiagnostics {
  readonly #vscode: Vscode;
  readonly #traced: TracedDocuments;
  readonly #collection: vscode.DiagnosticCollection;
  readonly #disposables: { dispose(): unknown }[];

  constructor(vscode: Vscode, traced: TracedDocuments) {
    this.#vscode = vscode;
    this.#traced = traced;
    this.#collection = vscode.languages.createDiagnosticCollection('interleave-run');
    this.#disposables = [
      this.#collection,
      traced.onDidChange((document) => this.#publish(document)),
      vscode.workspace.onDidOpenTextDocument((document) => this.#publish(document)),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.#collection.delete(uri)),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (!event.affectsConfiguration('interleave.lint') && !event.affectsConfiguration('interleave.longSliceMs')) return;
        for (const document of vscode.workspace.textDocuments) this.#publish(document);
      }),
    ];
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #publish(document: vscode.TextDocument): void {
    const shown = runFindingsOf(this.#vscode, document.uri, this.#traced.get(document));
    this.#collection.set(
      document.uri,
      shown.map((finding) => toDiagnostic(this.#vscode, finding)),
    );
  }
}
