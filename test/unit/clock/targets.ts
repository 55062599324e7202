import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import * as esbuild from 'esbuild';

export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: string | null;
  readonly realMs: number;
}

export interface RunOptions {
  readonly node?: string;
  readonly virtual: boolean;
  /** False: the clock is installed where Node does not show its internals. */
  readonly exposed?: boolean;
  /** Name of a policy of the test's preload, instead of the canonical one. */
  readonly policy?: 'last';
  /** The program finds the clock as `process.__clock`. */
  readonly visible?: boolean;
  /** `mjs` for a module. */
  readonly extension?: 'cjs' | 'mjs';
  readonly flags?: readonly string[];
  readonly args?: readonly string[];
  /** Gets the running program, for its standard input or to ask it something from outside. */
  readonly attend?: (child: ChildProcess) => void;
}

/** A folder with the clock's bundle, built from the sources as they are, and the programs that run on it. */
export interface ClockBench {
  readonly folder: string;
  run(program: string, options: RunOptions): Promise<Outcome>;
  remove(): void;
}

const root = resolve(import.meta.dirname, '../../..');

export async function openClockBench(): Promise<ClockBench> {
  const folder = mkdtempSync(join(tmpdir(), 'interleave-clock-'));
  const bundle = join(folder, 'virtualClock.cjs');
  await esbuild.build({
    entryPoints: [join(root, 'src/runtime/virtualClock.ts')],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'cjs',
    logLevel: 'warning',
  });
  const preload = join(folder, 'preload.cjs');
  writeFileSync(
    preload,
    `const { isMainThread } = require('node:worker_threads');
if (isMainThread) {
  const policies = { last: { name: 'last', choose: (ready, decision) => { process.__decisions = decision + 1; return ready.length - 1; } } };
  const policy = policies[process.env.CLOCK_POLICY];
  delete process.env.CLOCK_POLICY;
  const { installVirtualClock } = require('./virtualClock.cjs');
  const clock = policy ? installVirtualClock(policy) : installVirtualClock();
  process.execArgv.length = 0;
  if (process.env.CLOCK_VISIBLE) Object.defineProperty(process, '__clock', { value: clock });
}`,
  );
  let programs = 0;
  return {
    folder,
    run(program, options) {
      const file = join(folder, `program${++programs}.${options.extension ?? 'cjs'}`);
      writeFileSync(file, program);
      const clock = options.virtual ? [...(options.exposed === false ? [] : ['--expose-internals']), '--require', preload] : [];
      const started = Date.now();
      const child = spawn(options.node ?? process.execPath, [...clock, ...(options.flags ?? []), file, ...(options.args ?? [])], {
        cwd: folder,
        stdio: ['pipe', 'pipe', 'pipe'],
        env: {
          ...process.env,
          ...(options.policy && { CLOCK_POLICY: options.policy }),
          ...(options.visible && { CLOCK_VISIBLE: '1' }),
        },
        timeout: 30_000,
        killSignal: 'SIGKILL',
      });
      let stdout = '';
      let stderr = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      if (options.attend) options.attend(child);
      else child.stdin.end();
      return new Promise((done, fail) => {
        child.on('error', fail);
        child.on('close', (code, signal) => done({ stdout, stderr, code, signal, realMs: Date.now() - started }));
      });
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
