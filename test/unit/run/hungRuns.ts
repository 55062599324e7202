import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { launchTarget } from '../../../src/run/launch.ts';
import type { RunHandle } from '../../../src/run/launchOptions.ts';
import type { HangRecord, ProcessRecord, TraceRecord } from '../../../src/shared/traceRecords.ts';
import { holding, linesOfHolding, until } from './heldPrograms.ts';
import { type Outcome, readChild, readTrace, useRealBench, writeFiles } from './support.ts';

/** A program that forks `child.cjs` and tells how that ended. */
export const forks = `
const { fork } = require('node:child_process');
fork(__dirname + '/child.cjs', process.argv.slice(2)).on('exit', (code, signal) => console.log('child', code, signal));`;

/** A child that is held in an async function. */
export const late = 'async function late() { await null; hold(); }\nlate().then(() => console.log("free"));';

export interface Hung extends Outcome {
  /** What was told while it ran. */
  readonly told: readonly HangRecord[];
  readonly records: readonly TraceRecord[];
  readonly events: readonly string[];
  /** Where its files are. */
  readonly folder: string;
}

export interface HungOptions {
  readonly hangMs?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Ends with the release of the program; by default that is once a hang was told. */
  readonly conduct?: (told: readonly HangRecord[], handle: RunHandle, stdout: () => string) => Promise<void>;
}

type Files = Readonly<Record<string, string>>;

/** Programs of several files, `program.cjs` first; all others can `hold()`. */
export interface HungRuns {
  readonly runHung: (files: Files, options?: HungOptions) => Promise<Hung>;
  /** What the program does without the tracer, and in which folder. */
  readonly runBare: (files: Files, env?: HungOptions['env']) => Promise<Outcome & { readonly folder: string }>;
  /** Something was told, and all of it of this process and place. */
  readonly assertTold: (hung: Hung, name: string, pattern: RegExp) => void;
  /** `hold held < late 4`: functions of the person's own and their lines, the innermost first. */
  readonly textOf: (record: HangRecord) => string;
}

export const processes = ({ records }: Hung): ProcessRecord[] => records.filter((record) => record.type === 'process');

/** To be called within a suite; what still runs when it ends is ended. */
export function useHungRuns(nodePath: string): HungRuns {
  const bench = useRealBench();
  const running = new Set<RunHandle>();
  let runs = 0;

  after(async () => {
    for (const handle of running) handle.cancel();
    await Promise.all([...running].map(({ finished }) => finished));
  });

  function prepare(files: Files, more: HungOptions['env']) {
    const folder = join(bench.folder, `run-${runs++}`);
    const release = join(folder, 'release');
    const withHold = Object.entries(files).map(([name, text]) => [name, name === 'program.cjs' ? text : holding + text]);
    writeFiles(folder, Object.fromEntries(withHold) as Record<string, string>);
    const env = { PATH: `${dirname(nodePath)}:/usr/bin:/bin`, HOME: folder, RELEASE: release, ...more };
    return { folder, env, entry: join(folder, 'program.cjs'), release: () => writeFileSync(release, '') };
  }

  const textOf = ({ stack }: HangRecord): string =>
    stack
      .filter(({ path }) => path?.startsWith(bench.folder) === true)
      .map(({ name, line = 0 }) => `${name.replace(/^Object\./, '')} ${line > linesOfHolding ? line - linesOfHolding : 'held'}`)
      .join(' < ');

  return {
    textOf,
    async runHung(files, options = {}) {
      const { folder, env, entry, release } = prepare(files, options.env);
      const chunks: Uint8Array[] = [];
      const told: HangRecord[] = [];
      const { dist, transforms } = bench;
      const handle = launchTarget(
        {
          ...{ entry, cwd: folder, root: folder, distDir: dist, nodePath, transforms, env },
          stdio: 'pipe',
          hangMs: options.hangMs ?? 300,
          timeoutMs: 150_000,
        },
        { onTrace: (bytes) => void chunks.push(bytes.slice()), onHang: (samples) => void told.push(...samples) },
      );
      running.add(handle);
      let [stdout, stderr] = ['', ''];
      handle.stdout?.setEncoding('latin1').on('data', (text: string) => (stdout += text));
      handle.stderr?.setEncoding('latin1').on('data', (text: string) => (stderr += text));
      handle.stdin?.end();
      if (options.conduct === undefined) await until(() => told.length > 0);
      else await options.conduct(told, handle, () => stdout);
      release();
      const { code, signal } = await handle.finished;
      running.delete(handle);
      const { records, events } = readTrace(Buffer.concat(chunks));
      return { stdout, stderr, code, signal, told, records, events, folder };
    },
    async runBare(files, env) {
      const place = prepare(files, env);
      const { folder, entry } = place;
      const child = spawn(nodePath, [entry], { cwd: folder, env: place.env, stdio: ['ignore', 'pipe', 'pipe'] });
      const { ended } = readChild(child);
      setTimeout(place.release, 200);
      return { ...(await ended), folder };
    },
    assertTold(hung, name, pattern) {
      assert.equal(hung.stderr, '');
      assert.notEqual(hung.told.length, 0, 'nothing was told');
      const { thread } = hung.told[0]!;
      assert.equal(processes(hung).find((process) => process.thread === thread)?.name, name);
      for (const record of hung.told) {
        assert.equal(record.thread, thread);
        assert.match(textOf(record), pattern);
        assert.ok(record.heldUs >= 300_000, `held ${record.heldUs}`);
      }
      const written = hung.records.filter((record) => record.type === 'hang');
      assert.ok(written.length >= hung.told.length);
      assert.ok(written.every((record) => record.thread === thread));
    },
  };
}
