import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TraceSink } from '../run/launchOptions.ts';
import { RecentTraceWriter } from '../run/recentTraceWriter.ts';
import { TraceFileWriter } from '../run/traceFile.ts';

export interface TraceOutput extends TraceSink {
  /** Nothing more comes. */
  close(): void;
  /** The bytes of the trace, where they were to be read here; to be called once, after {@link close}. */
  read(): Uint8Array;
}

export interface TraceOutputOptions {
  /** The file to write; unset: none. */
  readonly path: string | undefined;
  /** Only so much of the end of the run is kept; unset: all of it. */
  readonly keepMs: number | undefined;
  /** The trace is read here afterwards, unless it has become too long for that. */
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
  return {
    onTrace(bytes) {
      if (isRead && !isTooLong()) chunks.push(bytes);
      else chunks.length = 0;
      file?.onTrace(bytes);
    },
    close: () => file?.close(),
    read: () => Buffer.concat(chunks),
  };
}

/** The end of a long run is kept in a file even where nobody asked for one. */
function openRecent({ path, isRead }: TraceOutputOptions, keepMs: number): TraceOutput {
  if (path === undefined && !isRead) return { onTrace() {}, close() {}, read: () => new Uint8Array() };
  const folder = path === undefined ? mkdtempSync(join(tmpdir(), 'interleave-')) : undefined;
  const file = new RecentTraceWriter(folder === undefined ? resolve(path ?? '') : join(folder, 'recent.interleave'), keepMs);
  return {
    onTrace: (bytes) => file.onTrace(bytes),
    close: () => file.close(),
    read() {
      const bytes = readFileSync(file.path);
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
      return bytes;
    },
  };
}
