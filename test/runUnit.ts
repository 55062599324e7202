// Runs test/unit and test/golden on plain Node, on two cores at once. Builds the bundles first, unless `--no-build` says they are fresh.
// Other arguments are globs that take the place of the usual ones.
import { fork, spawnSync, type ChildProcess } from 'node:child_process';
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve, sep } from 'node:path';
import { reportCounts } from './suiteCounts.ts';

/** How the tests of one file ended. */
export interface FileOutcome {
  readonly file: string;
  readonly passed: number;
  readonly failed: number;
  /** What to read of each failure. */
  readonly failures: readonly string[];
  readonly durationMs: number;
}

/** Begun first, so that none of them is left when all others are done. */
const long = [
  'test/unit/run/hangWatch.test.ts',
  'test/unit/run/askedChildren.test.ts',
  'test/unit/lint/fixCorpus.test.ts',
  'test/unit/run/testRunnerTexts.test.ts',
  'test/unit/lint/fixesRun.test.ts',
  'test/unit/run/followedChildren.test.ts',
  'test/unit/cli/commandLine.test.ts',
  'test/unit/lint/fixHelpers.test.ts',
];
/** What goes by the clock of a busy machine takes its turn when the others are done. */
const alone = ['test/golden/scenarios.test.ts', 'test/unit/clock/nodeOrder.test.ts', 'test/unit/run/hangSignals.test.ts'];

const root = resolve(import.meta.dirname, '..');

if (process.argv[1] === import.meta.filename) process.exit((await main()) ? 0 : 1);

async function main(): Promise<boolean> {
  const globs = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
  if (!process.argv.includes('--no-build')) {
    const build = spawnSync(process.execPath, ['esbuild.config.mjs'], { cwd: root, stdio: 'inherit' });
    if (build.status !== 0) return false;
  }
  const patterns = globs.length > 0 ? globs : ['test/unit/**/*.test.ts', 'test/golden/**/*.test.ts'];
  const files = globSync(patterns, { cwd: root }).map((file) => file.replaceAll(sep, '/'));
  if (files.length === 0) throw new Error(`No test file matches ${patterns.join(', ')}`);

  process.chdir(root);
  const started = Date.now();
  const place = (file: string): number => (long.includes(file) ? long.indexOf(file) : long.length);
  const together = files.filter((file) => !alone.includes(file)).sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
  const outcomes = await runFiles(together, Math.min(2, availableParallelism()));
  const last = files.filter((file) => alone.includes(file));
  outcomes.push(...(await runFiles(last, 1)));
  const sum = (count: (outcome: FileOutcome) => number): number => outcomes.reduce((total, each) => total + count(each), 0);
  const failed = sum((outcome) => outcome.failed);
  await reportCounts({ suite: 'unit', passed: sum(({ passed }) => passed), failed, durationMs: Date.now() - started });
  return failed === 0;
}

/** Each process takes the next file when it is done with one. */
async function runFiles(files: readonly string[], processes: number): Promise<FileOutcome[]> {
  const outcomes: FileOutcome[] = [];
  const open = [...files];
  async function take(): Promise<void> {
    // What the command line keeps for later runs is kept apart from the person's own.
    const cache = mkdtempSync(join(tmpdir(), 'interleave-cache-'));
    let worker: ChildProcess | undefined;
    for (let file = open.shift(); file !== undefined; file = open.shift()) {
      worker ??= fork(join(import.meta.dirname, 'unitWorker.ts'), { env: { ...process.env, XDG_CACHE_HOME: cache } });
      const outcome = await runIn(worker, file);
      if (worker.exitCode !== null || worker.signalCode !== null) worker = undefined;
      outcomes.push(outcome);
      const { passed, failures, durationMs } = outcome;
      console.log(`${(durationMs / 1000).toFixed(1).padStart(6)} s ${String(passed).padStart(4)} ${file}`);
      for (const text of failures) console.log(`\n✗ ${text}\n`);
    }
    // A handle some test left open must not keep the result waiting.
    worker?.kill('SIGKILL');
    rmSync(cache, { recursive: true, force: true });
  }
  await Promise.all(Array.from({ length: Math.min(processes, files.length) }, take));
  return outcomes;
}

/** A process that ends by what a file does is one failure. */
function runIn(worker: ChildProcess, file: string): Promise<FileOutcome> {
  const from = performance.now();
  return new Promise((done) => {
    const ended = (code: number | null, signal: string | null): void => {
      worker.off('message', told);
      const text = `${file}: its process ended with ${code ?? signal}`;
      done({ file, passed: 0, failed: 1, failures: [text], durationMs: performance.now() - from });
    };
    const told = (outcome: unknown): void => {
      worker.off('exit', ended);
      done(outcome as FileOutcome);
    };
    worker.once('message', told);
    worker.once('exit', ended);
    worker.send(file);
  });
}
