import * as fs from 'node:fs';
import * as path from 'node:path';
import * as nodeProcess from 'node:process';
import { followFile, linkedPreload, readLink, type FollowLink } from '../../shared/followed.ts';
import type { FollowResponse } from '../../shared/instrumentMessages.ts';
import type { NodeInternals } from '../nodeInternals.ts';
import { loudFlag, quietFlag } from '../../shared/targetOptions.ts';
import { findNodeStart, type SpawnRequest } from './nodeStart.ts';

/** A process about to be started that runs Node. */
export interface StartedChild {
  /** Its command line. */
  readonly command: string;
  /** Counts from 1. */
  readonly start: number;
  /** Set where it is not followed: why, in plain words. */
  readonly left?: string;
}

export interface ChildProcessOptions {
  readonly internals: NodeInternals;
  /** The folder of our bundles that run in a target. */
  readonly runtimeFolder: string;
  readonly process: FollowLink['process'];
  readonly thread: FollowLink['thread'];
  /** Whether this process has the quiet flag. */
  readonly isQuiet: boolean;
  /** Whether the launcher asks followed processes where they are held. */
  readonly asks: boolean;
  /** Where followed processes come to the launcher; asked for once, when the first is about to start. */
  readonly findFolder: () => Pick<FollowResponse, 'folder' | 'reason'>;
  /** Called before the process starts. */
  readonly tell: (child: StartedChild) => void;
}

export interface ChildProcessWatch {
  /** What could not be attached, in plain words; nothing where all could. */
  readonly limits: readonly string[];
  /** Whether a native handle is a pipe to a child process; undefined where that is not known. */
  readonly isChildPipe?: (handle: object) => boolean;
}

/** What is started instead. */
interface Start {
  readonly file: string;
  readonly args: readonly unknown[];
}
type Spawn = (this: unknown, ...args: unknown[]) => unknown;

const longestCommand = 120;
/** A trace names so many, and as many are followed: a program that starts more starts them in a loop. */
const mostTold = 1000;

const { accessSync } = fs;
const { R_OK } = fs.constants;
const basename = path.basename.bind(path);

/**
 * Lets child processes that run Node preload what brings them into the trace, and tells of each. Sits below Node's own `child_process`, where
 * no program looks: that has noted the arguments it was given. Belongs into the loader hooks' realm.
 */
export function watchChildProcesses(options: ChildProcessOptions): ChildProcessWatch {
  const { internals, runtimeFolder, process, thread, isQuiet, asks, tell } = options;
  let started = 0;
  let place: Pick<FollowResponse, 'folder' | 'reason'> | undefined;

  const follow = (request: SpawnRequest): Start | undefined => {
    try {
      const bare = withoutOurFlags(request, runtimeFolder, isQuiet);
      const unchanged = bare === request ? undefined : (bare as Start);
      const found = started >= mostTold ? undefined : findNodeStart(bare);
      if (found === undefined) return unchanged;
      const start = ++started;
      const command = commandText(bare);
      const leave = (left: string | undefined): Start | undefined => {
        tell({ command, start, ...(left === undefined ? {} : { left }) });
        return unchanged;
      };
      if ('left' in found) return leave(found.left);
      const hindered = unreadable(bare, runtimeFolder);
      if (hindered !== undefined) return leave(hindered);
      place ??= options.findFolder();
      const { folder, reason } = place;
      if (folder === undefined) return leave(reason);
      const link: FollowLink = { folder, process, thread, start };
      const preload = ['--require', linkedPreload(runtimeFolder, link)];
      const changed = found.withFlags({
        plain: ['--expose-internals', ...preload],
        quiet: asks ? ['--expose-internals', quietFlag, ...preload] : undefined,
      });
      tell({ command, start });
      return changed;
    } catch {
      // Arguments of a kind that Node itself refuses: it says so.
      return undefined;
    }
  };
  const processes = internals.binding<{ Process?: { prototype: object } }>('process_wrap')?.Process?.prototype;
  const synchronous = internals.binding<object>('spawn_sync');
  const pipes = new WeakSet();
  const attached = [wrapSpawn(processes, follow, pipes), wrapSpawn(synchronous, follow)];
  return attached.includes(false) ? { limits: [unattached] } : { limits: [], isChildPipe: (handle) => pipes.has(handle) };
}

