export interface OutputTextOptions {
  readonly write: (text: string) => void;
  /** What stands where output was left out. */
  readonly omitted: (bytes: number) => string;
  /** How long output is gathered before it is written, milliseconds. */
  readonly intervalMs?: number;
  /** At most this many bytes reach the terminal in one interval: an extension's terminal has no back-pressure, and a flood would freeze the window. */
  readonly maxBytes?: number;
}

type Stream = 'stdout' | 'stderr';

/** Turns a program's output bytes into terminal text: UTF-8 across chunk borders, `\n` to `\r\n`, floods cut in the middle and counted. */
export class OutputText {
  readonly #options: OutputTextOptions;
  readonly #decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  #pending: { stream: Stream; bytes: Uint8Array }[] = [];
  #pendingBytes = 0;
  #omitted = 0;
  /** Index in the pending chunks before which output was left out. */
  #omittedAt = 0;
  #afterReturn = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: OutputTextOptions) {
    this.#options = options;
  }

  push(stream: Stream, bytes: Uint8Array): void {
    const max = this.#options.maxBytes ?? 256 * 1024;
    // The first half of the allowance shows how the flood began, the second half how it ends.
    const head = max / 2;
    this.#pending.push({ stream, bytes });
    this.#pendingBytes += bytes.length;
    while (this.#pendingBytes > max) {
      let at = 0;
      let before = 0;
      while (at < this.#pending.length - 1 && before + (this.#pending[at]?.bytes.length ?? 0) <= head)
        before += this.#pending[at++]?.bytes.length ?? 0;
      const victim = this.#pending[at] as { stream: Stream; bytes: Uint8Array };
      const excess = Math.min(this.#pendingBytes - max, victim.bytes.length);
      if (excess === victim.bytes.length) this.#pending.splice(at, 1);
      else victim.bytes = victim.bytes.subarray(excess);
      this.#pendingBytes -= excess;
      this.#omitted += excess;
      this.#omittedAt = at;
    }
    this.#timer ??= setTimeout(() => this.flush(), this.#options.intervalMs ?? 50);
  }

  /** Writes what was gathered, now. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    let text = '';
    this.#pending.forEach(({ stream, bytes }, index) => {
      if (this.#omitted > 0 && index === this.#omittedAt) text += this.#note();
      text += this.#terminalText(this.#decoders[stream].decode(bytes, { stream: true }));
    });
    if (this.#omitted > 0) text += this.#note();
    this.#pending = [];
    this.#pendingBytes = 0;
    if (text) this.#options.write(text);
  }

  #note(): string {
    const note = `\r\n\x1b[2m${this.#options.omitted(this.#omitted)}\x1b[22m\r\n`;
    this.#omitted = 0;
    return note;
  }

  /** A `\r\n` of the program's own stays one line end, also when a chunk border parts it. */
  #terminalText(text: string): string {
    let out = '';
    let from = 0;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
      const returned = at > 0 ? text.charCodeAt(at - 1) === 13 : this.#afterReturn;
      out += text.slice(from, at) + (returned ? '\n' : '\r\n');
      from = at + 1;
    }
    if (text) this.#afterReturn = text.endsWith('\r');
    return out + text.slice(from);
  }
}
