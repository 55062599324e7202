// Prints what tracing costs: whole CPU time of the program's process, traced and under async_hooks, as ratios to the bare program.
// They run in turn (A B C A B C …) so that a machine that slows down slows all of them; medians of the ratios per round, and beside them the
// ratio of the quickest runs: what other work on the machine does to a run only ever adds to it.
// `node test/bench/run.ts [rounds] [part of a title] [--bubbleprof=FOLDER]`: Clinic Bubbleprof runs too where the folder has the package
// `@clinic/bubbleprof` installed; it is so slow, and its logs are so long, that it gets a fiftieth of the work and of it a bare run too.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readTraceFile } from '../../src/run/traceFile.ts';
import { eventWords } from '../../src/shared/eventWords.ts';
import { readEvents } from '../../src/shared/readEvents.ts';
import { frameType } from '../../src/shared/traceFrames.ts';

const plain = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
const rounds = Number(plain[0] ?? 5);
/** A part of a workload's title: only those are run. */
const only = plain[1] ?? '';
const bubbleprof = process.argv.find((arg) => arg.startsWith('--bubbleprof='))?.slice('--bubbleprof='.length);
const here = import.meta.dirname;
const cli = join(here, '../../dist/cli.cjs');
/** What tracing may cost at most, as a ratio of CPU time; sizes such that starting Node is a few hundredths of the whole. */
const workloads: readonly (readonly [title: string, file: string, bar: number, count: number])[] = [
  ['one task, 10 M awaits of settled values', 'one-task.mjs', 1.35, 10_000_000],
  ['ten times 1,000 tasks × 1,000 awaits', 'many-tasks.mjs', 1.3, 1_000],
  ['10 M calls of async leaf functions', 'leaf-calls.mjs', 1.6, 10_000_000],
  ['async generator pipeline, 3 M items', 'generators.mjs', 1.5, 3_000_000],
  ['job queue with timers, 400,000 jobs', 'job-queue.mjs', 1.2, 400_000],
  ['HTTP server and client, keep-alive, 60,000 requests', 'http.mjs', 1.06, 60_000],
];
const folder = mkdtempSync(join(tmpdir(), 'interleave-bench-'));
const traceFile = join(folder, 'trace.interleave');

/** CPU seconds (user and system) of the program's process from its start to the end of its work. */
function cpuSeconds(args: readonly string[], cwd = process.cwd()): number {
  const result = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 26, cwd });
  if (result.status !== 0) throw new Error(`${args.join(' ')} ended with ${result.status}\n${result.stderr}`);
  const usage = JSON.parse(result.stdout.trim().split('\n').at(-1) ?? '') as { user: number; system: number };
  return (usage.user + usage.system) / 1e6;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? NaN) : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}

/** What the last traced run wrote: bytes for each event, and how well the times are known. */
function readLastTrace(): { bytesPerEvent: number; times: string } {
  const { frames, bytes } = readTraceFile(traceFile);
  let events = 0;
  let widestUnits = 0;
  const time = { units: 0, fromUnits: 0, toUnits: 0 };
  const unread: number[] = [];
  for (const { type, payload } of frames) {
    const words = type === frameType.events ? eventWords(payload) : undefined;
    if (!words) continue;
    readEvents(words, time, () => {
      events++;
      const width = time.toUnits - time.fromUnits;
      if (width > widestUnits) widestUnits = width;
      if (events % 1000 === 0) unread.push(width);
    });
  }
  return {
    bytesPerEvent: bytes.length / Math.max(events, 1),
    times: `${(median(unread) / 10).toFixed(1)} µs, worst ${(widestUnits / 10).toFixed(0)} µs`,
  };
}

/** What Bubbleprof costs, as its own command starts it; its logs are thrown away. */
function bubbleprofRatio(path: string, count: number): number {
  const injects = join(resolve(bubbleprof ?? ''), 'node_modules/@clinic/bubbleprof/injects');
  const logs = mkdtempSync(join(folder, 'bubbleprof-'));
  const work = [path, String(count)];
  const flags = ['no-cluster.js', 'logger.js'].flatMap((name) => ['--require', join(injects, name)]);
  const events = ['--trace-events-enabled', '--trace-event-categories', 'node.async_hooks'];
  const ratio = cpuSeconds([...flags, ...events, ...work], logs) / cpuSeconds(work);
  rmSync(logs, { recursive: true });
  return ratio;
}

console.log(
  `Node ${process.version}, ${rounds} rounds, CPU time of the program's process, ratio to bare: median (minimum to maximum); ` +
    `times: within what an event's time is known, median and worst`,
);
console.log(
  '| workload | must reach | bare | traced | least to least | async_hooks, all four | Bubbleprof, a fiftieth | bytes per event | times |\n|---|---|---|---|---|---|---|---|---|',
);
for (const [title, file, bar, count] of workloads) {
  if (!title.includes(only)) continue;
  const path = join(here, 'workloads', file);
  const bare: number[] = [];
  const traced: number[] = [];
  const hooks: number[] = [];
  const bubbles: number[] = [];
  let least = Infinity;
  for (let round = 0; round < rounds; round++) {
    const base = cpuSeconds([path]);
    bare.push(base);
    const own = cpuSeconds([cli, 'run', path, '--no-summary', '--output', traceFile]);
    least = Math.min(least, own);
    traced.push(own / base);
    // Many times slower, and no more exact for being run often.
    if (round < 2 && bubbleprof !== undefined) bubbles.push(bubbleprofRatio(path, Math.ceil(count / 50)));
    if (round < 2) hooks.push(cpuSeconds(['--require', join(here, 'asyncHooks.cjs'), path]) / base);
  }
  const { bytesPerEvent, times } = readLastTrace();
  const show = (values: readonly number[]): string =>
    values.length === 0
      ? '–'
      : `${median(values).toFixed(2)} (${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)})`;
  console.log(
    `| ${title} | ≤ ${bar} | ${median(bare).toFixed(2)} s | ${show(traced)} | ${(least / Math.min(...bare)).toFixed(2)} | ${show(hooks)} | ${show(bubbles)} | ${bytesPerEvent.toFixed(1)} | ${times} |`,
  );
}
rmSync(folder, { recursive: true });
