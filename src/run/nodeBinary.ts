import { execFile } from 'node:child_process';
import { existsSync, realpathSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { lowestNode, reasonOf, runErrors } from './errors.ts';

/** A Node that can run a target. */
export interface NodeBinary {
  readonly path: string;
  /** As Node prints it: `v24.21.0`. */
  readonly version: string;
  /** To be set in the target's environment (an editor's own binary runs as Node only when asked to). */
  readonly env: Readonly<Record<string, string>>;
  readonly source: 'setting' | 'path' | 'fallback';
}

export interface NodeBinaryOptions {
  /** Path or name of the binary the user chose. Nothing else is tried when it is set. */
  readonly setting?: string;
  /** Environment whose `PATH` is searched. */
  readonly env: NodeJS.ProcessEnv;
  /** Tried last; `electron` where it is not Node itself but an editor that can act as one. */
  readonly fallback?: { readonly path: string; readonly electron: boolean };
}

/**
 * Finds the Node to run a target with: the user's setting, else the first `node` on the PATH that is new enough, else the fallback.
 * Throws a `RunError` (`node-missing`, `node-too-old`, `node-not-executable`, `node-unusable`) that says what to do.
 */
export async function findNodeBinary(options: NodeBinaryOptions): Promise<NodeBinary> {
  const { setting, env, fallback } = options;
  if (setting !== undefined && setting !== '') {
    const path = isAbsolute(setting) ? setting : (searchPath(setting, env) ?? resolve(setting));
    if (!isFile(path)) throw runErrors.nodeNotExecutable(path);
    return checkNode(path, {}, 'setting');
  }
  let firstError: Error | undefined;
  const onPath = searchPath('node', env);
  if (onPath !== undefined) {
    try {
      return await checkNode(onPath, {}, 'path');
    } catch (error) {
      firstError = error as Error;
    }
  }
  if (fallback !== undefined) {
    try {
      return await checkNode(fallback.path, fallback.electron ? { ELECTRON_RUN_AS_NODE: '1' } : {}, 'fallback');
    } catch (error) {
      firstError ??= error as Error;
    }
  }
  throw firstError ?? runErrors.nodeMissing();
}

/** True for the versions a target may have. */
export function isSupportedNode(version: string): boolean {
  const match = /^v?(\d+)\.(\d+)\./.exec(version);
  if (match === null) return false;
  const [major, minor] = [Number(match[1]), Number(match[2])];
  return major > lowestNode.major || (major === lowestNode.major && minor >= lowestNode.minor);
}

const answerTimeoutMs = 10_000;

async function checkNode(path: string, env: Record<string, string>, source: NodeBinary['source']): Promise<NodeBinary> {
  const version = isThisNode(path) ? process.version : await askForVersion(path, env);
  if (!/^v\d+\.\d+\.\d+/.test(version)) throw runErrors.nodeUnusable(path, '');
  if (!isSupportedNode(version)) throw runErrors.nodeTooOld(path, version);
  return { path, version, env, source };
}

/** True for the Node that runs this: it need not be started to be asked. */
function isThisNode(path: string): boolean {
  if (process.versions['electron'] !== undefined) return false;
  try {
    return realpathSync(path) === realpathSync(process.execPath);
  } catch {
    return false;
  }
}

function askForVersion(path: string, env: Record<string, string>): Promise<string> {
  return new Promise((answered, failed) => {
    // `process.version` and not `--version`: an editor's binary prints its own version there.
    execFile(
      path,
      ['-p', 'process.version'],
      { env: { ...withoutNodeOptions(process.env), ...env }, timeout: answerTimeoutMs, windowsHide: true },
      (error, stdout) => {
        if (error === null) answered(stdout.trim());
        else failed(startFailed(path, error));
      },
    );
  });
}

function startFailed(path: string, error: Error & { code?: unknown; killed?: boolean }): Error {
  if (error.code === 'ENOENT' || error.code === 'EACCES') return runErrors.nodeNotExecutable(path);
  if (error.killed === true) return runErrors.nodeUnusable(path, `no answer within ${answerTimeoutMs / 1000} s`);
  return runErrors.nodeUnusable(path, typeof error.code === 'number' ? `it ended with exit code ${error.code}` : reasonOf(error));
}

function withoutNodeOptions(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, ...rest } = env;
  return rest;
}

function searchPath(name: string, env: NodeJS.ProcessEnv): string | undefined {
  const names = process.platform === 'win32' && !name.toLowerCase().endsWith('.exe') ? [`${name}.exe`] : [name];
  const key = Object.keys(env).find((candidate) => candidate.toUpperCase() === 'PATH');
  for (const folder of (key === undefined ? '' : (env[key] ?? '')).split(delimiter)) {
    if (folder === '') continue;
    for (const file of names) {
      const path = join(folder, file);
      if (existsSync(path) && isFile(path)) return path;
    }
  }
  return undefined;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
