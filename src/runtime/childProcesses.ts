import * as fs from 'node:fs';
import * as path from 'node:path';
import * as process from 'node:process';
import type { NodeInternals } from './nodeInternals.ts';

/** What Node hands to its own spawn, asynchronous or not. */
interface SpawnRequest {
  readonly file?: unknown;
  readonly args?: unknown;
  readonly cwd?: unknown;
}
type Spawn = (this: unknown, ...args: unknown[]) => unknown;

const programsOfNode = new Set(['node', 'nodejs', 'npm', 'npx', 'pnpm', 'yarn', 'tsx']);
const shells = new Set(['sh', 'bash', 'dash', 'zsh', 'cmd', 'powershell', 'pwsh']);
const nodeInCommand = /(?:^|[\s"'/\\;&|(])(?:node|nodejs|npm|npx|pnpm|yarn|tsx)(?:\.exe|\.cmd)?(?=$|[\s"';&|)])/i;
const longestCommand = 120;
/** A trace names so many: a program that starts more starts them in a loop. */
const mostTold = 1000;

// Kept from before the program runs: it may patch these. All else is of the loader hooks' own realm.
const { openSync, readSync, closeSync } = fs;
const { sep } = path;
const basename = path.basename.bind(path);
const isAbsolute = path.isAbsolute.bind(path);
const resolve = path.resolve.bind(path);
const workingFolder = process.cwd.bind(process);
const { execPath } = process;

/**
 * Calls `tell` with the command line of each child process that runs Node, before it starts: the program's children run as they are, and
 * what they did is in no trace. Sits below Node's own `child_process`, where no program looks. Belongs into the loader hooks' realm.
 * Returns what could not be attached, in plain words; nothing where all could.
 */
export function watchChildProcesses(internals: NodeInternals, tell: (command: string) => void): string[] {
  let told = 0;
  const watch = (request: SpawnRequest): void => {
    if (told >= mostTold) return;
    try {
      const command = nodeCommand(request);
      if (command === undefined) return;
      told++;
      tell(command);
    } catch {
      // Arguments of a kind that Node itself refuses: it says so.
    }
  };
  const processes = internals.binding<{ Process?: { prototype: object } }>('process_wrap')?.Process?.prototype;
  const synchronous = internals.binding<object>('spawn_sync');
  const attached = [wrapSpawn(processes, watch), wrapSpawn(synchronous, watch)];
  return attached.includes(false)
    ? ['This Node does not tell which child processes are started: if there are any, the trace does not name them']
    : [];
}

function wrapSpawn(holder: object | undefined, watch: (request: SpawnRequest) => void): boolean {
  const descriptor = holder && Reflect.getOwnPropertyDescriptor(holder, 'spawn');
  const original = descriptor?.value as Spawn | undefined;
  if (holder === undefined || descriptor === undefined || typeof original !== 'function') return false;
  const spawn: Spawn = function (...args) {
    const [first, second, third] = args;
    // Newer Nodes hand the parts over one by one, older ones in an object.
    watch(typeof first === 'string' ? { file: first, args: second, cwd: third } : (first ?? {}));
    return Reflect.apply(original, this, args);
  };
  return Reflect.defineProperty(holder, 'spawn', { ...descriptor, value: spawn });
}

/** The command line of a process that is Node or may start one; undefined of all others. */
function nodeCommand({ file, args, cwd }: SpawnRequest): string | undefined {
  if (typeof file !== 'string') return undefined;
  const words: string[] = [];
  if (Array.isArray(args)) for (let i = 0; i < args.length; i++) if (typeof args[i] === 'string') words[i] = args[i] as string;
  const name = basename(file)
    .toLowerCase()
    .replace(/\.(exe|cmd)$/, '');
  const inShell = shells.has(name) && nodeInCommand.test(words.slice(1).join(' '));
  if (file !== execPath && !programsOfNode.has(name) && !inShell && !isNodeScript(file, cwd)) return undefined;
  const [, ...rest] = words;
  const command = [basename(file), ...rest].join(' ').replace(/\s+/g, ' ');
  return command.length > longestCommand ? `${command.slice(0, longestCommand - 1)}…` : command;
}

/** True of a file that says in its first line that Node shall run it. Names without a folder are looked up by the system: not here. */
function isNodeScript(file: string, cwd: unknown): boolean {
  if (!file.includes('/') && !file.includes(sep)) return false;
  const location = isAbsolute(file) ? file : resolve(typeof cwd === 'string' ? cwd : workingFolder(), file);
  let descriptor: number;
  try {
    descriptor = openSync(location, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0));
  } catch {
    return false;
  }
  try {
    const bytes = new Uint8Array(64);
    const count = readSync(descriptor, bytes, 0, bytes.length, 0);
    let line = '';
    for (let i = 0; i < count && bytes[i] !== 10; i++) line += String.fromCharCode(bytes[i] as number);
    return /^#!.*\bnode\b/.test(line);
  } catch {
    return false;
  } finally {
    closeSync(descriptor);
  }
}
