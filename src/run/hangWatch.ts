import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { sampleRequest } from '../shared/sampleRequest.ts';
import type { HangRecord, SyncChildRecord, TraceRecord } from '../shared/traceRecords.ts';
import type { DurationUs } from '../shared/time.ts';
import { deepestStackKiB, hasDescriptors, readMainThread, threadToSignal } from './threadState.ts';

export interface HangWatchOptions {
  readonly pid: number;
  /** See `TargetOptions.sampleFile`. */
  readonly sampleFile: string;
  /** By which it writes its trace. */
  readonly traceFd: number;
  /** A hold is told of once it has lasted so long. */
  readonly leastMs: number;
  /** Called after each look at a hold, with what is known of it. */
  readonly onHang: (samples: readonly HangRecord[]) => void;
  /** Adds to the trace what the target cannot write itself. */
  readonly write: (record: HangRecord) => void;
  /** Whether the number still is the target's own. */
  readonly isThere?: () => boolean;
}

const pollMs = 200;
/** Half of the time between two polls, in clock ticks of 10 ms. */
const busyTicks = pollMs / 10 / 2;
/** Stacks taken at one look, so far apart: what they have in common is what holds the loop. A target asked at a bad moment tells none. */
const burst = 3;
const mostAsked = 9;
const burstPauseMs = 20;
/** A target that does not answer by then is within a call that nothing interrupts. */
const answerMs = 400;
/** A loop and a server, and what the program itself may open meanwhile. */
const neededFiles = 40;
/** Before this version of Node a signal that finds the stack full ends the program as if it had come to its end, or aborts it. */
const safeWithFullStack = 22;
/** Half of the stack that V8 takes unless it is told otherwise. */
const deepKiB = 492;
/** A loop that is busy but turns gives nothing to tell: it is asked ever more seldom. */
const longestPauseMs = 60_000;

/**
 * Watches from outside whether a target comes back to its event loop, and asks it where it is when it does not. What the trace tells
 * is handed to `onRecord` and `onTurn`.
 */
export class HangWatch {
  readonly #options: HangWatchOptions;
  readonly #poll: NodeJS.Timeout;
  /** Set while the target can be asked. */
  #answers = false;
  #isSafeWithFullStack = true;
  #heldSinceMs: number | undefined;
  /** Infinity while it is being looked at. */
  #nextLookMs = 0;
  #pauseMs: number;
  #cpuTicks = 0;
  #stopped = false;
  /** The child process that the target may be waiting for, and when it began. */
  #child: { readonly record: SyncChildRecord; readonly sinceMs: number } | undefined;
  #asking: Promise<void> = Promise.resolve();
  #samples: HangRecord[] = [];

  constructor(options: HangWatchOptions) {
    this.#options = options;
    this.#pauseMs = options.leastMs;
    this.#poll = setInterval(() => this.#look(), pollMs);
    this.#poll.unref();
  }

  onRecord(record: TraceRecord): void {
    if (record.type === 'sync-child') this.#child = { record, sinceMs: performance.now() };
    else if (record.type === 'target' && record.samples === true) {
      this.#answers = true;
      this.#isSafeWithFullStack = Number(/^v(\d+)/.exec(record.nodeVersion)?.[1]) >= safeWithFullStack;
    } else if (record.type === 'unwatched') this.#answers = false;
    else if (record.type === 'hang') this.#samples.push(record);
  }

