import * as module from 'node:module';
import * as path from 'node:path';
import type { StackFrame } from '../../shared/traceRecords.ts';
import { frameOf, type FileLine } from './throwStacks.ts';

/** What a thread was doing when it was interrupted. */
export interface HeldStack {
  /** The innermost first; without Node's inner files. */
  readonly frames: readonly StackFrame[];
  /** True where nothing was running: the event loop itself has called. */
  readonly byLoop: boolean;
  /** True where our own code may be half done with what it writes down. */
  readonly fragile: boolean;
}

const mostFrames = 200;
/**
 * V8 interrupts functions where they begin (and loops). A probe that was just called has changed nothing yet, and when it calls these
 * first all is whole. Their names are in the bundle.
 */
const wholeAtStart = /(?:^|\.)(?:due|endRun|endBlock|siteOf)$/;
/** Frames between the program and here, besides our own: `emit`, and what the program may have put in its place. */
const between = /^process\.|\[as emit\]/;

/**
 * The stack below the emission of an event that Node makes while it interrupts the program. Belongs into a realm of its own (see
 * `throwStacks.ts`). `ownFolder` ends with a separator.
 */
export function createHeldStacks(ownFolder: string, fileLine: FileLine): () => HeldStack {
  const isOwn = (frame: StackFrame): boolean => frame.path?.startsWith(ownFolder) === true;
  return () => {
    const before = Error.stackTraceLimit;
    Error.stackTraceLimit = mostFrames;
    const trace: StackFrame[] = [];
    Error.prepareStackTrace = (_error, sites) => {
      for (const site of sites) trace.push(inSource(frameOf(site, fileLine), site));
      return '';
    };
    try {
      void new Error().stack;
    } finally {
      Reflect.deleteProperty(Error, 'prepareStackTrace');
      Error.stackTraceLimit = before;
    }
    let at = 0;
    while (at < trace.length && isOwn(trace[at]!)) at++;
    while (at < trace.length && (trace[at]!.path === 'node:events' || between.test(trace[at]!.name))) at++;
    const below = trace.slice(at);
    const first = below.findIndex((frame) => frame.path !== undefined && !frame.path.startsWith('node:'));
    return {
      frames: below.filter((frame) => !isOwn(frame) && !frame.path?.startsWith('node:internal/')),
      byLoop: below.length === 0,
      fragile:
        first >= 0 && isOwn(below[first]!) && isOwn(below[first + 1] ?? { name: '' }) && !wholeAtStart.test(below[first]!.name),
    };
  };
}

/** The frame with the line of the source, where TypeScript printed the file anew: Node knows the map. */
function inSource(frame: StackFrame, site: NodeJS.CallSite): StackFrame {
  const script: unknown = site.getFileName();
  const line = site.getLineNumber();
  const column = site.getColumnNumber();
  if (typeof script !== 'string' || line === null || column === null || frame.path === undefined) return frame;
  const entry = module.findSourceMap(script)?.findEntry(line - 1, column - 1) as
    { originalLine?: number; originalSource?: string } | undefined;
  // A map of the program's own leads elsewhere.
  if (entry?.originalLine === undefined || path.basename(entry.originalSource ?? '') !== path.basename(frame.path)) return frame;
  return { ...frame, line: entry.originalLine + 1 };
}
