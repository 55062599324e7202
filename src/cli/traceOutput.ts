import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TraceSink } from '../run/launchOptions.ts';
import { RecentTraceWriter } from '../run/recentTraceWriter.ts';
import { TraceFileWriter } from '../run/traceFile.ts';
import { encodeFrame, FrameReader, frameType } from '../shared/traceFrames.ts';
import { eventsIn } from './traceMemory.ts';

export interface TraceOutput extends TraceSink {
  /** Nothing more comes. */
  close(): void;
  /** The trace, where it was to be read here; to be called once, after {@link close}. */
  read(): ReadableTrace;
}

export interface ReadableTrace {
  readonly bytes: Uint8Array;
  /** So many of the last events are not in the bytes. */
  readonly leftOut: number;
}

export interface TraceOutputOptions {
  /** The file to write; unset: none. */
  readonly path: string | undefined;
  /** Only so much of the end of the run is kept; unset: all of it. */
  readonly keepMs: number | undefined;
  /** The trace is read here afterwards. Once it is too long for that, of what follows only the records are kept. */
  readonly isRead: boolean;
  readonly isTooLong: () => boolean;
}

/** Where the trace of a run goes. Throws a `RunError` (`trace-unwritable`). */
export function openTraceOutput(options: TraceOutputOptions): TraceOutput {
  return options.keepMs === undefined ? openWhole(options) : openRecent(options, options.keepMs);
}

function openWhole({ path, isRead, isTooLong }: TraceOutputOptions): TraceOutput {
  const file = path === undefined ? undefined : new TraceFileWriter(resolve(path));
  const chunks: Uint8Array[] = [];
  // What comes are whole frames, so those that follow one that is left out can be told apart too.
  const frames = new FrameReader({ expectMagic: false });
  let full = false;
  let leftOut = 0;
  return {
    onTrace(bytes) {
      file?.onTrace(bytes);
      if (!isRead) return;
      if (!full) {
        chunks.push(bytes);
        full = isTooLong();
        return;
      }
      frames.read(bytes, (frame) => {
        if (frame.type === frameType.events) leftOut += eventsIn([frame]);
        else chunks.push(encodeFrame(frame.type, frame.thread, frame.payload));
      });
    },
    close: () => file?.close(),
    read: () => ({ bytes: Buffer.concat(chunks), leftOut }),
  };
}

/** The end of a long run is kept in a file even where nobody asked for one. */
function openRecent({ path, isRead }: TraceOutputOptions, keepMs: number): TraceOutput {
  if (path === undefined && !isRead) return { onTrace() {}, close() {}, read: () => ({ bytes: new Uint8Array(), leftOut: 0 }) };
  const folder = path === undefined ? mkdtempSync(join(tmpdir(), 'interleave-')) : undefined;
  const file = new RecentTraceWriter(folder === undefined ? resolve(path ?? '') : join(folder, 'recent.interleave'), keepMs);
  return {
    onTrace: (bytes) => file.onTrace(bytes),
    close: () => file.close(),
    read() {
      const bytes = readFileSync(file.path);
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
      return { bytes, leftOut: 0 };
    },
  };
}
