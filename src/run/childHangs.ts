import { readdirSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { mainThread, type ThreadId } from '../shared/ids.ts';
import { questionFile } from '../shared/sampleRequest.ts';
import { decodeRecordText } from '../shared/traceFrames.ts';
import type { HangRecord, TargetRecord, TraceRecord } from '../shared/traceRecords.ts';
import type { FrameListener } from './frameCutter.ts';
import type { FileIdentity } from './pipeFolder.ts';
import { HangWatch, type HangWatchOptions } from './hangWatch.ts';

export interface ChildHangsOptions extends Pick<HangWatchOptions, 'leastMs' | 'onHang'> {
  /** Where the question files are. */
  readonly folder: string;
  /** Adds a record to the trace of the run. */
  readonly write: (record: HangRecord) => void;
}

/** A followed process, as its trace is listened to. */
export interface ListenedProcess {
  /** The number that its main thread has in the trace of the run. */
  readonly lane: () => ThreadId;
  /** That it writes its trace to. */
  readonly pipe: FileIdentity;
}

/** The trace of a followed process on its way. */
export interface ChildListener extends FrameListener {
  /** Its trace has ended, or nobody reads it any more. */
  end(): void;
}

/** Each of them is looked at five times a second; others wait until a place is free. */
const mostWatched = 32;

/** The hang watches of the followed processes of a run. */
export class ChildHangs {
  readonly #options: ChildHangsOptions;
  readonly #watches = new Set<HangWatch>();
  /** Each begins the watch of a process that came when there was no place for it. */
  readonly #waiting = new Set<() => void>();
  #ended = false;

  constructor(options: ChildHangsOptions) {
    this.#options = options;
  }

  /** Watches a process from when its trace says that it answers. */
  listen(process: ListenedProcess): ChildListener {
    let target: TargetRecord | undefined;
    let watch: HangWatch | undefined;
    const begin = (): void => {
      if (target === undefined) return;
      watch = this.#begin(target, process);
      watch?.onRecord(target);
    };
    const end = (): void => {
      this.#waiting.delete(begin);
      if (watch === undefined) return;
      watch.stop();
      this.#watches.delete(watch);
      watch = undefined;
      this.#fill();
    };
    return {
      onTurn: () => watch?.onTurn(),
      onRecord: (payload) => {
        const record = readRecord(payload);
        if (record?.type === 'target') {
          watch?.onRecord(record);
          if (watch !== undefined || record.samples !== true) return;
          target = record;
          this.#waiting.add(begin);
          this.#fill();
        } else if (record?.type === 'unwatched') end();
        else if (record !== undefined) watch?.onRecord({ ...record, thread: process.lane() });
      },
      end,
    };
  }

  async flush(): Promise<void> {
    await Promise.all([...this.#watches].map((watch) => watch.flush()));
  }

  end(): void {
    this.#ended = true;
    this.#waiting.clear();
    for (const watch of this.#watches) watch.stop();
    this.#watches.clear();
  }

  /** Gives free places to those that wait, the first first. */
  #fill(): void {
    for (const begin of this.#waiting) {
      if (this.#ended || this.#watches.size >= mostWatched) return;
      this.#waiting.delete(begin);
      begin();
    }
  }

  #begin({ pid }: TargetRecord, process: ListenedProcess): HangWatch | undefined {
    const { leastMs, onHang, write, folder } = this.#options;
    const descriptor = findDescriptor(pid, process.pipe);
    if (descriptor === undefined) return undefined;
    const watch = new HangWatch({
      pid,
      sampleFile: questionFile(folder, pid),
      traceFd: Number(basename(descriptor)),
      leastMs,
      onHang,
      write,
      // Nobody here would hear that it has ended, and another may have got its number.
      isThere: () => leadsTo(descriptor, process.pipe),
    });
    this.#watches.add(watch);
    return watch;
  }
}

/** What a watch is to know of the main thread of the process. */
function readRecord(
  payload: Uint8Array,
): TargetRecord | Extract<TraceRecord, { type: 'hang' | 'sync-child' | 'unwatched' }> | undefined {
  try {
    const record = decodeRecordText(payload) as TraceRecord;
    switch (record.type) {
      case 'target':
        return record;
      case 'hang':
      case 'sync-child':
      case 'unwatched':
        return record.thread === mainThread ? record : undefined;
      default:
        return undefined;
    }
  } catch {
    // Damage is for those who read the trace.
    return undefined;
  }
}

/** Where the system shows the descriptor by which a process has a pipe open; undefined where the process has not, under this number. */
function findDescriptor(pid: number, pipe: FileIdentity): string | undefined {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder)
      .map((name) => `${folder}/${name}`)
      .find((link) => leadsTo(link, pipe));
  } catch {
    return undefined;
  }
}

function leadsTo(link: string, file: FileIdentity): boolean {
  try {
    const { dev, ino } = statSync(link);
    return dev === file.dev && ino === file.ino;
  } catch {
    return false;
  }
}
