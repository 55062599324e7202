import type * as vscode from 'vscode';
import type { LintClient } from '../run/lintClient.ts';
import type { Finding } from '../shared/lintMessages.ts';
import { shownFindings, type ShownFinding } from './diagnosticTexts.ts';
import type { Vscode } from './host.ts';
import { inBackground } from './problems.ts';
import { ruleLink } from './rulePages.ts';
import { isSupported } from './supportedFiles.ts';
import type { TracedDocuments } from './tracedDocuments.ts';

const debounceMs = 200;

export interface DiagnosticsOptions {
  readonly vscode: Vscode;
  readonly lint: LintClient;
  readonly traced: TracedDocuments;
  readonly log: vscode.LogOutputChannel;
}

/** Reports findings of open files as they are typed, with what the last run measured at their lines. */
export class Diagnostics {
  readonly #options: DiagnosticsOptions;
  readonly #collection: vscode.DiagnosticCollection;
  readonly #findings = new Map<string, { readonly version: number; readonly findings: readonly Finding[] }>();
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #noted = new Set<string>();
  readonly #disposables: { dispose(): unknown }[];

  constructor(options: DiagnosticsOptions) {
    this.#options = options;
    const { vscode, traced } = options;
    this.#collection = vscode.languages.createDiagnosticCollection('interleave');
    const all = () => vscode.workspace.textDocuments.forEach((document) => this.#schedule(document, 0));
    this.#disposables = [
      this.#collection,
      vscode.workspace.onDidOpenTextDocument((document) => this.#schedule(document, 0)),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0) this.#schedule(document, debounceMs);
      }),
      // What other files hold decides too: a helper saved now may block.
      vscode.workspace.onDidSaveTextDocument((document) => {
        if (isSupported(document))
          vscode.window.visibleTextEditors.forEach((editor) => this.#schedule(editor.document, debounceMs));
      }),
      vscode.workspace.onDidCloseTextDocument((document) => this.#closed(document)),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('interleave.lint')) all();
      }),
      traced.onDidChange((document) => this.#publish(document)),
    ];
    // After activation: the worker that answers is heavy to load.
    const timer = setTimeout(all, debounceMs);
    this.#disposables.push({ dispose: () => clearTimeout(timer) });
  }

  dispose(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #schedule(document: vscode.TextDocument, delayMs: number): void {
    // Nobody mends a dependency.
    if (!isSupported(document) || /[\\/]node_modules[\\/]/.test(document.uri.fsPath)) return;
    const key = document.uri.toString();
    clearTimeout(this.#timers.get(key));
    this.#timers.set(
      key,
      setTimeout(() => {
        this.#timers.delete(key);
        inBackground(this.#options.log, 'lint', this.#check(document));
      }, delayMs),
    );
  }

  async #check(document: vscode.TextDocument): Promise<void> {
    const key = document.uri.toString();
    const { lint, vscode, log } = this.#options;
    if (document.isClosed) return;
    if (!vscode.workspace.getConfiguration('interleave', document.uri).get('lint.enabled', true)) {
      this.#findings.delete(key);
      this.#collection.delete(document.uri);
      return;
    }
    const { version } = document;
    const checked = await lint.check(document.uri.fsPath, document.getText());
    // A later edit has its own check under way.
    if (checked === 'stale' || document.isClosed || document.version !== version) return;
    if (checked.note !== undefined && !this.#noted.has(key + checked.note)) {
      this.#noted.add(key + checked.note);
      log.info(`${document.uri.fsPath}: ${checked.note}`);
    }
    this.#findings.set(key, { version, findings: checked.findings });
    this.#publish(document);
  }

  #publish(document: vscode.TextDocument): void {
    const known = this.#findings.get(document.uri.toString());
    // Findings of an older text are at moved lines; the editor itself keeps what is shown in its place until the next check.
    if (known?.version !== document.version) return;
    const { vscode, traced } = this.#options;
    const run = traced.get(document);
    const measured = run?.fresh ? { model: run.model, tracedPath: run.file.path } : undefined;
    const rules: unknown = vscode.workspace.getConfiguration('interleave', document.uri).get('lint.rules');
    this.#collection.set(
      document.uri,
      shownFindings(known.findings, rules, measured).map((shown) => toDiagnostic(vscode, shown)),
    );
  }

  #closed(document: vscode.TextDocument): void {
    if (!isSupported(document)) return;
    const key = document.uri.toString();
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
    this.#findings.delete(key);
    this.#collection.delete(document.uri);
    inBackground(this.#options.log, 'lint', this.#options.lint.close(document.uri.fsPath));
  }
}

/** A finding as the editor shows it, its code linked to the page of its rule. */
export function toDiagnostic(vscode: Vscode, { finding, severity }: ShownFinding): vscode.Diagnostic {
  const severities = {
    error: vscode.DiagnosticSeverity.Error,
    warning: vscode.DiagnosticSeverity.Warning,
    information: vscode.DiagnosticSeverity.Information,
    hint: vscode.DiagnosticSeverity.Hint,
  };
  const range = new vscode.Range(finding.line - 1, finding.column - 1, finding.endLine - 1, finding.endColumn - 1);
  const diagnostic = new vscode.Diagnostic(range, finding.message, severities[severity]);
  diagnostic.source = 'Interleave';
  diagnostic.code = { value: finding.rule, target: ruleLink(vscode, finding.rule) };
  diagnostic.relatedInformation = finding.chain.map(({ path, line, name }) => {
    const place = new vscode.Location(vscode.Uri.file(path), new vscode.Position(line - 1, 0));
    return new vscode.DiagnosticRelatedInformation(place, name);
  });
  return diagnostic;
}
