import assert from 'node:assert/strict';
import { canReadThreads } from '../../../src/run/threadState.ts';
import { nodes } from '../support/nodes.ts';
import { plain, sleep, until } from './heldPrograms.ts';
import { forks, late, processes, useHungRuns } from './hungRuns.ts';

for (const node of canReadThreads ? nodes : []) {
  describe(`a loop that hangs in a child process, Node ${node.version}`, () => {
    const { runHung, runBare, assertTold, textOf } = useHungRuns(node.path);

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
  });
}
