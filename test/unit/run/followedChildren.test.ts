import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { TraceModelBuilder } from '../../../src/analyze/traceModelBuilder.ts';
import type { TraceModel } from '../../../src/analyze/model.ts';
import { TransformService } from '../../../src/run/transformService.ts';
import { childPrograms } from './childPrograms.ts';
import { nodes } from '../support/nodes.ts';
import {
  buildRealDist,
  fixtures,
  makeFolder,
  type Outcome,
  readChild,
  removeFolder,
  runTraced,
  type TracedRun,
  writeFiles,
} from './support.ts';

function runBare(nodePath: string, entry: string, cwd: string, env: Record<string, string>): Promise<Outcome> {
  return readChild(spawn(nodePath, [entry], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })).ended;
}

/** How often a program whose two runs differ is run in all: its processes race. */
const attempts = 4;

function modelOf({ trace }: TracedRun): TraceModel {
  const builder = new TraceModelBuilder();
  builder.push(trace);
  return builder.snapshot();
}

for (const node of nodes) {
  describe(`child processes, Node ${node.version}`, () => {
    let dist: string;
    let folder: string;
    let temporary: string;
    let transforms: TransformService;
    let env: Record<string, string>;
    before(async () => {
      dist = makeFolder();
      folder = makeFolder();
      temporary = makeFolder();
      await buildRealDist(dist);
      cpSync(join(fixtures, '..', 'children'), folder, { recursive: true });
      writeFiles(folder, Object.fromEntries(childPrograms.map(({ name, text }) => [`${name}.cjs`, text])));
      transforms = new TransformService({ workerPath: join(dist, 'instrument-worker.cjs') });
      env = { PATH: `${dirname(node.path)}:/usr/bin:/bin`, HOME: folder, TMPDIR: temporary };
    });
    after(async () => {
      await transforms.dispose();
      for (const path of [dist, folder, temporary]) removeFolder(path);
    });

    const trace = (entry: string, more: object = {}): Promise<TracedRun> =>
      runTraced({ entry, root: folder, cwd: folder, distDir: dist, nodePath: node.path, transforms, env, ...more });

    for (const { name, processes, tasks } of childPrograms) {
      it(`${name}: the program and its children are the same, and in the trace`, async () => {
        const entry = join(folder, `${name}.cjs`);
        const runBoth = async () => {
          const bare = await runBare(node.path, entry, folder, env);
          const run = await trace(entry);
          const { code, signal } = run.result;
          return { bare, traced: { stdout: run.stdout, stderr: run.stderr, code, signal }, run };
        };
        let both = await runBoth();
        for (let left = attempts - 1; left > 0 && !isDeepStrictEqual(comparable(both.traced), comparable(both.bare)); left--)
          both = await runBoth();
        assert.deepEqual(comparable(both.traced), comparable(both.bare));
        const model = modelOf(both.run);
        assert.equal(model.processes.length, processes, model.warnings.join('\n'));
        const below = new Set(model.processes.map(({ thread }) => thread));
        const names = new Set(model.tasks.filter((task) => below.has(task.thread)).map((task) => task.name));
        for (const task of tasks) assert.ok(names.has(task), `${task} in ${[...names].join(', ')}`);
        assert.equal(both.run.result.message, undefined);
      });
    }

    /** Process ids differ between any two runs. */
    function comparable(outcome: Outcome): Outcome {
      const plain = (text: string): string => text.replace(/\(node:\d+\)/g, '(node:PID)');
      return { ...outcome, stdout: plain(outcome.stdout), stderr: plain(outcome.stderr) };
    }

    it('share one clock, sites and files with the program, each in a lane of its own', async () => {
      writeFiles(folder, {
        'shared.cjs': 'exports.pause = async function pause(ms) { await new Promise((done) => setTimeout(done, ms)); };',
        'lane.cjs': `const { Worker, isMainThread } = require('node:worker_threads');
          const { pause } = require('./shared.cjs');
          if (isMainThread) new Worker(__filename);
          void pause(10);`,
        'lanes.cjs': `const { fork } = require('node:child_process');
          const { pause } = require('./shared.cjs');
          async function main() {
            await pause(20);
            await new Promise((done) => fork('./lane.cjs').on('exit', done));
            await pause(20);
          }
          void main();`,
      });
      const run = await trace(join(folder, 'lanes.cjs'));
      const model = modelOf(run);
      assert.deepEqual(model.warnings, []);
      const [child] = model.processes;
      assert.ok(child);
      assert.equal(child.name, 'lane.cjs');
      assert.equal(child.parent, 0);
      assert.equal(child.command, 'node ./lane.cjs');
      assert.deepEqual(child.files, { instrumented: 1, skipped: 1 });
      assert.equal(child.workers.length, 1);
      assert.deepEqual(
        [...model.threads.values()],
        [`process ${child.pid} (lane.cjs)`, `process ${child.pid}, worker 1 (lane.cjs)`],
      );
      assert.deepEqual(model.files.map(({ path }) => path.slice(folder.length + 1)).sort(), [
        'lane.cjs',
        'lanes.cjs',
        'shared.cjs',
      ]);
      const lanes = [0, child.thread, child.workers[0]];
      const pauses = model.tasks.filter((task) => task.name === 'pause');
      assert.deepEqual(pauses.map((task) => lanes.indexOf(task.thread)).sort(), [0, 0, 1, 2]);
      assert.equal(new Set(pauses.map((task) => task.site)).size, 1);
      const main = model.tasks.find((task) => task.name === 'main');
      const forked = main?.waits[1];
      assert.ok(forked);
      for (const task of pauses.filter(({ thread }) => thread !== 0)) {
        assert.ok(task.startUs >= forked.startUs && (task.endUs ?? Infinity) <= forked.endUs, JSON.stringify(task));
      }
    });

    it('have their folder in the place for temporary files, and none is left at the end', async () => {
      const before = process.env['TMPDIR'];
      process.env['TMPDIR'] = temporary;
      try {
        const run = await trace(join(folder, 'fork and messages.cjs'));
        assert.equal(modelOf(run).processes.length, 1);
        assert.deepEqual(readdirSync(temporary), []);
      } finally {
        if (before === undefined) delete process.env['TMPDIR'];
        else process.env['TMPDIR'] = before;
      }
    });

    it('and worker threads with flags of their own are traced', async () => {
      writeFiles(folder, {
        'flags.cjs': `const { Worker, isMainThread } = require('node:worker_threads');
          async function below() { await null; }
          if (isMainThread) new Worker(__filename, { execArgv: ['--no-warnings'], env: {} });
          else void below();`,
      });
      const { tasks } = modelOf(await trace(join(folder, 'flags.cjs')));
      assert.deepEqual(
        tasks.map(({ name, thread }) => [name, thread]),
        [['below', 1]],
      );
    });

    it('take texts of earlier runs as the program does', async () => {
      const cacheFolder = join(folder, 'cache');
      const told = async (): Promise<unknown> => {
        const { files, processes, tasks, sites } = modelOf(await trace(join(folder, 'lanes.cjs'), { cacheFolder }));
        const names = tasks.map(({ name, site }) => `${name} at ${sites.get(site)?.line}`).sort();
        return [files.map(({ path }) => path).sort(), processes.map((process) => process.files), names];
      };
      assert.deepEqual(await told(), await told());
    });

    it('are only named where they shall not be followed', async () => {
      const run = await trace(join(folder, 'fork and messages.cjs'), { followChildren: false });
      const model = modelOf(run);
      assert.equal(model.processes.length, 0);
      assert.deepEqual(model.warnings, [
        '1 child process that runs Node was not traced (child processes are not followed in this run), only what waited for it is here: `node --no-warnings worker.cjs a`',
      ]);
    });

    it('of a Node that is too old run as they are, and the trace says why', async () => {
      writeFiles(folder, {
        'older.cjs': "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.1' } });",
        'starts older.cjs': `const { spawnSync } = require('node:child_process');
          const env = { ...process.env, NODE_OPTIONS: '--require ./older.cjs' };
          const text = 'console.log(process.execArgv, Object.keys(require.cache).length, require("module").builtinModules.length < 100)';
          console.log(spawnSync(process.execPath, ['-e', text], { env, encoding: 'utf8' }).stdout);`,
      });
      const entry = join(folder, 'starts older.cjs');
      const run = await trace(entry);
      assert.equal(run.stdout, (await runBare(node.path, entry, folder, env)).stdout);
      const { processes, warnings } = modelOf(run);
      assert.deepEqual(processes, []);
      assert.equal(warnings.length, 1);
      assert.match(
        warnings[0]!,
        /^1 child process .* not traced \(it runs Node 18\.20\.1, and Interleave needs 20\.19 or newer\)/,
      );
    });

    it('are ended with a program that is stopped', async () => {
      writeFiles(folder, {
        'stopped.cjs': `const { spawn } = require('node:child_process');
          spawn(process.execPath, ['ticks.cjs'], { stdio: 'ignore' });
          process.on('SIGINT', () => process.exit(1));
          setInterval(() => {}, 1000);`,
        'ticks.cjs': `async function ticks() {
            for (let i = 0; ; i++) {
              await new Promise((done) => setTimeout(done, 20));
              require('node:fs').writeFileSync('ticks', String(i));
            }
          }
          void ticks();`,
      });
      const run = await trace(join(folder, 'stopped.cjs'), { timeoutMs: 3_000 });
      assert.equal(run.result.cause, 'timeout');
      assert.ok(modelOf(run).tasks.some((task) => task.name === 'ticks'));
      const ticks = (): string => readFileSync(join(folder, 'ticks'), 'utf8');
      const last = ticks();
      await new Promise((done) => setTimeout(done, 200));
      assert.equal(ticks(), last);
    });

    it('may outlive the program: the run ends all the same, and says so', async () => {
      writeFiles(folder, {
        'outlives.cjs': `const fs = require('node:fs');
          async function live() {
            fs.writeFileSync('alive', '');
            for (let i = 0; i < 40; i++) await new Promise((done) => setTimeout(done, 100));
            fs.writeFileSync('lived', '');
          }
          void live();`,
        'leaves.cjs': `const { spawn } = require('node:child_process');
          spawn(process.execPath, ['outlives.cjs'], { detached: true, stdio: 'ignore' }).unref();
          const timer = setInterval(() => require('node:fs').existsSync('alive') && clearInterval(timer), 10);`,
      });
      const run = await trace(join(folder, 'leaves.cjs'));
      const model = modelOf(run);
      assert.equal(run.result.code, 0);
      assert.ok(run.result.afterMs < 5_000);
      assert.equal(model.processes[0]?.outlived, true);
      assert.ok(model.tasks.some((task) => task.name === 'live' && task.outcome === 'unsettled'));
      for (let waitedMs = 0; !existsSync(join(folder, 'lived')); waitedMs += 100) {
        assert.ok(waitedMs < 10_000, 'the child did not live on');
        await new Promise((done) => setTimeout(done, 100));
      }
    });
  });
}
