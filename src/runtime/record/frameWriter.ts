import type { ThreadId } from '../../shared/ids.ts';
import { frameHeaderBytes, frameType } from '../../shared/traceFrames.ts';
import type { TraceRecord } from '../../shared/traceRecords.ts';
import { lock, traceLock, unlock, type SharedState } from './sharedState.ts';
import type { TraceDescriptor } from './traceDescriptor.ts';

/** Hands whole frames of one thread to the descriptor. Nothing throws. */
export interface FrameWriter {
  /** False once a frame could not be written: none is written from then on. */
  readonly isOpen: () => boolean;
  /** Writes memory that begins with room for the header, `length` bytes in all, as a frame of events. */
  writeEvents(frame: Uint8Array, length: number): void;
  writeRecord(record: TraceRecord): void;
  /** The launcher is to put the record of a file of the pack before what is written next. */
  addPackedFile(place: number): void;
  /** Writes what is added so far. */
  flush(): void;
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

const packedFrameBytes = frameHeaderBytes + 4;
const mostHeld = 256;

export function createFrameWriter({ descriptor, shared, thread }: FrameWriterOptions): FrameWriter {
  let open = true;
  const heldFrames = new Bytes(mostHeld * packedFrameBytes);
  let held = 0;

  function writeHeld(): void {
    const length = held * packedFrameBytes;
    held = 0;
    write(heldFrames, length);
  }

  function write(frame: Uint8Array, length: number): void {
    if (held > 0) writeHeld();
    if (!open) return;
    lock(shared, traceLock, thread);
    try {
      open = descriptor.isOurs() && descriptor.writeAll(frame, length);
    } finally {
      unlock(shared, traceLock);
    }
  }

  function writeHeader(frame: Uint8Array, at: number, type: number, payload: number): void {
    frame[at] = payload;
    frame[at + 1] = payload >>> 8;
    frame[at + 2] = payload >>> 16;
    frame[at + 3] = payload >>> 24;
    frame[at + 4] = type;
    frame[at + 5] = 0;
    frame[at + 6] = thread;
    frame[at + 7] = thread >>> 8;
  }

  return {
    isOpen: () => open,
    flush() {
      if (held > 0) writeHeld();
    },
    writeEvents(frame, length) {
      writeHeader(frame, 0, frameType.events, length - frameHeaderBytes);
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
      writeHeader(frame, 0, frameType.record, length);
      for (let i = 0; i < length; i++) frame[frameHeaderBytes + i] = payload[i] as number;
      write(frame, frameHeaderBytes + length);
    },
    addPackedFile(place) {
      // Not one by one: each write wakes the launcher, and a program loads its files in quick succession.
      if (held === mostHeld) writeHeld();
      const at = held * packedFrameBytes;
      writeHeader(heldFrames, at, frameType.packedFile, 4);
      for (let i = 0; i < 4; i++) heldFrames[at + frameHeaderBytes + i] = place >>> (8 * i);
      held++;
    },
  };
}
