import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { chromium } from 'playwright-core';

export const projectRoot = resolve(import.meta.dirname, '../..');
/** Downloads that outlive a run; ignored by git. */
export const cacheFolder = join(projectRoot, '.vscode-test');

/** code-server carries the whole built VS Code: 4.139.1 has VS Code 1.139.1 in it. */
const codeServerVersion = '4.139.1';
const stepTimeoutMs = 10 * 60_000;

export interface InstalledServer {
  /** Script to run with Node 24. */
  readonly entry: string;
  /** Path of a Chromium that playwright-core can drive. */
  readonly browser: string;
  /** What the tests run on, for people. */
  readonly label: string;
}

/**
 * Gives VS Code's server and a browser for its page; installs what is missing (about a minute, then cached by version).
 * Throws with what to do where one of them cannot be had.
 */
export async function installServer(): Promise<InstalledServer> {
  const folder = await installCodeServer();
  const modules = join(folder, 'node_modules/code-server');
  const product = JSON.parse(await readFile(join(modules, 'lib/vscode/package.json'), 'utf8')) as { version: string };
  const browser = await findBrowser();
  return {
    entry: join(modules, 'out/node/entry.js'),
    browser,
    label: `VS Code ${product.version} (code-server ${codeServerVersion}) in ${browser}`,
  };
}

async function installCodeServer(): Promise<string> {
  const folder = join(cacheFolder, `code-server-${codeServerVersion}`);
  if (existsSync(join(folder, 'installed'))) return folder;
  console.log(`Installing code-server ${codeServerVersion} into ${folder} …`);
  // Made under a name of its own and renamed at the end: a broken or a second installation never looks like a finished one.
  const partial = `${folder}.partial-${process.pid}`;
  try {
    await mkdir(partial, { recursive: true });
    await writeFile(join(partial, 'package.json'), '{ "private": true }\n');
    const vscode = join(partial, 'node_modules/code-server/lib/vscode');
    // Scripts off: code-server's own install script insists on running them all, of which only three modules are needed.
    await npm(partial, ['install', '--ignore-scripts', `code-server@${codeServerVersion}`]);
    await npm(vscode, ['install', '--omit=dev', '--ignore-scripts']);
    await npm(join(vscode, 'extensions'), ['install', '--omit=dev', '--ignore-scripts']);
    await compileNative(vscode);
    await writeFile(join(partial, 'installed'), '');
    await rename(partial, folder).catch(async (error: unknown) => {
      if (!existsSync(join(folder, 'installed'))) throw error;
      await rm(partial, { recursive: true, force: true });
    });
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
  return folder;
}

/** The modules VS Code's server does not start without. Their compilation needs a C++ compiler, make and Python. */
async function compileNative(vscode: string): Promise<void> {
  const rebuild = ['rebuild', 'node-pty', '@vscode/spdlog', '@vscode/native-watchdog'];
  try {
    await npm(vscode, rebuild);
  } catch (error) {
    // node-gyp downloads Node's headers from nodejs.org. Where that is out of reach any installed headers do: these modules use Node-API.
    const prefix = ['/usr', '/usr/local'].find((folder) => existsSync(join(folder, 'include/node/node_api.h')));
    if (!prefix)
      throw new Error(`${(error as Error).message}\ng++, make and python3 are needed, and Node's headers.`, { cause: error });
    await npm(vscode, rebuild, { npm_config_nodedir: prefix });
  }
}

async function npm(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<void> {
  // npm runs scripts with the Node it runs on itself; VS Code's server wants the project's Node 24.
  const path = [dirname(process.execPath), process.env['PATH']].join(delimiter);
  await runToEnd('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], cwd, { ...process.env, PATH: path, ...env });
}

async function findBrowser(): Promise<string> {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const inPath = (process.env['PATH'] ?? '').split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
  const candidates = [process.env['CHROMIUM_PATH'] ?? '', ...inPath, chromium.executablePath()];
  const found = candidates.find((path) => path !== '' && existsSync(path));
  if (found) return found;
  console.log('No Chromium on this machine: downloading the one playwright-core knows …');
  try {
    await runToEnd(process.execPath, ['node_modules/playwright-core/cli.js', 'install', 'chromium'], projectRoot, process.env);
  } catch (error) {
    throw new Error(
      `No Chromium found and none to download. Install one (Debian: apt-get install chromium) or set CHROMIUM_PATH.`,
      { cause: error },
    );
  }
  return chromium.executablePath();
}

/** Runs a command to its end; throws with the end of its output where it fails. */
export async function runToEnd(command: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: stepTimeoutMs });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  const status = await new Promise<string>((done, fail) => {
    child.once('error', fail);
    child.once('close', (code, signal) => done(signal ?? String(code)));
  });
  if (status !== '0') throw new Error(`\`${command} ${args.join(' ')}\` in ${cwd} ended with ${status}:\n${output.slice(-3000)}`);
  return output;
}
