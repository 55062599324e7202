import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { FrameReader, TraceFormatError, type Frame } from '../shared/traceFrames.ts';
import { runErrors } from './errors.ts';
import type { TraceSink } from './launchOptions.ts';

/** Writes a `.interleave` file as the trace comes. Throws a `RunError` (`trace-unwritable`) when it cannot be opened or written. */
export class TraceFileWriter implements TraceSink {
  readonly path: string;
  #fd: number | undefined;
  #bytes = 0;

  constructor(path: string) {
    this.path = path;
    try {
      this.#fd = openSync(path, 'w');
    } catch (error) {
      throw runErrors.traceUnwritable(path, error);
    }
  }

  get bytes(): number {
    return this.#bytes;
  }

  onTrace(bytes: Uint8Array): void {
    if (this.#fd === undefined) return;
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(this.#fd, bytes, at);
    } catch (error) {
      this.close();
      throw runErrors.traceUnwritable(this.path, error);
    }
    this.#bytes += bytes.length;
  }

  close(): void {
    if (this.#fd === undefined) return;
    const fd = this.#fd;
    this.#fd = undefined;
    closeSync(fd);
  }
}

/** What a `.interleave` file holds: whole frames in order; `complete` is false where its last frame was cut off. */
export interface TraceFileContent {
  readonly bytes: Uint8Array;
  readonly frames: readonly Frame[];
  readonly complete: boolean;
}

/** Reads a whole file. Throws a `RunError` (`trace-unreadable`), or a `TraceFormatError` where the bytes are no trace. */
export function readTraceFile(path: string): TraceFileContent {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw runErrors.traceUnreadable(path, error);
  }
  // A trace begins with its mark as soon as there is a file.
  if (bytes.length === 0) throw new TraceFormatError('This is not an Interleave trace: the file is empty.');
  const reader = new FrameReader({ expectMagic: true });
  const frames = reader.push(bytes);
  return { bytes, frames, complete: reader.pendingBytes === 0 };
}
