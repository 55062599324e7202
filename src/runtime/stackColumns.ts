import * as fs from 'node:fs';
import * as url from 'node:url';
import { originalColumn, type InsertedColumns } from '../shared/insertedColumns.ts';
import type { NodeInternals } from './nodeInternals.ts';
import { mendMessage } from './quotedProbes.ts';

const { readFileSync } = fs;
const { fileURLToPath } = url;

/** Makes stacks and uncaught errors speak of the columns and lines of the source and not of the instrumented text. */
export interface StackColumns {
  /** Told of every file before its text runs. Returns what is to stand at the end of that text. */
  add(path: string, columns: InsertedColumns): string;
}

type PrepareStackTrace = (error: unknown, trace: readonly NodeJS.CallSite[]) => unknown;
interface InternalErrors {
  readonly defaultPrepareStackTrace?: PrepareStackTrace;
  readonly setInternalPrepareStackTrace?: (prepare: PrepareStackTrace) => void;
}
interface ErrorsBinding {
  readonly setGetSourceMapErrorSource?: (source: (name: string, line: number, column: number) => string | undefined) => void;
  readonly setSourceMapsEnabled?: (enabled: boolean) => void;
}

/** By line: pairs of original column and length. */
type Lines = ReadonlyMap<number, readonly number[]>;

/** Node asks for the source line of an uncaught error only where a text names a source map; this one is empty. */
const mark = '\n//# sourceMappingURL=data:,';

/**
 * Works where Node formats a stack itself; a program's own `Error.prepareStackTrace` gets V8's call sites as they are.
 * The source line above an uncaught error comes from the hook that Node has for source maps (`GetErrorSource` in
 * node_errors.cc); the JavaScript side of source maps stays off, and with it what it changes.
 */
export function installStackColumns(internals: NodeInternals): StackColumns {
  const files = new Map<string, Lines>();
  const binding = internals.binding<ErrorsBinding>('errors');
  const { setGetSourceMapErrorSource, setSourceMapsEnabled } = binding ?? {};
  const showsLines = setGetSourceMapErrorSource !== undefined && setSourceMapsEnabled !== undefined;
  let installed = false;

  function install(): void {
    installed = true;
    const errors = internals.module<InternalErrors>('internal/errors');
    const { defaultPrepareStackTrace, setInternalPrepareStackTrace } = errors ?? {};
    if (defaultPrepareStackTrace && setInternalPrepareStackTrace) {
      setInternalPrepareStackTrace((error, trace) => {
        // The first line of the text is made of the message.
        mendMessage(error);
        const text = defaultPrepareStackTrace(error, trace);
        return typeof text === 'string' ? mended(text, trace, files) : text;
      });
    }
    if (!showsLines) return;
    setGetSourceMapErrorSource((name, line, column) => sourceLine(files, name, line, column));
    setSourceMapsEnabled(true);
  }

  return {
    add(path, columns) {
      if (!installed) install();
      const lines = new Map<number, number[]>();
      for (let i = 0; i < columns.length; i += 3) {
        const line = columns[i] as number;
        const pairs = lines.get(line) ?? [];
        pairs.push(columns[i + 1] as number, columns[i + 2] as number);
        lines.set(line, pairs);
      }
      files.set(path, lines);
      return showsLines ? mark : '';
    },
  };
}

/** V8 calls an ES module by its URL, query included, and a CommonJS module by its path. */
function pathOf(name: string): string | undefined {
  if (!name.startsWith('file:')) return name;
  try {
    return fileURLToPath(name);
  } catch {
    return undefined;
  }
}

/** Frames are the last lines of the text, and each line ends with its frame's own place. */
function mended(text: string, trace: readonly NodeJS.CallSite[], files: ReadonlyMap<string, Lines>): string {
  let rows: string[] | undefined;
  for (let i = 0; i < trace.length; i++) {
    const frame = trace[i] as NodeJS.CallSite;
    const name: unknown = frame.getFileName();
    const path = typeof name === 'string' ? pathOf(name) : undefined;
    const lines = path === undefined ? undefined : files.get(path);
    const line = frame.getLineNumber();
    const column = frame.getColumnNumber();
    if (lines === undefined || line === null || column === null) continue;
    const insertions = lines.get(line);
    if (insertions === undefined) continue;
    rows ??= text.split('\n');
    const at = rows.length - trace.length + i;
    const row = rows[at] ?? '';
    for (const end of [`:${line}:${column})`, `:${line}:${column}`]) {
      if (!row.endsWith(end)) continue;
      const original = `:${line}:${originalColumn(insertions, column)}${end.endsWith(')') ? ')' : ''}`;
      rows[at] = row.slice(0, row.length - end.length) + original;
      break;
    }
  }
  return rows === undefined ? text : rows.join('\n');
}

/** What Node prints above an uncaught error: the place, the line, a mark under the column (from 0 here). */
function sourceLine(files: ReadonlyMap<string, Lines>, name: string, line: number, column: number): string | undefined {
  try {
    // A text that is not ours is asked about too, when it names a source map of its own.
    const path = pathOf(name) ?? name;
    const text = readFileSync(path, 'utf8').split(/\r\n|[\n\r\u2028\u2029]/)[line - 1];
    if (text === undefined) return undefined;
    const start = originalColumn(files.get(path)?.get(line) ?? [], column + 1) - 1;
    const under = text.slice(0, start).replace(/[^\t]/g, ' ').padEnd(start);
    return `${name}:${line}\n${text}\n${under}^\n`;
  } catch {
    return undefined;
  }
}
