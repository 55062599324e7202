import type { FileId } from '../shared/ids.ts';
import type { TransformResponse } from '../shared/instrumentMessages.ts';
import { frameHeaderBytes, frameType } from '../shared/traceFrames.ts';
import type { FileRecord } from '../shared/traceRecords.ts';

/** What the trace says of a file, but for its id, which each run gives anew. */
export interface UntoldFileRecord {
  /** JSON of the record without `type` and `file`. */
  readonly json: Uint8Array;
  readonly isInstrumented: boolean;
}

const instrumented = '{"status":"instrumented"';

/** One that was kept. */
export function keptFileRecord(json: Buffer): UntoldFileRecord {
  return { json, isInstrumented: json.toString('latin1', 0, instrumented.length) === instrumented };
}

export function untoldFileRecord(path: string, response: TransformResponse): UntoldFileRecord {
  const { sourceHash } = response;
  const skipped = response.type === 'left' ? response.reason : response.skipped;
  const sites = response.type === 'left' ? [] : response.sites;
  const record: Omit<FileRecord, 'type' | 'file'> = {
    // First: see {@link keptFileRecord}.
    ...(skipped === undefined ? { status: 'instrumented' } : { status: 'skipped', reason: skipped }),
    path,
    sourceHash,
    sites,
  };
  return { json: Buffer.from(JSON.stringify(record)), isInstrumented: skipped === undefined };
}

/** The frame of the record of a file. */
export function encodeFileRecord(file: FileId, { json }: UntoldFileRecord): Uint8Array {
  const start = `{"type":"file","file":${file},`;
  const frame = Buffer.allocUnsafe(frameHeaderBytes + start.length + json.length - 1);
  frame.writeUInt32LE(frame.length - frameHeaderBytes, 0);
  frame.writeUInt32LE(frameType.record, 4);
  frame.write(start, frameHeaderBytes, 'latin1');
  frame.set(json.subarray(1), frameHeaderBytes + start.length);
  return frame;
}
