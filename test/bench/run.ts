// Prints what tracing costs: whole CPU time of the program's process, traced and under async_hooks, as ratios to the bare program.
// The three run in turn (A B C A B C …) so that a machine that slows down slows all of them; medians of the ratios per round.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const rounds = Number(process.argv[2] ?? 5);
const here = import.meta.dirname;
const cli = join(here, '../../dist/cli.cjs');
const workloads: readonly (readonly [title: string, file: string])[] = [
  ['one task, awaits of settled values', 'one-task.mjs'],
  ['1,000 tasks × 1,000 awaits', 'many-tasks.mjs'],
  ['calls of async leaf functions', 'leaf-calls.mjs'],
  ['async generator pipeline', 'generators.mjs'],
  ['job queue with timers', 'job-queue.mjs'],
  ['HTTP server and client, keep-alive', 'http.mjs'],
];

/** CPU seconds (user and system) of the program's process from its start to the end of its work. */
function cpuSeconds(args: readonly string[]): number {
  const result = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (result.status !== 0) throw new Error(`${args.join(' ')} ended with ${result.status}\n${result.stderr}`);
  const usage = JSON.parse(result.stdout.trim().split('\n').at(-1) ?? '') as { user: number; system: number };
  return (usage.user + usage.system) / 1e6;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? NaN) : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}

console.log(
  `Node ${process.version}, ${rounds} rounds, CPU time of the program's process, ratio to bare: median (minimum to maximum)`,
);
console.log('| workload | bare | traced | async_hooks, all four |\n|---|---|---|---|');
for (const [title, file] of workloads) {
  const path = join(here, 'workloads', file);
  const bare: number[] = [];
  const traced: number[] = [];
  const hooks: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const base = cpuSeconds([path]);
    bare.push(base);
    traced.push(cpuSeconds([cli, 'run', path, '--no-summary']) / base);
    hooks.push(cpuSeconds(['--require', join(here, 'asyncHooks.cjs'), path]) / base);
  }
  const show = (values: readonly number[]): string =>
    `${median(values).toFixed(2)} (${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)})`;
  console.log(`| ${title} | ${median(bare).toFixed(2)} s | ${show(traced)} | ${show(hooks)} |`);
}
