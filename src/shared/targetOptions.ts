import type { ProcessNumber } from './followed.ts';
import type { PackReference } from './textPack.ts';
import type { ClockMode } from './traceRecords.ts';

/** What is not instrumented unless something else is said; the entry is, also there. */
export const defaultExclude: readonly string[] = ['**/node_modules/**'];

/** The descriptor by which the process that the launcher starts writes its trace. */
export const traceFd = 3;

/** What the launcher tells the bootloader, as JSON in the environment variable {@link targetOptionsVariable}, which the bootloader removes before any user code runs. */
export interface TargetOptions {
  readonly version: 1;
  /** Descriptor the target writes trace frames to. */
  readonly traceFd: number;
  /** Descriptor for transform requests and answers: u32 little-endian length, then JSON (`TransformRequest`, `TransformResponse`). */
  readonly transformFd: number;
  /** Descriptor that answers come from, where it is another one. */
  readonly answerFd?: number;
  readonly clock: ClockMode;
  /** Absolute folder: files outside it are not instrumented unless they are the entry. */
  readonly root: string;
  /** Globs, relative to `root`, of files never instrumented; {@link defaultExclude} unless the person says otherwise. */
  readonly exclude: readonly string[];
  /** By this file the launcher asks where the main thread is; left out, nobody will. See `sampleRequest.ts`. */
  readonly sampleFile?: string;
  /** Absolute path of the file the user asked to trace. */
  readonly entry: string;
  /** Run this exported function of the entry with these JSON arguments instead of only loading the file. */
  readonly call?: { readonly exportName: string; readonly args: readonly unknown[] };
  /** Texts of earlier runs. */
  readonly pack?: PackReference;
  /** Whether child processes that run Node are followed into the trace. */
  readonly followChildren: boolean;
  /** The folder of the files by which the launcher asks followed processes; left out, it asks none. */
  readonly questionFolder?: string;
  /** Set in a followed child. */
  readonly followed?: { readonly folder: string; readonly process: ProcessNumber };
}

/** What all followed processes of a run get. */
export interface FollowedOptions {
  readonly options: TargetOptions;
  /** The moment that counts as 0, in units of 100 ns of the machine's monotonic clock. */
  readonly originUnits: number;
}

export const targetOptionsVariable = 'INTERLEAVE_TARGET_OPTIONS';

/** The flag by which the inspector opens without a word. Stands right before the file to preload where it is ours. */
export const quietFlag = '--inspect-publish-uid=http';
/** What holds without it. Node's test runner writes that out. */
export const loudFlag = '--inspect-publish-uid=stderr,http';
/** Flags of a debugger, or against the signal: they are the person's own, and where they stand ours is not given. */
export const debugFlag = /--(?:inspect|debug|disable[-_]sigusr1|permission|experimental[-_]permission)/;
