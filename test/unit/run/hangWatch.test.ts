import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launchTarget } from '../../../src/run/launch.ts';
import type { RunHandle } from '../../../src/run/launchOptions.ts';
import { canReadThreads } from '../../../src/run/threadState.ts';
import { TransformService } from '../../../src/run/transformService.ts';
import type { HangRecord, TraceRecord } from '../../../src/shared/traceRecords.ts';
import { nodes } from '../support/nodes.ts';
import { buildRealDist, makeFolder, type Outcome, readChild, readTrace, removeFolder, writeFiles } from './support.ts';

/** `hold` does not return before the file exists that the program is given. */
const holding = `
const fs = require('node:fs');
let sum = 0;
function work() {
  for (let i = 0; i < 1e5; i++) sum += Math.sqrt(i);
}
function hold() {
  while (!fs.existsSync(process.argv[2])) {
    work();
  }
}
`;
const linesOfHolding = holding.split('\n').length - 1;

interface Hung {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: string | null;
  /** What was told while it ran. */
  readonly told: readonly HangRecord[];
  readonly records: readonly TraceRecord[];
  /** Events that had come when it was first told. */
  readonly eventsThen: readonly string[];
}

interface HungOptions {
  readonly hangMs?: number;
  /** Releases the program; by default it is released once a hang was told. */
  readonly conduct?: (handle: RunHandle, release: () => void, told: readonly HangRecord[]) => Promise<void>;
}

const sleep = (ms: number): Promise<void> => new Promise((over) => setTimeout(over, ms));

async function until(condition: () => boolean): Promise<void> {
  for (let waitedMs = 0; !condition() && waitedMs < 30_000; waitedMs += 20) await sleep(20);
}

