import { realpath } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { LaunchOptions } from '../run/launchOptions.ts';
import { findNodeBinary } from '../run/nodeBinary.ts';
import { programEnvironment } from './programEnvironment.ts';
import type { RunTarget } from './runStore.ts';
import type { RunSettings } from './settings.ts';
import { substitute } from './variables.ts';

export interface LaunchPlanOptions {
  readonly target: RunTarget;
  readonly settings: RunSettings;
  /** Absolute; unset where the file lies in no folder of the workspace. */
  readonly workspaceFolder: string | undefined;
  readonly extensionPath: string;
  readonly version: string;
  /** Absolute folder for what can be made again. */
  readonly cacheFolder: string;
  /** The environment of the extension host. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The editor's own binary, and whether it is Electron. */
  readonly editorBinary: { readonly path: string; readonly electron: boolean };
}

export interface LaunchPlan {
  readonly options: LaunchOptions;
  /** What a person would type to run the program without Interleave. */
  readonly commandLine: string;
}

/** Turns settings into what the launcher needs. Throws a `RunError` where no Node can be found. */
export async function launchPlan(given: LaunchPlanOptions): Promise<LaunchPlan> {
  const { target, settings, workspaceFolder, env } = given;
  const folder = workspaceFolder ?? dirname(target.path);
  const values = { workspaceFolder: folder, file: target.path, fileDirname: dirname(target.path), env };
  const filled = (text: string) => substitute(text, values);
  const node = await findNodeBinary({ setting: filled(settings.nodePath), env: { ...env }, fallback: given.editorBinary });
  const args = settings.args.map(filled);
  const nodeArgs = settings.nodeArgs.map(filled);
  const variables = Object.fromEntries(Object.entries(settings.env).map(([name, value]) => [name, value && filled(value)]));
  return {
    options: {
      entry: target.path,
      args,
      cwd: resolve(folder, filled(settings.cwd)),
      env: programEnvironment(env, variables, node.env),
      nodePath: node.path,
      nodeArgs,
      clock: settings.clock,
      timeoutMs: settings.timeoutSeconds * 1000,
      hangMs: settings.hangSeconds * 1000,
      // Node names modules by their real paths.
      root: await realpath(folder),
      exclude: settings.exclude,
      followChildren: settings.followChildren,
      ...(target.call ? { call: target.call } : {}),
      distDir: join(given.extensionPath, 'dist'),
      stdio: 'pipe',
      version: given.version,
      cacheFolder: given.cacheFolder,
    },
    commandLine: commandLine(node.path, nodeArgs, target, args),
  };
}

function commandLine(nodePath: string, nodeArgs: readonly string[], target: RunTarget, args: readonly string[]): string {
  const call = target.call
    ? [`# ${target.call.exportName}(${target.call.args.map((arg) => JSON.stringify(arg)).join(', ')})`]
    : [];
  return [...[nodePath, ...nodeArgs, target.path, ...args].map(quoted), ...call].join(' ');
}

function quoted(word: string): string {
  return /^[\w@%+=:,./\\-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
