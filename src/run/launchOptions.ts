import type { Readable, Writable } from 'node:stream';
import type { ClockMode, ExitRecord, HangRecord } from '../shared/traceRecords.ts';
import type { TransformService } from './transformService.ts';

export interface LaunchOptions {
  /** Absolute path of the file to run. */
  readonly entry: string;
  readonly args?: readonly string[];
  /** Absolute folder the program starts in. */
  readonly cwd: string;
  /** The whole environment of the program; this process's own when unset. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly nodePath: string;
  /** Further flags for Node. */
  readonly nodeArgs?: readonly string[];
  readonly clock?: ClockMode;
  /** The program is ended when it runs longer; unset or 0: never. */
  readonly timeoutMs?: number;
  /** Absolute folder: files outside it are not instrumented. */
  readonly root: string;
  /** Globs of files not to instrument, relative to `root`; `defaultExclude` when unset. */
  readonly exclude?: readonly string[];
  /** Run this exported function of the entry instead of only loading the file. */
  readonly call?: { readonly exportName: string; readonly args: readonly unknown[] };
  /** Whether child processes that run Node are followed into the trace; they are unless this is false. */
  readonly followChildren?: boolean;
  /** Absolute path of the folder with our bundles. */
  readonly distDir: string;
  /** `inherit`: the program has this process's own terminal; `pipe`: see {@link RunHandle.stdin} and its neighbours. */
  readonly stdio: 'inherit' | 'pipe';
  /** A warm instrumenter, not ended with the run; when unset the run has one of its own. */
  readonly transforms?: TransformService;
  /** Absolute folder where instrumented texts are kept for later runs; when unset none are. */
  readonly cacheFolder?: string;
  /** From how long a hold on the main thread of a process is looked at while it lasts, in milliseconds; 0: never. {@link defaultHangMs} unless set. */
  readonly hangMs?: number;
  /** Ours, for the trace. */
  readonly version?: string;
}

export const defaultHangMs = 1_000;

/** Where the bytes of a trace go: exactly what a `.interleave` file holds, in order, cut at whole frames. */
export interface TraceSink {
  onTrace(bytes: Uint8Array): void;
  /** Called as soon as it is known that something of the program is not instrumented, with why, in plain words; the trace tells it too. */
  onNotice?(text: string): void;
  /** A main thread has not come back to its event loop for long: what was seen of it at one moment, by its number in the trace, which has it already. */
  onHang?(samples: readonly HangRecord[]): void;
}

export interface RunCounts {
  readonly events: number;
  /** Tasks started. */
  readonly tasks: number;
  /** Files instrumented. */
  readonly files: number;
}

/** How a run ended. `code` and `signal` are the program's own. */
export interface RunResult {
  readonly cause: ExitRecord['cause'];
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Wall time since the program was started. */
  readonly afterMs: number;
  /** What went wrong that is not the program's own doing, in plain words. */
  readonly message?: string;
  readonly counts: RunCounts;
}

export interface RunHandle {
  readonly pid: number | undefined;
  /** Set when `stdio` is `pipe` and the program was started. The output must be read (or resumed), or the program waits. */
  readonly stdin: Writable | undefined;
  readonly stdout: Readable | undefined;
  readonly stderr: Readable | undefined;
  /** Resolves when the program has ended and all of its output and trace were given; never rejects. */
  readonly finished: Promise<RunResult>;
  readonly counts: RunCounts;
  /** Resolves once the events of a turn that does not end have come, as far as the program can be asked for them. */
  flush(): Promise<void>;
  /** Ends the program: SIGINT, after 2 s SIGTERM, after 2 s more SIGKILL. A further call goes to the next step at once. */
  cancel(): void;
}
