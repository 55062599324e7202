import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { TraceModelBuilder } from '../../../src/analyze/traceModelBuilder.ts';
import { launchTarget } from '../../../src/run/launch.ts';
import type { LaunchOptions } from '../../../src/run/launchOptions.ts';
import { TransformService } from '../../../src/run/transformService.ts';
import { canReadThreads } from '../../../src/run/threadState.ts';
import type { HangRecord } from '../../../src/shared/traceRecords.ts';
import { nodes } from '../support/nodes.ts';
import {
  buildDist,
  makeFolder,
  readTrace,
  removeFolder,
  runTraced,
  writeFiles,
  type RunOptions,
  type TracedRun,
} from './support.ts';

/** True while a process exists. */
function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Resolves once a condition holds; fails after half a minute. */
async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 600; i++) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail('it did not come about');
}

const sleepForever = 'setInterval(() => {}, 1000);';

for (const node of nodes) {
  describe(`launching, Node ${node.version}`, () => {
    let folder: string;
    let root: string;
    let transforms: TransformService;
    before(async () => {
      folder = makeFolder();
      root = join(folder, 'src');
      await buildDist(join(folder, 'dist'));
      transforms = new TransformService({ workerPath: join(folder, 'dist', 'instrument-worker.cjs') });
    });
    after(async () => {
      await transforms.dispose();
      removeFolder(folder);
    });

    function options(name: string, text: string): RunOptions & LaunchOptions {
      writeFiles(root, { [name]: text });
      return {
        entry: join(root, name),
        root,
        cwd: root,
        distDir: join(folder, 'dist'),
        nodePath: node.path,
        stdio: 'pipe',
        transforms,
      };
    }
    const run = (name: string, text: string, more: Partial<RunOptions> = {}): Promise<TracedRun> =>
      runTraced({ ...options(name, text), ...more });

    it('writes the run first and the exit last, and the file before its events', async () => {
      const { records, result, stdout } = await run(
        'plain.cjs',
        '//sites: function f\nconst __il_t = __il_e($1); __il_k(__il_t); __il_f(__il_t); console.log(process.argv.slice(2), process.env.GREETING); process.exitCode = 3;',
        { args: ['--flag', 'x y'], env: { PATH: process.env['PATH'], GREETING: 'hello' }, version: '1.2.3' },
      );
      assert.equal(stdout, "[ '--flag', 'x y' ] hello\n");
      assert.deepEqual(
        records.map(({ type }) => type),
        ['run', 'target', 'file', 'overhead', 'exit'],
      );
      const [first, target, file, overhead, exit] = records;
      assert.ok(first?.type === 'run' && target?.type === 'target' && file?.type === 'file' && exit?.type === 'exit');
      assert.deepEqual(
        { ...first, startedAt: '' },
        {
          type: 'run',
          formatVersion: 2,
          interleaveVersion: '1.2.3',
          entry: join(root, 'plain.cjs'),
          args: ['--flag', 'x y'],
          cwd: root,
          clock: 'wall',
          startedAt: '',
          platform: process.platform,
        },
      );
      assert.deepEqual({ version: target.nodeVersion, limits: target.limits }, { version: node.version, limits: [] });
      assert.deepEqual(
        { path: file.path, status: file.status, id: file.file },
        { path: join(root, 'plain.cjs'), status: 'instrumented', id: 1 },
      );
      assert.deepEqual({ cause: exit.cause, code: exit.code, signal: exit.signal }, { cause: 'exited', code: 3, signal: null });
      assert.deepEqual(result.counts, { events: 3, tasks: 1, files: 1 });
      assert.ok(overhead?.type === 'overhead');
      assert.ok(overhead.writingUs > 0 && overhead.transformUs > 0, JSON.stringify(overhead));
    });

    it('tells of files that were skipped, and lets Node load what was left', async () => {
      writeFiles(root, {
        'left.cjs': '//left: it is too strange\nmodule.exports = 5;',
        'skipped.cjs': '//skipped: no async code\nmodule.exports = 6;',
      });
      const { records, stdout } = await run('files.cjs', `console.log(require('./left.cjs'), require('./skipped.cjs'));`);
      assert.equal(stdout, '5 6\n');
      assert.deepEqual(
        records.flatMap((record) => (record.type === 'file' ? [`${record.file} ${record.status} ${record.reason ?? ''}`] : [])),
        ['1 instrumented ', '2 skipped it is too strange', '3 skipped no async code'],
      );
    });

    it('does not count the making of a text as time of the task that loads it', async () => {
      writeFiles(root, { 'slow.cjs': '//slow: 300\nmodule.exports = 8;' });
      const { trace, stdout } = await run(
        'loads.cjs',
        `//sites: function load
const __il_t = __il_e($1); console.log(require('./slow.cjs')); __il_k(__il_t); __il_f(__il_t);`,
      );
      assert.equal(stdout, '8\n');
      const builder = new TraceModelBuilder();
      builder.push(trace);
      const { tasks, tracerHolds, blocks } = builder.snapshot();
      const slice = tasks[0]?.slices[0];
      assert.ok(slice !== undefined && slice.tracerUs >= 290_000, JSON.stringify(slice));
      assert.equal(tracerHolds.length, 1);
      for (const { durationUs } of blocks) assert.ok(durationUs <= slice.endUs - slice.startUs - slice.tracerUs + 1);
    });

    if (canReadThreads)
      it('does not count it as a time in which the loop was held either', async () => {
        writeFiles(root, { 'slower.cjs': '//slow: 2500' });
        // The first stretch: what is loaded as the program starts is no time of the trace at all.
        const text = `const hold = (ms) => { for (const from = Date.now(); Date.now() - from < ms; ) Math.sqrt(from); };
          hold(100); require('./slower.cjs'); hold(1000);`;
        const told: HangRecord[] = [];
        const handle = launchTarget(
          { ...options('holds.cjs', text), hangMs: 300 },
          { onTrace() {}, onHang: (samples) => void told.push(...samples) },
        );
        handle.stdin?.end();
        assert.equal((await handle.finished).code, 0);
        assert.notEqual(told.length, 0);
        assert.deepEqual(
          told.filter(({ heldUs }) => heldUs > 2_500_000),
          [],
        );
      });

    it('runs on when the instrumenter dies, and starts another for the next run', async () => {
      writeFiles(root, { 'crash.cjs': '//crash\nmodule.exports = 7;' });
      const { records, stdout, result } = await run('crashing.cjs', `console.log(require('./crash.cjs'));`);
      assert.equal(stdout, '7\n');
      assert.equal(result.code, 0);
      const reasons = records.flatMap((record) => (record.type === 'file' ? [record.reason ?? record.status] : []));
      assert.deepEqual(reasons, ['instrumented', 'it could not be instrumented: crash asked for']);
      assert.equal((await run('again.cjs', '')).result.counts.files, 1);
    });

    it('ends a program by SIGINT', async () => {
      const { result, stdout } = await cancelled(
        'interruptible.cjs',
        `process.on('SIGINT', () => { console.log('cleaning up'); process.exit(7); }); ${sleepForever} console.log('ready');`,
      );
      assert.deepEqual(
        { ...result, afterMs: 0, counts: 0 },
        { cause: 'cancelled', code: 7, signal: null, afterMs: 0, counts: 0 },
      );
      assert.equal(stdout, 'ready\ncleaning up\n');
    });

    it('goes on to SIGTERM and SIGKILL, and ends what the program had started', async () => {
      const text = (signals: string): string =>
        `for (const s of [${signals}]) process.on(s, () => {}); ${sleepForever}
         const child = require('child_process').spawn(process.execPath, ['-e', "process.on('SIGINT', () => {}); process.on('SIGTERM', () => {}); ${sleepForever} console.log('child')"], { stdio: ['ignore', 'pipe', 'ignore'] });
         child.stdout.once('data', () => console.log('ready ' + child.pid));`;
      const [terminated, killed] = await Promise.all([
        cancelled('stubborn.cjs', text(`'SIGINT'`)),
        cancelled('deaf.cjs', text(`'SIGINT', 'SIGTERM'`)),
      ]);
      assert.deepEqual([terminated.result.signal, killed.result.signal], ['SIGTERM', 'SIGKILL']);
      for (const { stdout } of [terminated, killed]) await until(() => !exists(Number(stdout.slice('ready '.length))));
    });

    it('goes to the next signal at once when cancelled again', async () => {
      const handle = launchTarget(
        options('impatient.cjs', `process.on('SIGINT', () => {}); ${sleepForever} console.log('ready');`),
        { onTrace() {} },
      );
      handle.stderr?.resume();
      await new Promise((resolve) => handle.stdout?.once('data', resolve));
      handle.cancel();
      handle.cancel();
      const { signal, cause, afterMs } = await handle.finished;
      assert.deepEqual({ signal, cause }, { signal: 'SIGTERM', cause: 'cancelled' });
      assert.ok(afterMs < 60_000);
      handle.cancel();
    });

    it('ends a program that runs too long', async () => {
      const { result, records } = await run('endless.cjs', 'for (;;);', { timeoutMs: 300 });
      assert.deepEqual({ cause: result.cause, signal: result.signal }, { cause: 'timeout', signal: 'SIGINT' });
      const exit = records.at(-1);
      assert.ok(exit?.type === 'exit' && exit.cause === 'timeout');
    });

    it('does not wait for a daemon that keeps the output open', async () => {
      const { result, stdout } = await run(
        'daemon.cjs',
        `const child = require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(sleepForever)}], { stdio: ['ignore', 'inherit', 'inherit'], detached: true });
         child.unref(); console.log(child.pid);`,
      );
      assert.equal(result.code, 0);
      const pid = Number(stdout);
      // A run that nobody cancelled leaves the program's own daemons alone.
      assert.ok(exists(pid));
      process.kill(pid, 'SIGKILL');
    });

    it('passes 100 MB of output', async () => {
      const handle = launchTarget(
        options(
          'loud.cjs',
          `const line = Buffer.alloc(1 << 20, 'x'); let n = 0; (function more() { if (n++ < 100) process.stdout.write(line, more); else console.error('done'); })();`,
        ),
        { onTrace() {} },
      );
      let length = 0;
      handle.stdout?.on('data', (chunk: Buffer) => (length += chunk.length));
      handle.stderr?.resume();
      assert.equal((await handle.finished).code, 0);
      assert.equal(length, 100 * (1 << 20));
    });

    it('runs on when the program closes our descriptors and opens its own in their place', async () => {
      writeFiles(root, { 'after-close.cjs': 'module.exports = 8;' });
      const { stdout, result } = await run(
        'closes.cjs',
        `//sites: function f
         const fs = require('fs');
         for (const fd of [3, 4]) fs.closeSync(fd);
         const mine = [fs.openSync('mine-a', 'w+'), fs.openSync('mine-b', 'w+')];
         console.log(require('./after-close.cjs'));
         for (let i = 0; i < 50000; i++) { const __il_t = __il_e($1); __il_f(__il_t); }
         setTimeout(() => console.log(mine, mine.map((fd) => fs.fstatSync(fd).size)), 120);`,
      );
      assert.equal(stdout, '8\n[ 3, 4 ] [ 0, 0 ]\n');
      assert.deepEqual({ code: result.code, cause: result.cause }, { code: 0, cause: 'exited' });
    });

    it('keeps the trace apart from what the program writes to our descriptor', async () => {
      const { result, records, stdout } = await run(
        'scribbles.cjs',
        `require('fs').writeSync(3, 'not a frame, whatever it looks like'); console.log('ok');`,
      );
      assert.equal(stdout, 'ok\n');
      assert.match(result.message ?? '', /wrote to the descriptor/);
      assert.deepEqual([records[0]?.type, records.at(-1)?.type], ['run', 'exit']);
    });

    it('ends the deliveries and not the run when the sink fails', async () => {
      const handle = launchTarget(options('sink.cjs', `console.log('ran')`), {
        onTrace() {
          throw new Error('the disk is full');
        },
      });
      handle.stdout?.resume();
      handle.stderr?.resume();
      const { code, message } = await handle.finished;
      assert.equal(code, 0);
      assert.equal(message, 'The trace is incomplete: the disk is full.');
    });

    it('says why a program cannot be started', async () => {
      const good = options('good.cjs', '');
      writeFiles(root, { 'notes.txt': '', 'types.d.ts': '' });
      const cases: readonly (readonly [Partial<LaunchOptions>, RegExp])[] = [
        [{ entry: join(root, 'none.ts') }, /^There is no file .*none\.ts\.$/],
        [{ entry: root }, /is a folder\. Name the file to run\.$/],
        [{ entry: join(root, 'notes.txt') }, /notes\.txt is not a file Interleave can run: it must end in \.ts, .* or \.jsx\.$/],
        [{ entry: join(root, 'types.d.ts') }, /is not a file Interleave can run/],
        [{ cwd: join(root, 'nowhere') }, /^The working directory .*nowhere does not exist\.$/],
        [{ nodePath: join(root, 'no-node') }, /no-node is not a program that can be started/],
        [{ nodePath: join(root, 'good.cjs') }, /good\.cjs is not a program that can be started/],
        [{ distDir: join(root, 'no-dist') }, /^Interleave is incomplete: .*bootloader\.cjs is missing\. Install it again\.$/],
      ];
      for (const [wrong, message] of cases) {
        const { result, records } = await runTraced({ ...good, ...wrong });
        assert.equal(result.cause, 'spawn-failed');
        assert.match(result.message ?? '', message);
        const exit = records.at(-1);
        assert.ok(
          records[0]?.type === 'run' && exit?.type === 'exit' && exit.cause === 'spawn-failed' && exit.message === result.message,
        );
      }
    });

    it('gives the program this process’s own terminal where asked', async () => {
      const { entry, distDir, nodePath } = options(
        'inherits.cjs',
        `process.stdin.on('data', (d) => console.log('got ' + d)); console.error('err');`,
      );
      const script = `import { launchTarget } from ${JSON.stringify(new URL('../../../src/run/launch.ts', import.meta.url).href)};
        const handle = launchTarget(${JSON.stringify({ entry, root, cwd: root, distDir, nodePath, stdio: 'inherit' })}, { onTrace() {} });
        const { code, cause } = await handle.finished; console.log(code, cause, handle.stdout === undefined);`;
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'pipe' });
      let out = '';
      child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (out += chunk.toString()));
      child.stdin.end('hello');
      // It ends by itself: the instrumenter, timers and pipes keep nothing alive.
      await new Promise((resolve) => child.once('close', resolve));
      assert.deepEqual(out.split('\n').sort(), ['', '0 exited true', 'err', 'got hello']);
    });

    it('ends the program with the process that launched it', async () => {
      const { entry, distDir, nodePath } = options('orphan.cjs', `${sleepForever} console.log(process.pid);`);
      const script = `import { launchTarget } from ${JSON.stringify(new URL('../../../src/run/launch.ts', import.meta.url).href)};
        const handle = launchTarget(${JSON.stringify({ entry, root, cwd: root, distDir, nodePath, stdio: 'pipe' })}, { onTrace() {} });
        handle.stdout.on('data', (d) => { process.stdout.write(d, () => process.exit(0)); });`;
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
      let out = '';
      child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
      await new Promise((resolve) => child.once('close', resolve));
      await until(() => !exists(Number(out)));
    });

    it('leaves nothing behind', async () => {
      const listeners = process.listenerCount('exit');
      const own = new Set(process.getActiveResourcesInfo());
      const temp = join(folder, 'temp');
      mkdirSync(temp);
      const usual = process.env['TMPDIR'];
      process.env['TMPDIR'] = temp;
      try {
        assert.equal((await run('tidy.cjs', `console.log(process.pid)`)).result.code, 0);
        const instrumenter = new TransformService({ workerPath: join(folder, 'dist', 'instrument-worker.cjs') });
        await instrumenter.dispose();
      } finally {
        if (usual === undefined) delete process.env['TMPDIR'];
        else process.env['TMPDIR'] = usual;
      }
      assert.deepEqual(readdirSync(temp), []);
      assert.equal(process.listenerCount('exit'), listeners);
      await until(() => process.getActiveResourcesInfo().every((name) => own.has(name) || name === 'Timeout'));
    });

    async function cancelled(name: string, text: string): Promise<TracedRun> {
      const chunks: Uint8Array[] = [];
      const handle = launchTarget(options(name, text), { onTrace: (bytes) => void chunks.push(bytes) });
      let stdout = '';
      handle.stderr?.resume();
      handle.stdout?.on('data', (chunk: Buffer) => {
        if (stdout === '') handle.cancel();
        stdout += chunk.toString();
      });
      const pid = handle.pid ?? 0;
      const result = await handle.finished;
      assert.ok(!exists(pid));
      const trace = Buffer.concat(chunks);
      return { result, stdout, stderr: '', trace, ...readTrace(trace) };
    }
  });
}
