import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canReadThreads } from '../../../src/run/threadState.ts';
import { firstFollowedThread } from '../../../src/shared/ids.ts';
import type { HangRecord } from '../../../src/shared/traceRecords.ts';
import { nodes } from '../support/nodes.ts';
import { plain, sleep, until } from './heldPrograms.ts';
import { forks, type HungOptions, processes, useHungRuns } from './hungRuns.ts';
import { askTarget, type Outcome } from './support.ts';

/** What takes long is tried with the Node that most programs have, and with the oldest. */
const thorough = nodes.filter(({ major }) => major === 20 || major === 24);

for (const node of canReadThreads ? nodes : []) {
  describe(`a child process that is asked where it is held, Node ${node.version}`, () => {
    const { runHung, runBare } = useHungRuns(node.path);

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
          if (await askTarget(handle)) questions++;
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
      const hung = await runHung(files, { conduct: () => Promise.resolve() });
      const traced = await printed(hung.folder);
      const bare = await runBare(files);
      assert.equal(traced, await printed(bare.folder));
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
      const ended = join(hung.folder, 'ended');
      await until(() => existsSync(ended));
      assert.equal(readFileSync(ended, 'utf8'), 'undefined');
    });
  });
}
