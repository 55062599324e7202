import type * as vscode from 'vscode';
import { baseName, type Vscode } from './host.ts';
import type { RunStore, StoredRun } from './runStore.ts';

/** A longer trace is not kept over a reload: writing it would hold up the window's end. */
const maxKeptBytes = 64 * 1024 * 1024;
const fileName = 'last-run.interleave';

/** Keeps the last run of a workspace in one file, so that a reloaded window can show it again. */
export class TraceStorage {
  readonly #vscode: Vscode;
  readonly #folder: vscode.Uri;
  readonly #memory: vscode.Memento;
  #saving: Promise<void> = Promise.resolve();

  constructor(vscode: Vscode, context: vscode.ExtensionContext) {
    this.#vscode = vscode;
    // A window without a folder has no storage of its own.
    this.#folder = context.storageUri ?? vscode.Uri.joinPath(context.globalStorageUri, 'no-folder');
    this.#memory = context.workspaceState;
  }

  /** Writes the run in place of the one before; a run too large takes the old file away. */
  save(run: StoredRun): Promise<void> {
    this.#saving = this.#saving.catch(() => {}).then(() => this.#write(run));
    return this.#saving;
  }

  /** Reads the kept run into an empty store; false where there is none. */
  async restore(store: RunStore): Promise<boolean> {
    const file = this.#vscode.Uri.joinPath(this.#folder, fileName);
    let bytes: Uint8Array;
    try {
      bytes = await this.#vscode.workspace.fs.readFile(file);
    } catch {
      return false;
    }
    // A run may have begun while the file was read.
    if (store.run) return false;
    store.load(this.#memory.get('interleave.lastTitle', baseName(file.path)), bytes);
    return true;
  }

  async #write(run: StoredRun): Promise<void> {
    const { fs } = this.#vscode.workspace;
    const file = this.#vscode.Uri.joinPath(this.#folder, fileName);
    if (run.log.length > maxKeptBytes) {
      await fs.delete(file).then(undefined, () => {});
      return;
    }
    await fs.createDirectory(this.#folder);
    // By way of another name: a window closed half-way leaves the old file whole.
    const half = this.#vscode.Uri.joinPath(this.#folder, `${fileName}.part`);
    await fs.writeFile(half, run.log.read(0, run.log.length));
    await fs.rename(half, file, { overwrite: true });
    await this.#memory.update('interleave.lastTitle', run.title);
  }
}
