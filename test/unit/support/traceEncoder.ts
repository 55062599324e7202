import { eventArity, eventKind, maxDelta, kindBits, type EventKind } from '../../../src/shared/traceEvents.ts';
import { encodeFrame, encodeMagic, encodeRecord, frameType } from '../../../src/shared/traceFrames.ts';
import type { ThreadId } from '../../../src/shared/ids.ts';
import type { TraceRecord } from '../../../src/shared/traceRecords.ts';

/** Writes a trace as the runtime and the launcher do: records and events in order, events packed in batches. Times in µs. */
export class TraceEncoder {
  readonly #parts: Uint8Array[] = [encodeMagic()];
  /** Last time written, by thread, in units of 100 ns; a thread's first event always carries its absolute time. */
  readonly #now = new Map<number, number>();
  #words: number[] = [];
  #thread = 0;

  record(record: TraceRecord): void {
    this.endBatch();
    this.#parts.push(encodeRecord(record));
  }

  event(thread: number, timeUs: number, kind: EventKind, ...args: readonly number[]): void {
    if (thread !== this.#thread) this.endBatch();
    this.#thread = thread;
    if (args.length !== eventArity[kind])
      throw new Error(`event ${kind} takes ${eventArity[kind]} arguments, not ${args.length}`);
    const at = Math.round(timeUs * 10);
    const before = this.#now.get(thread);
    let delta = at - (before ?? 0);
    if (before === undefined || delta > maxDelta) {
      this.#words.push(eventKind.time, Math.floor(at / 2 ** 32), at >>> 0);
      delta = 0;
    }
    if (delta < 0) throw new Error(`time runs backwards at ${timeUs} µs`);
    this.#now.set(thread, at);
    this.#words.push(((delta << kindBits) | kind) >>> 0, ...args.map((arg) => arg >>> 0));
  }

  /** Any words as one batch of events, also senseless ones. */
  rawBatch(thread: number, words: readonly number[]): void {
    this.endBatch();
    this.#parts.push(encodeFrame(frameType.events, thread as ThreadId, new Uint8Array(Uint32Array.from(words).buffer)));
  }

  endBatch(): void {
    if (this.#words.length === 0) return;
    const words = this.#words;
    this.#words = [];
    this.rawBatch(this.#thread, words);
  }

  bytes(): Uint8Array {
    this.endBatch();
    const whole = new Uint8Array(this.#parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }
}
