const blockBytes = 256 * 1024;

/** Bytes kept in the order they came, readable from any place: the trace of one run while it grows. */
export class ByteLog {
  readonly #blocks: Uint8Array[] = [];
  readonly #maxBytes: number;
  #length = 0;
  #refused = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get length(): number {
    return this.#length;
  }

  /** Bytes that came after the log was full and were not kept. */
  get refused(): number {
    return this.#refused;
  }

  /** Keeps the chunk, whole or not at all; false when it no longer fits. Once full the log stays closed: a later small chunk would tear the order. */
  append(chunk: Uint8Array): boolean {
    if (this.#refused > 0 || this.#length + chunk.length > this.#maxBytes) {
      this.#refused += chunk.length;
      return false;
    }
    let from = 0;
    while (from < chunk.length) {
      const offset = this.#length % blockBytes;
      if (offset === 0) this.#blocks.push(new Uint8Array(blockBytes));
      const block = this.#blocks.at(-1) as Uint8Array;
      const size = Math.min(blockBytes - offset, chunk.length - from);
      block.set(chunk.subarray(from, from + size), offset);
      from += size;
      this.#length += size;
    }
    return true;
  }

  /** A copy of at most `max` bytes from `start` on; empty at the end. */
  read(start: number, max: number): Uint8Array {
    const size = Math.max(0, Math.min(max, this.#length - start));
    const out = new Uint8Array(size);
    let done = 0;
    while (done < size) {
      const at = start + done;
      const offset = at % blockBytes;
      const block = this.#blocks[Math.floor(at / blockBytes)] as Uint8Array;
      const part = Math.min(blockBytes - offset, size - done);
      out.set(block.subarray(offset, offset + part), done);
      done += part;
    }
    return out;
  }
}
