// Runs test/unit and test/golden on plain Node. Builds the bundles first, unless `--no-build` says they are fresh.
// Other arguments are globs that take the place of the usual ones.
import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import Mocha from 'mocha';
import { reportCounts } from './suiteCounts.ts';

const root = resolve(import.meta.dirname, '..');
const globs = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));

if (!process.argv.includes('--no-build')) {
  const build = spawnSync(process.execPath, ['esbuild.config.mjs'], { cwd: root, stdio: 'inherit' });
  if (build.status !== 0) process.exit(build.status ?? 1);
}

const patterns = globs.length > 0 ? globs : ['test/unit/**/*.test.ts', 'test/golden/**/*.test.ts'];
const files = globSync(patterns, { cwd: root }).sort();
if (files.length === 0) throw new Error(`No test file matches ${patterns.join(', ')}`);

process.chdir(root);
// What the command line keeps for later runs is kept apart from the person's own.
const cache = mkdtempSync(join(tmpdir(), 'interleave-cache-'));
process.env['XDG_CACHE_HOME'] = cache;
const started = Date.now();
const mocha = new Mocha(JSON.parse(readFileSync('test/.mocharc.json', 'utf8')) as Mocha.MochaOptions);
for (const file of files) {
  mocha.files = [file];
  try {
    await mocha.loadFilesAsync();
  } catch (error) {
    // One file that cannot be loaded is one failure; the others still run.
    mocha.suite.addTest(new Mocha.Test(`${file} loads`, () => Promise.reject(asError(error))));
  }
}
const stats = await new Promise<Mocha.Stats | undefined>((done) => {
  const runner = mocha.run(() => done(runner.stats));
});
// Mocha counts a failing hook as a failure and leaves the tests behind it out of both counts.
const failed = stats?.failures ?? 1;
await reportCounts({ suite: 'unit', passed: stats?.passes ?? 0, failed, durationMs: Date.now() - started });
rmSync(cache, { recursive: true, force: true });
// A handle some test left open must not keep the result waiting.
process.exit(failed === 0 ? 0 : 1);

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
