import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { debugFlag, traceFd } from '../shared/targetOptions.ts';
import { decodeRecordText, encodeRecord } from '../shared/traceFrames.ts';
import type { HangRecord, TraceRecord } from '../shared/traceRecords.ts';
import { ChildHangs } from './childHangs.ts';
import type { FrameListener } from './frameCutter.ts';
import { HangWatch } from './hangWatch.ts';
import { defaultHangMs, type LaunchOptions, type TraceSink } from './launchOptions.ts';
import { closeRuntimeFolder, openRuntimeFolder, removeQuestions } from './runtimeFolder.ts';
import { canReadThreads } from './threadState.ts';

/** The hang watches of one run, where there can be any: that of the target listens to the trace and begins with the process. */
export class HangLook implements FrameListener {
  /** What the target is told; undefined where it is not watched. */
  readonly sampleFile: string | undefined;
  /** The watches of the processes below the target; undefined where there are none. */
  readonly children: ChildHangs | undefined;
  /** Its own, so that nobody else removes it. */
  #folder: string | undefined;
  readonly #leastMs: number;
  readonly #onHang: (samples: readonly HangRecord[]) => void;
  readonly #write: (record: HangRecord) => void;
  #watch: HangWatch | undefined;

  constructor(options: LaunchOptions, sink: TraceSink, deliver: (bytes: Uint8Array) => void) {
    this.#leastMs = options.hangMs ?? defaultHangMs;
    this.#write = (record) => deliver(encodeRecord(record));
    this.#onHang = (samples) => sink.onHang?.(samples);
    if (this.#leastMs <= 0 || !canReadThreads || isDebugged(options)) return;
    const folder = openRuntimeFolder();
    if (folder === undefined) return;
    const own = join(folder, `sample-${process.pid}-${randomBytes(6).toString('hex')}`);
    try {
      mkdirSync(own, { mode: 0o700 });
    } catch {
      return;
    }
    this.#folder = own;
    this.sampleFile = join(own, 'question');
    // The frame tells of which thread a record is, too.
    const write = (record: HangRecord): void => deliver(encodeRecord(record, record.thread));
    this.children = new ChildHangs({ folder: own, leastMs: this.#leastMs, onHang: this.#onHang, write });
  }

  /** Where the processes below the target are asked; undefined where they are not. */
  get questionFolder(): string | undefined {
    return this.#folder;
  }

  begin(pid: number | undefined): void {
    const { sampleFile } = this;
    if (pid === undefined || sampleFile === undefined) return;
    this.#watch = new HangWatch({
      pid,
      sampleFile,
      traceFd,
      leastMs: this.#leastMs,
      onHang: this.#onHang,
      write: this.#write,
    });
  }

  onTurn = (): void => this.#watch?.onTurn();

  onRecord = (payload: Uint8Array): void => {
    if (this.#watch === undefined) return;
    try {
      this.#watch.onRecord(decodeRecordText(payload) as TraceRecord);
    } catch {
      // Damage is for those who read the trace.
    }
  };

  async flush(): Promise<void> {
    await Promise.all([this.#watch?.flush(), this.children?.flush()]);
  }

  /** The target has ended, or is another program from now on. */
  leave(): void {
    this.#watch?.stop();
  }

  end(): void {
    this.leave();
    this.children?.end();
    if (this.#folder === undefined) return;
    try {
      removeQuestions(this.#folder);
    } catch {
      // Somebody has removed it.
    }
    this.#folder = undefined;
    closeRuntimeFolder();
  }
}

function isDebugged({ nodeArgs = [], env = process.env }: LaunchOptions): boolean {
  return nodeArgs.some((arg) => debugFlag.test(arg)) || debugFlag.test(env['NODE_OPTIONS'] ?? '');
}
