// Prints what tracing adds to the start of a project of 200 files with 300 lines each: bare, traced for the first time, traced again from what
// the first run kept, and traced with one file changed. In turn (A B C D A B C D …), wall time from start to exit, medians. Then what of it
// is instrumenting, with the compiler loaded: all files in a fresh worker, and one changed file in the worker that has done them.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { launchTarget } from '../../src/run/launch.ts';
import { TransformService } from '../../src/run/transformService.ts';
import type { FileId, SiteId } from '../../src/shared/ids.ts';

const rounds = Number(process.argv[2] ?? 5);
const files = 200;
const lines = 300;
const cli = join(import.meta.dirname, '../../dist/cli.cjs');

/** A module of functions that call, loop and await, ten lines each. */
function moduleText(index: number, version: number): string {
  const head = [`// module ${index}, version ${version}`, "import { setImmediate as turn } from 'node:timers/promises';"];
  const functions = Array.from({ length: Math.floor((lines - head.length) / 10) }, (_, f) => [
    `export async function load${index}_${f}(rows, options = {}) {`,
    '  const found = [];',
    '  for (const row of rows) {',
    '    if (row.kind === options.kind) found.push(await row.read());',
    '    else if (row.late) await turn();',
    '  }',
    '  try {',
    '    return await Promise.all(found.map(async (item) => ({ ...item, rows: rows.length })));',
    '  } catch (error) { throw new Error(`load failed: ${error.message}`, { cause: error }); }',
    '}',
  ]);
  const text = [...head, ...functions.flat()];
  return `${[...text, ...Array<string>(lines - text.length).fill('//')].join('\n')}\n`;
}

const folder = mkdtempSync(join(tmpdir(), 'interleave-bench-'));
const project = join(folder, 'project');
const cache = join(folder, 'cache');

function writeModule(index: number, version: number): void {
  writeFileSync(join(project, `module${index}.mjs`), moduleText(index, version));
}

/** Wall milliseconds from start to exit. */
function run(args: readonly string[]): number {
  const started = performance.now();
  const result = spawnSync(process.execPath, args, {
    cwd: project,
    encoding: 'utf8',
    env: { ...process.env, XDG_CACHE_HOME: cache, LOCALAPPDATA: cache },
  });
  const took = performance.now() - started;
  if (result.status !== 0 || result.stdout !== 'done\n')
    throw new Error(`${args.join(' ')} ended with ${result.status}\n${result.stderr}`);
  return took;
}

/** The same from a launcher that runs already, as in the editor. */
async function runFromHere(): Promise<number> {
  const started = performance.now();
  const handle = launchTarget(
    {
      entry: join(project, 'main.mjs'),
      root: project,
      cwd: project,
      nodePath: process.execPath,
      distDir: dirname(cli),
      stdio: 'pipe',
      cacheFolder: join(cache, 'interleave'),
    },
    { onTrace() {} },
  );
  handle.stdin?.end();
  handle.stdout?.resume();
  handle.stderr?.resume();
  const { code } = await handle.finished;
  if (code !== 0) throw new Error(`the program ended with ${code}`);
  return performance.now() - started;
}

/** Wall milliseconds of a fresh worker that has the compiler: for all files, and for one of them changed. */
async function instrumentAll(round: number): Promise<{ readonly all: number; readonly one: number }> {
  const service = new TransformService({
    workerPath: join(dirname(cli), 'instrument-worker.cjs'),
    codeFolder: join(cache, 'interleave'),
  });
  const instrument = async (path: string, source: string): Promise<void> => {
    const [file, firstSite] = [1 as FileId, 1 as SiteId];
    const request = { type: 'transform', requestId: 1, path, source, format: 'module', file, firstSite, probes: true } as const;
    const answer = await service.transform(request);
    if (answer.type !== 'transformed' || answer.skipped !== undefined) throw new Error(`${path} was not instrumented`);
  };
  const timed = async (work: () => Promise<void>): Promise<number> => {
    const started = performance.now();
    await work();
    return performance.now() - started;
  };
  try {
    await instrument(join(project, 'load.mjs'), 'export async function load() { await null; }');
    const texts = Array.from({ length: files }, (_, i) => [join(project, `module${i}.mjs`), moduleText(i, round)] as const);
    const all = await timed(async () => {
      for (const [path, text] of texts) await instrument(path, text);
    });
    const one = await timed(() => instrument(join(project, 'module0.mjs'), moduleText(0, round + 1)));
    return { all, one };
  } finally {
    await service.dispose();
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
}

try {
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{"type":"module"}');
  const imports = Array.from({ length: files }, (_, i) => `import './module${i}.mjs';`);
  writeFileSync(join(project, 'main.mjs'), `${imports.join('\n')}\nconsole.log('done');\n`);
  for (let i = 0; i < files; i++) writeModule(i, 0);
  const traced = [cli, 'run', 'main.mjs', '--no-summary'];
  const times: Record<'bare' | 'first' | 'again' | 'again, in the editor' | 'changed', number[]> = {
    bare: [],
    first: [],
    again: [],
    'again, in the editor': [],
    changed: [],
  };
  const instrumenting = { all: [] as number[], one: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    rmSync(cache, { recursive: true, force: true });
    times.bare.push(run(['main.mjs']));
    times.first.push(run(traced));
    times.again.push(run(traced));
    times['again, in the editor'].push(await runFromHere());
    writeModule(0, round + 1);
    times.changed.push(run(traced));
    const { all, one } = await instrumentAll(round);
    instrumenting.all.push(all);
    instrumenting.one.push(one);
  }
  const bare = median(times.bare);
  console.log(`Node ${process.version}, ${files} files of ${lines} lines, ${rounds} rounds, median wall time`);
  console.log('| run | ms | added to bare |\n|---|---|---|');
  for (const [name, values] of Object.entries(times)) {
    console.log(`| ${name} | ${median(values).toFixed(0)} | ${(median(values) - bare).toFixed(0)} |`);
  }
  console.log('\n| | ms | is to be under |\n|---|---|---|');
  console.log(`| ${files} files instrumented, the compiler loaded | ${median(instrumenting.all).toFixed(0)} | 1000 |`);
  console.log(`| one changed file instrumented | ${median(instrumenting.one).toFixed(1)} | 20 |`);
  console.log(`| added by the second run | ${(median(times.again) - bare).toFixed(0)} | 150 |`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
