import type * as vscode from 'vscode';

export interface RechecksOptions {
  /** All documents that can be checked, those people look at first. */
  readonly documents: () => readonly vscode.TextDocument[];
  readonly check: (document: vscode.TextDocument) => Promise<void>;
  readonly delayMs: number;
}

/** Checks documents anew because another file changed: after a pause, one after the other, so that a keystroke waits for one of them at most. */
export class Rechecks {
  readonly #options: RechecksOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #round = 0;

  constructor(options: RechecksOptions) {
    this.#options = options;
  }

  /** Begins a round anew; what is left of the last one is dropped. `changed` itself has its own check. */
  schedule(changed?: vscode.TextDocument): void {
    this.stop();
    this.#timer = setTimeout(() => void this.#run(this.#round, changed), this.#options.delayMs);
  }

  /** Drops what is left of a round. */
  stop(): void {
    this.#round++;
    clearTimeout(this.#timer);
  }

  async #run(round: number, changed: vscode.TextDocument | undefined): Promise<void> {
    for (const document of this.#options.documents()) {
      if (document === changed || document.isClosed) continue;
      await this.#options.check(document);
      if (this.#round !== round) return;
    }
  }
}
