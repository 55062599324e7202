import { readFile, stat } from 'node:fs/promises';
import { measuredPlace } from '../analyze/measuredFindings.ts';
import type { TracedFile } from '../analyze/model.ts';
import type { Finding } from '../shared/lintMessages.ts';
import type { Vscode } from './host.ts';
import { isTracedText } from './sourceHash.ts';
import type { TracedDocuments } from './tracedDocuments.ts';

/** Knows of the files that findings lead to whether they still are as the last run had them, open or not. */
export class TracedTexts {
  readonly #vscode: Vscode;
  readonly #traced: TracedDocuments;
  /** Files that are not open, by path: what was last found on disk. */
  readonly #onDisk = new Map<string, { readonly file: TracedFile; readonly modifiedMs: number; readonly fresh: boolean }>();

  constructor(vscode: Vscode, traced: TracedDocuments) {
    this.#vscode = vscode;
    this.#traced = traced;
  }

  /** The path as the trace spells it, where the file's text is known to be the one that ran. */
  pathOf(path: string): string | undefined {
    const open = this.#vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === 'file' && uri.fsPath === path);
    if (open) {
      const document = this.#traced.get(open);
      return document?.fresh ? document.file.path : undefined;
    }
    const file = this.#traced.fileAt(path);
    const known = this.#onDisk.get(path);
    return file && known?.file === file && known.fresh ? file.path : undefined;
  }

  /** Looks at the files on disk where findings lead to; true where one is not as it was thought to be. */
  async look(findings: readonly Finding[]): Promise<boolean> {
    const paths = new Set(findings.flatMap((finding) => measuredPlace(finding)?.path ?? []));
    const changes = await Promise.all([...paths].map((path) => this.#lookAt(path)));
    return changes.includes(true);
  }

  async #lookAt(path: string): Promise<boolean> {
    const file = this.#traced.fileAt(path);
    if (!file) return this.#onDisk.delete(path);
    const known = this.#onDisk.get(path);
    try {
      const { mtimeMs } = await stat(path);
      if (known?.file === file && known.modifiedMs === mtimeMs) return false;
      const fresh = isTracedText(await readFile(path, 'utf8'), file);
      this.#onDisk.set(path, { file, modifiedMs: mtimeMs, fresh });
      return fresh !== (known?.file === file && known.fresh);
    } catch {
      return this.#onDisk.delete(path);
    }
  }
}
