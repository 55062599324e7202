import * as fs from 'node:fs';
import * as url from 'node:url';
import { createCallSites } from './callSites.ts';
import { ownFramesAt } from './ownFrames.ts';
import { disguiseScript, type Disguises } from '../texts/disguises.ts';
import type { InsertedText } from '../texts/insertedText.ts';
import type { NodeInternals } from '../nodeInternals.ts';
import type { StackTraces } from './stackTraces.ts';

const { readFileSync } = fs;
const { fileURLToPath } = url;

/** Makes stacks, call sites and uncaught errors speak of the columns and lines of the source and not of the instrumented text. */
export interface StackColumns {
  /** What is to stand at the end of every text that is added. */
  readonly ending: string;
  /**
   * Told of every file before its text runs.
   * @param made where a test runner made the text: `Transformed.lines`
   */
  add(path: string, text: InsertedText, made?: MadeLines): void;
  /** The line of a file for one of the text that was made of it; all from 1. */
  fileLine(path: string, line: number): number;
}

export type MadeLines = readonly number[] | 'same lines';

export interface StackColumnsOptions {
  readonly internals: NodeInternals;
  readonly traces: StackTraces;
  readonly disguises: Disguises;
  /** Names of the scripts whose frames no program shall see. */
  readonly ownScripts: readonly string[];
}

/** Where an error was thrown; the column is from 0. */
interface ErrorSource {
  sourceLine?: unknown;
  readonly scriptResourceName?: unknown;
  readonly lineNumber?: unknown;
  startColumn?: unknown;
}
interface ErrorsBinding {
  readonly setGetSourceMapErrorSource?: (source: (name: string, line: number, column: number) => string | undefined) => void;
  readonly setSourceMapsEnabled?: (enabled: boolean) => void;
  getErrorSourcePositions?: (error: unknown) => ErrorSource | undefined;
}
/** One entry of what `util.getCallSites` gives. */
interface PlainCallSite {
  readonly functionName?: unknown;
  readonly scriptName?: unknown;
  readonly lineNumber?: unknown;
  column?: unknown;
  columnNumber?: unknown;
}
type GetCallSites = (frames: number) => PlainCallSite[];
type UtilBinding = Partial<Record<'getCallSites' | 'getCallSite', GetCallSites>>;

/**
 * Node asks for the source line of an uncaught error only where a text names a source map. There is none at this address, which Node
 * does not even try to read; compilers that a program puts in front of its loader (esbuild) read what is in a `data:` address.
 */
const mark = '\n//# sourceMappingURL=about:blank';

/** Names that are URLs and the paths they stand for are remembered, up to so many. */
const mostUrls = 10_000;

/**
 * The source line above an uncaught error comes from the hook that Node has for source maps (`GetErrorSource` in
 * node_errors.cc); the JavaScript side of source maps stays off, and with it what it changes.
 */
