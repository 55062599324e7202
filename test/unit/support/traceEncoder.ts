import { eventKind, kindBits, operandMask, type EventKind } from '../../../src/shared/traceEvents.ts';
import { encodeFrame, encodeMagic, encodeRecord, frameType } from '../../../src/shared/traceFrames.ts';
import type { ThreadId } from '../../../src/shared/ids.ts';
import type { TraceRecord } from '../../../src/shared/traceRecords.ts';

/** What a reader of the batch under way knows. */
interface Known {
  time: number;
  lastTask: number;
  lastStopped: number;
  stack: number[];
}

/**
 * Writes a trace as the runtime and the launcher do: records and events in order, events packed in batches. Times in µs. Any events in any
 * order: what the batch does not imply is told by another beginning in its midst.
 */
export class TraceEncoder {
  readonly #parts: Uint8Array[] = [encodeMagic()];
  /** Last time written, by thread, in units of 100 ns. */
  readonly #now = new Map<number, number>();
  #words: number[] = [];
  #thread = 0;
  #known: Known = { time: 0, lastTask: 0, lastStopped: 0, stack: [] };

  record(record: TraceRecord): void {
    this.endBatch();
    this.#parts.push(encodeRecord(record));
  }

  /** One event with the arguments that `readEvents` gives it; at `undefined` the clock was not read. */
  event(thread: number, timeUs: number | undefined, kind: EventKind, ...args: readonly number[]): void {
    if (thread !== this.#thread) this.endBatch();
    this.#thread = thread;
    if (this.#words.length === 0) this.#begin(this.#now.get(thread) ?? 0, 0, []);
    // A turn is at the reading before it; events lost are nothing that happened at a time.
    if (kind === eventKind.turn || kind === eventKind.dropped) this.#read(eventKind.clock, timeUs);
    this.#put(kind, args);
    if (kind !== eventKind.turn && kind !== eventKind.dropped) this.#read(eventKind.clock, timeUs);
  }

  /** All events of the batch so far happened by then. */
  bound(timeUs: number): void {
    this.#read(eventKind.bound, timeUs);
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

  #word(kind: number, operand: number): void {
    this.#words.push(((operand << kindBits) | kind) >>> 0);
  }

  #begin(time: number, lastTask: number, stack: readonly number[]): void {
    const { lastStopped } = this.#known;
    this.#known = { time, lastTask, lastStopped, stack: [...stack] };
    this.#word(eventKind.batch, stack.length);
    this.#words.push(Math.floor(time / 2 ** 32), time >>> 0, lastTask, lastStopped, ...stack);
  }

  #read(kind: number, timeUs: number | undefined): void {
    if (timeUs === undefined) return;
    const at = Math.round(timeUs * 10);
    const gap = at - this.#known.time;
    if (gap < 0) throw new Error(`time runs backwards at ${timeUs} µs`);
    if (gap > operandMask) this.#word(eventKind.far, Math.floor(gap / (operandMask + 1)));
    this.#word(kind, gap % (operandMask + 1));
    this.#known.time = at;
    this.#now.set(this.#thread, at);
  }

  /** Makes `task` the innermost one; 0 for none. */
  #within(task: number): void {
    const { stack, time, lastTask } = this.#known;
    if ((stack.at(-1) ?? 0) !== task) this.#begin(time, lastTask, task === 0 ? [] : [task]);
  }

  #put(kind: EventKind, [a = 0, b = 0, c = 0, d = 0]: readonly number[]): void {
    switch (kind) {
      case eventKind.start:
        if (this.#known.lastTask !== a - 1) this.#begin(this.#known.time, a - 1, c === 0 ? [] : [c]);
        this.#within(c);
        this.#word(kind, b);
        this.#known.lastTask = a;
        this.#known.stack.push(a);
        return;
      case eventKind.suspend:
      case eventKind.settle:
        if (this.#known.stack.at(-1) !== a) this.#word(eventKind.task, a);
        this.#word(kind, b);
        this.#leave(a);
        if (kind === eventKind.suspend) this.#known.lastStopped = a;
        return;
      case eventKind.resume:
        this.#word(b === 1 ? eventKind.resumeThrew : kind, (a - this.#known.lastStopped) & operandMask);
        this.#leave(a);
        this.#known.stack.push(a);
        return;
      case eventKind.turn:
        this.#word(kind, a);
        this.#words.push(b);
        this.#known.stack = [];
        return;
      case eventKind.block:
        this.#within(c);
        this.#word(kind, a);
        this.#words.push(b >>> 0, d);
        return;
      case eventKind.settleCall:
        this.#within(b);
        this.#word(kind, a);
        return;
      default:
        this.#word(kind, a);
    }
  }

  #leave(task: number): void {
    const place = this.#known.stack.lastIndexOf(task);
    if (place >= 0) this.#known.stack.length = place;
  }
}