const unattached =
  'This Node does not tell which child processes are started: if there are any, they are not followed, and the trace does not name them';

/** Why a child could not read what it is to preload: Node would end it. */
function unreadable({ uid, gid }: SpawnRequest, runtimeFolder: string): string | undefined {
  const isOther = (id: unknown, own: number | undefined): boolean => typeof id === 'number' && id !== own;
  if (isOther(uid, nodeProcess.getuid?.()) || isOther(gid, nodeProcess.getgid?.())) return 'it runs as another user';
  try {
    accessSync(`${runtimeFolder}/${followFile}`, R_OK);
    return undefined;
  } catch {
    return 'it may not read the files of Interleave';
  }
}

/** `pipes` gets the handles that the process is given as its standard streams. */
function wrapSpawn(
  holder: object | undefined,
  follow: (request: SpawnRequest) => Start | undefined,
  pipes?: WeakSet<object>,
): boolean {
  const descriptor = holder && Reflect.getOwnPropertyDescriptor(holder, 'spawn');
  const original = descriptor?.value as Spawn | undefined;
  if (holder === undefined || descriptor === undefined || typeof original !== 'function') return false;
  const spawn: Spawn = function (...args) {
    // Newer Nodes hand the parts over one by one, older ones in an object.
    const [first, argv, cwd, envPairs, stdio, , uid, gid] = args;
    const inParts = typeof first === 'string';
    if (pipes !== undefined) addPipes(pipes, inParts ? stdio : (first as { stdio?: unknown } | undefined)?.stdio);
    const request: SpawnRequest = inParts ? { file: first, args: argv, cwd, envPairs, uid, gid } : (first ?? {});
    const changed = follow(request);
    if (changed !== undefined && inParts) args.splice(0, 2, changed.file, changed.args);
    else if (changed !== undefined) args[0] = { ...request, ...changed };
    return Reflect.apply(original, this, args);
  };
  return Reflect.defineProperty(holder, 'spawn', { ...descriptor, value: spawn });
}

/** Node has made this list itself; a handle that the program gave it is no pipe of the child's. */
function addPipes(pipes: WeakSet<object>, stdio: unknown): void {
  if (!Array.isArray(stdio)) return;
  const entries = stdio as readonly ({ readonly type?: unknown; readonly handle?: unknown } | null | undefined)[];
  // By number: the iterator of the program's arrays is the program's.
  for (let i = 0; i < entries.length; i++) {
    const { type, handle } = entries[i] ?? {};
    if ((type === 'pipe' || type === 'overlapped') && typeof handle === 'object' && handle !== null) pipes.add(handle);
  }
}

/** Node's own test runner hands the flags it runs with itself on, read where they cannot be hidden. */
function withoutOurFlags(request: SpawnRequest, runtimeFolder: string, isQuiet: boolean): SpawnRequest {
  const { args } = request;
  if (!Array.isArray(args)) return request;
  const words: unknown[] = Array.from(args as unknown[]);
  const at = words.findIndex((word) => typeof word === 'string' && isOurs(word.replace(/^--require=/, ''), runtimeFolder));
  if (at < 0) return request;
  const from = words[at - 1] === '--require' ? at - 1 : at;
  words.splice(from, at - from + 1);
  const exposed = words.indexOf('--expose-internals');
  if (exposed > 0 && exposed <= from) words.splice(exposed, 1);
  const quiet = isQuiet ? words.indexOf(quietFlag) : -1;
  if (quiet > 0) words[quiet] = loudFlag;
  return { ...request, args: words };
}

function isOurs(preload: string, runtimeFolder: string): boolean {
  return preload.startsWith(runtimeFolder) && (readLink(preload) !== undefined || basename(preload) === 'bootloader.cjs');
}

function commandText({ file, args }: SpawnRequest): string {
  const words = Array.isArray(args) ? (args as unknown[]).filter((word) => typeof word === 'string') : [];
  const command = [basename(file as string), ...words.slice(1)].join(' ').replace(/\s+/g, ' ');
  return command.length > longestCommand ? `${command.slice(0, longestCommand - 1)}…` : command;
}