export function installStackColumns({ internals, traces, disguises, ownScripts }: StackColumnsOptions): StackColumns {
  const files = new Map<string, InsertedText>();
  const madeLines = new Map<string, MadeLines>();
  const paths = new Map<string, string | undefined>();
  const binding = internals.binding<ErrorsBinding>('errors');
  const { setGetSourceMapErrorSource, setSourceMapsEnabled } = binding ?? {};
  const showsLines = setGetSourceMapErrorSource !== undefined && setSourceMapsEnabled !== undefined;
  let showing = false;

  /** V8 calls an ES module by its URL, query included, and a CommonJS module by its path. */
  function pathOf(name: string): string | undefined {
    if (!name.startsWith('file:')) return name;
    if (paths.has(name)) return paths.get(name);
    let path: string | undefined;
    try {
      path = fileURLToPath(name);
    } catch {
      // Such a name is no file's.
    }
    if (paths.size >= mostUrls) paths.clear();
    paths.set(name, path);
    return path;
  }
  function fileOf(name: unknown): InsertedText | undefined {
    const path = typeof name === 'string' && files.size > 0 ? pathOf(name) : undefined;
    return path === undefined ? undefined : files.get(path);
  }

  function isMade(name: unknown): boolean {
    const path = typeof name === 'string' && madeLines.size > 0 ? pathOf(name) : undefined;
    return path !== undefined && madeLines.has(path);
  }

  const callSites = createCallSites({ disguises, fileOf, ownScripts });
  let lastMended: readonly NodeJS.CallSite[] | undefined;
  traces.amend((_, trace, byNode) => {
    // The text of a test runner has a map, which Node may apply to what the call sites tell.
    const apart = byNode && !trace.some((site) => isMade(site.getFileName()));
    if (apart) callSites.dropOwnFrames(trace);
    else callSites.mend(trace);
    lastMended = apart ? undefined : trace;
  });
  traces.amendText((text, trace) => (trace === lastMended ? text : callSites.mendText(text, trace)));
  mendPlainCallSites(internals.binding<UtilBinding>('util'), fileOf, ownScripts);
  mendErrorSource(binding, fileOf);

  /** What Node prints above an uncaught error: the place, the line, a mark under the column (from 0 here). */
  function sourceLine(name: string, line: number, column: number): string | undefined {
    if (name === disguiseScript) {
      const place = disguises.lastFailure();
      return place === undefined ? undefined : sourceLine(place.scriptName, place.line, place.column - 1);
    }
    try {
      // A text that is not ours is asked about too, when it names a source map of its own.
      const path = pathOf(name) ?? name;
      const text = madeLines.has(path)
        ? files.get(path)?.originalLineAt(line)
        : readFileSync(path, 'utf8').split(/\r\n|[\n\r\u2028\u2029]/)[line - 1];
      if (text === undefined) return undefined;
      const start = (files.get(path)?.originalColumn(line, column + 1) ?? column + 1) - 1;
      const under = text.slice(0, start).replace(/[^\t]/g, ' ').padEnd(start);
      return `${name}:${line}\n${text}\n${under}^\n`;
    } catch {
      return undefined;
    }
  }

  function showLines(): void {
    if (showing || !showsLines) return;
    showing = true;
    setGetSourceMapErrorSource(sourceLine);
    setSourceMapsEnabled(true);
  }
  disguises.onFailure(showLines);

  return {
    ending: showsLines ? mark : '',
    add(path, text, made) {
      files.set(path, text);
      if (made === undefined) madeLines.delete(path);
      else madeLines.set(path, made);
      showLines();
    },
    fileLine(path, line) {
      const made = madeLines.get(path);
      return made === undefined || made === 'same lines' ? line : made[line - 1] || line;
    },
  };
}

type FileOf = (name: unknown) => InsertedText | undefined;

/** Of frames that are ours so many are made up for. */
const mostOwnPlain = 4;

/** `util.getCallSites` takes its places straight from V8. */
function mendPlainCallSites(binding: UtilBinding | undefined, fileOf: FileOf, ownScripts: readonly string[]): void {
  for (const name of ['getCallSites', 'getCallSite'] as const) {
    const native = binding?.[name];
    if (binding === undefined || native === undefined) continue;
    binding[name] = (frames) => {
      // The native leaves out its caller. That is this function now, and the first it gives is Node's own. It gives 200 at most.
      const sites = native(Math.min(frames + 1 + mostOwnPlain, 200));
      let kept = 0;
      for (let i = 1; i < sites.length && kept < frames; i++) {
        const site = sites[i] as PlainCallSite;
        const own = ownFramesAt(ownScripts, site.scriptName, () => site.functionName);
        if (own > 0) i += own - 1;
        else sites[kept++] = site;
      }
      sites.length = kept;
      for (let i = 0; i < sites.length; i++) {
        const site = sites[i] as PlainCallSite;
        const file = fileOf(site.scriptName);
        if (file === undefined || typeof site.lineNumber !== 'number') continue;
        if (typeof site.column === 'number') site.column = file.originalColumn(site.lineNumber, site.column);
        if (typeof site.columnNumber === 'number') site.columnNumber = file.originalColumn(site.lineNumber, site.columnNumber);
      }
      return sites;
    };
  }
}

/** `assert` of newer Nodes quotes the line that V8 has. */
function mendErrorSource(binding: ErrorsBinding | undefined, fileOf: FileOf): void {
  const native = binding?.getErrorSourcePositions;
  if (binding === undefined || native === undefined) return;
  binding.getErrorSourcePositions = (error) => {
    const source = native(error);
    const file = fileOf(source?.scriptResourceName);
    if (source === undefined || file === undefined || typeof source.lineNumber !== 'number') return source;
    if (typeof source.sourceLine === 'string') source.sourceLine = file.originalLine(source.lineNumber, source.sourceLine);
    if (typeof source.startColumn === 'number')
      source.startColumn = file.originalColumn(source.lineNumber, source.startColumn + 1) - 1;
    return source;
  };
}
