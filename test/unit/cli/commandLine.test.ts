import assert from 'node:assert/strict';
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TraceModelBuilder } from '../../../src/analyze/traceModelBuilder.ts';

const cli = join(import.meta.dirname, '../../../dist/cli.cjs');

/** Frames of Node's own module loader differ where a hook took part in loading. */
function withoutLoaderFrames(stderr: string): string {
  return stderr.replace(/^ {4}at .*node:internal.*\n/gm, '');
}

describe('interleave in a terminal', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'interleave-cli-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function interleave(...args: string[]): SpawnSyncReturns<string> {
    return spawnSync(process.execPath, [cli, ...args], { cwd: folder, encoding: 'utf8', input: 'typed\n', maxBuffer: 1 << 28 });
  }
  function program(name: string, text: string): string {
    writeFileSync(join(folder, name), text);
    return name;
  }
  function bare(file: string, ...args: string[]): SpawnSyncReturns<string> {
    return spawnSync(process.execPath, [file, ...args], { cwd: folder, encoding: 'utf8', input: 'typed\n' });
  }

  it('passes input, output, arguments and exit code through and says nothing of its own', () => {
    const file = program(
      'echo.mjs',
      `let text = '';
for await (const chunk of process.stdin) text += chunk;
console.log(text.trim(), process.argv.slice(2).join('|'));
console.error('to stderr');
process.exitCode = 7;
`,
    );
    const traced = interleave('run', file, '--', 'a b', '--c');
    const plain = bare(file, 'a b', '--c');
    assert.deepEqual([traced.status, traced.stdout, traced.stderr], [plain.status, plain.stdout, plain.stderr]);
    assert.equal(traced.status, 7);
  });

  it('reads of a long trace what memory is enough for, and says how to have all of it', () => {
    const file = program(
      'long.mjs',
      `async function leaf(i) { return i; }\nfor (let i = 0; i < 100_000; i++) await leaf(i);\nconsole.log('done');\n`,
    );
    // Of the commands themselves only: the program keeps its memory.
    const inLittle = (...args: string[]): SpawnSyncReturns<string> =>
      spawnSync(process.execPath, ['--max-old-space-size=160', cli, ...args], {
        cwd: folder,
        encoding: 'utf8',
        maxBuffer: 1 << 28,
      });
    const all = /has 400,00\d events\. Node's memory here is enough for about the first (\d+),\d+; .*max-old-space-size=\d+/;
    const only = /only the first \d+,\d+ events are shown: \d+,\d+ more were left out/;

    const run = inLittle('run', file, '--output', 'long.interleave', '--summary', '--report', 'long.html');
    assert.deepEqual([run.status, run.stdout], [0, 'done\n'], run.stderr);
    assert.match(run.stderr, all);
    assert.match(run.stderr, only);
    assert.match(run.stderr, /instrumented|long\.mjs: \d+ tasks/);
    assert.ok(existsSync(join(folder, 'long.html')));

    const opened = inLittle('open', 'long.interleave', '--transcript');
    assert.equal(opened.status, 0, opened.stderr);
    assert.match(opened.stderr, all);
    assert.match(opened.stderr, only);
    assert.match(opened.stdout, /leaf #1000\b/);
  }).timeout(120_000);

  it('writes the trace, a text and a self-contained page', () => {
    const file = program('work.mjs', `async function job() { await new Promise((r) => setTimeout(r, 20)); }\nawait job();\n`);
    const run = interleave('run', file, '--output', 'w.interleave', '--transcript', 'w.txt', '--report', 'w.html', '--summary');
    assert.equal(run.status, 0, run.stderr);
    assert.match(run.stderr, /2 tasks/);
    const builder = new TraceModelBuilder();
    builder.push(readFileSync(join(folder, 'w.interleave')));
    assert.deepEqual(
      builder.snapshot().tasks.map((task) => task.name),
      ['work.mjs', 'job'],
    );
    assert.match(readFileSync(join(folder, 'w.txt'), 'utf8'), /job/);
    const html = readFileSync(join(folder, 'w.html'), 'utf8');
    assert.doesNotMatch(html, /(?:src|href)="https?:/);
    const opened = interleave('open', 'w.interleave', '--no-browser', '--output', 'again.html');
    assert.equal(opened.status, 0, opened.stderr);
    assert.ok(existsSync(join(folder, 'again.html')));
    const text = interleave('open', 'w.interleave', '--transcript');
    assert.equal(text.stdout, readFileSync(join(folder, 'w.txt'), 'utf8'));
  });

  it('calls one exported function with JSON arguments, and names the exports where it is missing', () => {
    const file = program('lib.mjs', `export async function greet(name) { await null; console.log('hello ' + name); }\n`);
    const run = interleave('run', file, '--function', 'greet', '--args', '["you"]');
    assert.deepEqual([run.status, run.stdout], [0, 'hello you\n']);
    const missing = interleave('run', file, '--function', 'great');
    assert.notEqual(missing.status, 0);
    assert.match(missing.stderr, /great/);
    assert.match(missing.stderr, /greet/);
  });

  it('runs a script without an extension and calls files without async code nothing to tell', () => {
    program('helper.cjs', 'exports.ms = 5;\n');
    const file = program(
      'tool',
      "#!/usr/bin/env node\nconst { ms } = require('./helper.cjs');\n(async () => { await new Promise((r) => setTimeout(r, ms)); console.log('ran'); })();\n",
    );
    const run = interleave('run', file, '--summary');
    assert.deepEqual([run.status, run.stdout], [0, 'ran\n'], run.stderr);
    assert.match(run.stderr, /tool: 1 task,/);
    assert.doesNotMatch(run.stderr, /skipped/);
    program('plain.cjs', 'console.log(1);\n');
    assert.match(interleave('run', 'plain.cjs', '--summary').stderr, /Nothing was instrumented[^]*1 file: no async code/);
  });

  it('tells in one line what cannot be run, opened or linted', () => {
    program('notes.txt', 'x');
    writeFileSync(join(folder, 'foreign.interleave'), 'PK not a trace at all');
    for (const [args, pattern] of [
      [['run', 'missing.ts'], /no file .*missing\.ts/],
      [['run', '.'], /is a folder/],
      [['run', 'notes.txt'], /must end in/],
      [['run', 'notes.txt', '--node', './nonode'], /nonode/],
      [['open', 'missing.interleave'], /does not exist/],
      [['open', 'foreign.interleave', '--no-browser'], /not an Interleave trace/],
    ] as const) {
      const run = interleave(...args);
      assert.equal(run.status, 1, args.join(' '));
      assert.match(run.stderr, pattern);
      assert.equal(run.stderr.trim().split('\n').length, 1, run.stderr);
    }
    assert.equal(interleave('walk').status, 2);
  });

  it("leaves a syntax error, a missing import and an uncaught error to Node's own words and exit code", () => {
    for (const [name, text] of [
      ['syntax.mjs', 'async function f( {\n'],
      ['import.mjs', "import './gone.mjs';\nawait 1;\n"],
      ['throws.mjs', "async function f() { throw new TypeError('no'); }\nawait f();\n"],
      ['rejects.cjs', "async function f() { await null; throw new TypeError('no'); }\nf();\n"],
      ['columns.mjs', "async function f(x) { await null; throw new TypeError('no'); }\n\tconst y = 1; await f(y);\n"],
      [
        'caught.cjs',
        'async function f(x) { await x; null.member; }\nasync function g() { try { await f(1); } catch (e) { console.error(e.stack); } }\ng();\n',
      ],
      ['thirteen.mjs', 'async function f() { await new Promise(() => {}); }\nawait f();\n'],
    ] as const) {
      program(name, text);
      const traced = interleave('run', name);
      const plain = bare(name);
      assert.equal(traced.status, plain.status, name);
      assert.equal(withoutLoaderFrames(traced.stderr), withoutLoaderFrames(plain.stderr), name);
    }
  });

  it('lints folders, as text and as JSON, and fails on what it is told to fail on', () => {
    program(
      'blocks.mjs',
      "import { execSync } from 'node:child_process';\nexport async function f() {\n  execSync('true');\n}\n",
    );
    const text = interleave('lint', '.');
    assert.equal(text.status, 1);
    assert.match(text.stdout, /blocks\.mjs:3:3/);
    const json = interleave('lint', '.', 'gone', '--format', 'json', '--fail-on', 'never');
    assert.deepEqual([json.status, json.stderr], [0, 'gone: There is no such file or folder.\n']);
    const [finding] = JSON.parse(json.stdout) as { file: string; line: number; rule: string }[];
    assert.deepEqual([finding?.file, finding?.line, finding?.rule], ['blocks.mjs', 3, 'blocking-call']);
  });

  it('takes settings of the lint from a file and of rules from the command line, and writes SARIF', () => {
    program('spins.mjs', 'export async function f(until) {\n  while (Date.now() < until) {}\n}\n');
    program('interleave.json', '{ "lint": { "rules": { "busy-wait": "information" } } }');
    assert.equal(interleave('lint', '.').status, 0);
    assert.equal(interleave('lint', '.', '--fail-on', 'information').status, 1);
    assert.equal(interleave('lint', '.', '--rule', 'busy-wait=error', '--fail-on', 'error').status, 1);
    const off = interleave('lint', '.', '--rule=busy-wait=off');
    assert.match(off.stdout, /1 file checked, nothing found/);
    const sarif = interleave('lint', '.', '--format', 'sarif');
    const log = JSON.parse(sarif.stdout) as {
      runs: { results: { ruleId: string; level: string; ruleIndex: number }[]; tool: { driver: { rules: { id: string }[] } } }[];
    };
    const [found] = log.runs[0]!.results;
    assert.deepEqual([found?.ruleId, found?.level], ['busy-wait', 'note']);
    assert.equal(log.runs[0]!.tool.driver.rules[found!.ruleIndex]?.id, 'busy-wait');
    program('interleave.json', '{ "lint": { "rules": { "busy-wait": "loud" } } }');
    for (const [args, pattern] of [
      [['lint', '.'], /interleave\.json: 'lint\.rules\.busy-wait' is to be default, off, error/],
      [['lint', '.', '--config', 'none.json'], /none\.json does not exist/],
      [['lint', '.', '--config', 'spins.mjs'], /spins\.mjs:1:1: this is not JSON/],
      [['lint', '.', '--rule', 'busy-wait=off', '--config=spins.mjs'], /not JSON/],
      [['lint', '.', '--rule', 'busy=off', '--config', 'empty.json'], /--rule: 'busy' does not exist; there are .*blocking-call/],
      [['lint', '.', '--rule', 'busy-wait'], /--rule takes NAME=LEVEL/],
    ] as const) {
      program('empty.json', '{}');
      const refused = interleave(...args);
      assert.deepEqual([refused.status, refused.stdout], [2, ''], args.join(' '));
      assert.match(refused.stderr, pattern);
      assert.equal(refused.stderr.trim().split('\n').length, 1);
    }
  });

  it('fixes files, says how many on standard error, and prints what is left', () => {
    const before =
      "const fs = require('fs');\nexports.f = async (p) => {\n  fs.readFileSync(p);\n  [p].map((q) => fs.readFileSync(q));\n};\n";
    program('a.cjs', before);
    const run = interleave('lint', 'a.cjs', '--fix', '--format', 'json');
    assert.equal(run.stderr, 'Fixed 1 finding in 1 file.\n');
    assert.equal(
      readFileSync(join(folder, 'a.cjs'), 'utf8'),
      before.replace('  fs.readFileSync', '  await fs.promises.readFile'),
    );
    assert.deepEqual(
      (JSON.parse(run.stdout) as { line: number }[]).map(({ line }) => line),
      [4],
    );
  });
});
