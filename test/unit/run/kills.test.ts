import assert from 'node:assert/strict';
import { join } from 'node:path';
import { TraceModelBuilder } from '../../../src/analyze/traceModelBuilder.ts';
import { launchTarget } from '../../../src/run/launch.ts';
import { useRealBench, writeFiles } from './support.ts';

/** Runs for ever: many events at once, timers, files, a worker; says when its first tasks have run. */
const program = `
import { readFile } from 'node:fs/promises';
import { isMainThread, Worker } from 'node:worker_threads';
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
async function leaf(n) { await null; return n; }
async function busy() { for (;;) { for (let i = 0; i < 2000; i++) await leaf(i); await sleep(1); } }
async function reader() { for (;;) { await readFile(new URL(import.meta.url)); await sleep(3); } }
async function patient() { await new Promise(() => {}); }
if (isMainThread) new Worker(new URL(import.meta.url));
patient();
reader();
await leaf(1);
if (isMainThread) console.log('ready');
await busy();
`;

/** Two hundred by `KILLS=200`. */
const kills = Number(process.env['KILLS'] ?? 16);
const longestMs = 120;

describe('a program that is killed', () => {
  const bench = useRealBench();
  before(() => writeFiles(join(bench.folder, 'src'), { 'program.mjs': program }));

  async function killed(afterMs: number): Promise<void> {
    const builder = new TraceModelBuilder();
    const root = join(bench.folder, 'src');
    const handle = launchTarget(
      {
        entry: join(root, 'program.mjs'),
        root,
        cwd: root,
        distDir: bench.dist,
        nodePath: process.execPath,
        stdio: 'pipe',
        transforms: bench.transforms,
      },
      { onTrace: (bytes) => builder.push(bytes) },
    );
    let ready = false;
    handle.stdout?.once('data', () => {
      ready = true;
      setTimeout(() => process.kill(handle.pid ?? 0, 'SIGKILL'), afterMs);
    });
    const { signal } = await handle.finished;
    const { tasks, warnings, exit, counts } = builder.snapshot();
    assert.ok(ready);
    assert.equal(signal, 'SIGKILL');
    assert.equal(exit?.signal, 'SIGKILL');
    assert.deepEqual(warnings, []);
    // What ran before it said that it is ready is among the first events, which are written at once.
    const names = new Set(tasks.map(({ name }) => name));
    for (const name of ['patient', 'reader', 'leaf']) assert.ok(names.has(name), `${name} is not among ${[...names].join(', ')}`);
    assert.equal(counts.dropped, 0);
  }

  it(`at any moment leaves a trace that opens, ${kills} times`, async () => {
    for (let done = 0; done < kills; done += 4) {
      await Promise.all([0, 1, 2, 3].map((n) => killed(((done + n) * 37) % longestMs)));
    }
  }).timeout(Math.max(60_000, kills * 4_000));
});
