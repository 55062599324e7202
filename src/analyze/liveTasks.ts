import type { SiteId, ThreadId } from '../shared/ids.ts';
import { batchFault, eventWords } from '../shared/eventWords.ts';
import { decodeRecordText, FrameReader, frameType } from '../shared/traceFrames.ts';
import type { HangRecord, ProcessRecord, RunRecord } from '../shared/traceRecords.ts';
import { LiveEvents, type LiveTaskState } from './liveEvents.ts';
import type { TracedSite } from './model.ts';
import { parseRecord } from './recordSchema.ts';

/** Bytes that are kept until somebody asks: most runs are never read. Beyond, what came first is read as more comes. */
const mostUnread = 32 * 1024 * 1024;
/** Looks at a hold that are kept. */
const mostSamples = 9;

/** Looks at the turn under way of the main thread of a process, the last ones. */
export interface LiveHold {
  readonly thread: ThreadId;
  /** Unset for the target itself. */
  readonly process: LiveProcess | undefined;
  readonly samples: readonly HangRecord[];
}

type LiveProcess = Pick<ProcessRecord, 'pid' | 'name'>;

interface Looks {
  readonly samples: readonly HangRecord[];
  /** How many turns had begun by the last of them. */
  readonly turns: number;
}

interface Unread {
  readonly bytes: Uint8Array;
  readonly atMs: number;
}

/** Follows a trace that grows by the tasks that have not settled: memory follows these, and not the length of the trace. */
export class LiveTasks {
  readonly sites = new Map<SiteId, TracedSite>();
  run: RunRecord | undefined;
  readonly #frames = new FrameReader({ expectMagic: true });
  readonly #threads = new Map<ThreadId, LiveEvents>();
  readonly #unread: Unread[] = [];
  #unreadBytes = 0;
  readonly #looks = new Map<ThreadId, Looks>();
  /** Those below the target that run. */
  readonly #processes = new Map<ThreadId, LiveProcess>();
  #lastUnits = 0;
  /** When the trace began, on the clock of those who hand it over: the earliest that its events allow. */
  #beganMs = Infinity;
  #damaged = false;

  /** Takes the next bytes of a trace, which came at `atMs` of any steady clock. */
  push(bytes: Uint8Array, atMs: number): void {
    if (this.#damaged) return;
    this.#unread.push({ bytes, atMs });
    this.#unreadBytes += bytes.length;
    this.#readDownTo(mostUnread);
  }

  /** Tasks that have not settled, in order of their start in each thread. */
  tasks(): LiveTaskState[] {
    this.#readDownTo(0);
    return [...this.#threads.values()].flatMap((thread) => thread.tasks());
  }

  /** The main threads that did not come back to their event loop since they were looked at. */
  holds(): LiveHold[] {
    this.#readDownTo(0);
    return [...this.#looks].flatMap(([thread, { samples, turns }]) =>
      this.#turns(thread) > turns ? [] : [{ thread, process: this.#processes.get(thread), samples }],
    );
  }

  /** The time of the trace at a moment of the steady clock, in units of 100 ns. The virtual clock stands still between events. */
  unitsAt(atMs: number): number {
    if (this.run?.clock === 'virtual') return this.#lastUnits;
    return Math.max(this.#lastUnits, (atMs - this.#beganMs) * 10_000);
  }

  #turns(thread: ThreadId): number {
    return this.#threads.get(thread)?.turns ?? 0;
  }

  #readDownTo(most: number): void {
    let read = 0;
    while (this.#unreadBytes > most && read < this.#unread.length) {
      const unread = this.#unread[read++]!;
      this.#unreadBytes -= unread.bytes.length;
      this.#read(unread);
    }
    this.#unread.splice(0, read);
  }

  #read({ bytes, atMs }: Unread): void {
    if (this.#damaged) return;
    try {
      this.#frames.read(bytes, ({ type, thread, payload }) => {
        if (type === frameType.record) this.#record(payload);
        else if (type === frameType.events) this.#events(thread, payload);
      });
    } catch {
      // Whoever reads the trace itself is told.
      this.#damaged = true;
    }
    // Before its first event nothing tells when it began.
    if (this.#lastUnits > 0) this.#beganMs = Math.min(this.#beganMs, atMs - this.#lastUnits / 10_000);
  }

  #record(payload: Uint8Array): void {
    const record = parseRecord(decodeRecordText(payload));
    if (record?.type === 'run') this.run ??= record;
    else if (record?.type === 'hang') {
      const before = this.#looks.get(record.thread)?.samples ?? [];
      const samples = [...before.slice(1 - mostSamples), record];
      this.#looks.set(record.thread, { samples, turns: this.#turns(record.thread) });
    } else if (record?.type === 'process') this.#processes.set(record.thread, { pid: record.pid, name: record.name });
    else if (record?.type === 'process-end') {
      this.#looks.delete(record.thread);
      this.#processes.delete(record.thread);
    } else if (record?.type === 'file') {
      for (const site of record.sites) this.sites.set(site.id, { ...site, file: record.file, path: record.path });
    }
  }

  #events(threadId: ThreadId, payload: Uint8Array): void {
    const words = eventWords(payload);
    if (words === undefined || batchFault(words) !== undefined) return;
    let thread = this.#threads.get(threadId);
    if (thread === undefined) this.#threads.set(threadId, (thread = new LiveEvents(threadId)));
    thread.read(words);
    this.#lastUnits = Math.max(this.#lastUnits, thread.units);
  }
}
