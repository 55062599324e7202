import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isExact, listing, summary } from '../../conformance/report.ts';
import { runAll, type Result, type RunOptions } from '../../conformance/runAll.ts';
import { listScenarios, modesOf, readFrontMatter } from '../../conformance/selection.ts';

const fixtures = join(import.meta.dirname, '../../fixtures/conformance');
const folder = join(fixtures, 'suite');
const runner = join(import.meta.dirname, '../../conformance/run.ts');

/** Runs the folder's scenarios and gives the results by name, in order. */
async function run(instrumenter: string, filter = '', options: Partial<RunOptions> = {}): Promise<readonly Result[]> {
  const module = instrumenter.includes('/') || instrumenter === 'identity' ? instrumenter : wrong(instrumenter);
  return runAll(listScenarios(folder, filter), { folder, instrumenter: module, processes: 1, ...options });
}

const wrong = (name: string): string => join(fixtures, 'instrumenters', `${name}.mjs`);

/** Scenario, then what differs. */
function differing(results: readonly Result[]): readonly string[] {
  return results.flatMap((result) => {
    const name = `${result.scenario.path.replace(/^.*\//, '')} ${result.scenario.mode}`;
    if (result.type === 'lost') return [`${name}: ${result.reason} ${result.run}`];
    return result.differences.length > 0 ? [`${name}: ${result.differences.map(({ kind }) => kind).join(', ')}`] : [];
  });
}

describe('the runner for test262', () => {
  it('takes the asynchronous tests, in the modes their flags demand', () => {
    assert.deepEqual(
      listScenarios(folder).map(({ path, mode }) => `${path} ${mode}`),
      [
        'language/async-function.js sloppy',
        'language/async-function.js strict',
        'language/early-error.js sloppy',
        'language/early-error.js strict',
        'language/global-names.js sloppy',
        'language/module-await.js module',
        'language/raw.js raw',
        'built-ins/never-done.js sloppy',
        'built-ins/rejections.js strict',
      ],
    );
    assert.deepEqual(
      listScenarios(folder, 'raw').map(({ mode }) => mode),
      ['raw'],
    );
  });

  it('reads front matter in both notations of lists', () => {
    const inline = readFrontMatter('/*---\nflags: [async, module]\nincludes: [a.js, b.js]\n---*/');
    const block = readFrontMatter('/*---\r\nincludes:\r\n  - a.js\r\n  - b.js\r\nflags:\r\n  - async\r\n  - module\r\n---*/');
    assert.deepEqual(block, inline);
    assert.deepEqual(inline && modesOf(inline), ['module']);
    const negative = readFrontMatter('/*---\nnegative:\n  phase: runtime\n  type: Test262Error\nflags: [noStrict]\n---*/');
    assert.deepEqual(negative?.negative, { phase: 'runtime', type: 'Test262Error' });
    assert.equal(readFrontMatter('/* no front matter */'), undefined);
  });

  it('finds two bare runs the same', async () => {
    const results = await run('identity');
    assert.equal(isExact(results), true, listing(results));
    const outcomes = results.map((result) => (result.type === 'ran' ? `${result.scenario.path} ${result.outcome}` : 'lost'));
    assert.deepEqual(outcomes, [
      'language/async-function.js passed',
      'language/async-function.js passed',
      "language/early-error.js parse: SyntaxError: Illegal 'use strict' directive in function with non-simple parameter list",
      "language/early-error.js parse: SyntaxError: Illegal 'use strict' directive in function with non-simple parameter list",
      'language/global-names.js passed',
      'language/module-await.js passed',
      'language/raw.js passed',
      'built-ins/never-done.js runtime: never done',
      'built-ins/rejections.js passed',
    ]);
    assert.match(
      summary(results),
      /7 tests, 9 scenarios, 0 lost bare, 0 instrumented; 8 pass bare\nchanged texts: 0 of those, 0 of all\nrejected by V8: 2 texts, 0 of them changed/,
    );
  });

  it('finds the package exact, with every text changed that has asynchronous functions and is legal', async () => {
    const results = await run('interleave/instrument');
    assert.equal(isExact(results), true, listing(results));
    const unchanged = results.filter((result) => result.type === 'ran' && !result.changed).map(({ scenario }) => scenario.path);
    assert.deepEqual(unchanged, ['language/early-error.js', 'language/early-error.js', 'built-ins/never-done.js']);
  });

  it('sees one tick too many in functions, modules and promises handled late', async () => {
    assert.deepEqual(differing(await run('addsTick')), [
      'async-function.js sloppy: ticks',
      'async-function.js strict: ticks',
      'module-await.js module: ticks',
      'rejections.js strict: ticks',
    ]);
  });

  it('sees names: of the global object, of scripts, and not those of the prelude', async () => {
    const kinds = new Set(differing(await run('addsGlobal')).map((line) => line.replace(/^.*: /, '')));
    assert.deepEqual([...kinds], ['globals']);
    assert.deepEqual(differing(await run('addsName', 'global-names')), ['global-names.js sloppy: lexicals']);
  });

  it('sees verdicts, and rejections that are handled or not', async () => {
    assert.deepEqual(differing(await run('breaks', 'async-function')), [
      'async-function.js sloppy: verdict, ticks, globals',
      'async-function.js strict: verdict, ticks, globals',
    ]);
    assert.deepEqual(differing(await run('handles', 'rejections')), ['rejections.js strict: rejections']);
  });

  it('goes on after a scenario that hangs', async () => {
    const results = await run('hangs', 'language', { silenceMs: 5000 });
    assert.deepEqual(differing(results), [
      'async-function.js sloppy: hangs instrumented',
      'async-function.js strict: hangs instrumented',
    ]);
    assert.equal(results.length, 7);
    assert.equal(isExact(results), false);
  });

  it('says that it was skipped where there is no test262', () => {
    const skipped = (...args: string[]): string => spawnSync(process.execPath, [runner, ...args], { encoding: 'utf8' }).stdout;
    assert.match(skipped(), /^Skipped: no test262 folder was given/);
    assert.match(skipped(tmpdir()), /^Skipped: .* holds no test262/);
  });
});
