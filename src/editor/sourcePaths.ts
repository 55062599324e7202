import { realpathSync } from 'node:fs';
import { sep } from 'node:path';
import type { Vscode } from './host.ts';

/**
 * Node knows a file by its real path, the editor by the path it was opened with; behind a symbolic link (on macOS already
 * under `/tmp`) the two differ.
 */
export class SourcePaths {
  readonly #vscode: Vscode;
  readonly #real = new Map<string, string>();

  constructor(vscode: Vscode) {
    this.#vscode = vscode;
  }

  /** The path as a trace spells it. */
  traced(fsPath: string): string {
    let real = this.#real.get(fsPath);
    if (real === undefined) {
      try {
        real = realpathSync.native(fsPath);
      } catch {
        real = fsPath;
      }
      if (this.#real.size > 1000) this.#real.clear();
      this.#real.set(fsPath, real);
    }
    return comparable(real);
  }

  /** The path as the editor spells it, for a path of a trace. */
  inEditor(path: string): string {
    const open = this.#vscode.workspace.textDocuments.find(
      ({ uri }) => uri.scheme === 'file' && this.traced(uri.fsPath) === comparable(path),
    );
    if (open) return open.uri.fsPath;
    for (const { uri } of this.#vscode.workspace.workspaceFolders ?? []) {
      if (uri.scheme !== 'file') continue;
      const real = this.traced(uri.fsPath);
      if (comparable(path).startsWith(real + sep)) return uri.fsPath + path.slice(real.length);
    }
    return path;
  }
}

/** Windows paths differ in the case of drive letters, depending on who wrote them. */
export function comparable(path: string): string {
  return process.platform === 'win32' ? path.toLowerCase() : path;
}
