import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { nodes } from '../support/nodes.ts';
import { openClockBench, type ClockBench, type Outcome, type RunOptions } from './targets.ts';

const prelude = `const log = (...args) => console.log(...args);
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
`;

/** Far more than the run takes, far less than its virtual time. */
const soonMs = 15_000;

for (const { path: node, version } of nodes) {
  describe(`virtual time on Node ${version}`, () => {
    let bench: ClockBench;
    before(async () => {
      bench = await openClockBench();
    });
    after(() => bench.remove());

    async function run(body: string, options: Partial<RunOptions> = {}): Promise<Outcome> {
      const outcome = await bench.run(prelude + body, { node, virtual: true, ...options });
      assert.equal(outcome.signal, null, `${outcome.stdout}${outcome.stderr}`);
      return outcome;
    }
    async function lines(body: string, options: Partial<RunOptions> = {}): Promise<string[]> {
      const { stdout, stderr, code, realMs } = await run(body, options);
      assert.equal(stderr, '');
      assert.equal(code, 0);
      assert.ok(realMs < soonMs, `${realMs} ms`);
      return stdout.trimEnd().split('\n');
    }

    it('reads exactly 1000 ms for a sleep of 1000 ms, on every clock', async () => {
      const text = await lines(`(async () => {
        const uptime = process.uptime(), start = Date.now();
        for (let i = 0; i < 3; i++) { const p = performance.now(); await sleep(1000); log(performance.now() - p); }
        for (let i = 0; i < 3; i++) { const h = process.hrtime.bigint(); await sleep(1000); log(process.hrtime.bigint() - h); }
        for (let i = 0; i < 3; i++) { const h = process.hrtime(); await sleep(1000); log(process.hrtime(h).join()); }
        log(Date.now() - start, Math.round((process.uptime() - uptime) * 1e3)); })();`);
      assert.deepEqual(text, [
        '1000',
        '1000',
        '1000',
        ...Array<string>(3).fill('1000000000n'),
        ...Array<string>(3).fill('1,0'),
        '9000 9000',
      ]);
    });

    it('plays 24 opponents in 12 hours one after the other, and in about one hour all at once', async () => {
      const master = `
        const opponents = 24, moves = 30;
        async function oneByOne() { for (let o = 0; o < opponents; o++) for (let m = 0; m < moves; m++) { await sleep(5e3); await sleep(55e3); } }
        async function allAtOnce() { const replies = Array(opponents).fill(null);
          for (let m = 0; m < moves; m++) for (let o = 0; o < opponents; o++) { await replies[o]; await sleep(5e3); replies[o] = sleep(55e3); }
          await Promise.all(replies); }`;
      assert.deepEqual(
        await lines(`${master} (async () => { const t = Date.now(); await oneByOne(); log(Date.now() - t); })();`),
        [String(12 * 3600e3)],
      );
      assert.deepEqual(
        await lines(`${master} (async () => { const t = Date.now(); await allAtOnce(); log(Date.now() - t); })();`),
        [String(30 * 24 * 5e3 + 55e3)],
      );
    });

    it('advances by the longest of parallel waits', async () => {
      const text = `(async () => { const t = Date.now(); await Promise.all([sleep(3e5), sleep(1e5).then(() => sleep(1e5)), require('node:timers/promises').setTimeout(4e5)]); log(Date.now() - t); })();`;
      assert.deepEqual(await lines(text), ['400000']);
    });

    it('gives exact times around files, compression and keys', async () => {
      const text = `const fs = require('node:fs/promises'), zlib = require('node:zlib'), crypto = require('node:crypto'), { promisify } = require('node:util');
        (async () => { const t = Date.now(); setTimeout(() => log('overtook'), 3500);
          for (let i = 0; i < 3; i++) { await sleep(1000); await fs.readFile(__filename); await promisify(zlib.gzip)(Buffer.alloc(1e6)); await promisify(crypto.scrypt)('a', 'b', 32); }
          log(Date.now() - t); })();`;
      assert.deepEqual(await lines(text), ['3000', 'overtook']);
    });

    it('gives exact times to a server with latency in the same process, and does not overtake it', async () => {
      const text = `const http = require('node:http'); const server = http.createServer(async (q, r) => { await sleep(2000); r.end('x'.repeat(1e6)); });
        server.listen(0, '127.0.0.1', async () => { const guard = setTimeout(() => log('overtook'), 60e3); const t = Date.now();
          for (let i = 0; i < 5; i++) { const r = await fetch('http://127.0.0.1:' + server.address().port); await r.text(); }
          await Promise.all([1, 2, 3].map(async () => (await fetch('http://127.0.0.1:' + server.address().port)).text()));
          log(Date.now() - t); clearTimeout(guard); server.close(); server.closeAllConnections(); });`;
      assert.deepEqual(await lines(text), ['12000']);
    });

    it('does not overtake an answer from another process', async () => {
      const server = spawn(
        process.execPath,
        [
          '-e',
          'const s = require("http").createServer((q, r) => setTimeout(() => r.end("late"), 150)); s.listen(0, "127.0.0.1", () => console.log(s.address().port));',
        ],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      try {
        const [port] = (await once(server.stdout, 'data')) as [Buffer];
        const text = `(async () => { const guard = setTimeout(() => log('overtook'), 10e3); const url = 'http://127.0.0.1:' + process.argv[2];
          for (let i = 0; i < 2; i++) log(await (await fetch(url, { signal: AbortSignal.timeout(5000) })).text());
          require('node:http').get(url, { timeout: 5000 }, (r) => { r.setEncoding('utf8').on('data', log).on('end', () => { clearTimeout(guard); }); }).on('timeout', () => log('timed out')); })();`;
        assert.deepEqual(await lines(text, { args: [port.toString().trim()] }), ['late', 'late', 'late']);
      } finally {
        server.kill('SIGKILL');
      }
    });

    it('does not overtake the rest of an answer, nor the next one on the same connection', async () => {
      const server = spawn(
        process.execPath,
        [
          '-e',
          `const s = require("http").createServer((q, r) => { if (q.url === "/slow") return setTimeout(() => r.end("slow"), 1300);
            r.write("a"); setTimeout(() => r.write("b"), 120); setTimeout(() => r.end("c"), 240); }); s.listen(0, "127.0.0.1", () => console.log(s.address().port));`,
        ],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      try {
        const [port] = (await once(server.stdout, 'data')) as [Buffer];
        const text = `(async () => { const guard = setTimeout(() => log('overtook'), 60e3); const url = 'http://127.0.0.1:' + process.argv[2]; let all = '';
          for await (const part of (await fetch(url)).body) all += Buffer.from(part); log(all); log(await (await fetch(url + '/slow')).text());
          const agent = new (require('node:http').Agent)({ keepAlive: true }); const get = (path) => new Promise((r) => require('node:http').get(url + path, { agent }, (a) => { let t = ''; a.on('data', (d) => (t += d)).on('end', () => r(t)); }));
          log(await get('/')); log(await get('/slow')); clearTimeout(guard); agent.destroy(); })();`;
        assert.deepEqual(await lines(text, { args: [port.toString().trim()] }), ['abc', 'slow', 'abc', 'slow']);
      } finally {
        server.kill('SIGKILL');
      }
    });

    it('lets a pool of workers answer, and jumps while it waits', async () => {
      const text = `const { Worker } = require('node:worker_threads');
        const pool = [0, 1].map(() => { const worker = new Worker('const { parentPort } = require("node:worker_threads"); parentPort.on("message", (m) => { const end = Date.now() + 30; while (Date.now() < end); parentPort.postMessage(m); });', { eval: true });
          return { worker, run: (m) => new Promise((r) => { worker.once('message', r); worker.postMessage(m); }) }; });
        (async () => { const guard = setTimeout(() => log('overtook'), 3600e3); for (let i = 0; i < 6; i++) log(await pool[i % 2].run(i)); clearTimeout(guard);
          const t = Date.now(); await sleep(600e3); log(Date.now() - t >= 600e3); pool.forEach((p) => p.worker.terminate()); })();`;
      assert.deepEqual(await lines(text), ['0', '1', '2', '3', '4', '5', 'true']);
    });

    it('lets a program that only waits for an answer time out', async () => {
      const text = `const server = require('node:http').createServer(() => {}); server.listen(0, '127.0.0.1', async () => { const t = Date.now();
        try { await fetch('http://127.0.0.1:' + server.address().port, { signal: AbortSignal.timeout(60e3) }); } catch (e) { log(e.name, Date.now() - t >= 60e3); }
        server.close(); server.closeAllConnections(); });`;
      assert.deepEqual(await lines(text), ['TimeoutError true']);
    });

    it('answers a client from outside, latency included', async () => {
      const text = `const server = require('node:http').createServer(async (q, r) => { const t = Date.now(); await sleep(30e3); r.end(String(Date.now() - t)); server.close(); });
        server.listen(0, '127.0.0.1', () => process.stdout.write(server.address().port + '\\n'));`;
      let answer: Promise<string> | undefined;
      const { code } = await run(text, {
        attend: (child) => {
          child.stdin?.end();
          child.stdout?.once('data', (port: string) => {
            answer = fetch(`http://127.0.0.1:${port.trim()}`, { headers: { connection: 'close' } }).then((response) =>
              response.text(),
            );
          });
        },
      });
      assert.equal(code, 0);
      const waited = Number(await answer);
      assert.ok(waited >= 30_000 && waited < 32_000, `${waited}`);
    });

    it('does not overtake a line typed 100 ms later, and jumps when nothing more comes', async () => {
      const text = `const lines = require('node:readline').createInterface({ input: process.stdin }); const t = Date.now();
        setTimeout(() => { log('hour', Date.now() - t >= 3600e3); lines.close(); }, 3600e3); lines.on('line', (l) => log(l)); log('ready');`;
      const { stdout, code, realMs } = await run(text, {
        attend: (child) => {
          child.stdout?.once('data', () => setTimeout(() => child.stdin?.write('typed\n'), 100));
          child.on('exit', () => child.stdin?.destroy());
        },
      });
      assert.equal(stdout, 'ready\ntyped\nhour true\n');
      assert.equal(code, 0);
      assert.ok(realMs < soonMs);
    });

    it('lets time pass with the wall clock while a child runs', async () => {
      const text = `const { spawn } = require('node:child_process'); const t = Date.now(); setTimeout(() => log('overtook'), 60e3).unref();
        spawn(process.execPath, ['-e', 'setTimeout(() => {}, 200)']).on('exit', () => { const ms = Date.now() - t; log(ms >= 150 && ms < 15000); });`;
      assert.deepEqual(await lines(text), ['true']);
    });

    it('counts blocking calls by what they took', async () => {
      const text = `const cell = new Int32Array(new SharedArrayBuffer(4)); let t = Date.now();
        log(Atomics.wait(cell, 0, 0, 120), Date.now() - t); log(Atomics.wait(cell, 0, 1, 120), Date.now() - t);
        t = Date.now(); require('node:child_process').execFileSync(process.execPath, ['-e', 'setTimeout(() => {}, 100)']); log(Date.now() - t >= 100);`;
      assert.deepEqual(await lines(text), ['timed-out 120', 'not-equal 120', 'true']);
    });

    it('ends an interval and unref’d timers of a day', async () => {
      const text = `let n = 0, u = 0; const t = Date.now(); setInterval(() => u++, 3600e3).unref(); const i = setInterval(() => { if (++n === 1440) { clearInterval(i); log(n, u, Date.now() - t); } }, 60e3);`;
      assert.deepEqual(await lines(text), ['1440 24 86400000']);
    });

    it('tells of jumps and idleness, never goes back, and stands still while nothing asks', async () => {
      const text = `const clock = process.__clock; const jumps = []; let idle = 0; clock.onIdle(() => idle++); clock.beforeJump((us) => jumps.push(us));
        let last = 0; const check = () => { const us = clock.nowUs(); if (us < last) log('went back'); last = us; return us; };
        (async () => { for (let i = 0; i < 3; i++) { check(); await sleep(250); check(); performance.now(); check(); }
          log(jumps.join(), idle >= 3, check() === check(), Math.floor(check() / 1e3), clock.wallNs() > 0, Array.isArray(clock.limits)); })();`;
      assert.deepEqual(await lines(text, { visible: true }), ['250000,500000,750000 true true 750 true true']);
    });

    it('flushes what turns left behind while a program without timers rests', async () => {
      const text = `const clock = process.__clock; let rests = 0; clock.onIdle(() => rests++);
        require('node:readline').createInterface({ input: process.stdin }).on('line', () => { const before = rests; clock.onIdle(() => { if (rests > before) { process.stdout.write('rested\\n'); process.exit(); } }); }); log('ready');`;
      const { stdout } = await run(text, {
        visible: true,
        attend: (child) => child.stdout?.once('data', () => child.stdin?.write('x\n')),
      });
      assert.equal(stdout, 'ready\nrested\n');
    });

    it('lets a policy choose how far the clock goes, and keeps the order within', async () => {
      const text = `setTimeout(() => { log('a'); setImmediate(() => log('between')); }, 10); setTimeout(() => log('b', process.__decisions), 20); setTimeout(() => log('c'), 30);`;
      assert.deepEqual(await lines(text), ['a', 'between', 'b undefined', 'c']);
      assert.deepEqual(await lines(text, { policy: 'last' }), ['a', 'b 1', 'c', 'between']);
    });

    it('stays on the wall clock and says so where Node hides its internals', async () => {
      const text = `const t = Date.now(); setTimeout(() => log(Date.now() - t >= 29, process.__clock.nowUs() > 25e3, process.__clock.limits.some((l) => l.includes('wall clock for all'))), 30);`;
      assert.deepEqual(await lines(text, { exposed: false, visible: true }), ['true true true']);
    });
  });
}
