import type { ThreadId } from '../shared/ids.ts';
import { frameHeaderBytes, frameType } from '../shared/traceFrames.ts';
import type { TraceRecord } from '../shared/traceRecords.ts';
import { lock, traceLock, unlock, type SharedState } from './sharedState.ts';
import type { TraceDescriptor } from './traceDescriptor.ts';

/** Hands whole frames of one thread to the descriptor. Nothing throws. */
export interface FrameWriter {
  /** False once a frame could not be written: none is written from then on. */
  readonly isOpen: () => boolean;
  /** Writes memory that begins with room for the header, `length` bytes in all, as a frame of events. */
  writeEvents(frame: Uint8Array, length: number): void;
  writeRecord(record: TraceRecord): void;
  /** Tells the launcher to put the record of a file of the pack here. */
  writePackedFile(place: number): void;
}

export interface FrameWriterOptions {
  readonly descriptor: TraceDescriptor;
  readonly shared: SharedState;
  readonly thread: ThreadId;
}

// Kept from before the program runs: it may replace and patch all of these.
const { stringify } = JSON;
const Bytes = Uint8Array;
const encoder = new TextEncoder();
const encode = encoder.encode.bind(encoder);

export function createFrameWriter({ descriptor, shared, thread }: FrameWriterOptions): FrameWriter {
  let open = true;

  function write(frame: Uint8Array, length: number): void {
    if (!open) return;
    lock(shared.words, traceLock);
    try {
      open = descriptor.isOurs() && descriptor.writeAll(frame, length);
    } finally {
      unlock(shared.words, traceLock);
    }
  }

  function writeHeader(frame: Uint8Array, type: number, payload: number): void {
    frame[0] = payload;
    frame[1] = payload >>> 8;
    frame[2] = payload >>> 16;
    frame[3] = payload >>> 24;
    frame[4] = type;
    frame[5] = 0;
    frame[6] = thread;
    frame[7] = thread >>> 8;
  }

  return {
    isOpen: () => open,
    writeEvents(frame, length) {
      writeHeader(frame, frameType.events, length - frameHeaderBytes);
      write(frame, length);
    },
    writeRecord(record) {
      let payload: Uint8Array;
      try {
        payload = encode(stringify(record));
      } catch {
        // A `toJSON` of the program's on a built-in prototype: the record is lost, the program does not notice.
        return;
      }
      const { length } = payload;
      const frame = new Bytes(frameHeaderBytes + length);
      writeHeader(frame, frameType.record, length);
      for (let i = 0; i < length; i++) frame[frameHeaderBytes + i] = payload[i] as number;
      write(frame, frameHeaderBytes + length);
    },
    writePackedFile(place) {
      const frame = new Bytes(frameHeaderBytes + 4);
      writeHeader(frame, frameType.packedFile, 4);
      for (let i = 0; i < 4; i++) frame[frameHeaderBytes + i] = place >>> (8 * i);
      write(frame, frameHeaderBytes + 4);
    },
  };
}
