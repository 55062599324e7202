import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { TransformService } from '../../../src/run/transformService.ts';
import { TraceModelBuilder } from '../../../src/analyze/traceModelBuilder.ts';
import type { TraceModel } from '../../../src/analyze/model.ts';
import { criticalPath } from '../../../src/analyze/criticalPath.ts';
import { transcript } from '../../../src/export/transcript.ts';
import { nodes } from '../support/nodes.ts';
import { buildRealDist, makeFolder, removeFolder, runTraced, writeFiles, type TracedRun } from './support.ts';

const source = join(import.meta.dirname, '../../../src');

/** A program, what it shall end with, and tasks its trace must name. */
interface Case {
  readonly file: string;
  readonly text: string;
  readonly code: number;
  readonly stdout?: RegExp;
  readonly stderr?: RegExp;
  readonly tasks?: readonly string[];
  /** What the trace must say of child processes; nothing unless set. */
  readonly warning?: RegExp;
}

const cases: readonly Case[] = [
  { file: 'syntax.cjs', text: 'async function f() { await }}', code: 1, stderr: /SyntaxError: Unexpected token '}'/ },
  { file: 'syntax.mjs', text: 'await f(;', code: 1, stderr: /SyntaxError: Unexpected token ';'/ },
  { file: 'empty.cjs', text: '', code: 0 },
  { file: 'empty.mjs', text: '', code: 0 },
  { file: 'empty.ts', text: '', code: 0 },
  { file: 'plain.cjs', text: 'console.log(1 + 1)', code: 0, stdout: /^2\n$/ },
  { file: 'missing.mjs', text: "import './nope.mjs'; await 1", code: 1, stderr: /ERR_MODULE_NOT_FOUND/ },
  {
    file: 'throws.cjs',
    text: "async function f() { await 1 }\nf(); throw new Error('at once')",
    code: 1,
    stderr: /at once/,
    tasks: ['f'],
  },
  {
    file: 'exits.cjs',
    text: 'async function f() { setImmediate(() => process.exit(5)); await new Promise(() => {}) } f()',
    code: 5,
    tasks: ['f'],
  },
  {
    file: 'changes-folder.cjs',
    text: "async function f() { process.chdir('/'); await null; console.log(process.cwd()) } f()",
    code: 0,
    stdout: /^\/\n$/,
    tasks: ['f'],
  },
  {
    file: 'patches.cjs',
    text: `globalThis.Promise = class extends Promise {}; Promise.prototype.then = () => { throw new Error('no then') };
      for (const owner of [Array.prototype, Map.prototype, Function.prototype, Uint32Array.prototype])
        for (const name of ['push', 'get', 'call', 'apply', 'subarray', 'set', 'map']) if (owner[name]) owner[name] = undefined;
      JSON.stringify = Object.defineProperty = undefined;
      async function f() { await null; return 1 } f();`,
    code: 0,
    tasks: ['f'],
  },
  {
    file: 'freezes.cjs',
    text: `for (const name of Object.getOwnPropertyNames(globalThis)) if (!/^(?:global|self)/.test(name)) try { Object.freeze(globalThis[name]); Object.freeze(globalThis[name].prototype) } catch {}
      Object.freeze(globalThis);
      async function f() { await null; console.log('frozen', typeof await import('./plain.cjs')) } f();`,
    code: 0,
    stdout: /^2\nfrozen object\n$/,
    tasks: ['f'],
  },
  {
    file: 'forks.cjs',
    text: `async function f() { await null; if (process.argv[2]) return process.send(process.execArgv);
      require('child_process').fork(__filename, ['child']).on('message', (m) => console.log('got', m)) } f();`,
    code: 0,
    stdout: /^got \[\]\n$/,
    tasks: ['f'],
  },
  {
    file: 'starts-others.cjs',
    text: `const { spawn, spawnSync, execSync, fork } = require('child_process'); const { writeFileSync } = require('fs');
      async function f() { await null; spawnSync('ls', ['/']); execSync('echo nodes'); spawnSync('no-such-program');
        writeFileSync('tool', '#!/usr/bin/env node\\n', { mode: 0o755 }); spawnSync('./tool');
        for (let i = 0; i < 2; i++) spawnSync(process.execPath, ['-e', '0']);
        execSync('echo 1 && node -e 0'); await new Promise((r) => spawn('ls', ['nope']).on('close', r)); } f();`,
    code: 0,
    tasks: ['f'],
    warning:
      /^4 child processes ran no instrumented file, so nothing of them is here: process \d+ \(tool\), process \d+ \(node\), process \d+ \(node\) and 1 more$/,
  },
  {
    file: 'rejects.cjs',
    text: "async function f() { await null; throw new TypeError('nobody') } f()",
    code: 1,
    stderr: /TypeError: nobody/,
    tasks: ['f'],
  },
  {
    file: 'unsettled.mjs',
    text: "console.log('x'); await new Promise(() => {})",
    code: 13,
    stdout: /^x\n$/,
    tasks: ['unsettled.mjs'],
  },
  {
    file: 'overflows.cjs',
    text: 'async function f(n) { if (n % 100 === 99) await null; g(n) } function g(n) { return g(n + 1) + 1 } f(0).catch((e) => console.log(e.message))',
    code: 0,
    stdout: /^Maximum call stack size exceeded\n$/,
    tasks: ['f'],
  },
  {
    file: 'kills-itself.cjs',
    text: "async function f() { await null; setTimeout(() => process.kill(process.pid, 'SIGTERM'), 100); setInterval(() => {}, 5) } f()",
    code: -1,
    tasks: ['f'],
  },
  {
    file: 'exits-early.mjs',
    text: "process.exitCode = 3; await null; process.on('exit', (code) => console.log('exit', code))",
    code: 3,
    stdout: /^exit 3\n$/,
  },
];

