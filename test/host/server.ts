import { spawn, type ChildProcess } from 'node:child_process';
import { globSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runToEnd, type InstalledServer } from './install.ts';

export interface ServerOptions {
  /** False: folders open in Restricted Mode until somebody grants trust. */
  readonly trusted: boolean;
  /** User settings, beyond those that keep the window quiet. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** A packaged extension to install before the start. */
  readonly vsix?: string;
  /** Reaches the extension host and what it starts. */
  readonly env?: NodeJS.ProcessEnv;
}

export interface PageOptions {
  /** Absolute. */
  readonly folder: string;
  /** The extension runs from this folder instead of being installed. */
  readonly extension?: string;
  /** A CommonJS module with `run()`, to be run in the extension host. */
  readonly tests?: string;
}

/** A VS Code server of its own: its own port, settings, extensions and temporary folder, all gone after {@link stop}. */
export class CodeServer {
  readonly port: number;
  /** Everything it writes is in here. */
  readonly home: string;
  readonly #child: ChildProcess;
  readonly #output: string[];

  private constructor(port: number, home: string, child: ChildProcess, output: string[]) {
    this.port = port;
    this.home = home;
    this.#child = child;
    this.#output = output;
  }

  /** Resolves when the server answers; throws with its output when it ends before or stays mute for a minute. */
  static async start(installed: InstalledServer, options: ServerOptions): Promise<CodeServer> {
    const home = await mkdtemp(join(tmpdir(), 'interleave-host-'));
    const port = await freePort();
    const user = join(home, 'data/User');
    await mkdir(user, { recursive: true });
    await mkdir(join(home, 'tmp'));
    await writeFile(join(user, 'settings.json'), JSON.stringify({ ...quietSettings, ...options.settings }, undefined, 2));
    const places = [
      '--config',
      join(home, 'config.yaml'),
      '--user-data-dir',
      join(home, 'data'),
      '--extensions-dir',
      join(home, 'extensions'),
    ];
    const env = serverEnvironment(home, options.env);
    try {
      if (options.vsix !== undefined)
        await runToEnd(process.execPath, [installed.entry, ...places, '--install-extension', options.vsix], home, env);
      const args = [
        installed.entry,
        ...places,
        '--auth',
        'none',
        '--bind-addr',
        `127.0.0.1:${port}`,
        '--disable-telemetry',
        '--disable-update-check',
      ];
      // This is what makes the page read `extensionDevelopmentPath` and `extensionTestsPath` from its address.
      args.push('--vscode-option', 'enable-smoke-test-driver');
      if (options.trusted) args.push('--disable-workspace-trust');
      // A process group of its own, so that nothing it started outlives it.
      const child = spawn(process.execPath, args, { cwd: home, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
      const output: string[] = [];
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text: string) => output.push(text));
      const server = new CodeServer(port, home, child, output);
      await server.#answers();
      return server;
    } catch (error) {
      await rm(home, { recursive: true, force: true });
      throw error;
    }
  }

  async #answers(): Promise<void> {
    for (let attempt = 0; attempt < 240; attempt++) {
      if (this.#child.exitCode !== null) break;
      const response = await fetch(`http://127.0.0.1:${this.port}/healthz`).catch(() => undefined);
      if (response?.ok) return;
      await sleep(250);
    }
    const output = this.output;
    await this.stop();
    throw new Error(`The VS Code server did not come up:\n${output}`);
  }

  /** What the server printed so far. */
  get output(): string {
    return this.#output.join('');
  }

  /** Address of a window. */
  url(options: PageOptions): string {
    const remote = (path: string): string => `vscode-remote://127.0.0.1:${this.port}${path}`;
    const payload: [string, string][] = [
      ['skipWelcome', 'true'],
      ['skipReleaseNotes', 'true'],
    ];
    if (options.extension !== undefined) payload.push(['extensionDevelopmentPath', remote(options.extension)]);
    if (options.tests !== undefined) payload.push(['extensionTestsPath', remote(options.tests)]);
    return `http://127.0.0.1:${this.port}/?folder=${encodeURIComponent(options.folder)}&payload=${encodeURIComponent(JSON.stringify(payload))}`;
  }

  /** Command lines, by process id, of everything that runs below this server. */
  async processes(): Promise<ReadonlyMap<number, string>> {
    return descendants(this.#child.pid ?? -1);
  }

  /** Ends the server with everything below it and removes what it wrote. */
  async stop(): Promise<void> {
    const { pid } = this.#child;
    if (pid !== undefined) {
      // Asked before the end: orphans lose their parent.
      const below = await this.processes();
      const closed = this.#child.exitCode !== null ? Promise.resolve() : new Promise((done) => this.#child.once('exit', done));
      signal(-pid, 'SIGTERM');
      await Promise.race([closed, sleep(5000)]);
      for (const id of [-pid, ...below.keys()]) signal(id, 'SIGKILL');
    }
    await rm(this.home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/** Signals a process, or a group where the id is negative; one that is gone already is fine. */
function signal(id: number, name: NodeJS.Signals): void {
  try {
    process.kill(id, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function descendants(root: number): Promise<Map<number, string>> {
  const parents = new Map<number, number>();
  for (const path of globSync('/proc/[0-9]*/stat')) {
    const stat = await readFile(path, 'utf8').catch(() => '');
    // After the command's closing bracket come the state and the parent's id.
    parents.set(Number(path.split('/')[2]), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
  }
  const found = new Map<number, string>();
  const isBelow = (pid: number | undefined): boolean => pid !== undefined && (pid === root || isBelow(parents.get(pid)));
  for (const [pid, parent] of parents) {
    if (!isBelow(parent)) continue;
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    found.set(pid, command.replaceAll('\0', ' ').trim());
  }
  return found;
}

const quietSettings = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.enableExperiments': false,
  'telemetry.telemetryLevel': 'off',
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'files.simpleDialog.enable': true,
  // As on the desktop; in a browser the default is to save by itself.
  'files.autoSave': 'off',
  'git.enabled': false,
  // Text that can be read, instead of pixels.
  'terminal.integrated.gpuAcceleration': 'off',
  'npm.autoDetect': 'off',
  'typescript.disableAutomaticTypeAcquisition': true,
  'window.restoreWindows': 'none',
  'chat.disableAIFeatures': true,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
};

function serverEnvironment(home: string, extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    TMPDIR: join(home, 'tmp'),
    XDG_CONFIG_HOME: join(home, 'config'),
    XDG_DATA_HOME: join(home, 'share'),
  };
  // A test started from a terminal inside VS Code must not talk to that VS Code; npm's own settings are not the person's.
  for (const name of Object.keys(env))
    if (/^(VSCODE_|npm_|ELECTRON_|CODE_SERVER_|NODE_OPTIONS$)/.test(name)) Reflect.deleteProperty(env, name);
  env['PATH'] = [dirname(process.execPath), process.env['PATH']].join(delimiter);
  return { ...env, ...extra };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done));
  const { port } = probe.address() as AddressInfo;
  await new Promise((done) => probe.close(done));
  return port;
}
