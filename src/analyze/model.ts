import type { FileId, SiteId, TaskId, ThreadId } from '../shared/ids.ts';
import type { Site } from '../shared/site.ts';
import type { DurationUs, TimeUs } from '../shared/time.ts';
import type { ExitRecord, RunRecord, StackFrame, TargetRecord } from '../shared/traceRecords.ts';
import type { TurnKind, WaitKind } from '../shared/waitKind.ts';
import type { PlacedFrame } from './heldPlace.ts';

/** What a trace says, as plain data. Built by {@link TraceModelBuilder}; the same for a finished trace and for one that still grows. */
export interface TraceModel {
  readonly run: RunRecord | undefined;
  readonly target: TargetRecord | undefined;
  readonly exit: ExitRecord | undefined;
  readonly files: readonly TracedFile[];
  readonly sites: ReadonlyMap<SiteId, TracedSite>;
  /** Names of all threads but the target's main one, where the trace tells them. */
  readonly threads: ReadonlyMap<ThreadId, string>;
  /** The processes below the target that were followed, in order of their coming. */
  readonly processes: readonly TracedProcess[];
  readonly tasks: readonly Task[];
  readonly turns: readonly Turn[];
  /** In order of their start. */
  readonly callbacks: readonly Callback[];
  readonly tracerHolds: readonly TracerHold[];
  readonly rejections: readonly Rejection[];
  readonly blocks: readonly BlockingSpan[];
  /** Blocking calls and loops that ran and, at least once, were over within a millisecond: such are not among the {@link blocks}. */
  readonly briefBlocks: ReadonlySet<SiteId>;
  /** Time of the last event. */
  readonly endUs: TimeUs;
  readonly counts: {
    readonly events: number;
    /** Lost in the target because memory ran out. */
    readonly dropped: number;
    readonly bytes: number;
  };
  readonly timing: Timing;
  /** What the tracer itself took, summed over the threads that ended in order; undefined where none did. */
  readonly overhead: TracerCost | undefined;
  /** What of the program is not instrumented for a reason that showed only while it ran; also among the warnings. */
  readonly notices: readonly string[];
  /** What is missing or was cut off, in plain words (`the trace ends without the program's exit`). */
  readonly warnings: readonly string[];
}

/**
 * How well times are known. The target reads its clock at nearly every event where they are far apart, in a tight loop every few
 * microseconds; what happened in between is evenly divided.
 */
export interface Timing {
  /** Every time lies within this of what is told, but for those of unread stretches. 0: all were read. */
  readonly withinUs: DurationUs;
  /** Stretches between two readings that are longer than a millisecond and hold several events; slices and waits that lie in one are marked (`atMostUs`). */
  readonly unreadStretches: number;
  readonly longestUnreadUs: DurationUs;
}

/** Wall time, measured in the target; the probes' own calls are not in it. */
export interface TracerCost {
  readonly writingUs: DurationUs;
  readonly transformUs: DurationUs;
}

/** A process that the program started and that runs Node. */
export interface TracedProcess {
  /** Its main thread. */
  readonly thread: ThreadId;
  readonly pid: number;
  readonly nodeVersion: string;
  /** Base name of what it runs. */
  readonly name: string;
  /** The thread that started it, or the shell above it. */
  readonly parent: ThreadId;
  readonly command: string | undefined;
  /** Its other threads, in order of their first event. */
  readonly workers: readonly ThreadId[];
  /** How many files it loaded that are in the trace; unset while it runs. */
  readonly files: { readonly instrumented: number; readonly skipped: number } | undefined;
  /** It came to an end of its own, and was not killed. */
  readonly finished: boolean;
  /** It was still running when the run ended. */
  readonly outlived: boolean;
}

export interface TracedFile {
  readonly id: FileId;
  readonly path: string;
  readonly status: 'instrumented' | 'skipped';
  readonly reason: string | undefined;
  readonly sourceHash: string;
  readonly siteIds: readonly SiteId[];
}

export interface TracedSite extends Site {
  readonly file: FileId;
  readonly path: string;
}

/** Index of a task in {@link TraceModel.tasks}; task ids repeat between threads, indexes do not. */
export type TaskIndex = number;

export interface Task {
  readonly index: TaskIndex;
  readonly id: TaskId;
  readonly thread: ThreadId;
  /** The function's name; a module's base name. */
  readonly name: string;
  /** `name`, or `name #2` where several activations of one function ran: what the interface shows. */
  readonly label: string;
  readonly site: SiteId;
  readonly parent: TaskIndex | undefined;
  readonly children: readonly TaskIndex[];
  readonly depth: number;
  readonly startUs: TimeUs;
  /** Unset while the task has not settled. */
  readonly endUs: TimeUs | undefined;
  readonly outcome: 'returned' | 'threw' | 'unsettled';
  /** `Name: message` of what it threw, where recorded. */
  readonly error: string | undefined;
  /** Where that was thrown and who awaited it then, the innermost first; unset where the trace does not tell. */
  readonly errorStack: readonly StackFrame[] | undefined;
  readonly slices: readonly Slice[];
  readonly waits: readonly Wait[];
}

