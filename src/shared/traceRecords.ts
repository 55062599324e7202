import type { FileId, SiteId, ThreadId } from './ids.ts';
import type { Site } from './site.ts';
import type { DurationUs, TimeUs } from './time.ts';

/** Of the trace as a whole: records, events and frames. Traces of other versions are refused. */
export const traceFormatVersion = 2;

export type ClockMode = 'wall' | 'virtual';

/** First record of every trace, by the launcher. */
export interface RunRecord {
  readonly type: 'run';
  readonly formatVersion: typeof traceFormatVersion;
  readonly interleaveVersion: string;
  /** Absolute path of the traced file. */
  readonly entry: string;
  /** The exported function that was run, when not the whole file. */
  readonly functionName?: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly clock: ClockMode;
  /** ISO 8601, wall time. */
  readonly startedAt: string;
  readonly platform: string;
}

/** The target has started: written by its bootloader, and by that of each process that was followed. */
export interface TargetRecord {
  readonly type: 'target';
  /** The main thread of a followed process; unset for the target itself. */
  readonly thread?: ThreadId;
  readonly pid: number;
  readonly nodeVersion: string;
  /** How files are caught on load. */
  readonly hooks: 'registerHooks' | 'register';
  /** What could not be attached (for example the loop's turns), in plain words; empty when all is well. */
  readonly limits: readonly string[];
  /** Whether its main thread can be asked where it is while it does not come back to the event loop. */
  readonly samples?: boolean;
}

export interface ThreadRecord {
  readonly type: 'thread';
  readonly thread: ThreadId;
  readonly name: string;
  /** The main thread of the followed process that it belongs to; unset for those of the target itself. */
  readonly process?: ThreadId;
}

/** A process that the program started and that runs Node has come to the launcher: its events follow. */
export interface ProcessRecord {
  readonly type: 'process';
  /** Its main thread. */
  readonly thread: ThreadId;
  readonly pid: number;
  readonly nodeVersion: string;
  /** Base name of what it runs. */
  readonly name: string;
  /** The thread whose {@link ChildProcessRecord} it comes from. */
  readonly parent: ThreadId;
  /** The number of that record. */
  readonly start: number;
  /** Set where it runs on without being traced: why, in plain words. */
  readonly left?: string;
}

/** A followed process has ended, or the run has: by the launcher. */
export interface ProcessEndRecord {
  readonly type: 'process-end';
  readonly thread: ThreadId;
  /** Files it loaded that are in the trace. */
  readonly instrumented: number;
  readonly skipped: number;
  /** It was still running when the run ended: its trace is not complete. */
  readonly outlived?: true;
}

/** What was done with a file that the program loaded: written by the launcher before the file's code runs. */
export interface FileRecord {
  readonly type: 'file';
  readonly file: FileId;
  /** Absolute path. */
  readonly path: string;
  readonly status: 'instrumented' | 'skipped';
  /** Why it was skipped, in plain words. */
  readonly reason?: string;
  readonly sites: readonly Site[];
  /** SHA-256 of the source text, hex: tells whether the file still is what was traced. */
  readonly sourceHash: string;
}

/** What of the program is not instrumented for a reason that shows only while it runs: by the launcher, each text once. */
export interface NoticeRecord {
  readonly type: 'notice';
  /** In plain words. */
  readonly text: string;
}

/** What a blocking call was given (for example the command of a child process), shortened to 120 characters. */
export interface BlockingDetailRecord {
  readonly type: 'blocking-detail';
  readonly thread: ThreadId;
  readonly index: number;
  readonly text: string;
}

/** A blocking call or loop ran and ended within a millisecond: no event tells of it. Written once for each place and thread, at most 1,000 times. */
export interface BriefBlockRecord {
  readonly type: 'brief-block';
  readonly thread: ThreadId;
  readonly site: SiteId;
}

/** One call of a stack. Lines count from 1. */
export interface StackFrame {
  /** As V8 prints it: `Store.load`, `<anonymous>`, `Promise.all`. */
  readonly name: string;
  /** Absolute, or as Node names a module of its own (`node:events`); unset for what has no place. */
  readonly path?: string;
  readonly line?: number;
  /** It is not running but awaits what is above it. */
  readonly async?: true;
}

