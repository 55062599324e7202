import type { ThreadId } from './ids.ts';
import type { TraceRecord } from './traceRecords.ts';

/**
 * A trace file is the eight bytes {@link traceMagic} and then frames; the pipe from the target carries the frames alone.
 * A frame: payload length in bytes (u32), type (u8), reserved 0 (u8), thread (u16), payload; all little-endian.
 */
export const traceMagic = 'INTERLV1';
export const frameHeaderBytes = 8;
/** A longer frame is damage, not data. */
export const maxFrameBytes = 64 * 1024 * 1024;
/**
 * `packedFile` stands in the pipe from the target only, with the place of an entry in the pack (u32) for a payload: the launcher puts the
 * file's record there.
 */
export const frameType = { record: 1, events: 2, packedFile: 3 } as const;

export interface Frame {
  readonly type: number;
  readonly thread: ThreadId;
  readonly payload: Uint8Array;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** One whole frame around a payload. */
export function encodeFrame(type: number, thread: ThreadId, payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(frameHeaderBytes + payload.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, payload.length, true);
  view.setUint8(4, type);
  view.setUint16(6, thread, true);
  frame.set(payload, frameHeaderBytes);
  return frame;
}

export function encodeRecord(record: TraceRecord, thread = 0 as ThreadId): Uint8Array {
  return encodeFrame(frameType.record, thread, encoder.encode(JSON.stringify(record)));
}

/** The first bytes of a trace file. */
export function encodeMagic(): Uint8Array {
  return encoder.encode(traceMagic);
}

export function decodeRecordText(payload: Uint8Array): unknown {
  return JSON.parse(decoder.decode(payload));
}

/** Thrown when the bytes cannot be a trace; the message is meant for the user. */
export class TraceFormatError extends Error {
  override readonly name = 'TraceFormatError';
}

/**
 * Cuts a stream of bytes into frames however the chunks fall. With `expectMagic` the stream must begin with {@link traceMagic}.
 * Throws {@link TraceFormatError} on bytes that cannot be a trace. An unfinished last frame is simply not delivered.
 */
export class FrameReader {
  #rest = new Uint8Array(0);
  #needsMagic: boolean;

  constructor(options: { readonly expectMagic: boolean }) {
    this.#needsMagic = options.expectMagic;
  }

  /** Bytes that belong to a frame still to be completed. */
  get pendingBytes(): number {
    return this.#rest.length;
  }

  push(chunk: Uint8Array): Frame[] {
    const frames: Frame[] = [];
    this.read(chunk, (frame) => frames.push(frame));
    return frames;
  }

  /** Like {@link FrameReader.push}, frame by frame: what stands before damage is delivered before the throw. */
  read(chunk: Uint8Array, take: (frame: Frame) => void): void {
    // A view of its own class: `slice` of a Node Buffer would not copy.
    let bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (this.#rest.length > 0) {
      bytes = new Uint8Array(this.#rest.length + chunk.length);
      bytes.set(this.#rest);
      bytes.set(chunk, this.#rest.length);
    }
    let at = 0;
    if (this.#needsMagic) {
      const seen = Math.min(bytes.length, traceMagic.length);
      for (let i = 0; i < seen; i++) {
        if (bytes[i] !== traceMagic.charCodeAt(i)) {
          throw new TraceFormatError('This is not an Interleave trace: it does not begin with the mark of one.');
        }
      }
      if (bytes.length < traceMagic.length) {
        this.#rest = bytes.slice();
        return;
      }
      this.#needsMagic = false;
      at = traceMagic.length;
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    while (bytes.length - at >= frameHeaderBytes) {
      const length = view.getUint32(at, true);
      const type = view.getUint8(at + 4);
      if (length > maxFrameBytes || view.getUint8(at + 5) !== 0) {
        throw new TraceFormatError(`The trace is damaged: a frame at byte ${at} of the last chunk has an impossible header.`);
      }
      if (bytes.length - at - frameHeaderBytes < length) break;
      const start = at + frameHeaderBytes;
      take({ type, thread: view.getUint16(at + 6, true) as ThreadId, payload: bytes.slice(start, start + length) });
      at = start + length;
    }
    this.#rest = bytes.slice(at);
  }
}
