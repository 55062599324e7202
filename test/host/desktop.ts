import { downloadAndUnzipVSCode } from '@vscode/test-electron';
import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cacheFolder, runToEnd } from './install.ts';

const updateServer = 'https://update.code.visualstudio.com/api/releases/stable';

export interface DesktopHost {
  readonly executable: string;
  /** To be set for what runs in it: the display, where one had to be made. */
  readonly env: Readonly<Record<string, string>>;
  readonly label: string;
  readonly stop: () => void;
}

/** The desktop VS Code, downloaded and seen to start; or why it cannot be had. */
export async function findDesktop(): Promise<DesktopHost | { readonly missing: string }> {
  let answer: Response;
  try {
    answer = await fetch(updateServer, { signal: AbortSignal.timeout(10_000) });
  } catch (error) {
    return { missing: `its download server does not answer (${(error as Error).message})` };
  }
  if (!answer.ok) return { missing: `its download server answers ${answer.status}` };
  let display: Display | undefined;
  try {
    display = await findDisplay();
    const executable = await downloadAndUnzipVSCode({ version: 'stable', cachePath: join(cacheFolder, 'desktop') });
    // Missing libraries show here, not in the middle of a test. ELECTRON_RUN_AS_NODE makes it print and leave.
    const version = await runToEnd(executable, ['-p', 'process.versions.electron'], cacheFolder, {
      ...process.env,
      ELECTRON_RUN_AS_NODE: '1',
    });
    return { executable, env: display.env, label: `VS Code desktop (Electron ${version.trim()})`, stop: display.stop };
  } catch (error) {
    display?.stop();
    return { missing: (error as Error).message };
  }
}

interface Display {
  readonly env: Readonly<Record<string, string>>;
  readonly stop: () => void;
}

/** The display at hand, or an Xvfb of our own. */
async function findDisplay(): Promise<Display> {
  if (process.platform !== 'linux' || process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY'])
    return { env: {}, stop: () => undefined };
  if (!isOnPath('Xvfb')) throw new Error('there is no display, and no Xvfb to make one');
  // `-displayfd 1`: Xvfb picks a free number and prints it.
  const child = spawn('Xvfb', ['-displayfd', '1', '-screen', '0', '1440x900x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const number = await firstLine(child);
  return { env: { DISPLAY: `:${number}` }, stop: () => void child.kill() };
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((done, fail) => {
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('\n')) done(text.split('\n', 1)[0] ?? '');
    });
    child.once('error', fail);
    child.once('exit', (code) => fail(new Error(`Xvfb ended with ${code}`)));
  });
}

function isOnPath(name: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name));
      return true;
    } catch {
      return false;
    }
  });
}
