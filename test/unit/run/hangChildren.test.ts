import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { launchTarget } from '../../../src/run/launch.ts';
import type { RunHandle } from '../../../src/run/launchOptions.ts';
import { canReadThreads } from '../../../src/run/threadState.ts';
import { firstFollowedThread } from '../../../src/shared/ids.ts';
import type { HangRecord, ProcessRecord, TraceRecord } from '../../../src/shared/traceRecords.ts';
import { nodes } from '../support/nodes.ts';
import { holding, linesOfHolding, plain, sleep, until } from './heldPrograms.ts';
import { type Outcome, readChild, readTrace, useRealBench, writeFiles } from './support.ts';

const forks = `
const { fork } = require('node:child_process');
fork(__dirname + '/child.cjs', process.argv.slice(2)).on('exit', (code, signal) => console.log('child', code, signal));`;

interface Hung extends Outcome {
  /** What was told while it ran. */
  readonly told: readonly HangRecord[];
  readonly records: readonly TraceRecord[];
  readonly events: readonly string[];
}

interface HungOptions {
  readonly hangMs?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Ends with the release of the program; by default that is once a hang was told. */
  readonly conduct?: (told: readonly HangRecord[], handle: RunHandle, stdout: () => string) => Promise<void>;
}

/** What takes long is tried with the Node that most programs have, and with the oldest. */
const thorough = nodes.filter(({ major }) => major === 20 || major === 24);

