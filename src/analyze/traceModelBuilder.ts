import type { FileId, SiteId, ThreadId } from '../shared/ids.ts';
import type { DurationUs } from '../shared/time.ts';
import { decodeRecordText, FrameReader, frameType, TraceFormatError } from '../shared/traceFrames.ts';
import type {
  ExitRecord,
  FileRecord,
  HangRecord,
  LeftOutRecord,
  RunRecord,
  TargetRecord,
  TaskErrorRecord,
  TraceRecord,
} from '../shared/traceRecords.ts';
import { countEvents, endWithin } from '../shared/countEvents.ts';
import { batchFault, eventWords } from '../shared/eventWords.ts';
import { Hangs } from './hangs.ts';
import type { BlockingSpan, Slice, Task, TracedFile, TracedSite, TraceModel, TracerCost, Turn, Wait } from './model.ts';
import { parseRecord } from './recordSchema.ts';
import { rejectionsOf } from './rejections.ts';
import { toTime, type BlockState, type TaskState } from './taskState.ts';
import { TaskTracker } from './taskTracker.ts';
import { ProcessTracker } from './tracedProcesses.ts';
import { openWait } from './waits.ts';
import { begunText, leftOutText } from './warningTexts.ts';

/** A slice from which on it counts as blocking even where no call is to blame, unless set. */
export const defaultLongSliceMs = 50;
/** A loop that awaits makes a million events in a tenth of a second; more than this a page cannot hold. */
export const defaultMostEvents = 2_000_000;
/** Different warnings about damage that are kept; the others are counted. */
const mostWarnings = 20;

export interface TraceModelOptions {
  /** In milliseconds of wall time. */
  readonly longSliceMs?: number;
  /** At most so many events are read, {@link defaultMostEvents} unless set; what comes after is counted and left out. */
  readonly mostEvents?: number;
  /** So many events at the end of the run are not in the bytes that come. */
  readonly leftOut?: number;
}

/**
 * Reads a trace in chunks, however they fall, and gives what it says so far at any moment. A snapshot is not changed by later
 * chunks; tasks that did not change between two snapshots are the same objects in both.
 */
export class TraceModelBuilder {
  readonly #frames = new FrameReader({ expectMagic: true });
  readonly #files = new Map<FileId, TracedFile>();
  readonly #sites = new Map<SiteId, TracedSite>();
  readonly #processes = new ProcessTracker();
  readonly #notices: string[] = [];
  readonly #briefBlocks = new Set<SiteId>();
  readonly #details = new Map<string, string>();
  /** Errors of tasks whose start has not been read. */
  readonly #errors = new Map<string, TaskErrorRecord>();
  readonly #warnings = new Set<string>();
  readonly #generators = new Set<SiteId>();
  readonly #facts = { sites: this.#sites, generators: this.#generators, virtual: false };
  readonly #tracker: TaskTracker;
  #tasksOut: Task[] = [];
  #run: RunRecord | undefined;
  #target: TargetRecord | undefined;
  #exit: ExitRecord | undefined;
  #overhead: TracerCost | undefined;
  /** What the trace leaves out at its beginning. */
  #begun: LeftOutRecord | undefined;
  readonly #hangs = new Hangs();
  #bytes = 0;
  #warningsLeftOut = 0;
  #fault: TraceFormatError | undefined;
  #sitesArrivedLate = false;
  readonly #mostEvents: number;
  /** Nothing more is read: what came next would miss what was left out before it. */
  #isFull = false;
  #leftOut: number;

  constructor(options: TraceModelOptions = {}) {
    this.#mostEvents = options.mostEvents ?? defaultMostEvents;
    this.#leftOut = options.leftOut ?? 0;
    this.#tracker = new TaskTracker(this.#facts, (options.longSliceMs ?? defaultLongSliceMs) * 1000);
  }