  /** The loop has turned. */
  onTurn(): void {
    this.#child = undefined;
    if (this.#heldSinceMs !== undefined) this.#heldSinceMs = performance.now();
  }

  /** Resolves once the target has handed on the events of a turn that does not end; at once where it is not busy. */
  async flush(): Promise<void> {
    if (this.#answers && this.#heldSinceMs !== undefined) await this.#inTurn(() => this.#ask());
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#poll);
  }

  #look(): void {
    const now = performance.now();
    const state = readMainThread(this.#options.pid);
    const worked = state !== undefined && state.cpuTicks - this.#cpuTicks >= busyTicks;
    this.#cpuTicks = state?.cpuTicks ?? 0;
    const held =
      state !== undefined &&
      state.doing !== 'stopped' &&
      (state.doing === 'running' ||
        worked ||
        (state.doing === 'sleeping' && state.knowsPlace) ||
        // It has a loop of its own for that.
        (this.#child !== undefined && state.doing !== 'reading'));
    if (!held || !this.#answers) {
      this.#heldSinceMs = undefined;
      this.#pauseMs = this.#options.leastMs;
      if (this.#nextLookMs < Infinity) this.#nextLookMs = 0;
      return;
    }
    this.#heldSinceMs ??= now;
    if (now - this.#heldSinceMs < this.#options.leastMs || now < this.#nextLookMs) return;
    this.#nextLookMs = Infinity;
    void this.#inTurn(() => this.#sample());
  }

  async #sample(): Promise<void> {
    this.#samples = [];
    for (let n = 0; n < mostAsked && this.#samples.length < burst && !this.#stopped; n++) {
      if (n > 0) await pause(burstPauseMs);
      const answer = await this.#ask(this.#options.leastMs * 1000);
      // Where it cannot be asked, the call that must not be interrupted may be over in a moment.
      if (answer === 'not heard') break;
      if (answer === 'heard' && this.#child !== undefined) {
        // It came back, and its loop is merely idle.
        this.#child = undefined;
        break;
      }
    }
    const child = this.#child;
    if (child !== undefined && this.#samples.length === 0 && this.#mayWait()) this.#tellChild(child.record, child.sinceMs);
    const samples = this.#samples;
    this.#pauseMs = Math.min(2 * this.#pauseMs, longestPauseMs);
    this.#nextLookMs = performance.now() + this.#pauseMs;
    if (samples.length > 0) this.#options.onHang(samples);
  }

  /** False where it is busy with something else: a child process has ended, and what came then cannot be interrupted either. */
  #mayWait(): boolean {
    const state = readMainThread(this.#options.pid);
    return state?.doing === 'polling' || (state?.doing === 'sleeping' && !state.knowsPlace);
  }

  #tellChild({ thread, sinceUs, heldUs, stack }: SyncChildRecord, sinceMs: number): void {
    const heldSoFar = (heldUs + (performance.now() - sinceMs) * 1000) as DurationUs;
    const record: HangRecord = { type: 'hang', thread, sinceUs, heldUs: heldSoFar, stack };
    this.#samples.push(record);
    this.#options.write(record);
  }

  /** `not asked`: it cannot be at this moment. */
  async #ask(leastUs?: number): Promise<'heard' | 'not heard' | 'not asked'> {
    const { pid, sampleFile, traceFd, isThere } = this.#options;
    if (!this.#answers || this.#stopped) return 'not asked';
    const state = readMainThread(pid);
    // A signal would make a read fail that waits.
    if (state === undefined || state.doing === 'reading' || state.doing === 'stopped') return 'not asked';
    // What was deep once may be again at any moment.
    if (!this.#isSafeWithFullStack && deepestStackKiB(pid) > deepKiB) return 'not asked';
    // Node ends where it cannot open what an inspector needs.
    if (!hasDescriptors(pid, neededFiles) || isThere?.() === false) return 'not asked';
    try {
      const thread = threadToSignal(pid, constants.signals.SIGUSR1, traceFd);
      if (thread === undefined) return 'not asked';
      // Where the file is there, a question was not answered yet, or the target wants none any more. Nothing comes between it and
      // the signal: the target waits for that.
      if (makeFile(sampleFile, sampleRequest.text(leastUs))) sendSignal(thread, sampleFile);
    } catch {
      // It has just ended, or there is no place for the file.
      return 'not asked';
    }
    const until = performance.now() + answerMs;
    while (existsSync(sampleFile) && performance.now() < until) await pause(5);
    return existsSync(sampleFile) ? 'not heard' : 'heard';
  }

  /** One at a time. */
  #inTurn(work: () => Promise<unknown>): Promise<void> {
    const done = (): void => {};
    this.#asking = this.#asking.then(work).then(done, done);
    return this.#asking;
  }
}

/** Takes the question back where the thread has ended. */
function sendSignal(thread: number, sampleFile: string): void {
  try {
    process.kill(thread, 'SIGUSR1');
  } catch {
    rmSync(sampleFile, { force: true });
  }
}

/** False where there is such a file already. */
function makeFile(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((over) => setTimeout(over, ms).unref());
}