for (const node of canReadThreads ? nodes : []) {
  describe(`a loop that hangs in a child process, Node ${node.version}`, () => {
    const bench = useRealBench();
    let runs = 0;

    function prepare(files: Readonly<Record<string, string>>, more: HungOptions['env']) {
      const folder = join(bench.folder, `run-${runs++}`);
      const release = join(folder, 'release');
      const withHold = Object.entries(files).map(([name, text]) => [name, name === 'program.cjs' ? text : holding + text]);
      writeFiles(folder, Object.fromEntries(withHold) as Record<string, string>);
      const env = { PATH: `${dirname(node.path)}:/usr/bin:/bin`, HOME: folder, RELEASE: release, ...more };
      return { folder, env, entry: join(folder, 'program.cjs'), release: () => writeFileSync(release, '') };
    }

    async function runHung(files: Readonly<Record<string, string>>, options: HungOptions = {}): Promise<Hung> {
      const { folder, env, entry, release } = prepare(files, options.env);
      const chunks: Uint8Array[] = [];
      const told: HangRecord[] = [];
      const { dist, transforms } = bench;
      const handle = launchTarget(
        {
          ...{ entry, cwd: folder, root: folder, distDir: dist, nodePath: node.path, transforms, env },
          stdio: 'pipe',
          hangMs: options.hangMs ?? 300,
          timeoutMs: 150_000,
        },
        { onTrace: (bytes) => void chunks.push(bytes.slice()), onHang: (samples) => void told.push(...samples) },
      );
      let [stdout, stderr] = ['', ''];
      handle.stdout?.setEncoding('latin1').on('data', (text: string) => (stdout += text));
      handle.stderr?.setEncoding('latin1').on('data', (text: string) => (stderr += text));
      handle.stdin?.end();
      if (options.conduct === undefined) await until(() => told.length > 0);
      else await options.conduct(told, handle, () => stdout);
      release();
      const { code, signal } = await handle.finished;
      const { records, events } = readTrace(Buffer.concat(chunks));
      return { stdout, stderr, code, signal, told, records, events };
    }

    /** What the program does without the tracer. */
    async function runBare(files: Readonly<Record<string, string>>, env?: HungOptions['env']): Promise<Outcome> {
      const place = prepare(files, env);
      const child = spawn(node.path, [place.entry], { cwd: place.folder, env: place.env, stdio: ['ignore', 'pipe', 'pipe'] });
      const { ended } = readChild(child);
      setTimeout(place.release, 200);
      return ended;
    }

    /** `hold held < late 4`: functions of the person's own and their lines, the innermost first. */
    const textOf = ({ stack }: HangRecord): string =>
      stack
        .filter(({ path }) => path?.startsWith(bench.folder) === true)
        .map(({ name, line = 0 }) => `${name.replace(/^Object\./, '')} ${line > linesOfHolding ? line - linesOfHolding : 'held'}`)
        .join(' < ');

    const processes = ({ records }: Hung): ProcessRecord[] => records.filter((record) => record.type === 'process');

    /** Something was told, and all of it of this process and place. */
    function assertTold(hung: Hung, name: string, pattern: RegExp): void {
      assert.equal(hung.stderr, '');
      assert.notEqual(hung.told.length, 0, 'nothing was told');
      const { thread } = hung.told[0]!;
      assert.equal(processes(hung).find((process) => process.thread === thread)?.name, name);
      for (const record of hung.told) {
        assert.equal(record.thread, thread);
        assert.match(textOf(record), pattern);
        assert.ok(record.heldUs >= 300_000, `held ${record.heldUs}`);
      }
      const written = hung.records.filter((record) => record.type === 'hang');
      assert.ok(written.length >= hung.told.length);
      assert.ok(written.every((record) => record.thread === thread));
    }

    const late = 'async function late() { await null; hold(); }\nlate().then(() => console.log("free"));';

    it('is told while it lasts, with its line and its process', async () => {
      const hung = await runHung({ 'program.cjs': forks, 'child.cjs': late });
      assertTold(hung, 'child.cjs', /hold held < late 1$/);
      assert.deepEqual([hung.stdout, hung.code], ['free\nchild 0 null\n', 0]);
    });

    it('also below another, and where a shell starts it', async () => {
      const hung = await runHung({
        'program.cjs': forks,
        'child.cjs': `require('node:child_process').spawn('node below.cjs; echo end', { shell: true, stdio: 'inherit' });`,
        'below.cjs': late,
      });
      assertTold(hung, 'below.cjs', /hold held < late 1$/);
      assert.equal(hung.stdout, 'free\nend\nchild 0 null\n');
    });

    it('and in a file of a test', async () => {
      const hung = await runHung({
        'program.cjs': `require('node:child_process').spawn(process.execPath, ['--test', 'some.test.cjs'], { stdio: 'inherit' });`,
        'some.test.cjs': `require('node:test')('waits', () => hold());`,
      });
      assertTold(hung, 'some.test.cjs', /hold held < TestContext.<anonymous> 1$/);
      assert.match(hung.stdout, /^(?:# |ℹ |â\S* )pass 1$/m);
    });

    it('and where it waits for a process of its own', async () => {
      const hung = await runHung({
        'program.cjs': forks,
        'child.cjs': `setTimeout(function late() {
          require('node:child_process').execSync('until [ -e "$RELEASE" ]; do sleep 0.05; done');
          console.log('free');
        }, 10);`,
      });
      assertTold(hung, 'child.cjs', /^Timeout\.late \[as _onTimeout\] 2$/);
      assert.equal(hung.stdout, 'free\nchild 0 null\n');
    });

    it('each of several by itself', async () => {
      const hung = await runHung(
        {
          'program.cjs': `const { fork } = require('node:child_process');
            for (const name of ['child.cjs', 'other.cjs']) fork(__dirname + '/' + name);`,
          'child.cjs': late,
          'other.cjs': `\n${late}`,
        },
        { conduct: (told) => until(() => new Set(told.map(({ thread }) => thread)).size === 2) },
      );
      const byName = new Map(processes(hung).map(({ thread, name }) => [thread, name]));
      for (const record of hung.told) {
        const line = byName.get(record.thread) === 'child.cjs' ? 1 : 2;
        assert.match(textOf(record), new RegExp(`hold held < late ${line}$`));
      }
      assert.equal(hung.stderr, '');
    });

    // Starts 34 processes.
    if (node.major === 24)
      it('one of more than are watched at once, as soon as another has ended', async () => {
        const hung = await runHung(
          {
            'program.cjs': `const { fork } = require('node:child_process');
              const { once } = require('node:events');
              (async function main() {
                const idle = [];
                const start = async (name) => {
                  const child = fork(__dirname + '/' + name);
                  await once(child, 'message');
                  return child;
                };
                while (idle.length < 32) idle.push(await start('idle.cjs'));
                const child = await start('child.cjs');
                idle[7].disconnect();
                await once(idle[7], 'exit');
                child.send('begin');
                await once(child, 'exit');
                for (const each of idle) if (each.connected) each.disconnect();
              })();`,
            'idle.cjs': `process.send('ready');\nprocess.on('message', () => {});`,
            'child.cjs': `process.send('ready');\nprocess.once('message', function late() { hold(); process.disconnect(); });`,
          },
          // Starting takes long where the machine is busy, and is not meant.
          { hangMs: 1500 },
        );
        assertTold(hung, 'child.cjs', /hold held < process.late 2$/);
      });

    it('in the worker of a cluster, which gets its messages afterwards', async () => {
      const files = {
        'program.cjs': `const cluster = require('node:cluster');
          cluster.setupPrimary({ exec: __dirname + '/worker.cjs' });
          const worker = cluster.fork();
          let sent = 0;
          const timer = setInterval(() => worker.send(++sent), 50);
          worker.on('message', (message) => {
            if (message === 'free') { clearInterval(timer); worker.send('end ' + sent); }
            else console.log(message);
          });
          worker.on('exit', (code) => console.log('exit', code));`,
        'worker.cjs': `const http = require('node:http');
          let got = 0;
          process.on('message', (message) => {
            if (typeof message === 'number') return void got++;
            process.send(message === 'end ' + got ? 'all came' : 'some are missing');
            http.createServer().listen(0, () => { process.send(['listens', process.execArgv]); process.disconnect(); process.exit(); });
          });
          setTimeout(function late() { hold(); process.send('free'); }, 100);`,
      };
      const hung = await runHung(files, { conduct: (told) => until(() => told.length >= 6) });
      assertTold(hung, 'worker.cjs', /hold held < Timeout.late/);
      assert.deepEqual(plain(hung), plain(await runBare(files)));
    });

    it('is asked for the live tasks too', async () => {
      let more = 0;
      const hung = await runHung(
        {
          'program.cjs': forks,
          // Nothing within the loop hands events on: no call that the instrumenter knows to block.
          'child.cjs': `async function soon() {}
            const seen = fs[['exists', 'Sync'].join('')];
            setTimeout(() => { for (let n = 0; n < 200; n++) soon(); console.log('ready'); soon(); while (!seen(process.env.RELEASE)) work(); }, 50);`,
        },
        {
          hangMs: 100_000,
          conduct: async (_told, handle, stdout) => {
            await until(() => stdout().includes('ready'));
            await sleep(300);
            const before = handle.counts.events;
            // It is not asked before it is known to be held.
            for (const from = Date.now(); handle.counts.events === before && Date.now() - from < 30_000;) {
              await sleep(200);
              await handle.flush();
            }
            more = handle.counts.events - before;
          },
        },
      );
      assert.ok(more > 0);
      assert.deepEqual([hung.told, hung.stderr], [[], '']);
    });

    it('says nothing and misses no message where it turns, however often it is asked', async () => {
      const files = {
        'program.cjs': `const cluster = require('node:cluster');
          cluster.setupPrimary({ exec: __dirname + '/worker.cjs' });
          const worker = cluster.fork();
          worker.on('message', (n) => (n < 400 ? worker.send(n + 1) : (console.log('last', n), worker.send('end'))));
          worker.on('exit', (code, signal) => console.log('exit', code, signal));
          worker.on('online', () => worker.send(1));`,
        'worker.cjs': `const inspector = require('node:inspector');
          process.on('message', (n) => {
            if (n === 'end') { console.log('free', inspector.url(), process.debugPort); process.exit(); }
            for (const from = Date.now(); Date.now() - from < 4; ) work();
            process.send(n + 1);
          });`,
      };
      let questions = 0;
      const conduct: HungOptions['conduct'] = async (_told, handle, stdout) => {
        for (const from = Date.now(); !stdout().includes('last') && Date.now() - from < 50_000;) {
          const before = performance.now();
          await handle.flush();
          // Without a question it resolves at once.
          if (performance.now() - before > 2) questions++;
          await sleep(2);
        }
      };
      const hung = await runHung(files, { hangMs: 100_000, conduct });
      assert.deepEqual(plain(hung), plain(await runBare(files)));
      assert.ok(questions >= 5, `only ${questions} questions`);
    });

    it('never gets the signal where it handles it', async () => {
      const hung = await runHung(
        {
          'program.cjs': forks,
          'child.cjs': `process.on('SIGUSR1', () => console.log('a signal')); setTimeout(() => { hold(); process.exit(3); }, 10);`,
        },
        { conduct: () => sleep(2500) },
      );
      assert.deepEqual([hung.told, hung.stdout, hung.stderr], [[], 'child 3 null\n', '']);
      const [child] = processes(hung);
      assert.deepEqual(
        hung.records.filter((record) => record.type === 'unwatched'),
        [{ type: 'unwatched', thread: child?.thread, reason: 'signal-handler' }],
      );
    });

    it('nor where what Node loads before handles it', async () => {
      const hung = await runHung(
        {
          'program.cjs': `require('node:child_process').fork(__dirname + '/child.cjs', {
            env: { ...process.env, NODE_OPTIONS: '--require ./first.cjs' } });`,
          'first.cjs': `process.on('SIGUSR1', () => console.log('a signal'));`,
          'child.cjs': `setTimeout(() => { hold(); console.log('free'); setTimeout(() => process.exit(), 100); }, 10);`,
        },
        { conduct: () => sleep(2500) },
      );
      assert.deepEqual([hung.told, hung.stdout, hung.stderr], [[], 'free\n', '']);
    });

    it('nor what the process has become', async () => {
      const files = {
        'program.cjs': forks,
        'child.cjs': `setTimeout(() => {
          if (process.execve === undefined) return console.log('cannot');
          process.execve(process.execPath, [process.execPath, __dirname + '/next.cjs']);
        }, 20);`,
        'next.cjs': `hold(); console.log('free', require('node:inspector').url(), process.execArgv.length);`,
      };
      const hung = await runHung(files, { conduct: () => sleep(2500) });
      assert.deepEqual(hung.told, []);
      assert.deepEqual(plain(hung), plain(await runBare(files)));
    });

    const seen = `
      const inspector = require('node:inspector');
      const view = () => [process.execArgv.join(' '), process.debugPort, inspector.url(), process.argv.length, process.listenerCount('internalMessage')];`;
    const looks = `${seen}
      console.log(...view());
      setTimeout(() => { hold(); console.log('free', ...view()); console.error('and on stderr'); }, 20);`;
    const ways: Readonly<Record<string, string>> = {
      fork: `fork('./child.cjs', { execArgv: ['--no-warnings'] }).on('exit', told);`,
      shell: `cp.spawn('node --no-warnings child.cjs 1 && node -p 2', { shell: true, stdio: 'inherit' }).on('exit', told);`,
      sync: `const { stdout, stderr, status } = cp.spawnSync('node', ['child.cjs'], { encoding: 'utf8' }); console.log(stdout, stderr, status);`,
      'options of the environment': `fork('./child.cjs', { env: { ...process.env, NODE_OPTIONS: '--no-warnings --stack-trace-limit=5' } }).on('exit', told);`,
      'a runner of tests': `require('node:test').run({ files: [require.resolve('./child.cjs')] }).on('test:stdout', ({ message }) => console.log(message)).on('test:pass', ({ name }) => console.log(name.length > 0));`,
      'a test on the command line': `cp.spawn(process.execPath, ['--test', '--test-reporter=tap', 'child.cjs'], { stdio: 'inherit' }).on('exit', told);`,
    };
    for (const [name, text] of Object.entries(ways)) {
      it(`is the same program to itself and others: ${name}`, async () => {
        const files = {
          'program.cjs': `const cp = require('node:child_process');
            const { fork } = cp;
            const told = (code, signal) => console.log('exit', code, signal);
            ${text}`,
          'child.cjs': looks,
        };
        const hung = await runHung(files, { conduct: (told) => until(() => told.filter(isBelow).length >= 4) });
        assert.ok(hung.told.filter(isBelow).length >= 4);
        // Both names of its own folder may be printed.
        const named = (outcome: Outcome): Outcome => plain({ ...outcome, stdout: outcome.stdout.replace(/run-\d+/g, 'FOLDER') });
        assert.deepEqual(named(hung), named(await runBare(files)));
      });
    }
    const isBelow = ({ thread }: HangRecord): boolean => thread >= firstFollowedThread;

    const debugged: Readonly<Record<string, string>> = {
      flags: `fork('./child.cjs', { execArgv: ['--inspect=0'] });`,
      'options of the environment': `fork('./child.cjs', { env: { ...process.env, NODE_OPTIONS: '--inspect=0' } });`,
      'a command of a shell': `cp.spawn('NODE_OPTIONS=--inspect=0 node child.cjs', { shell: true, stdio: 'inherit' });`,
      'a variable in it': `cp.spawn('node $FLAGS child.cjs', { shell: true, stdio: 'inherit', env: { ...process.env, FLAGS: '--inspect=0' } });`,
      'what Node loads before': `fork('./child.cjs', { env: { ...process.env, NODE_OPTIONS: '--require ./opens.cjs' } });`,
      'the program itself': `fork('./opens.cjs', { execArgv: ['-r', './child.cjs'] });`,
    };
    for (const [name, text] of thorough.includes(node) ? Object.entries(debugged) : []) {
      it(`is left to a debugger by ${name}`, async () => {
        const files = {
          'program.cjs': `const cp = require('node:child_process'); const { fork } = cp; ${text}`,
          'opens.cjs': `require('node:inspector').open(0);`,
          'child.cjs': `setTimeout(() => { hold(); console.log(require('node:inspector').url() !== undefined, process.memoryUsage().external < 2 ** 23); process.exit(); }, 100);`,
        };
        const hung = await runHung(files, { conduct: () => sleep(2500) });
        assert.deepEqual(hung.told, []);
        assert.match(hung.stderr, /^Debugger listening on ws:/);
        assert.deepEqual(plain(hung), plain(await runBare(files)));
      });
    }

    if (!thorough.includes(node)) return;

    it('that started when the launcher was gone has the words of its inspector', async () => {
      const files = {
        'program.cjs': `require('node:child_process').spawn(process.execPath, ['outlives.cjs'], { detached: true, stdio: 'ignore' }).unref();
          setTimeout(() => {}, 1500);`,
        'outlives.cjs': `setTimeout(() => {
            const file = fs.openSync('printed', 'w');
            const { spawn } = require('node:child_process');
            spawn(process.execPath, ['last.cjs'], { stdio: ['ignore', file, file] }).on('exit', () => fs.writeFileSync('ended', ''));
          }, 8000);`,
        'last.cjs': `${seen}
          console.log(...view());
          inspector.open(0);
          inspector.close();
          process.debugPort = 0;
          process.kill(process.pid, 'SIGUSR1');
          for (const from = Date.now(); inspector.url() === undefined && Date.now() - from < 20000; ) work();
          console.log(process.debugPort > 0, inspector.url() !== undefined);
          process.exit();`,
      };
      const printed = async (folder: string): Promise<string> => {
        await until(() => existsSync(join(folder, 'ended')));
        return readFileSync(join(folder, 'printed'), 'utf8').replace(/ws:\S+/g, 'ws:PLACE');
      };
      await runHung(files, { conduct: () => Promise.resolve() });
      const traced = await printed(join(bench.folder, `run-${runs - 1}`));
      await runBare(files);
      assert.equal(traced, await printed(join(bench.folder, `run-${runs - 1}`)));
      assert.equal(traced.match(/Debugger listening/g)?.length, 2);
    });

    it('that is asked as the run ends answers in silence later', async () => {
      const files = {
        'program.cjs': `require('node:child_process').spawn(process.execPath, ['outlives.cjs'], { detached: true, stdio: 'ignore' }).unref();
          const fs = require('node:fs');
          const timer = setInterval(() => { if (fs.existsSync(process.env.RELEASE)) clearInterval(timer); }, 10);`,
        'outlives.cjs': `require('node:child_process').execSync('sleep 9');
          setTimeout(() => fs.writeFileSync('ended', String(require('node:inspector').url())), 200);`,
      };
      const hung = await runHung(files);
      assert.notEqual(hung.told.length, 0);
      const folder = join(bench.folder, `run-${runs - 1}`);
      await until(() => existsSync(join(folder, 'ended')));
      assert.equal(readFileSync(join(folder, 'ended'), 'utf8'), 'undefined');
    });
  });
}
