/** What a terminal's line discipline does with what a person types: the traced program has pipes, not a TTY. */
export interface LineDisciplineOptions {
  /** Shows text in the terminal. */
  readonly echo: (text: string) => void;
  /** A finished line with its `\n`, or the part of one after Ctrl+D. */
  readonly send: (text: string) => void;
  /** Ctrl+C. */
  readonly interrupt: () => void;
  /** Ctrl+D on an empty line. */
  readonly end: () => void;
}

/** Takes raw terminal input: lines are edited here and sent whole, as a terminal in cooked mode does. */
export class LineDiscipline {
  readonly #options: LineDisciplineOptions;
  #line: string[] = [];
  #closed = false;

  constructor(options: LineDisciplineOptions) {
    this.#options = options;
  }

  input(data: string): void {
    // Escape sequences (arrow keys, paste brackets) mean nothing to a program on a pipe.
    const plain = data.replace(/\x1b(?:\[[0-9;?]*[ -/]*[@-~]|O.|.)?/g, '').replace(/\r\n/g, '\r');
    for (const char of plain) this.#key(char);
  }

  #key(char: string): void {
    const { echo, send, interrupt, end } = this.#options;
    if (char === '\x03') {
      echo('^C\r\n');
      this.#line = [];
      return interrupt();
    }
    if (this.#closed) return;
    switch (char) {
      case '\r':
      case '\n':
        echo('\r\n');
        send(`${this.#line.join('')}\n`);
        this.#line = [];
        return;
      case '\x04':
        if (this.#line.length > 0) {
          send(this.#line.join(''));
          this.#line = [];
        } else {
          this.#closed = true;
          end();
        }
        return;
      case '\x7f':
      case '\b': {
        const erased = this.#line.pop();
        if (erased !== undefined) echo('\b \b'.repeat(cellWidth(erased)));
        return;
      }
      case '\x15':
        for (const erased of this.#line.splice(0).reverse()) echo('\b \b'.repeat(cellWidth(erased)));
        return;
      default:
        if (char < ' ' && char !== '\t') return;
        this.#line.push(char);
        echo(char);
    }
  }
}

/** Cells a code point takes in a terminal: 2 for East Asian wide characters and emoji, 0 for combining marks. */
function cellWidth(char: string): number {
  if (/^[\p{Mn}\p{Me}\u200d\ufe0f]$/u.test(char)) return 0;
  return /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\uff01-\uff60]$/u.test(
    char,
  )
    ? 2
    : 1;
}