  /**
   * Takes the next bytes of the stream; the first begin with the file's magic. Throws {@link TraceFormatError} on bytes that cannot
   * be a trace, and from then on always; a snapshot still gives what came before.
   */
  push(bytes: Uint8Array): void {
    if (this.#fault) throw this.#fault;
    this.#bytes += bytes.length;
    try {
      this.#frames.read(bytes, (frame) => {
        if (frame.type === frameType.record) this.#record(readRecord(frame.payload));
        else if (frame.type === frameType.events) this.#events(frame.thread, frame.payload);
        else this.#warn(`a part of an unknown kind (${frame.type}) was left out`);
      });
    } catch (error) {
      if (error instanceof TraceFormatError) this.#fault = error;
      throw error;
    }
  }

  /** What the trace says so far. Costs a pass over what changed since the last snapshot and over the tasks that have not settled. */
  snapshot(): TraceModel {
    const tracker = this.#tracker;
    if (this.#sitesArrivedLate) {
      this.#sitesArrivedLate = false;
      tracker.nameTasks();
    }
    const endUs = toTime(tracker.endUs);
    const unsettled: TaskState[] = [];
    for (const state of tracker.changed) {
      const task = this.#task(state);
      this.#tasksOut[state.index] = task;
      // A task that has not settled grows with the trace's end: it stays in the list and is built anew each time.
      if (state.phase === 'settled') state.snapshot = task;
      else unsettled.push(state);
    }
    tracker.changed = unsettled;
    return {
      run: this.#run,
      target: this.#target,
      // What was left out may have ended every task.
      exit: this.#leftOut > 0 ? undefined : this.#exit,
      files: [...this.#files.values()],
      sites: new Map(this.#sites),
      threads: this.#processes.threadNames(),
      processes: this.#processes.processes(),
      tasks: this.#tasksOut.slice(),
      turns: tracker.turns.map(({ thread, kind, startUs, endUs: end, lateUs }): Turn => ({
        thread: thread.id,
        kind,
        startUs: toTime(startUs),
        endUs: toTime(end),
        lateUs: lateUs as DurationUs,
      })),
      callbacks: tracker.callbacks.map((callback) => ({
        thread: callback.thread.id,
        site: callback.site,
        startUs: toTime(callback.startUs),
        // One under way has lasted until the last event of its own thread.
        endUs: toTime(callback.endUs === Infinity ? callback.thread.nowUs : callback.endUs),
        startOrder: callback.startOrder,
        endOrder: callback.endOrder === Infinity ? tracker.events : callback.endOrder,
        nestedUs: callback.nestedUs as DurationUs,
        tracerUs: callback.tracerUs as DurationUs,
      })),
      tracerHolds: [...tracker.tracerHolds],
      rejections: rejectionsOf(tracker.rejections, this.#tasksOut, this.#sites),
      blocks: this.#blocks(),
      briefBlocks: new Set(this.#briefBlocks),
      endUs,
      counts: { events: tracker.events, dropped: tracker.dropped, bytes: this.#bytes },
      timing: {
        withinUs: tracker.timing.withinUs as DurationUs,
        unreadStretches: tracker.timing.unread,
        longestUnreadUs: tracker.timing.longestUnreadUs as DurationUs,
      },
      overhead: this.#overhead,
      notices: this.#notices.slice(),
      warnings: this.#allWarnings(),
    };
  }

  #record(record: TraceRecord | undefined): void {
    switch (record?.type) {
      case undefined:
        return this.#warn('a record of an unknown kind was left out');
      case 'run':
        this.#run ??= record;
        this.#facts.virtual = this.#run.clock === 'virtual';
        return;
      case 'target':
        if (record.thread === undefined) this.#target ??= record;
        else this.#processes.limited(record.thread, record);
        return;
      case 'thread':
        return this.#processes.thread(record);
      case 'process':
        return this.#processes.came(record);
      case 'process-end':
        return this.#processes.ended(record);
      case 'file':
        return this.#file(record);
      case 'notice':
        return void this.#notices.push(record.text);
      case 'brief-block':
        return void this.#briefBlocks.add(record.site);
      case 'blocking-detail':
        return void this.#details.set(`${record.thread}:${record.index}`, record.text);
      case 'task-error': {
        const task = this.#tracker.threads.get(record.thread)?.tasks.get(record.task);
        if (task) {
          task.error = record;
          this.#tracker.touch(task);
        } else this.#errors.set(`${record.thread}:${record.task}`, record);
        return;
      }
      case 'hang':
        return this.#hang(record);
      case 'sync-child':
      case 'unwatched':
        // For those who watch the program while it runs.
        return;
      case 'child-process':
        return this.#processes.started(record);
      case 'overhead':
        this.#processes.finished(record.thread);
        this.#overhead = {
          writingUs: ((this.#overhead?.writingUs ?? 0) + record.writingUs) as DurationUs,
          transformUs: ((this.#overhead?.transformUs ?? 0) + record.transformUs) as DurationUs,
        };
        return;
      case 'rejection':
        return this.#tracker.reject(record);
      case 'left-out':
        this.#begun = record;
        return;
      case 'exit':
        this.#exit = record;
        return;
    }
  }

  #hang(record: HangRecord): void {
    const thread = this.#tracker.threads.get(record.thread);
    if (!thread) return;
    this.#hangs.note(record, thread, this.#tracker.events, this.#facts.virtual);
    this.#tracker.endUs = Math.max(this.#tracker.endUs, thread.nowUs);
  }

  #file(record: FileRecord): void {
    const { file, path, status, reason, sourceHash, sites } = record;
    this.#files.set(file, { id: file, path, status, reason, sourceHash, siteIds: sites.map((site) => site.id) });
    for (const site of sites) {
      this.#sites.set(site.id, { ...site, file, path });
      if (site.kind === 'yield' || site.kind === 'yield-star') this.#generators.add(site.owner);
    }
    if (this.#tracker.tasks.length > 0 && sites.length > 0) this.#sitesArrivedLate = true;
  }

  #events(thread: ThreadId, payload: Uint8Array): void {
    const words = eventWords(payload);
    const fault = words ? batchFault(words) : 'a length that is no whole number of words';
    if (words && fault === undefined) {
      const end = this.#isFull ? 0 : endWithin(words, this.#mostEvents - this.#tracker.events);
      if (end > 0) this.#tracker.apply(thread, words.subarray(0, end));
      if (end === words.length) return;
      this.#isFull = true;
      this.#leftOut += countEvents(words, end, words.length).events;
      return;
    }
    this.#warn(`a batch of events was left out because of ${fault}`);
  }

  #warn(words: string): void {
    if (this.#warnings.size < mostWarnings) this.#warnings.add(words);
    else this.#warningsLeftOut++;
  }

  #allWarnings(): string[] {
    const warnings = [...this.#warnings];
    if (this.#warningsLeftOut > 0) warnings.push(`${this.#warningsLeftOut} more faults were found in the trace`);
    if (!this.#run && this.#bytes > 0) warnings.push('the trace does not say which program was run');
    warnings.push(...(this.#target?.limits ?? []), ...this.#notices);
    if (this.#fault) warnings.push(this.#fault.message);
    if (this.#tracker.dropped > 0) warnings.push(`${this.#tracker.dropped} events were lost because memory ran out`);
    warnings.push(...this.#processes.warnings(this.#exit !== undefined, this.#facts.virtual));
    if (this.#begun) warnings.push(begunText(this.#begun));
    if (this.#leftOut > 0) warnings.push(leftOutText(this.#tracker.events, this.#leftOut));
    if (!this.#exit) {
      warnings.push("the trace ends without the program's exit");
      if (this.#frames.pendingBytes > 0) warnings.push('the last batch of the trace is cut off');
    }
    if (this.#exit?.message !== undefined) warnings.push(this.#exit.message);
    return warnings;
  }

  #task(state: TaskState): Task {
    const settled = state.phase === 'settled';
    const error = this.#errorOf(state);
    const threw = state.threw && (error !== undefined || !state.closed);
    return {
      index: state.index,
      id: state.id,
      thread: state.thread.id,
      name: state.name,
      label: this.#tracker.countOf(state.name) > 1 ? `${state.name} #${state.ordinal}` : state.name,
      site: state.siteId,
      parent: state.parent?.index,
      children: state.children.map((child) => child.index),
      depth: state.depth,
      startUs: toTime(state.startUs),
      endUs: settled ? toTime(state.settledUs) : undefined,
      outcome: !settled ? 'unsettled' : threw ? 'threw' : 'returned',
      error: error?.message,
      errorStack: error?.stack,
      slices: state.phase === 'running' ? [...state.slices, this.#openSlice(state)] : state.slices.slice(),
      waits: state.phase === 'waiting' ? [...state.waits, this.#openWait(state)] : state.waits.slice(),
    };
  }

  /** What a task threw: what its own `throw` said, else what the task threw that it awaited last and did not survive. */
  #errorOf(state: TaskState): TaskErrorRecord | undefined {
    let at: TaskState | undefined = state;
    for (let depth = 0; at?.threw && depth < 100; depth++) {
      const own = at.error ?? this.#errors.get(`${at.thread.id}:${at.id}`);
      if (own !== undefined) return own;
      const last: Wait | undefined = at.waits.at(-1);
      at = last?.threw ? last.awaited.map((index) => this.#tracker.tasks[index]).find((task) => task?.threw) : undefined;
    }
    return undefined;
  }

  #openSlice(state: TaskState): Slice {
    // Its own thread's time: another thread may have gone on long after this one was cut off.
    const endUs = state.thread.nowUs;
    // Slices nested in this one that are still under way count as nested up to now.
    const nested = state.thread.stack[state.stackAt + 1];
    const nestedUs = state.nestedUs + (nested ? endUs - nested.sliceStartUs : 0);
    return {
      startUs: toTime(state.sliceStartUs),
      endUs: toTime(endUs),
      fromSite: state.sliceFrom,
      toSite: 0 as SiteId,
      startOrder: state.sliceStartOrder,
      endOrder: this.#tracker.events,
      nestedUs: nestedUs as DurationUs,
      tracerUs: state.tracerUs as DurationUs,
      atMostUs: undefined,
    };
  }

  #openWait(state: TaskState): Wait {
    const { kind, kindFrom, waker, awaited } = openWait(state, this.#facts);
    const endUs = toTime(this.#tracker.endUs);
    return {
      site: state.waitSite,
      startUs: toTime(state.waitStartUs),
      readyUs: endUs,
      readyIsBound: false,
      endUs,
      open: true,
      threw: false,
      kind,
      kindFrom,
      waker,
      awaited,
      atMostUs: undefined,
    };
  }

  #blocks(): BlockingSpan[] {
    const all: BlockState[] = [];
    for (const thread of this.#tracker.threads.values()) for (const block of thread.blocks) all.push(block);
    if (this.#tracker.threads.size > 1) all.sort((a, b) => a.order - b.order);
    const traced = new Set([...this.#files.values()].map(({ path }) => path));
    const { places, open } = this.#hangs.facts(this.#facts.virtual, (path) => traced.has(path));
    const indexes = (tasks: readonly TaskState[]): number[] => tasks.map((task) => task.index).sort((a, b) => a - b);
    const ended = all.map((block): BlockingSpan => ({
      thread: block.thread.id,
      startUs: toTime(block.startUs),
      order: block.order,
      durationUs: block.durationUs as DurationUs,
      atMost: block.atMost === true,
      site: block.site,
      cause: block.cause,
      task: block.task?.index,
      detail: (block.detailIndex !== 0 && this.#details.get(`${block.thread.id}:${block.detailIndex}`)) || undefined,
      heldAt: places.get(block),
      atLeast: false,
      heldUp: indexes(block.heldUp),
    }));
    const held = open.map(({ thread, startUs, durationUs, order, site, task, heldUp, heldAt }): BlockingSpan => ({
      thread,
      startUs: toTime(startUs),
      order,
      durationUs: durationUs as DurationUs,
      atMost: false,
      site,
      cause: 'slice',
      task: task?.index,
      detail: undefined,
      heldAt,
      atLeast: true,
      heldUp: indexes(heldUp),
    }));
    return held.length === 0 ? ended : [...ended, ...held].sort((a, b) => a.order - b.order);
  }
}

function readRecord(payload: Uint8Array): TraceRecord | undefined {
  let value: unknown;
  try {
    value = decodeRecordText(payload);
  } catch {
    throw new TraceFormatError('The trace is damaged: one of its records is not readable text.');
  }
  return parseRecord(value);
}