export interface Slice {
  readonly startUs: TimeUs;
  readonly endUs: TimeUs;
  /** Where it began: the task's own site for the first slice, else the await point it resumed from. */
  readonly fromSite: SiteId;
  /** Where it ended: the await point, or 0 when the task settled, the trace ended, or it stopped at a place without a probe. */
  readonly toSite: SiteId;
  /** Place of its first and last event among all events of the trace: tells the order where times are equal, as under the virtual clock. */
  readonly startOrder: number;
  readonly endOrder: number;
  /** Time of other tasks' slices that ran nested within this one (called by it), not part of its own running time. */
  readonly nestedUs: DurationUs;
  /** Time in which the tracer held it (files it loaded were instrumented), not part of its own running time either. */
  readonly tracerUs: DurationUs;
  /** Set where its length is not known to the millisecond: it is no longer than this. */
  readonly atMostUs: DurationUs | undefined;
}

/** One pass of a task through an await point. */
export interface Wait {
  readonly site: SiteId;
  readonly startUs: TimeUs;
  /**
   * From when the awaited work was done and only the busy loop kept the task from going on; equals `endUs` where no such
   * time was seen. `readyIsBound` is true where the moment is known only to lie at or after this time (I/O that the loop learned of late).
   */
  readonly readyUs: TimeUs;
  readonly readyIsBound: boolean;
  /** Resumed, or the end of the trace while `open`. */
  readonly endUs: TimeUs;
  readonly open: boolean;
  readonly threw: boolean;
  readonly kind: WaitKind;
  /** `observed`: from the turn or the settling task seen in the run; `source`: only what the text of the await says. */
  readonly kindFrom: 'observed' | 'source';
  readonly waker: Waker | undefined;
  /** Tasks whose results this await takes. */
  readonly awaited: readonly TaskIndex[];
  /** Set where its length is not known to the millisecond: it is no longer than this. */
  readonly atMostUs: DurationUs | undefined;
}

export type Waker =
  | { readonly type: 'turn'; readonly kind: TurnKind; readonly turn: number }
  | {
      /** A task settled the awaited value by ending, by calling resolve, or (inferred) by what it did just before in the same turn. */
      readonly type: 'task';
      readonly task: TaskIndex;
      /** The line that did it: a `settle-call` site, else the await point or function the waking slice began at. */
      readonly site: SiteId;
      readonly how: 'settled' | 'resolve-call' | 'inferred';
    };

export interface Turn {
  readonly thread: ThreadId;
  readonly kind: TurnKind;
  readonly startUs: TimeUs;
  /** End of the last slice or blocking call seen in it. */
  readonly endUs: TimeUs;
  /** Timers: how late it started. */
  readonly lateUs: DurationUs;
}

/** One call of a synchronous function by the event loop itself: a timer's, a listener, a reaction of a promise. */
export interface Callback {
  readonly thread: ThreadId;
  readonly site: SiteId;
  readonly startUs: TimeUs;
  /** It returned or threw; the end of the trace, or of its turn, where that was not seen. */
  readonly endUs: TimeUs;
  readonly startOrder: number;
  readonly endOrder: number;
  /** Time of tasks' slices that ran nested within it. */
  readonly nestedUs: DurationUs;
  /** Time in which the tracer held it. */
  readonly tracerUs: DurationUs;
}

/** A promise that was rejected while nobody handled it, as Node told of it. */
export interface Rejection {
  readonly thread: ThreadId;
  readonly atUs: TimeUs;
  /** The tasks whose promise it can be, in the order they threw; empty where none of the trace made it. */
  readonly tasks: readonly TaskIndex[];
  /** When somebody handled it after all; unset where nobody did, or where nothing tells whose handler that was. */
  readonly handledUs: TimeUs | undefined;
}

/** A stretch in which the tracer itself held a thread: the text of a file that was being loaded was made. */
export interface TracerHold {
  readonly thread: ThreadId;
  readonly startUs: TimeUs;
  readonly endUs: TimeUs;
}

/** A stretch of synchronous work that held a thread's event loop. */
export interface BlockingSpan {
  readonly thread: ThreadId;
  /** Under the virtual clock the moment it ended: its length is no virtual time. */
  readonly startUs: TimeUs;
  /** Place of its end among all events of the trace. */
  readonly order: number;
  /** Wall time, also under the virtual clock. */
  readonly durationUs: DurationUs;
  /** True where one of several slices from `site` took the time, or some of them: no one of them took longer than `durationUs`. */
  readonly atMost: boolean;
  /** The blocking call or loop; else (`cause: 'slice'`) where the long slice began, or the callback that took so long. */
  readonly site: SiteId;
  readonly cause: 'call' | 'slice';
  /** The task it ran in. */
  readonly task: TaskIndex | undefined;
  /** What the call was given, when recorded (`sleep 1`). */
  readonly detail: string | undefined;
  /** Where looks at it while it lasted found it: the innermost call of the program that all had in common. */
  readonly heldAt: PlacedFrame | undefined;
  /** True where it had not ended when it was last looked at, and no event tells of its end. */
  readonly atLeast: boolean;
  /** Tasks that could have run meanwhile, and the callers whose slices stood still, in order of start. */
  readonly heldUp: readonly TaskIndex[];
}
