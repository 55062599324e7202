import type * as vscode from 'vscode';
import type { TracedFile, TraceModel } from '../analyze/model.ts';
import type { Vscode } from './host.ts';
import { LineShifts, type LineChange } from './lineShifts.ts';
import type { RunStore } from './runStore.ts';
import { isTracedText } from './sourceHash.ts';
import { comparable, type SourcePaths } from './sourcePaths.ts';
import { isSupported } from './supportedFiles.ts';

/** An open document that the last run loaded. */
export interface TracedDocument {
  readonly model: TraceModel;
  readonly file: TracedFile;
  /** The text is the one that ran. */
  readonly fresh: boolean;
  /** Where a line of the traced text is now; undefined where it was edited, or nobody saw the edits. */
  readonly lineNow: (line: number) => number | undefined;
  /** The line of the traced text that stands at this line now. */
  readonly lineThen: (line: number) => number | undefined;
}

interface Tracking {
  readonly model: TraceModel;
  readonly file: TracedFile;
  fresh: boolean;
  /** Unset where the document differed from the start, so that its edits are unknown. */
  shifts: LineShifts | undefined;
}

/** A document as it was when the run began, and the edits since: people type while their program runs. */
interface Since {
  readonly text: string;
  readonly changes: LineChange[];
}

/** Edits remembered of one document during one run; after more of them its figures are not placed. */
const maxChanges = 10_000;

type Listener = (document: vscode.TextDocument) => void;

/** Follows the edits of traced documents, so that figures of a run stay at their lines or go. */
export class TracedDocuments {
  readonly #vscode: Vscode;
  readonly #store: RunStore;
  readonly #paths: SourcePaths;
  readonly #tracked = new Map<string, Tracking>();
  readonly #since = new Map<string, Since>();
  readonly #listeners = new Set<Listener>();
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #disposables: { dispose(): unknown }[];
  #files: { readonly model: TraceModel; readonly byPath: Map<string, TracedFile> } | undefined;

  constructor(vscode: Vscode, store: RunStore, paths: SourcePaths) {
    this.#vscode = vscode;
    this.#store = store;
    this.#paths = paths;
    this.#disposables = [
      vscode.workspace.onDidChangeTextDocument((event) => this.#edited(event)),
      vscode.workspace.onDidCloseTextDocument((document) => {
        this.#tracked.delete(document.uri.toString());
        this.#since.delete(document.uri.toString());
      }),
      store.onDidChange((event) => {
        if (event === 'grown') return;
        this.#tracked.clear();
        this.#files = undefined;
        if (event === 'begun') this.#rememberTexts();
        for (const document of vscode.workspace.textDocuments) if (isSupported(document)) this.#tell(document);
      }),
    ];
  }

  /** The last run that is over. */
  get model(): TraceModel | undefined {
    return this.#store.run?.state === 'finished' ? this.#store.model : undefined;
  }

  /** What the last run, when it is over, knows of the file at a path; undefined for files it did not instrument. */
  fileAt(fsPath: string): TracedFile | undefined {
    const { model } = this;
    if (!model) return undefined;
    if (this.#files?.model !== model) {
      const instrumented = model.files.filter(({ status }) => status === 'instrumented');
      this.#files = { model, byPath: new Map(instrumented.map((file) => [comparable(file.path), file])) };
    }
    return this.#files.byPath.get(this.#paths.traced(fsPath));
  }

  /** What the last run knows of a document; undefined while a run is on, and for files it did not instrument. */
  get(document: vscode.TextDocument): TracedDocument | undefined {
    const tracking = this.#track(document);
    if (!tracking) return undefined;
    const { model, file, fresh, shifts } = tracking;
    if (fresh) return { model, file, fresh, lineNow: (line) => line, lineThen: (line) => line };
    const lineThen = (line: number) => shifts?.then(line);
    return { model, file, fresh, lineNow: (line) => shifts?.now(line), lineThen };
  }

  /** Tells of every document whose figures may have changed. */
  onDidChange(listener: Listener): { dispose(): void } {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  }

  dispose(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #track(document: vscode.TextDocument): Tracking | undefined {
    const key = document.uri.toString();
    const known = this.#tracked.get(key);
    if (known) return known;
    const { model } = this;
    const file = isSupported(document) ? this.fileAt(document.uri.fsPath) : undefined;
    if (!model || !file) return undefined;
    const fresh = isTracedText(document.getText(), file);
    const tracking = { model, file, fresh, shifts: fresh ? linesOf(model, file) : this.#shiftsSince(key, model, file) };
    this.#tracked.set(key, tracking);
    this.#since.delete(key);
    return tracking;
  }

  #rememberTexts(): void {
    this.#since.clear();
    for (const document of this.#vscode.workspace.textDocuments) {
      if (isSupported(document)) this.#since.set(document.uri.toString(), { text: document.getText(), changes: [] });
    }
  }

  /** The lines of a document that was edited while the program ran. */
  #shiftsSince(key: string, model: TraceModel, file: TracedFile): LineShifts | undefined {
    const since = this.#since.get(key);
    if (!since || !isTracedText(since.text, file)) return undefined;
    const shifts = linesOf(model, file);
    for (const change of since.changes) shifts.apply(change);
    return shifts;
  }

  #edited(event: vscode.TextDocumentChangeEvent): void {
    const { document } = event;
    const key = document.uri.toString();
    if (event.contentChanges.length === 0) return;
    const changes = event.contentChanges.map(({ range: { start, end }, text }) => {
      return { startLine: start.line + 1, startColumn: start.character, endLine: end.line + 1, endColumn: end.character, text };
    });
    const tracking = this.#tracked.get(key);
    if (!tracking) {
      const since = this.#since.get(key);
      if (since && since.changes.push(...changes) > maxChanges) this.#since.delete(key);
      return;
    }
    tracking.fresh = false;
    for (const change of changes) tracking.shifts?.apply(change);
    this.#tell(document);
    clearTimeout(this.#timers.get(key));
    this.#timers.set(
      key,
      setTimeout(() => {
        this.#timers.delete(key);
        // Undone edits bring the traced text back.
        if (document.isClosed || this.#tracked.get(key) !== tracking || !isTracedText(document.getText(), tracking.file)) return;
        tracking.fresh = true;
        tracking.shifts = linesOf(tracking.model, tracking.file);
        this.#tell(document);
      }, 300),
    );
  }

  #tell(document: vscode.TextDocument): void {
    for (const listener of [...this.#listeners]) listener(document);
  }
}

function linesOf(model: TraceModel, file: TracedFile): LineShifts {
  return new LineShifts(file.siteIds.flatMap((id) => model.sites.get(id)?.line ?? []));
}
