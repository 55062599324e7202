import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { TraceModelBuilder } from '../../../src/analyze/traceModelBuilder.ts';
import type { TraceModel } from '../../../src/analyze/model.ts';
import { launchTarget } from '../../../src/run/launch.ts';
import { nodes } from '../support/nodes.ts';
import { useRealDist } from './support.ts';

/** What `npm run setup` puts in place. */
const installed = join(import.meta.dirname, '../../../.vscode-test');

const jestFiles = {
  'package.json': '{ "jest": { "cacheDirectory": "<rootDir>/cache", "testEnvironment": "node" } }',
  'work.js': `const wait = (ms) => new Promise((done) => setTimeout(done, ms));
async function work(n) {
  await wait(2);
  return n * 2;
}
function place() { return new Error('here').stack.split('\\n')[1]; }
module.exports = { wait, work, place };
`,
  'a.test.js': `const { wait, work, place } = require('./work.js');
const log = [];
process.nextTick(() => log.push('tick'));
const order = async (name) => { log.push(name + 1); await null; log.push(name + 2); for await (const x of [1]) log.push(name + x); };
beforeAll(async () => {
  log.length = 0;
  Promise.resolve().then(() => log.push('then')).then(() => log.push('then'));
  await Promise.all([order('a'), order('b')]);
});
test('order', () => { expect(log.join()).toBe('none'); });
test('result', async () => {
  const four = await work(2);
  expect(four).toBe(4);
});
test('wrong result', async () => { expect(await work(3)).toBe(7); });
test('text', async () => { expect([work.toString(), Object.keys(globalThis).join(), String(Function.prototype.toString)]).toBe('x'); });
test('place', async () => {
  const places = await (async () => { await wait(1); return place() + new Error('there').stack.split('\\n')[1]; })();
  expect(places).toBe('x');
});
test('message', async () => { (await work(1)).missing.name(); });
test('quoted', async () => { (await work(1)).map(); });
`,
};

const vitestFiles = {
  'package.json': '{ "type": "module" }',
  'work.ts': `interface Unused {
  readonly a: number;
}
type Work = (n: number) => Promise<number>;

export const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

export const work: Work = async (n) => {
  await wait(2);
  return n * 2;
};

export class Counter {
  constructor(private readonly step: number) {}
  public async next(by: number = this.step): Promise<number> {
    for await (const each of numbers(by)) await wait(each as number);
    return by;
  }
}

async function* numbers(n: number): AsyncGenerator<number> {
  for (let i = 0; i < n; i++) yield i;
}

export function place(): string { return new Error('here').stack!.split('\\n')[1]!; }
`,
  'other.ts': "export async function other(): Promise<string> { await null; return 'real'; }",
  'a.test.ts': `import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { Counter, place, wait, work } from './work';
import { other } from './other';

vi.mock('./other', () => ({ other: async (): Promise<string> => { await wait(1); return 'mocked'; } }));

const log: string[] = [];
const order = async (name: string): Promise<void> => { log.push(name + 1); await null; for await (const x of [1]) log.push(name + x); };
process.nextTick(() => log.push('tick'));
Promise.resolve().then(() => log.push('then')).then(() => log.push('then'));
await Promise.all([order('a'), order('b')]);
const top: number = await work(21);

test('order', () => { expect(log.join()).toBe('none'); });
test('result', async () => {
  const four: number = await work(2);
  expect(four + top).toBe(46);
  readFileSync(new URL(import.meta.url));
});
test('class', async () => { expect(await new Counter(2).next()).toBe(2); });
test('mock', async () => { expect(await other()).toBe('mocked'); });
test('wrong result', async () => { expect(await work(3)).toBe(7); });
test('text', async () => { expect([work.toString(), Object.keys(globalThis).join(), String(Function.prototype.toString)]).toBe('x'); });
test('place', async () => {
  const places = await (async (): Promise<string> => { await wait(1); return place() + new Error('there').stack!.split('\\n')[1]!; })();
  expect(places).toBe('x');
});
test('message', async () => { ((await work(1)) as any).missing.name(); });
test('quoted', async () => { ((await work(1)) as any).map(); });
`,
};

interface Runner {
  readonly name: string;
  readonly program: string;
  readonly args: (results: string) => readonly string[];
  readonly files: Readonly<Record<string, string>>;
  /** Sites that the trace tells, `file line:column kind name`. */
  readonly places: readonly string[];
  readonly tests: number;
  /** The folder where it keeps what it compiled, if it does. */
  readonly cache?: string;
}

const jest: Omit<Runner, 'name'> = {
  program: 'jest/bin/jest.js',
  args: (results) => ['--json', `--outputFile=${results}`],
  files: jestFiles,
  places: [
    'work.js 2:1 function work',
    'work.js 3:3 await await wait(2)',
    'a.test.js 4:15 function order',
    'a.test.js 4:53 await await null',
    'a.test.js 11:16 function <anonymous>',
    'a.test.js 12:16 await await work(2)',
  ],
  tests: 7,
  cache: 'cache',
};

