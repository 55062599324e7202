import type * as vscode from 'vscode';
import { lineTexts, type LineText } from './decorationTexts.ts';
import type { Vscode } from './host.ts';
import type { TracedDocuments } from './tracedDocuments.ts';
import type { TraceModel } from '../analyze/model.ts';

export interface DecorationsOptions {
  readonly vscode: Vscode;
  readonly traced: TracedDocuments;
  readonly log: vscode.LogOutputChannel;
}

const kinds = ['wait', 'blocking', 'stale'] as const;
type Kind = (typeof kinds)[number];

/** Shows at the lines of visible editors what the last run measured there. */
export class Decorations {
  readonly #options: DecorationsOptions;
  readonly #types: Readonly<Record<Kind, vscode.TextEditorDecorationType>>;
  readonly #disposables: { dispose(): unknown }[];
  readonly #texts = new WeakMap<TraceModel, Map<string, readonly LineText[]>>();
  /** The run whose figures the person sent away. */
  #cleared: TraceModel | undefined;

  constructor(options: DecorationsOptions) {
    this.#options = options;
    const { vscode, traced } = options;
    const type = (name: string) => {
      const after = {
        margin: '0 0 0 3ch',
        color: new vscode.ThemeColor(`interleave.decoration.${name}`),
        fontStyle: name === 'stale' ? 'italic' : 'normal',
      };
      // Text typed at the end of the line must not push the figures into the next one.
      return vscode.window.createTextEditorDecorationType({
        after,
        isWholeLine: true,
        rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
      });
    };
    this.#types = { wait: type('wait'), blocking: type('blocking'), stale: type('stale') };
    this.#disposables = [
      ...Object.values(this.#types),
      traced.onDidChange((document) => {
        for (const editor of vscode.window.visibleTextEditors) if (editor.document === document) this.#show(editor);
      }),
      vscode.window.onDidChangeVisibleTextEditors((editors) => editors.forEach((editor) => this.#show(editor))),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('interleave.decorations') || event.affectsConfiguration('interleave.longSliceMs'))
          this.#showAll();
      }),
    ];
  }

  /** Takes the last run's figures away until the next run. */
  clear(): void {
    this.#cleared = this.#options.traced.model;
    this.#showAll();
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #showAll(): void {
    this.#options.vscode.window.visibleTextEditors.forEach((editor) => this.#show(editor));
  }

  #show(editor: vscode.TextEditor): void {
    const { vscode, traced } = this.#options;
    const { document } = editor;
    const enabled = vscode.workspace.getConfiguration('interleave', document.uri).get('decorations.enabled', true);
    const run = enabled ? traced.get(document) : undefined;
    const options: Record<Kind, vscode.DecorationOptions[]> = { wait: [], blocking: [], stale: [] };
    if (run && run.model !== this.#cleared) {
      for (const { line, kind, text } of this.#linesOf(run.model, run.file.path, document)) {
        const now = run.lineNow(line);
        if (now === undefined || now > document.lineCount) continue;
        const range = document.lineAt(now - 1).range;
        const contentText = run.fresh ? text : `${text} ${vscode.l10n.t('(edited)')}`;
        options[run.fresh ? kind : 'stale'].push({ range, renderOptions: { after: { contentText } } });
      }
    }
    for (const kind of kinds) editor.setDecorations(this.#types[kind], options[kind]);
  }

  #linesOf(model: TraceModel, path: string, document: vscode.TextDocument): readonly LineText[] {
    const { vscode, log } = this.#options;
    const longSliceMs = vscode.workspace.getConfiguration('interleave', document.uri).get('longSliceMs', 50);
    let byFile = this.#texts.get(model);
    if (!byFile) this.#texts.set(model, (byFile = new Map<string, readonly LineText[]>()));
    const key = `${longSliceMs} ${path}`;
    const known = byFile.get(key);
    if (known) return known;
    const file = model.files.find((candidate) => candidate.path === path);
    const { lines, omitted } = file ? lineTexts(model, file, longSliceMs, vscode.l10n.t) : { lines: [], omitted: 0 };
    if (omitted > 0) log.info(`${path}: figures of ${omitted} more lines are not shown.`);
    byFile.set(key, lines);
    return lines;
  }
}
