import { closeSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { countEvents } from '../shared/countEvents.ts';
import { eventWords } from '../shared/eventWords.ts';
import type { TimeUs } from '../shared/time.ts';
import { encodeFrame, encodeMagic, encodeRecord, frameType, FrameReader, type Frame } from '../shared/traceFrames.ts';
import { runErrors } from './errors.ts';
import type { TraceSink } from './launchOptions.ts';

const copyBytes = 1024 * 1024;

/** A stretch of the trace as long as the time to keep, by where it begins in the file. */
interface Stretch {
  readonly at: number;
  /** How many records stand before it. */
  readonly records: number;
  /** When its first event was written, ms of the launcher's clock. */
  readonly sinceMs: number;
  /** The time of its first events in the trace. */
  readonly fromUs: TimeUs;
  events: number;
}

/**
 * Writes a `.interleave` file that holds the last `keepMs` of a run, and up to as much again before that: a program that runs for days fills
 * no disk. All records are kept; what is taken away are events, and a `left-out` record says how many. The file is a whole trace at any
 * moment: a shorter one takes its place by its name. Throws a `RunError` (`trace-unwritable`) when it cannot be written.
 */
export class RecentTraceWriter implements TraceSink {
  readonly path: string;
  readonly #keepMs: number;
  readonly #nowMs: () => number;
  readonly #frames = new FrameReader({ expectMagic: true });
  /** Every record so far, as frames: they are few, and what remains cannot be read without them. */
  readonly #records: Uint8Array[] = [];
  #fd: number | undefined;
  #length = 0;
  #leftOut = 0;
  #older: Stretch | undefined;
  #newer: Stretch | undefined;

  /** @param nowMs a monotonic clock, in ms */
  constructor(path: string, keepMs: number, nowMs: () => number = () => performance.now()) {
    this.path = path;
    this.#keepMs = keepMs;
    this.#nowMs = nowMs;
    try {
      this.#fd = openSync(path, 'w+');
    } catch (error) {
      throw runErrors.traceUnwritable(path, error);
    }
    this.#append(encodeMagic());
  }

  onTrace(bytes: Uint8Array): void {
    if (this.#fd === undefined) return;
    try {
      this.#frames.read(bytes, (frame) => this.#take(frame));
    } catch (error) {
      this.close();
      throw runErrors.traceUnwritable(this.path, error);
    }
  }

  close(): void {
    if (this.#fd === undefined) return;
    const fd = this.#fd;
    this.#fd = undefined;
    closeSync(fd);
  }

  #take({ type, thread, payload }: Frame): void {
    const frame = encodeFrame(type, thread, payload);
    if (type === frameType.events) this.#count(payload);
    else this.#records.push(frame);
    this.#append(frame);
  }

  #count(payload: Uint8Array): void {
    const words = eventWords(payload);
    if (words === undefined) return;
    const nowMs = this.#nowMs();
    const newer = this.#newer;
    if (newer === undefined || nowMs - newer.sinceMs >= this.#keepMs) {
      if (this.#older !== undefined && newer !== undefined) this.#forget(this.#older, newer);
      this.#older = this.#newer;
      // A batch says first when it begins, in units of 100 ns.
      const fromUs = (((words[1] ?? 0) * 2 ** 32 + (words[2] ?? 0)) / 10) as TimeUs;
      this.#newer = { at: this.#length, records: this.#records.length, sinceMs: nowMs, fromUs, events: 0 };
    }
    if (this.#newer !== undefined) this.#newer.events += countEvents(words, 0, words.length).events;
  }

  /** Puts a file in the place of this one that goes on, after the records, with the newer stretch. */
  #forget(older: Stretch, newer: Stretch): void {
    const from = this.#fd;
    if (from === undefined) return;
    this.#leftOut += older.events;
    const part = `${this.path}.part`;
    const end = this.#length;
    try {
      this.#fd = openSync(part, 'w+');
      this.#length = 0;
      const told = encodeRecord({ type: 'left-out', events: this.#leftOut, untilUs: newer.fromUs });
      for (const bytes of [encodeMagic(), ...this.#records.slice(0, newer.records), told]) this.#append(bytes);
      const at = this.#length;
      this.#copy(from, newer.at, end);
      renameSync(part, this.path);
      this.#newer = { ...newer, at };
    } catch (error) {
      rmSync(part, { force: true });
      throw error;
    } finally {
      closeSync(from);
    }
  }

  #copy(from: number, start: number, end: number): void {
    const buffer = new Uint8Array(Math.min(copyBytes, end - start));
    for (let at = start; at < end;) {
      const count = readSync(from, buffer, 0, Math.min(buffer.length, end - at), at);
      if (count === 0) throw new Error('it was cut short by something else');
      this.#append(buffer.subarray(0, count));
      at += count;
    }
  }

  #append(bytes: Uint8Array): void {
    if (this.#fd === undefined) return;
    for (let at = 0; at < bytes.length;) at += writeSync(this.#fd, bytes, at);
    this.#length += bytes.length;
  }
}