/** Why a task threw; written for the first 1,000 of a run. */
export interface TaskErrorRecord {
  readonly type: 'task-error';
  readonly thread: ThreadId;
  readonly task: number;
  /** `Name: message`, at most 300 characters. */
  readonly message: string;
  /** Where it threw and who awaits it, the innermost first, at most 20 frames; unset for an error that no `throw` of the task made. */
  readonly stack?: readonly StackFrame[];
}

/** A child process that runs Node is about to be started. Written for the first 1,000 of each thread. */
export interface ChildProcessRecord {
  readonly type: 'child-process';
  readonly thread: ThreadId;
  /** Its command line, white space folded, at most 120 characters. */
  readonly command: string;
  /** Counts from 1 in each thread: see {@link ProcessRecord}. */
  readonly start: number;
  /** Set where it is not followed: why, in plain words. */
  readonly left?: string;
}

/** Where a thread was that had not come back to its event loop for long: written while it is held, anew as the hold goes on. */
export interface HangRecord {
  readonly type: 'hang';
  readonly thread: ThreadId;
  /** When the turn began that does not end, wall time. */
  readonly sinceUs: TimeUs;
  /** So far. */
  readonly heldUs: DurationUs;
  /** The innermost first, at most 50 frames. */
  readonly stack: readonly StackFrame[];
}

/** A thread is about to wait for a child process that it starts: until that has ended it can tell nothing. Written for the first 1,000. */
export interface SyncChildRecord {
  readonly type: 'sync-child';
  readonly thread: ThreadId;
  /** When the turn began, wall time, and how long ago that was. */
  readonly sinceUs: TimeUs;
  readonly heldUs: DurationUs;
  readonly stack: readonly StackFrame[];
}

/** From here on nobody can tell where a thread is held: a debugger is attached, or the program handles the signal that asks. */
export interface UnwatchedRecord {
  readonly type: 'unwatched';
  readonly thread: ThreadId;
  readonly reason: 'debugger' | 'signal-handler';
}

/**
 * What the tracer itself took of a thread's time, measured there in wall time and written when the thread ends; a killed program
 * leaves none. The probes' own calls are not in it: reading the clock around each would cost more than they do.
 */
export interface OverheadRecord {
  readonly type: 'overhead';
  readonly thread: ThreadId;
  /** Handing events to the launcher. */
  readonly writingUs: DurationUs;
  /** Waiting for the instrumented text of the files it loaded. */
  readonly transformUs: DurationUs;
}

/** Node told that a promise of the thread was rejected and nobody handles it; `late`: that somebody handles such a one now. Written for the first 1,000 of each thread. */
export interface RejectionRecord {
  readonly type: 'rejection';
  readonly thread: ThreadId;
  readonly late: boolean;
}

/** The trace keeps only the end of a run: its events up to a moment were taken away. By the launcher; of several the last one counts. */
export interface LeftOutRecord {
  readonly type: 'left-out';
  readonly events: number;
  /** Where the rest begins. */
  readonly untilUs: TimeUs;
}

/** Last record, by the launcher; a trace without it was cut off. */
export interface ExitRecord {
  readonly type: 'exit';
  readonly cause: 'exited' | 'cancelled' | 'timeout' | 'spawn-failed';
  readonly code: number | null;
  readonly signal: string | null;
  /** Wall time since the launcher started the target. */
  readonly afterUs: TimeUs;
  /** In plain words where something went wrong that is not the program's own doing. */
  readonly message?: string;
}

export type TraceRecord =
  | RunRecord
  | TargetRecord
  | ThreadRecord
  | ProcessRecord
  | ProcessEndRecord
  | FileRecord
  | NoticeRecord
  | BlockingDetailRecord
  | BriefBlockRecord
  | TaskErrorRecord
  | ChildProcessRecord
  | HangRecord
  | SyncChildRecord
  | UnwatchedRecord
  | OverheadRecord
  | LeftOutRecord
  | RejectionRecord
  | ExitRecord;
