import type { ByteLog } from './byteLog.ts';

export interface ChunkSenderOptions {
  /** Hands bytes to the page; resolves when the page's frame has taken them. */
  readonly post: (bytes: Uint8Array) => PromiseLike<unknown>;
  /** Called once after the last byte of a log that will not grow any more. */
  readonly onEnd: () => void;
  /** Least time between two posts, milliseconds. */
  readonly intervalMs?: number;
  readonly maxChunkBytes?: number;
}

/** Sends a growing log to a page in few large chunks, never faster than the page takes them. */
export class ChunkSender {
  readonly #options: ChunkSenderOptions;
  #log: ByteLog | undefined;
  #sent = 0;
  #ended = false;
  #endTold = false;
  #busy = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Grows with each start, so that an answer to an old post does not move the new cursor. */
  #round = 0;

  constructor(options: ChunkSenderOptions) {
    this.#options = options;
  }

  /** Begins to send a log from its first byte; `ended` when it will not grow. */
  start(log: ByteLog, ended: boolean): void {
    this.stop();
    this.#log = log;
    this.#ended = ended;
    this.#pump();
  }

  /** The log has grown. */
  more(): void {
    this.#pump();
  }

  /** The log has got its last byte. */
  end(): void {
    this.#ended = true;
    this.#pump();
  }

  stop(): void {
    this.#round++;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#log = undefined;
    this.#sent = 0;
    this.#ended = false;
    this.#endTold = false;
    this.#busy = false;
  }

  #pump(): void {
    const log = this.#log;
    if (!log || this.#busy || this.#timer !== undefined) return;
    if (this.#sent === log.length) {
      if (this.#ended && !this.#endTold) {
        this.#endTold = true;
        this.#options.onEnd();
      }
      return;
    }
    const round = this.#round;
    const bytes = log.read(this.#sent, this.#options.maxChunkBytes ?? 4 * 1024 * 1024);
    this.#busy = true;
    const goOn = () => {
      if (round !== this.#round) return;
      this.#busy = false;
      // The end need not wait for the interval: there is nothing left to batch.
      if (this.#ended && this.#sent === log.length) return this.#pump();
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        this.#pump();
      }, this.#options.intervalMs ?? 100);
    };
    this.#sent += bytes.length;
    // A page that is gone rejects or answers false; when it comes back it says `ready` and everything is sent anew.
    this.#options.post(bytes).then(goOn, goOn);
  }
}
