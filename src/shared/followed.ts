import type { ThreadId } from './ids.ts';
import type { ProcessRecord } from './traceRecords.ts';

/** Number of a process within a run: the one that the launcher started is 0. */
export type ProcessNumber = number;

/** What a child process has to know to come to the launcher by itself. It stands in the path of the file that Node is told to preload. */
export interface FollowLink {
  /** Absolute path of the private folder of the run, see {@link followFiles}. */
  readonly folder: string;
  /** Who started it. */
  readonly process: ProcessNumber;
  readonly thread: ThreadId;
  /** Which of that thread's child processes it is, or is below: counts from 1. */
  readonly start: number;
}

/**
 * Names in the folder of a run. Named pipes are opened without the event loop, and leave no handle and no asynchronous id behind that a program
 * could see. A process takes a set of them by moving its folder from `free` to `taken`.
 */
export const followFiles = {
  /** `FollowedOptions` as JSON. */
  options: 'options.json',
  free: 'free',
  taken: 'taken',
  /** In each set: trace frames, and requests to the launcher; what it answers. */
  trace: 'trace',
  requests: 'requests',
  answers: 'answers',
} as const;

/** The bundle that a followed child preloads; beside the bootloader. */
export const followFile = 'follow.cjs';

/** The first frame that a followed process writes: threads are numbered within their processes; the launcher gives them their numbers in the trace. */
export type ProcessHello = ProcessRecord & { readonly parentProcess: ProcessNumber };

/**
 * The file to preload, with the link in its path: Node takes `FOLDER/anything/..` for `FOLDER` without looking. So neither the environment nor
 * the arguments of the program have to carry the link, and a child whose launcher is gone still finds the file.
 */
export function linkedPreload(runtimeFolder: string, link: FollowLink): string {
  const { folder, process, thread, start } = link;
  return `${runtimeFolder}/${encodeURIComponent(folder)},${process},${thread},${start}/../${followFile}`;
}

const linked = /^(.+)\/([^/,]+),(\d+),(\d+),(\d+)\/\.\.\/follow\.cjs$/;

/** The link in a path made by {@link linkedPreload}; undefined of all other texts. */
export function readLink(path: string): FollowLink | undefined {
  const [, , folder, process, thread, start] = linked.exec(path) ?? [];
  if (folder === undefined) return undefined;
  return {
    folder: decodeURIComponent(folder),
    process: Number(process),
    thread: Number(thread) as ThreadId,
    start: Number(start),
  };
}