function modelOf(trace: Uint8Array): TraceModel {
  const builder = new TraceModelBuilder();
  builder.push(trace);
  return builder.snapshot();
}

for (const node of nodes) {
  describe(`programs that end badly, Node ${node.version}`, () => {
    let dist: string;
    let folder: string;
    let transforms: TransformService;
    before(async () => {
      dist = makeFolder();
      folder = makeFolder();
      await buildRealDist(dist);
      writeFiles(folder, Object.fromEntries(cases.map(({ file, text }) => [file, text])));
      transforms = new TransformService({ workerPath: join(dist, 'instrument-worker.cjs') });
    });
    after(async () => {
      await transforms.dispose();
      removeFolder(folder);
      removeFolder(dist);
    });

    const trace = (file: string, more: object = {}): Promise<TracedRun> =>
      runTraced({ entry: join(folder, file), root: folder, distDir: dist, nodePath: node.path, transforms, ...more });

    for (const { file, code, stdout, stderr, tasks = [], warning } of cases) {
      it(file, async () => {
        const run = await trace(file);
        assert.equal(run.result.code ?? -1, code, run.stderr);
        assert.match(run.stdout, stdout ?? /^$/);
        // Not every Node says more than the exit code of a top-level await that is never settled.
        assert.match(run.stderr, stderr ?? (code === 13 ? /^$|unsettled top-level await/ : /^$/));
        const model = modelOf(run.trace);
        for (const name of tasks)
          assert.ok(
            model.tasks.some((task) => task.name === name),
            `${name} in ${transcript(model)}`,
          );
        assert.match(transcript(model), /^interleave transcript 1\n/);
        const told = model.warnings.filter((words) => words.includes('child process'));
        assert.equal(told.length, warning === undefined ? 0 : 1, model.warnings.join('\n'));
        if (warning !== undefined) assert.match(told[0]!, warning);
        assert.equal(run.result.message, undefined);
      });
    }

    it('a program that never ends, at its time limit', async () => {
      writeFiles(folder, {
        'never.cjs': "async function f() { for (;;) await new Promise((r) => setTimeout(r, 5)) } f(); console.log('up')",
      });
      const run = await trace('never.cjs', { timeoutMs: 3000 });
      assert.deepEqual([run.result.cause, run.result.signal, run.stdout], ['timeout', 'SIGINT', 'up\n']);
      assert.ok((modelOf(run.trace).tasks.find((task) => task.name === 'f')?.waits.length ?? 0) > 3);
    });

    it('a program that hangs in its first turn, up to where it hangs', async () => {
      writeFiles(folder, {
        'hangs.cjs': `async function first() { await null }
          async function hangs() { await first(); for (;;); }
          hangs();`,
      });
      const run = await trace('hangs.cjs', { timeoutMs: 5000 });
      assert.equal(run.result.cause, 'timeout');
      const [task, other] = modelOf(run.trace).tasks;
      assert.deepEqual([task?.name, task?.outcome, task?.slices.length], ['hangs', 'unsettled', 2]);
      assert.deepEqual([other?.name, other?.outcome], ['first', 'returned']);
    });

    it('200,000 tasks', async () => {
      writeFiles(folder, {
        'many.mjs': `async function t(i) { await null; return i }
          console.log((await Promise.all(Array.from({ length: 200_000 }, (_, i) => t(i)))).length)`,
      });
      const run = await trace('many.mjs');
      assert.equal(run.stdout, '200000\n');
      const model = modelOf(run.trace);
      assert.ok(model.tasks.length >= 200_000 || model.warnings.length > 0, `${model.tasks.length} tasks`);
      assert.ok(criticalPath(model).length > 0);
      assert.match(transcript(model), /many\.mjs/);
    });
  });
}

