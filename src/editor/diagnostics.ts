import type * as vscode from 'vscode';
import type { LintClient } from '../run/lintClient.ts';
import type { Finding } from '../shared/lintMessages.ts';
import { shownFindings, type MeasuringRun, type ShownFinding } from './diagnosticTexts.ts';
import type { Vscode } from './host.ts';
import { isLinted, lintPath } from './lintedDocuments.ts';
import { loadProject } from './loadProject.ts';
import { inBackground } from './problems.ts';
import { Rechecks } from './rechecks.ts';
import { ruleLink } from './rulePages.ts';
import { runFindingsOf } from './runFindings.ts';
import { lintOptions } from './settings.ts';
import { isSupported } from './supportedFiles.ts';
import type { TracedDocuments } from './tracedDocuments.ts';
import { TracedTexts } from './tracedTexts.ts';

/** Short, for answers are to be there as people pause; what a later key overtakes is dropped. */
const debounceMs = 50;
/** From the last change of one file to the checks of the others. */
const othersDelayMs = 600;
const startDelayMs = 200;
const scripts = '**/*.{ts,mts,cts,tsx,js,mjs,cjs,jsx}';

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
  readonly #rechecks: Rechecks;
  readonly #texts: TracedTexts;
  readonly #disposables: { dispose(): unknown }[];

  constructor(options: DiagnosticsOptions) {
    this.#options = options;
    const { vscode, traced, log } = options;
    this.#texts = new TracedTexts(vscode, traced);
    this.#collection = vscode.languages.createDiagnosticCollection('interleave');
    this.#rechecks = new Rechecks({
      documents: () => lookedAtFirst(vscode).filter(isLinted),
      check: (document) =>
        this.#check(document).catch((error: unknown) => log.error('lint:', error instanceof Error ? error : String(error))),
      delayMs: othersDelayMs,
    });
    const all = () => vscode.workspace.textDocuments.forEach((document) => this.#schedule(document, 0));
    const watcher = vscode.workspace.createFileSystemWatcher(scripts);
    // What other files hold decides too: a helper may block from now on. Open files tell of themselves.
    const onDisk = ({ path, fsPath }: vscode.Uri): void => {
      const isOpen = vscode.workspace.textDocuments.some(({ uri }) => uri.fsPath === fsPath);
      if (!isOpen && !path.includes('/node_modules/')) this.#rechecks.schedule();
    };
    this.#disposables = [
      this.#collection,
      watcher,
      watcher.onDidChange(onDisk),
      watcher.onDidCreate(onDisk),
      watcher.onDidDelete(onDisk),
      vscode.workspace.onDidOpenTextDocument((document) => this.#schedule(document, 0)),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length === 0 || !isLinted(document)) return;
        this.#schedule(document, debounceMs);
        this.#rechecks.schedule(document);
      }),
      vscode.workspace.onDidCloseTextDocument((document) => this.#closed(document)),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('interleave.lint')) all();
      }),
      traced.onDidChange((document) => {
        this.#publish(document);
        inBackground(log, 'lint', this.#lookAtHelpers(document));
      }),
    ];
    // After activation: the worker that answers is heavy to load.
    const timer = setTimeout(all, startDelayMs);
    this.#disposables.push({ dispose: () => clearTimeout(timer) });
  }

  dispose(): void {
    this.#rechecks.stop();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #schedule(document: vscode.TextDocument, delayMs: number): void {
    if (!isLinted(document)) return;
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
    const checked = await lint.check(lintPath(vscode, document), document.getText(), lintOptions(vscode, document.uri));
    // A later edit has its own check under way.
    if (checked === 'stale' || document.isClosed || document.version !== version) return;
    if (checked.note !== undefined && !this.#noted.has(key + checked.note)) {
      this.#noted.add(key + checked.note);
      log.info(`${document.uri.fsPath}: ${checked.note}`);
    }
    this.#findings.set(key, { version, findings: checked.findings });
    this.#publish(document);
    await this.#lookAtHelpers(document);
    if (await loadProject(lint, lintPath(vscode, document))) this.#rechecks.schedule();
  }

  /** What a run measured behind helpers counts where their files, which need not be open, are as they were. */
  async #lookAtHelpers(document: vscode.TextDocument): Promise<void> {
    const known = this.#findings.get(document.uri.toString());
    if (known && this.#options.traced.model && (await this.#texts.look(known.findings))) this.#publish(document);
  }

  #publish(document: vscode.TextDocument): void {
    const known = this.#findings.get(document.uri.toString());
    // Findings of an older text are at moved lines; the editor itself keeps what is shown in its place until the next check.
    if (known?.version !== document.version) return;
    const { vscode, traced } = this.#options;
    const { model } = traced;
    const run: MeasuringRun | undefined = model && { model, traced: (path) => this.#texts.pathOf(path) };
    const rules: unknown = vscode.workspace.getConfiguration('interleave', document.uri).get('lint.rules');
    const path = lintPath(vscode, document);
    const uriOf = (of: string): vscode.Uri => (of === path ? document.uri : vscode.Uri.file(of));
    this.#collection.set(
      document.uri,
      shownFindings(known.findings, rules, run, runFindingsOf(vscode, document.uri, traced.get(document))).map((shown) =>
        toDiagnostic(vscode, shown, uriOf),
      ),
    );
  }

  #closed(document: vscode.TextDocument): void {
    if (!isLinted(document) && !isSupported(document)) return;
    const key = document.uri.toString();
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
    this.#findings.delete(key);
    this.#collection.delete(document.uri);
    const { lint, log, vscode } = this.#options;
    inBackground(log, 'lint', lint.close(lintPath(vscode, document)));
    // What was not saved is gone: others may have seen it.
    this.#rechecks.schedule();
  }
}

/** All open documents, those in visible editors first. */
function lookedAtFirst(vscode: Vscode): readonly vscode.TextDocument[] {
  return [...new Set([...vscode.window.visibleTextEditors.map(({ document }) => document), ...vscode.workspace.textDocuments])];
}

/**
 * A finding as the editor shows it, its code linked to the page of its rule, each step of its chain a link.
 * @param uriOf for paths that are not those of files
 */
export function toDiagnostic(
  vscode: Vscode,
  { finding, severity }: ShownFinding,
  uriOf: (path: string) => vscode.Uri = (path) => vscode.Uri.file(path),
): vscode.Diagnostic {
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
    const place = new vscode.Location(uriOf(path), new vscode.Position(line - 1, 0));
    return new vscode.DiagnosticRelatedInformation(place, name);
  });
  return diagnostic;
}
