import type { ProcessHello, ProcessNumber } from '../shared/followed.ts';
import { firstFollowedThread, mainThread, type ThreadId } from '../shared/ids.ts';
import { decodeRecordText, encodeRecord, frameHeaderBytes, frameType } from '../shared/traceFrames.ts';
import type { TraceRecord } from '../shared/traceRecords.ts';

/** Threads have 16 bits in a trace. */
const lastThread = 0xffff;

/** Gives the threads of all processes of a run numbers that are unique in its trace. */
export class TraceLanes {
  readonly #lanes = new Map<string, ThreadId>();
  #next: number = firstFollowedThread;

  /** A thread of the target itself keeps its own number. */
  laneOf(process: ProcessNumber, thread: ThreadId): ThreadId {
    if (process === 0) return thread;
    const key = `${process}:${thread}`;
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = this.#next as ThreadId;
      // Those beyond share the last one.
      if (this.#next < lastThread) this.#next++;
      this.#lanes.set(key, lane);
    }
    return lane;
  }

  /** Whole frames as a followed process wrote them, with its threads' numbers in the trace. `onHello` is called with the process's first record. */
  translate(process: ProcessNumber, bytes: Uint8Array, onHello: (hello: ProcessHello) => void): Uint8Array {
    const parts: Uint8Array[] = [];
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at < bytes.length;) {
      const end = at + frameHeaderBytes + view.getUint32(at, true);
      const lane = this.laneOf(process, view.getUint16(at + 6, true) as ThreadId);
      if (view.getUint8(at + 4) === frameType.record) {
        const record = this.#record(process, bytes.subarray(at + frameHeaderBytes, end), onHello);
        if (record !== undefined) parts.push(encodeRecord(record, lane));
      } else {
        view.setUint16(at + 6, lane, true);
        parts.push(bytes.subarray(at, end));
      }
      at = end;
    }
    return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
  }

  /** Undefined for what no runtime of ours wrote. */
  #record(process: ProcessNumber, payload: Uint8Array, onHello: (hello: ProcessHello) => void): TraceRecord | undefined {
    let record: TraceRecord | ProcessHello;
    try {
      record = decodeRecordText(payload) as TraceRecord | ProcessHello;
    } catch {
      return undefined;
    }
    switch (record.type) {
      case 'process': {
        const hello = record as ProcessHello;
        onHello(hello);
        const { parentProcess, parent, ...rest } = hello;
        return { ...rest, thread: this.laneOf(process, mainThread), parent: this.laneOf(parentProcess, parent) };
      }
      case 'target':
        return { ...record, thread: this.laneOf(process, mainThread) };
      case 'thread':
        return { ...record, thread: this.laneOf(process, record.thread), process: this.laneOf(process, mainThread) };
      case 'blocking-detail':
      case 'brief-block':
      case 'task-error':
      case 'child-process':
      case 'overhead':
      case 'hang':
      case 'sync-child':
      case 'unwatched':
      case 'rejection':
        return { ...record, thread: this.laneOf(process, record.thread) };
      default:
        return undefined;
    }
  }
}
