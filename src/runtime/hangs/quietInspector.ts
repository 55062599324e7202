import * as fs from 'node:fs';
import type { NodeInternals } from '../nodeInternals.ts';
import { uncurried } from '../uncurried.ts';

interface InspectorBinding {
  open?: (port?: unknown, host?: unknown) => void;
  url?: () => string | undefined;
}

/**
 * The inspector's server in a target that was started with `--inspect-publish-uid=http`, so that a signal opens it without a word.
 * To the program it looks as without the flag: where it opens the inspector itself, Node's words are said here.
 */
export interface QuietInspector {
  /** Where it listens; undefined while it does not. */
  url(): string | undefined;
  /** Ends what a signal of ours has begun. */
  close(): void;
  /** Opens it as Node would have for a signal that is not ours. */
  openForOthers(): void;
  /** True while it is opened by the program itself, or for others. */
  isOpening(): boolean;
  /** Says where it listens. */
  sayPlace(): void;
}

const { openSync, readSync, closeSync, writeSync } = fs;
const indexOf = uncurried<(text: Buffer, part: Buffer) => number>(Reflect.get(Buffer.prototype, 'indexOf'));

/** Undefined where the inspector is not as expected, or is not to be had. */
export function quietInspector(internals: NodeInternals): QuietInspector | undefined {
  const { getOptionValue } = internals.module<{ getOptionValue?: (name: string) => unknown }>('internal/options') ?? {};
  const binding = internals.binding<InspectorBinding>('inspector');
  const end = (process as unknown as { _debugEnd?: () => void })._debugEnd;
  const port = Object.getOwnPropertyDescriptor(process, 'debugPort');
  const { open, url } = binding ?? {};
  if (getOptionValue?.('--inspect-publish-uid') !== 'http' || binding === undefined) return undefined;
  if (open === undefined || url === undefined || end === undefined) return undefined;
  if (port?.configurable !== true || typeof port.value !== 'number') return undefined;

  const host = process as { debugPort: unknown };
  const native = { open, end: end.bind(process) };
  // The server takes any free port; the program reads and sets the one it would have without us.
  host.debugPort = 0;
  // What is defined in the place of a native property goes to that, unless it is of another kind.
  Object.defineProperty(process, 'debugPort', { configurable: true, get: () => undefined });
  Object.defineProperty(process, 'debugPort', port);
  let opening = false;

  function openAloud(wanted: unknown, address?: unknown): void {
    opening = true;
    try {
      native.open(wanted, address);
    } finally {
      opening = false;
    }
    const place = url?.();
    if (place === undefined) return;
    const bound = /:(\d+)\//.exec(place);
    if (bound !== null) host.debugPort = Number(bound[1]);
  }

  binding.open = (wanted, address) => openAloud(typeof wanted === 'number' ? wanted : host.debugPort, address);
  return {
    url,
    close() {
      if (url() === undefined) return;
      // Back to any free port: Node has put the one it got in its place.
      native.open(0);
      native.end();
    },
    openForOthers() {
      this.close();
      openAloud(host.debugPort);
    },
    isOpening: () => opening,
    sayPlace() {
      const place = url();
      if (place !== undefined) say(`Debugger listening on ${place}\nFor help, see: ${helpPage()}\n`);
    },
  };
}

function say(text: string): void {
  try {
    writeSync(2, text);
  } catch {
    // Nobody reads.
  }
}

const newPage = 'https://nodejs.org/learn/getting-started/debugging';
const oldPage = 'https://nodejs.org/en/docs/inspector';

/**
 * The address that this Node names, which is a text in its own file: it was changed within major versions.
 * Read in one small buffer and searched there: texts of it would count as the program's memory, and V8 would collect it earlier.
 */
function helpPage(): string {
  const wanted = Buffer.from(`${oldPage}\0`, 'latin1');
  const chunk = Buffer.alloc(256 * 1024);
  try {
    const file = openSync(process.execPath, 'r');
    try {
      const overlap = wanted.length - 1;
      for (let at = 0, count = 0; (count = readSync(file, chunk, 0, chunk.length, at)) > overlap; at += count - overlap) {
        const found = indexOf(chunk, wanted);
        if (found >= 0 && found + wanted.length <= count) return oldPage;
      }
    } finally {
      closeSync(file);
    }
  } catch {
    return oldPage;
  }
  return newPage;
}