const vitest: Omit<Runner, 'name'> = {
  program: 'vitest/vitest.mjs',
  args: (results) => ['run', '--reporter=json', `--outputFile=${results}`],
  files: vitestFiles,
  places: [
    'work.ts 8:27 function work',
    'work.ts 9:3 await await wait(2)',
    'work.ts 15:3 function Counter.next',
    'work.ts 16:5 for-await for await (const each of numbers(by))',
    'work.ts 16:43 await await wait(each as number)',
    'work.ts 21:1 function numbers',
    'work.ts 22:31 yield yield i',
    'a.test.ts 1:1 module a.test.ts',
    'a.test.ts 6:36 function Object.other',
    'a.test.ts 13:21 await await work(21)',
    'a.test.ts 17:24 await await work(2)',
    'a.test.ts 19:3 blocking readFileSync(new URL(import.meta.url))',
  ],
  tests: 9,
};

const runners: readonly Runner[] = [
  { name: 'jest-29', ...jest },
  { name: 'jest-30', ...jest },
  { name: 'vitest-3', ...vitest },
  { name: 'vitest-4', ...vitest },
  { name: 'vitest-4', ...vitest, args: (results) => [...vitest.args(results), '--pool=threads'] },
  { name: 'vitest-4', ...vitest, args: (results) => [...vitest.args(results), '--pool=vmForks'] },
];

/** The results of all tests in their order, with messages and stacks and without times. */
function outcomes(file: string): unknown {
  const { testResults } = JSON.parse(readFileSync(file, 'utf8')) as {
    testResults: { assertionResults: { title: string; status: string; failureMessages: string[] }[] }[];
  };
  return testResults.flatMap(({ assertionResults }) =>
    assertionResults.map(({ title, status, failureMessages }) => ({
      title,
      status,
      // Which of Node's own frames are the last depends on what went on in the same turn.
      messages: failureMessages.map((text) => text.replace(/\n +at .*\(node:.*/g, '')),
    })),
  );
}

/** Every file below a folder. */
function contents(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
}

// The newest and the oldest way to catch files on load.
const tried = [...new Set([nodes[0]!, nodes.find(({ major }) => major === 20) ?? nodes[0]!])];

for (const runner of runners) {
  const modules = join(installed, runner.name, 'node_modules');
  const label = `${runner.name} ${
    runner
      .args('')
      .at(-1)
      ?.match(/--pool=.*/)?.[0] ?? ''
  }`;
  const isThere = existsSync(join(modules, runner.program));
  (isThere ? describe : describe.skip)(`what test runners compile: ${label}`, () => {
    const places = useRealDist(runner.files);
    before(() => symlinkSync(modules, join(places.folder, 'node_modules')));

    async function trace(nodePath: string, args: readonly string[]): Promise<TraceModel> {
      const builder = new TraceModelBuilder();
      const entry = join(modules, runner.program);
      const run = launchTarget(
        { entry, root: places.folder, cwd: places.folder, distDir: places.dist, nodePath, stdio: 'pipe', args: [...args] },
        { onTrace: (bytes) => builder.push(bytes) },
      );
      run.stdout?.resume();
      run.stderr?.resume();
      const { code } = await run.finished;
      assert.equal(code, 1);
      return builder.snapshot();
    }

    for (const node of tried) {
      it(`same results, and tasks at their places in the source, Node ${node.version}`, async () => {
        const bare = join(places.folder, 'bare.json');
        const traced = join(places.folder, 'traced.json');
        const { status } = spawnSync(node.path, [join(modules, runner.program), ...runner.args(bare)], { cwd: places.folder });
        assert.equal(status, 1);
        const model = await trace(node.path, runner.args(traced));
        const results = outcomes(bare) as unknown[];
        assert.equal(results.length, runner.tests);
        assert.deepEqual(outcomes(traced), results);
        const sites = [...model.sites.values()].map(
          ({ path, line, column, kind, name }) => `${basename(path)} ${line}:${column} ${kind} ${name}`,
        );
        for (const place of runner.places) assert.ok(sites.includes(place), `${place} is not among ${sites.join('\n')}`);
        const started = new Set(model.tasks.map(({ site }) => site));
        for (const { kind, id, name } of model.sites.values())
          if (name === 'work' && kind === 'function') assert.ok(started.has(id));
        assert.ok(model.tasks.every(({ outcome }) => outcome !== 'unsettled'));
        assert.deepEqual(model.notices, []);
      });
    }

    const { cache } = runner;
    if (cache !== undefined) {
      it('leaves nothing in the cache of the runner', () => {
        const texts = contents(join(places.folder, cache));
        assert.ok(texts.length > 0);
        assert.ok(texts.every((text) => !text.includes('__il_')));
      });
    }
  });
}