for (const node of canReadThreads ? nodes : []) {
  describe(`a loop that hangs, Node ${node.version}`, () => {
    let dist: string;
    let folder: string;
    let transforms: TransformService;
    before(async () => {
      dist = makeFolder();
      folder = makeFolder();
      await buildRealDist(dist);
      transforms = new TransformService({ workerPath: join(dist, 'instrument-worker.cjs') });
    });
    after(async () => {
      await transforms.dispose();
      removeFolder(dist);
      removeFolder(folder);
    });
    let runs = 0;
    const nextRelease = (): string => join(folder, `release-${runs++}`);

    async function runHung(source: string, options: HungOptions = {}): Promise<Hung> {
      const released = nextRelease();
      const release = (): void => writeFileSync(released, '');
      writeFiles(folder, { 'program.cjs': source });
      const chunks: Uint8Array[] = [];
      const told: HangRecord[] = [];
      let eventsThen: readonly string[] = [];
      const handle = launchTarget(
        {
          entry: join(folder, 'program.cjs'),
          args: [released],
          cwd: folder,
          root: folder,
          distDir: dist,
          nodePath: node.path,
          stdio: 'pipe',
          transforms,
          hangMs: options.hangMs ?? 300,
        },
        {
          onTrace: (bytes) => void chunks.push(bytes.slice()),
          onHang(samples) {
            if (told.length === 0) eventsThen = readTrace(Buffer.concat(chunks)).events;
            told.push(...samples);
          },
        },
      );
      let stdout = '';
      let stderr = '';
      handle.stdout?.setEncoding('latin1').on('data', (text: string) => (stdout += text));
      handle.stderr?.setEncoding('latin1').on('data', (text: string) => (stderr += text));
      handle.stdin?.end();
      if (options.conduct === undefined) await until(() => told.length > 0);
      else await options.conduct(handle, release, told);
      release();
      const { code, signal } = await handle.finished;
      const { records, events } = readTrace(Buffer.concat(chunks));
      assert.ok(!events.includes('a damaged batch'));
      return { stdout, stderr, code, signal, told, eventsThen, records };
    }

    /** What the program does without the tracer. */
    function runBare(source: string): Promise<Outcome> {
      const released = nextRelease();
      writeFiles(folder, { 'program.cjs': source });
      const child = spawn(node.path, [join(folder, 'program.cjs'), released], { cwd: folder, stdio: 'pipe' });
      child.stdin.end();
      setTimeout(() => writeFileSync(released, ''), 200);
      return readChild(child).ended;
    }

    /** `work 5 < hold 9 < program 17`: functions of the program and their lines, the innermost first. */
    const textOf = ({ stack }: HangRecord): string =>
      stack
        .filter(({ path }) => path?.startsWith(folder) === true)
        .map(({ name, line = 0 }) => `${name.replace(/^Object\./, '')} ${line > linesOfHolding ? line - linesOfHolding : 'held'}`)
        .join(' < ');

    function assertTold(hung: Hung, pattern: RegExp): void {
      assert.equal(hung.stderr, '');
      assert.notEqual(hung.told.length, 0, 'nothing was told');
      for (const record of hung.told) {
        assert.match(textOf(record), pattern);
        assert.ok(record.heldUs >= 300_000, `held ${record.heldUs}`);
      }
      const written = hung.records.filter((record) => record.type === 'hang');
      assert.ok(written.length >= hung.told.length);
    }

    it('in the first turn: its line, and the events so far', async () => {
      const hung = await runHung(`${holding}
        async function first() { await null; }
        first();
        hold();
        console.log('free', process.execArgv.length, process.debugPort);`);
      assertTold(hung, /hold held < <anonymous> 4$/);
      assert.deepEqual(hung.eventsThen.slice(0, 1), ['turn main']);
      assert.ok(hung.eventsThen.some((text) => text.startsWith('suspend 1')));
      assert.equal(hung.stdout, 'free 0 9229\n');
    });

    it('in a task, after an await', async () => {
      const hung = await runHung(`${holding}
        async function inner() {
          await new Promise((done) => setTimeout(done, 20));
          hold();
        }
        async function outer() { await inner(); }
        outer().then(() => console.log('free'));`);
      assertTold(hung, /hold held < inner 4 < outer 6$/);
      assert.ok(hung.eventsThen.includes('resume 2') && !hung.eventsThen.some((text) => text.startsWith('settle 2')));
      assert.equal(hung.stdout, 'free\n');
    });

    it('in the callback of a timer', async () => {
      const hung = await runHung(`${holding}
        setTimeout(function late() { hold(); }, 20);`);
      assertTold(hung, /hold held < Timeout.late \[as _onTimeout\] 2$/);
    });

    it('in microtasks that never end', async () => {
      const hung = await runHung(`${holding}
        async function starve() {
          while (!fs.existsSync(process.argv[2])) await null;
        }
        starve();`);
      // V8 interrupts it where it goes on, which to V8 is its beginning, or in what it calls.
      assertTold(hung, /^starve [23]/);
    });

    it('asleep in Atomics.wait', async () => {
      const hung = await runHung(`${holding}
        const cell = new Int32Array(new SharedArrayBuffer(4));
        while (!fs.existsSync(process.argv[2])) Atomics.wait(cell, 0, 0, 3000);`);
      assertTold(hung, /^<anonymous> 3$/);
      assert.equal(hung.told[0]?.stack[0]?.name, 'Atomics.wait');
    });

    it('waiting for a child process', async () => {
      const hung = await runHung(`${holding}
        async function build() {
          await null;
          require('node:child_process').execSync('until [ -e "$RELEASED" ]; do sleep 0.05; done', { env: { ...process.env, RELEASED: process.argv[2] } });
          await null;
          console.log('free');
        }
        build();`);
      assertTold(hung, /^build 4$/);
      assert.equal(hung.stdout, 'free\n');
    });

    it('leaves no byte, code or signal changed', async () => {
      const source = `${holding}
        process.on('exit', (code) => console.log('exit', code, process.listenerCount('internalMessage')));
        setTimeout(() => {
          hold();
          console.log('free', process.execArgv, process.debugPort, Object.keys(process).indexOf('debugPort'));
          console.error('and on stderr');
          Promise.reject(new Error('in the end'));
        }, 10);`;
      const bare = await runBare(source);
      const { stdout, stderr, code, signal, told } = await runHung(source, {
        conduct: async (_handle, release, seen) => {
          await until(() => seen.length >= 4);
          release();
        },
      });
      assert.ok(told.length >= 4);
      assert.deepEqual({ stdout, stderr, code, signal }, bare);
    });

    it('is silent while the loop is idle', async () => {
      const hung = await runHung(
        `${holding}
        require('node:http').createServer(() => {}).listen(0, '127.0.0.1');
        async function waits() { await new Promise((done) => setTimeout(done, 2500)); }
        waits().then(() => process.exit());`,
        { hangMs: 1000, conduct: async (handle) => void (await handle.finished) },
      );
      assert.deepEqual(hung.told, []);
      assert.equal(hung.stderr, '');
    });

    it('is silent while the process is stopped', async () => {
      let toldWhileStopped = -1;
      const hung = await runHung(`${holding} console.log('ready'); hold();`, {
        hangMs: 800,
        conduct: async ({ pid, stdout }, _release, told) => {
          await new Promise((ready) => stdout?.once('data', ready));
          process.kill(pid!, 'SIGSTOP');
          await sleep(2500);
          toldWhileStopped = told.length;
          process.kill(pid!, 'SIGCONT');
          await until(() => told.length > 0);
        },
      });
      assert.equal(toldWhileStopped, 0);
      assertTold(hung, /hold held < <anonymous> 1$/);
    });

    it('never sends the signal to a program that handles it', async () => {
      const hung = await runHung(
        `${holding}
        process.on('SIGUSR1', () => console.log('a signal'));
        setTimeout(() => hold(), 10);
        setTimeout(() => process.exit(3), 20);`,
        { conduct: () => sleep(1500) },
      );
      assert.deepEqual(hung.told, []);
      assert.deepEqual([hung.stdout, hung.stderr, hung.code, hung.signal], ['', '', 3, null]);
      assert.deepEqual(
        hung.records.filter((record) => record.type === 'unwatched'),
        [{ type: 'unwatched', thread: 0, reason: 'signal-handler' }],
      );
    });

    it('leaves the inspector to a program that opens it', async () => {
      const source = `${holding}
        const inspector = require('node:inspector');
        inspector.open(0);
        console.log(inspector.url().includes(':' + process.debugPort + '/'), process.debugPort > 0);
        hold();
        inspector.close();
        console.log(inspector.url());`;
      const places = (text: string): string => text.replace(/ws:\S+/g, 'ws:PLACE');
      const bare = await runBare(source);
      const hung = await runHung(source, { conduct: () => sleep(1500) });
      assert.deepEqual(hung.told, []);
      assert.deepEqual([hung.stdout, places(hung.stderr), hung.code], [bare.stdout, places(bare.stderr), bare.code]);
      assert.match(hung.stderr, /^Debugger listening on ws:/);
      assert.ok(hung.records.some((record) => record.type === 'unwatched' && record.reason === 'debugger'));
    });

    it('opens the inspector for a signal from elsewhere', async () => {
      const hung = await runHung(
        `${holding}
        process.debugPort = 0;
        console.log('ready');
        const timer = setInterval(() => { if (fs.existsSync(process.argv[2])) clearInterval(timer); }, 10);`,
        {
          conduct: async ({ pid, stdout, stderr }) => {
            await new Promise((ready) => stdout?.once('data', ready));
            const heard = new Promise((done) => stderr?.once('data', done));
            process.kill(pid!, 'SIGUSR1');
            await heard;
          },
        },
      );
      assert.match(hung.stderr, /^Debugger listening on ws:\/\/127\.0\.0\.1:\d+\/\S+\nFor help, see: https:\S+\n$/);
      assert.equal(hung.code, 0);
    });

    it('is not heard of by the workers of a cluster, nor by a program that removed all listeners', async () => {
      const source = `${holding}
        const cluster = require('node:cluster');
        if (cluster.isPrimary) {
          process.removeAllListeners();
          cluster.setupPrimary({ args: [process.argv[2]] });
          const worker = cluster.fork();
          worker.on('message', () => {
            hold();
            console.log('free', require('node:inspector').url());
            worker.send('end');
          });
          worker.on('exit', (code) => console.log('exit', code));
        } else {
          process.send('ready');
          process.on('message', () => process.exit(4));
        }`;
      const { told, stdout, stderr, code } = await runHung(source);
      assert.notEqual(told.length, 0);
      assert.deepEqual([stdout, stderr, code], ['free undefined\nexit 4\n', '', 0]);
    });

    it('is silent about worker threads', async () => {
      const hung = await runHung(
        `${holding}
        const { Worker, isMainThread, threadId, workerData } = require('node:worker_threads');
        if (isMainThread) {
          new Worker(__filename, { argv: [process.argv[2]] }).on('exit', (code) => console.log('exit', code));
        } else {
          hold();
          console.log('thread', threadId);
        }`,
        { hangMs: 1000, conduct: () => sleep(2500) },
      );
      assert.deepEqual(hung.told, []);
      assert.deepEqual([hung.stdout, hung.stderr, hung.code], ['thread 1\nexit 0\n', '', 0]);
    });
  });
}
