import assert from 'node:assert/strict';
import { join } from 'node:path';
import { TransformService } from '../../../src/run/transformService.ts';
import { nodes } from '../support/nodes.ts';
import { buildDist, makeFolder, removeFolder, runTraced, writeFiles, type TracedRun } from '../run/support.ts';

/** `async function NAME(params) { body }` as the instrumenter writes it; site ids are `$n`. */
function task(site: number, head: string, body: string): string {
  return `${head} { const __il_t = __il_e($${site}); try { ${body} __il_k(__il_t); } finally { __il_f(__il_t); } }\n`;
}
const wait = (site: number, operand: string): string => `__il_r(__il_t, await __il_s(__il_t, $${site}, ${operand}))`;
/** Names as many sites as the text uses. */
function withSites(text: string): string {
  const count = Math.max(0, ...Array.from(text.matchAll(/\$(\d+)/g), (match) => Number(match[1])));
  return `//sites: ${Array.from({ length: count }, () => 'function f').join(' | ')}\n${text}`;
}
const sleep = 'const sleep = (ms) => new Promise((r) => setTimeout(r, ms));\n';

for (const node of nodes) {
  describe(`recorded events, Node ${node.version}`, () => {
    let folder: string;
    let transforms: TransformService;
    before(async () => {
      folder = makeFolder();
      await buildDist(join(folder, 'dist'));
      transforms = new TransformService({ workerPath: join(folder, 'dist', 'instrument-worker.cjs') });
    });
    after(async () => {
      await transforms.dispose();
      removeFolder(folder);
    });

    async function run(name: string, text: string): Promise<TracedRun> {
      const root = join(folder, 'src');
      writeFiles(root, { [name]: withSites(text) });
      const traced = await runTraced({
        entry: join(root, name),
        root,
        distDir: join(folder, 'dist'),
        nodePath: node.path,
        transforms,
      });
      return traced;
    }
    async function events(name: string, text: string): Promise<readonly string[]> {
      const traced = await run(name, text);
      assert.equal(traced.stderr, '');
      return traced.events;
    }

    it('two tasks under a parent, woken by timers', async () => {
      const text =
        sleep +
        task(1, 'async function child(ms)', `${wait(2, 'sleep(ms)')};`) +
        task(3, 'async function parent()', `${wait(4, 'Promise.all([child(60), child(5)])')};`) +
        'parent();';
      assert.deepEqual(await events('parents.cjs', text), [
        'turn main',
        'start 1 @3 parent 0',
        'start 2 @1 parent 1',
        'suspend 2 @2',
        'start 3 @1 parent 1',
        'suspend 3 @2',
        'suspend 1 @4',
        'turn timer',
        'resume 3',
        'settle 3 returned',
        'turn timer',
        'resume 2',
        'settle 2 returned',
        'resume 1',
        'settle 1 returned',
      ]);
    });

    it('throws: out of an await, caught, and passed on', async () => {
      const text =
        task(1, 'async function inner()', `${wait(2, 'null')}; throw new Error('x');`) +
        task(3, 'async function outer()', `try { ${wait(4, 'inner()')}; } catch (e) {__il_c(__il_t); }`) +
        task(5, 'async function passing()', `${wait(6, 'inner()')};`) +
        task(7, 'async function early()', `try { return __il_k(__il_t, 1); } finally {__il_c(__il_t); }`) +
        'outer().then(passing).catch(early);';
      assert.deepEqual(await events('throws.cjs', text), [
        'turn main',
        'start 1 @3 parent 0',
        'start 2 @1 parent 1',
        'suspend 2 @2',
        'suspend 1 @4',
        'resume 2',
        'settle 2 threw',
        'resume 1 threw',
        'settle 1 returned',
        'start 3 @5 parent 0',
        'start 4 @1 parent 3',
        'suspend 4 @2',
        'suspend 3 @6',
        'resume 4',
        'settle 4 threw',
        'resume 3 threw',
        'settle 3 threw',
        'start 5 @7 parent 0',
        'settle 5 returned',
      ]);
    });

    it('an async generator handing over to its consumer', async () => {
      const text =
        task(
          1,
          'async function* numbers()',
          '__il_r(__il_t, yield __il_s(__il_t, $2, 1)); __il_r(__il_t, yield __il_s(__il_t, $2, 2));',
        ) +
        task(
          3,
          'async function consume()',
          'for await (const n of __il_s(__il_t, $4, numbers())) { __il_r(__il_t); if (n > 5) break; __il_s(__il_t, $4); } __il_r(__il_t);',
        ) +
        'consume();';
      assert.deepEqual(await events('generator.cjs', text), [
        'turn main',
        'start 1 @3 parent 0',
        'suspend 1 @4',
        'start 2 @1 parent 0',
        'suspend 2 @2',
        'resume 1',
        'suspend 1 @4',
        'resume 2',
        'suspend 2 @2',
        'resume 1',
        'suspend 1 @4',
        'resume 2',
        'settle 2 returned',
        'resume 1',
        'settle 1 returned',
      ]);
    });

    it('a generator resumed within its consumer runs nested', async () => {
      const text =
        task(1, 'async function* numbers()', '__il_r(__il_t, yield __il_s(__il_t, $2, 1));') +
        task(3, 'async function leaf()', '') +
        task(
          4,
          'async function consume()',
          `const g = numbers(); ${wait(5, 'g.next()')}; const p = g.next(); leaf(); ${wait(5, 'p')};`,
        ) +
        'consume();';
      assert.deepEqual(await events('nested.cjs', text), [
        'turn main',
        'start 1 @4 parent 0',
        'start 2 @1 parent 1',
        'suspend 2 @2',
        'suspend 1 @5',
        'resume 1',
        'resume 2',
        'settle 2 returned',
        'start 3 @3 parent 1',
        'settle 3 returned',
        'suspend 1 @5',
        'resume 1',
        'settle 1 returned',
      ]);
    });

    it('a module with top-level await that throws leaves no task behind as a parent', async () => {
      const root = join(folder, 'src');
      writeFiles(root, {
        'bad.mjs': 'const __il_t = __il_e($1); __il_r(__il_t, await __il_s(__il_t, $2, null)); throw new Error("bad");',
      });
      const text = task(1, 'async function later()', '') + `import('./bad.mjs').catch(() => setTimeout(later, 1));`;
      const seen = await events('module.cjs', text);
      assert.deepEqual(
        seen.filter((line) => !line.startsWith('turn')),
        ['start 1 @2 parent 0', 'suspend 1 @3', 'resume 1', 'start 2 @1 parent 0', 'settle 2 returned'],
      );
    });

    it('blocking calls from a millisecond on, also those that throw, and calls of resolve', async () => {
      const text =
        `const { execFileSync } = require('child_process');\n` +
        task(
          1,
          'async function f()',
          `__il_d(__il_b($2), 1 + 1);
           __il_d(__il_b($3), execFileSync(process.execPath, ['-p', '1']));
           try { __il_d(__il_b($4), execFileSync(process.execPath, ['-e', 'process.exit(1)'], { stdio: 'ignore' })); } catch {__il_c(__il_t); }
           ${wait(6, 'new Promise((resolve) => setImmediate(() => resolve(__il_w($5, 1))))')};`,
        ) +
        'f();';
      // Whether the tracer had to wait for the place where children come to is no matter here, nor whether the system took a millisecond
      // for itself while one was added to one.
      const seen = (await events('blocking.cjs', text)).filter((line) => line !== 'tracer' && line !== 'block @2 task 1');
      assert.deepEqual(seen, [
        'turn main',
        'start 1 @1 parent 0',
        'block @3 task 1',
        'block @4 task 1',
        'suspend 1 @6',
        'turn immediate',
        'settleCall @5 task 0',
        'resume 1',
        'settle 1 returned',
      ]);
    });

    it('what woke a task: each kind of turn', async () => {
      const kinds: Readonly<Record<string, string>> = {
        timer: 'sleep(2)',
        immediate: 'new Promise((r) => setImmediate(r))',
        file: 'fs.promises.readFile(__filename)',
        network: `new Promise((r) => { const s = require('net').createServer((c) => { c.end(); s.close(r); }).listen(0, () => require('net').connect(s.address().port).resume()); })`,
        process: `new Promise((r) => require('child_process').spawn(process.execPath, ['-v'], { stdio: 'ignore' }).on('exit', r))`,
        worker: `new Promise((r) => new (require('worker_threads').Worker)('require("worker_threads").parentPort.postMessage(1)', { eval: true }).on('message', r))`,
        crypto: `require('util').promisify(require('crypto').pbkdf2)('a', 'b', 1, 8, 'sha256')`,
        zlib: `require('util').promisify(require('zlib').gzip)('a')`,
        signal: `new Promise((r) => { const k = setTimeout(() => {}, 5000); process.once('SIGUSR2', () => { clearTimeout(k); r(); }); process.kill(process.pid, 'SIGUSR2'); })`,
      };
      const functions = Object.values(kinds).map((operand) => task(1, 'async () =>', `${wait(2, operand)};`));
      const seen = await events(
        'kinds.cjs',
        `${sleep}const fs = require('fs');\nconst all = [${functions.join(', ')}];\n` +
          '(async () => { for (const f of all) { await f(); await new Promise((r) => setImmediate(r)); } })();',
      );
      const wakers: string[] = [];
      let turn = '';
      for (const line of seen) {
        if (line.startsWith('turn ')) turn = line.slice('turn '.length);
        if (line.startsWith('resume')) wakers.push(turn);
      }
      assert.deepEqual(wakers, Object.keys(kinds));
    });

    it('nothing is lost at process.exit, in exit listeners, or before an uncaught error', async () => {
      const body = `${wait(2, 'null')}; process.on('exit', () => { g(); }); `;
      const text = (end: string): string =>
        task(3, 'async function g()', '') + task(1, 'async function f()', body + end) + 'f();';
      const ends = ['start 2 @3 parent 1', 'settle 2 returned'];
      const started = ['turn main', 'start 1 @1 parent 0', 'suspend 1 @2', 'resume 1'];
      assert.deepEqual(await events('exits.cjs', text('process.exit(4);')), [...started, ...ends]);
      assert.deepEqual((await run('fails.cjs', text('throw 1;'))).events, [
        ...started,
        'settle 1 threw',
        'start 2 @3 parent 0',
        ends[1],
      ]);
      const uncaught = await run(
        'uncaught.cjs',
        task(1, 'async function f()', '') + `f(); process.on('exit', () => { f(); f(); }); null.x;`,
      );
      assert.equal(uncaught.events.filter((line) => line.startsWith('settle')).length, 3);
      assert.equal(uncaught.result.code, 1);
    });

    it('a killed program leaves everything but its last moments', async () => {
      const text =
        sleep +
        task(
          1,
          'async function f()',
          `${wait(2, 'sleep(1)')}; ${wait(3, 'sleep(250)')}; process.kill(process.pid, 'SIGKILL'); `,
        ) +
        'f();';
      const { events: seen, result, records } = await run('killed.cjs', text);
      assert.equal(result.signal, 'SIGKILL');
      assert.deepEqual(seen.slice(0, 6), [
        'turn main',
        'start 1 @1 parent 0',
        'suspend 1 @2',
        'turn timer',
        'resume 1',
        'suspend 1 @3',
      ]);
      assert.deepEqual(records.at(-1)?.type, 'exit');
    });

    it('threads write into one trace, each with its own tasks', async () => {
      const text =
        `const { Worker, isMainThread } = require('worker_threads');\n${sleep}` +
        task(1, 'async function f()', `${wait(2, 'sleep(1)')};`) +
        'f(); if (isMainThread) for (let i = 0; i < 3; i++) new Worker(__filename);';
      const { events: seen, records, stderr } = await run('threads.cjs', text);
      assert.equal(stderr, '');
      const own = (thread: number): string[] =>
        seen
          .filter((line) => line.startsWith(thread === 0 ? '' : `[${thread}] `) && (thread !== 0 || !line.startsWith('[')))
          .filter((line) => !/(^|] )turn /.test(line));
      for (const thread of [0, 1, 2, 3]) {
        const prefix = thread === 0 ? '' : `[${thread}] `;
        assert.deepEqual(
          own(thread),
          ['start 1 @1 parent 0', 'suspend 1 @2', 'resume 1', 'settle 1 returned'].map((line) => prefix + line),
        );
      }
      const names = records.flatMap((record) => (record.type === 'thread' ? [record.name] : []));
      assert.deepEqual(names.sort(), ['worker 1 (threads.cjs)', 'worker 2 (threads.cjs)', 'worker 3 (threads.cjs)']);
      // One file, one set of sites, however many threads load it.
      assert.equal(records.filter((record) => record.type === 'file').length, 1);
    });

    it('callbacks that the loop calls, and not those that a task or another callback calls', async () => {
      const callback = (site: number, body: string): string =>
        `() => { const __il_g = __il_i($${site}); try { ${body} } finally { __il_j(__il_g); } }`;
      const text =
        `const inner = ${callback(1, '')};` +
        `setTimeout(${callback(2, 'inner(); f();')}, 1);` +
        task(3, 'async function f()', `inner(); ${wait(4, 'null')}; inner();`) +
        `Promise.resolve().then(${callback(5, 'throw 1')}).catch(${callback(6, '')});`;
      assert.deepEqual(await events('callbacks.cjs', text), [
        'turn main',
        'callback @5',
        'callbackEnd @5',
        'callback @6',
        'callbackEnd @6',
        'turn timer',
        'callback @2',
        'start 1 @3 parent 0',
        'suspend 1 @4',
        'callbackEnd @2',
        'resume 1',
        'settle 1 returned',
      ]);
    });

    it('many tasks at once and deep recursion', async () => {
      const text =
        sleep +
        task(1, 'async function f()', `${wait(2, 'sleep(1)')};`) +
        task(3, 'async function deep(n)', 'if (n > 0) deep(n - 1);') +
        'for (let i = 0; i < 20000; i++) f(); deep(2000);';
      const { events: seen, result } = await run('many.cjs', text);
      assert.equal(result.counts.tasks, 22001);
      assert.equal(seen.filter((line) => line.startsWith('settle')).length, 22001);
      assert.ok(seen.includes('start 22001 @3 parent 22000'));
    });
  });
}
