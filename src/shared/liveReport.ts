import type { ThreadId } from './ids.ts';
import type { DurationUs } from './time.ts';
import type { ClockMode } from './traceRecords.ts';
import type { WaitKind } from './waitKind.ts';

/** A line of the program. */
export interface LivePlace {
  /** Absolute. */
  readonly path: string;
  readonly line: number;
  /** What stands there: an await point with its keyword, a function's name. */
  readonly text: string;
}

/** A task that has not settled. */
export interface LiveTask {
  readonly name: string;
  readonly thread: ThreadId;
  /** Where its function is written; unset where the trace does not know it. */
  readonly function?: LivePlace;
  /** The call that started it, where the source tells. */
  readonly created?: LivePlace;
  /**
   * `ready`: the tasks it awaits have settled, or the value was there, and only the busy loop keeps it from going on. Of what else a task waits for nobody knows
   * before the loop turns whether it is done.
   */
  readonly state: 'running' | 'waiting' | 'ready';
  /** Where it waits; of a running one where its slice began. */
  readonly at?: LivePlace;
  /** What it waits for, as far as the source tells. */
  readonly waitsFor?: WaitKind;
  /** Names of the tasks that it waits for. */
  readonly awaits: readonly string[];
  /** Who awaits it, who awaits that one, and so on. */
  readonly awaitedBy: readonly string[];
  /** How long it has been in this state; on the virtual clock virtual time. */
  readonly forUs: DurationUs;
}

/** The main thread is in a turn that does not end. */
export interface LiveHang {
  readonly heldUs: DurationUs;
  /** The innermost function of the program that all looks had in common; unset where none was of the program. */
  readonly place?: LivePlace;
}

/** The main thread of a followed process is. */
export interface LiveProcessHang extends LiveHang {
  /** That thread. */
  readonly thread: ThreadId;
  readonly place: LivePlace;
  readonly pid: number;
  /** Base name of what it runs. */
  readonly name: string;
}

/** What a run is doing at this moment. */
export interface LiveReport {
  readonly version: 1;
  /** Of the program. */
  readonly pid: number;
  /** Absolute path of the traced file. */
  readonly program: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly clock: ClockMode;
  readonly hang?: LiveHang;
  /** Of the processes below, those in files of the person's own; unset where there are none. */
  readonly heldProcesses?: readonly LiveProcessHang[];
  /** In order of their start. */
  readonly tasks: readonly LiveTask[];
  /** So many more tasks are live than are told. */
  readonly leftOut: number;
}
