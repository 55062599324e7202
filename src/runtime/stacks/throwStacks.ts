import * as url from 'node:url';
import type { StackFrame } from '../../shared/traceRecords.ts';

const { fileURLToPath } = url;

/** Where a task was when it threw: its own calls and, by V8's async stack traces, the tasks that await it. */
export interface ThrowStacks {
  /** Notes where the program is. Costs a few µs. */
  capture(): object;
  /** The frames of a note, the innermost first. */
  frames(captured: object): readonly StackFrame[];
  /** Whether a function of this file (`node:…` for one of Node's own) is on the stack now. */
  isCalledFrom(file: string): boolean;
}

/** The line of a file for one of the text that runs in place of it. */
export type FileLine = (path: string, line: number) => number;

const mostFrames = 20;
const longestName = 80;

/**
 * Belongs into a realm of its own: there `Error` and what formats it are ours, so that neither the program's errors nor a program's
 * `Error.prepareStackTrace` is touched. Frames of files in `ownFolder` and of Node's inner files are left out.
 */
export function createThrowStacks(ownFolder: string, fileLine: FileLine): ThrowStacks {
  // Three more frames: the probe, what it tells of throws, and this.
  Error.stackTraceLimit = mostFrames + 3;
  return {
    capture: () => new Error(),
    isCalledFrom: (file) => sitesOf(new Error()).some((site) => site.getFileName() === file),
    frames: (captured) =>
      sitesOf(captured)
        .map((site) => frameOf(site, fileLine))
        .filter(({ path }) => !path?.startsWith(ownFolder) && !path?.startsWith('node:internal/')),
  };
}

function sitesOf(captured: object): readonly NodeJS.CallSite[] {
  let sites: readonly NodeJS.CallSite[] = [];
  Error.prepareStackTrace = (_error, trace) => {
    sites = trace;
    return '';
  };
  try {
    void (captured as Error).stack;
  } finally {
    Reflect.deleteProperty(Error, 'prepareStackTrace');
  }
  return sites;
}

export function frameOf(site: NodeJS.CallSite, fileLine: FileLine): StackFrame {
  const name: unknown = site.getFileName();
  const path = typeof name === 'string' ? pathOf(name) : undefined;
  const line = site.getLineNumber();
  const text = (site as { toString(): string }).toString().replace(/^async /, '');
  // Without a name a frame is only its place.
  const end = text.lastIndexOf(' (');
  return {
    name: end > 0 ? text.slice(0, Math.min(end, longestName)) : '<anonymous>',
    ...(path === undefined || line === null ? {} : { path, line: fileLine(path, line) }),
    ...(site.isAsync() ? { async: true as const } : {}),
  };
}

function pathOf(name: string): string {
  if (!name.startsWith('file:')) return name;
  try {
    return fileURLToPath(name);
  } catch {
    return name;
  }
}
