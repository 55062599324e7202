import type * as vscode from 'vscode';
import type { Vscode } from './host.ts';
import { LineDiscipline } from './lineDiscipline.ts';
import { OutputText } from './outputText.ts';

/** The program's standard input, and what keys can do to it. */
export interface ProgramInput {
  readonly write: (text: string) => void;
  readonly end: () => void;
  readonly interrupt: () => void;
}

/** One terminal for the program that is traced, reused from run to run. */
export class ProgramTerminal {
  readonly #vscode: Vscode;
  readonly #writes: vscode.EventEmitter<string>;
  readonly #names: vscode.EventEmitter<string>;
  #terminal: vscode.Terminal | undefined;
  #output: OutputText | undefined;
  #waiting: string[] | undefined;
  #lines: LineDiscipline | undefined;
  #onClosed: () => void = () => {};

  constructor(vscode: Vscode) {
    this.#vscode = vscode;
    this.#writes = new vscode.EventEmitter();
    this.#names = new vscode.EventEmitter();
  }

  /** Shows the terminal for a new run and connects its keyboard. `command` is printed as the first line. */
  begin(title: string, command: string, input: ProgramInput, onClosed: () => void): void {
    this.#onClosed = onClosed;
    this.#lines = new LineDiscipline({
      echo: (text) => this.#write(text),
      send: input.write,
      end: input.end,
      interrupt: input.interrupt,
    });
    this.#output = new OutputText({
      write: (text) => this.#write(text),
      omitted: (bytes) => this.#vscode.l10n.t('… {0} KB of output not shown …', Math.round(bytes / 1024)),
    });
    const fresh = !this.#terminal;
    if (fresh) this.#create(title);
    this.#terminal?.show(true);
    this.#names.fire(title);
    // A line between two runs.
    this.#write(`${fresh ? '' : '\r\n'}\x1b[2m${command.replace(/\s+/g, ' ')}\x1b[22m\r\n`);
  }

  output(stream: 'stdout' | 'stderr', bytes: Uint8Array): void {
    this.#output?.push(stream, bytes);
  }

  /** Prints how the program ended; the keyboard is dead from here on. */
  end(message: string, failed: boolean): void {
    this.#output?.flush();
    this.#lines = undefined;
    this.#write(`\r\n\x1b[${failed ? 31 : 2}m${message}\x1b[0m\r\n`);
  }

  dispose(): void {
    this.#terminal?.dispose();
    this.#writes.dispose();
    this.#names.dispose();
  }

  /** Text written before the terminal is open would be lost: it waits. */
  #write(text: string): void {
    if (this.#waiting) this.#waiting.push(text);
    else this.#writes.fire(text);
  }

  #create(name: string): void {
    this.#waiting = [];
    const pty: vscode.Pseudoterminal = {
      onDidWrite: this.#writes.event,
      onDidChangeName: this.#names.event,
      open: () => {
        const early = this.#waiting?.join('');
        this.#waiting = undefined;
        if (early) this.#writes.fire(early);
      },
      close: () => {
        this.#terminal = undefined;
        this.#onClosed();
      },
      handleInput: (data) => this.#lines?.input(data),
    };
    this.#terminal = this.#vscode.window.createTerminal({ name, pty, iconPath: new this.#vscode.ThemeIcon('debug-alt-small') });
  }
}
