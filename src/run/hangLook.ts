import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { decodeRecordText, encodeRecord } from '../shared/traceFrames.ts';
import type { HangRecord, TraceRecord } from '../shared/traceRecords.ts';
import type { FrameListener } from './frameCutter.ts';
import { HangWatch } from './hangWatch.ts';
import { defaultHangMs, type LaunchOptions, type TraceSink } from './launchOptions.ts';
import { closeRuntimeFolder, openRuntimeFolder } from './runtimeFolder.ts';
import { canReadThreads } from './threadState.ts';

/** The hang watch of one run, where there can be one: it listens to the trace and begins with the process. */
export class HangLook implements FrameListener {
  /** What the target is told; undefined where it is not watched. */
  readonly sampleFile: string | undefined;
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
  }

  begin(pid: number | undefined): void {
    const { sampleFile } = this;
    if (pid === undefined || sampleFile === undefined) return;
    this.#watch = new HangWatch({ pid, sampleFile, leastMs: this.#leastMs, onHang: this.#onHang, write: this.#write });
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
    await this.#watch?.flush();
  }

  end(): void {
    this.#watch?.stop();
    if (this.#folder === undefined) return;
    rmSync(this.#folder, { recursive: true, force: true });
    this.#folder = undefined;
    closeRuntimeFolder();
  }
}

/** The flags of a debugger are the person's own. */
function isDebugged({ nodeArgs = [], env = process.env }: LaunchOptions): boolean {
  const flag = /--(?:inspect|debug|disable-sigusr1|permission|experimental-permission)/;
  return nodeArgs.some((arg) => flag.test(arg)) || flag.test(env['NODE_OPTIONS'] ?? '');
}