describe('trace files that are none', () => {
  let folder: string;
  before(() => (folder = makeFolder()));
  after(() => removeFolder(folder));

  /** `interleave open FILE --transcript` from the sources. */
  function open(file: string): { code: number | null; out: string; err: string } {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', join(source, 'cli/main.ts'), 'open', join(folder, file), '--transcript'],
      { encoding: 'utf8' },
    );
    return { code: status, out: stdout, err: stderr };
  }

  it('are refused with one line that tells why', () => {
    mkdirSync(join(folder, 'folder.interleave'));
    writeFileSync(join(folder, 'empty.interleave'), '');
    writeFileSync(join(folder, 'archive.zip'), 'PK\u0003\u0004 and so on');
    for (const [file, reason] of [
      ['folder.interleave', /it is a folder/],
      ['empty.interleave', /is empty/],
      ['archive.zip', /not an Interleave trace/],
      ['none.interleave', /does not exist/],
    ] as const) {
      const { code, out, err } = open(file);
      assert.deepEqual([code, out, err.trim().split('\n').length], [1, '', 1], err);
      assert.match(err, reason);
    }
  });

  it('are read as far as they go when cut off, and told so', async () => {
    const dist = makeFolder();
    await buildRealDist(dist);
    writeFiles(folder, { 'a.cjs': 'async function f() { await null; setTimeout(() => {}, 5) } f()' });
    const { trace } = await runTraced({ entry: join(folder, 'a.cjs'), root: folder, distDir: dist });
    removeFolder(dist);
    for (let part = 1; part < 20; part++) {
      const model = modelOf(trace.subarray(0, Math.max(8, Math.floor((trace.length * part) / 20))));
      assert.ok(model.warnings.length > 0, `${part}/20`);
      assert.match(transcript(model), /^interleave transcript 1\n/);
    }
  });
});

describe('a launcher that is told to end', () => {
  it('hands the signal on, keeps the exit code of the program and its trace', async () => {
    const folder = makeFolder();
    const dist = makeFolder();
    await buildRealDist(dist);
    writeFiles(folder, {
      'waits.cjs':
        "process.on('SIGTERM', async () => { await null; console.log('bye'); process.exit(3) }); setInterval(() => {}, 1000); console.log('ready')",
      'launch.mjs': `import { launchTarget } from ${JSON.stringify(pathToFileURL(join(source, 'run/launch.ts')).href)};
        const handle = launchTarget({ entry: ${JSON.stringify(join(folder, 'waits.cjs'))}, root: ${JSON.stringify(folder)}, cwd: ${JSON.stringify(folder)},
          distDir: ${JSON.stringify(dist)}, nodePath: process.execPath, stdio: 'inherit' }, { onTrace() {} });
        process.on('SIGTERM', () => process.kill(handle.pid, 'SIGTERM'));
        process.exitCode = (await handle.finished).code ?? 99;`,
    });
    const child = spawn(process.execPath, [join(folder, 'launch.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      if (text.includes('ready')) child.kill('SIGTERM');
    });
    const code = await new Promise<number | null>((ended) => child.on('close', ended));
    assert.deepEqual([code, out], [3, 'ready\nbye\n']);
    removeFolder(folder);
    removeFolder(dist);
  });
});
