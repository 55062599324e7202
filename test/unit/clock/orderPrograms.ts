/** Programs whose output Node itself determines; each takes less than half a second bare. */
export interface OrderProgram {
  readonly name: string;
  readonly text: string;
  readonly module?: true;
  /** What the program ends with, where it is not 0. */
  readonly code?: number;
}

const prelude = `const log = (...args) => console.log(...args);
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
`;

function program(name: string, body: string, extra: Omit<OrderProgram, 'name' | 'text'> = {}): OrderProgram {
  return { name, text: prelude + body, ...extra };
}

export const orderPrograms: readonly OrderProgram[] = [
  program(
    'ticks, microtasks, immediates and a timer',
    `
    setTimeout(() => log('timer'), 200); setImmediate(() => log('immediate')); process.nextTick(() => log('tick'));
    Promise.resolve().then(() => log('microtask')); queueMicrotask(() => log('queued')); log('main');`,
  ),
  program('timers of one delay keep their order', `for (let i = 0; i < 50; i++) setTimeout(log, 10, i);`),
  program('timers by deadline', `for (const ms of [30, 10, 20, 0, 1, 40, 5.7, '15']) setTimeout(log, ms, ms);`),
  program(
    'microtasks and ticks between two timers of one list',
    `
    for (let i = 0; i < 3; i++) setTimeout(() => { log('t', i); process.nextTick(() => log('n', i)); Promise.resolve().then(() => log('m', i)); }, 10);`,
  ),
  program(
    'immediates before the next timer, nested ones a turn later',
    `
    setTimeout(() => { log('a'); setImmediate(() => { log('i1'); setImmediate(() => log('i2')); }); setTimeout(() => log('b'), 30); }, 10);`,
  ),
  program(
    'nested timers of 0 count as 1 ms',
    `
    let n = 0; const start = Date.now(); (function again() { if (++n < 6) setTimeout(again, 0); else log(n, Date.now() - start >= 5); })();`,
  ),
  program(
    'an interval cleared from within',
    `let n = 0; const i = setInterval(() => { log(++n); if (n === 4) clearInterval(i); }, 10);`,
  ),
  program(
    'an interval beside a timeout',
    `let n = 0; const i = setInterval(() => log('tick', ++n), 50); setTimeout(() => { clearInterval(i); log('end'); }, 180);`,
  ),
  program(
    'refresh moves a timer',
    `
    const t = setTimeout(() => log('refreshed'), 40); setTimeout(() => { t.refresh(); log('moved'); }, 25); setTimeout(() => log('between'), 50);`,
  ),
  program(
    'clearTimeout by handle, by number, by Symbol.dispose; clearImmediate',
    `
    const a = setTimeout(log, 10, 'a'); clearTimeout(a); const b = +setTimeout(log, 10, 'b'); clearTimeout(b);
    const c = setTimeout(log, 10, 'c'); c[Symbol.dispose](); const d = setImmediate(log, 'd'); clearImmediate(d);
    const e = setInterval(log, 5, 'e'); e.close(); setTimeout(log, 30, 'end');`,
  ),
  program(
    'a program with nothing but unref’d timers ends',
    `setTimeout(log, 50, 'never').unref(); setInterval(log, 20, 'never').unref(); log('end');`,
  ),
  program(
    'unref’d timers fire while another lives',
    `
    const t = setInterval(() => log('unrefd'), 20); t.unref(); log(t.hasRef()); setTimeout(() => log('end'), 70);`,
  ),
  program('unref and ref again', `const t = setTimeout(() => log('fired'), 20); t.unref(); t.ref(); log(t.hasRef());`),
  program(
    'beforeExit comes twice',
    `
    let n = 0; process.on('beforeExit', (code) => { log('beforeExit', code); if (n++ === 0) setTimeout(() => log('again'), 10); });
    process.on('exit', (code) => log('exit', code)); setTimeout(() => log('timer'), 10);`,
  ),
  program(
    'beforeExit that starts and clears a timer ends',
    `
    let n = 0; process.on('beforeExit', () => { log('beforeExit'); if (++n > 3) process.exit(9); clearTimeout(setTimeout(() => log('never'), 10)); });`,
  ),
  program(
    'timers/promises: setTimeout, scheduler.wait, setImmediate',
    `
    const tp = require('node:timers/promises');
    (async () => { log(await tp.setTimeout(20, 'value')); await tp.scheduler.wait(10); log(await tp.setImmediate('now')); await tp.scheduler.yield(); log('end'); })();`,
  ),
  program(
    'timers/promises: interval as an async iterator',
    `
    const { setInterval: every } = require('node:timers/promises');
    (async () => { let n = 0; for await (const v of every(15, 'v')) { log(v, ++n); if (n === 4) break; } log('end'); })();`,
  ),
  program(
    'timers/promises: abort',
    `
    const tp = require('node:timers/promises'); const c = new AbortController();
    tp.setTimeout(200, 'x', { signal: c.signal }).catch((e) => log(e.name, e.code)); setTimeout(() => c.abort(), 20);
    tp.setTimeout(5, 0, { signal: AbortSignal.abort() }).catch((e) => log('at once', e.name));`,
  ),
  program(
    'AbortSignal.timeout wins a race',
    `
    (async () => { const s = AbortSignal.timeout(30); const inner = sleep(60).then(() => 'inner');
      const lost = new Promise((_, no) => s.addEventListener('abort', () => no(s.reason)));
      try { await Promise.race([inner, lost]); } catch (e) { log(e.name); } log(await inner, s.aborted); })();`,
  ),
  program(
    'AbortSignal.timeout keeps nothing alive',
    `AbortSignal.timeout(50).addEventListener('abort', () => log('never')); log('end');`,
  ),
  program(
    'an uncaught error in a timer, handled, lets the others run',
    `
    process.on('uncaughtException', (e) => log('caught', e.message));
    setTimeout(() => { throw new Error('one'); }, 10); setTimeout(() => log('two'), 10); setTimeout(() => log('three'), 20);
    setImmediate(() => { throw new Error('zero'); }); setImmediate(() => log('zero b'));`,
  ),
  program(
    'an uncaught error in a timer ends the program',
    `process.on('exit', (c) => log('exit', c)); setTimeout(() => { throw new Error('one'); }, 10); setTimeout(() => log('never'), 20);`,
    { code: 1 },
  ),
  program(
    'an unhandled rejection ends the program',
    `process.on('exit', (c) => log('exit', c)); sleep(10).then(() => { throw new Error('one'); }); setTimeout(() => log('never'), 50);`,
    { code: 1 },
  ),
  program(
    'process.exit in the middle of an interval',
    `setInterval(() => log('tick'), 20); setTimeout(() => process.exit(7), 50);`,
    { code: 7 },
  ),
  program(
    'an unsettled top-level await',
    `process.on('exit', (c) => log('exit', c)); await sleep(20); log('waits'); await new Promise(() => {});`,
    { module: true, code: 13 },
  ),
  program(
    'top-level await of several waits',
    `const r = await Promise.all([sleep(30).then(() => log(30)), sleep(10).then(() => log(10)), sleep(20).then(() => log(20))]); log(r.length);`,
    { module: true },
  ),
  program(
    'a busy wait delays the timers due meanwhile',
    `
    const wait = (ms) => { const end = Date.now() + ms; while (Date.now() < end); };
    setTimeout(() => { log('a'); wait(60); log('a end'); }, 10); setTimeout(() => log('b'), 20); setTimeout(() => log('c'), 40); setTimeout(() => log('d'), 100);`,
  ),
  program(
    'busy waits on every clock end',
    `
    const clocks = { now: () => performance.now(), hr: () => Number(process.hrtime.bigint() / 1000000n), pair: () => { const [s, n] = process.hrtime(); return s * 1e3 + n / 1e6; }, up: () => process.uptime() * 1e3, date: () => new Date().getTime(), text: () => Date.parse(Date()) };
    for (const [name, read] of Object.entries(clocks)) { const end = read() + (name === 'text' ? 1 : 15); while (read() < end); log(name); }`,
  ),
  program(
    'a wait in microtasks ends',
    `(async () => { const end = Date.now() + 20; while (Date.now() < end) await null; log('end'); })();`,
  ),
  program(
    'file reads between sleeps',
    `
    const fs = require('node:fs/promises');
    (async () => { for (let i = 0; i < 3; i++) { const t = await fs.readFile(__filename, 'utf8'); log(t.length > 0); await sleep(20); } log((await fs.stat(__filename)).isFile()); })();`,
  ),
  program(
    'work on the thread pool is not overtaken',
    `
    const fs = require('node:fs'), crypto = require('node:crypto'), zlib = require('node:zlib'), dns = require('node:dns');
    setTimeout(() => log('timer'), 450);
    const done = (name) => () => results.push(name); const results = [];
    fs.readFile(__filename, done('fs')); fs.promises.stat('.').then(done('promise')); crypto.pbkdf2('a', 'b', 20000, 32, 'sha256', done('pbkdf2'));
    crypto.subtle.digest('SHA-256', Buffer.alloc(1e6)).then(done('digest')); zlib.gzip(Buffer.alloc(1e6), done('gzip')); zlib.brotliCompress(Buffer.alloc(1e5), done('brotli'));
    dns.lookup('localhost', done('lookup')); WebAssembly.compile(Buffer.from([0, 97, 115, 109, 1, 0, 0, 0])).then(done('wasm'));
    crypto.randomBytes(1e6, done('random')); crypto.generateKeyPair('ec', { namedCurve: 'P-256' }, done('keys'));
    setTimeout(() => log(results.sort().join()), 350);`,
  ),
  program(
    'streams of files and compression',
    `
    const { pipeline } = require('node:stream/promises'); const fs = require('node:fs'), zlib = require('node:zlib');
    setTimeout(() => log('timer'), 300);
    (async () => { await pipeline(fs.createReadStream(process.execPath, { end: 3e5 }), zlib.createGzip(), zlib.createGunzip(), async function* (s) { let n = 0; for await (const c of s) n += c.length; log(n); }); log('streamed'); })();`,
  ),
  program(
    'http server and client in one process, with latency',
    `
    const http = require('node:http');
    const server = http.createServer(async (q, r) => { await sleep(40); r.write('a'); await sleep(40); r.end(q.url); });
    server.listen(0, '127.0.0.1', async () => {
      const base = 'http://127.0.0.1:' + server.address().port; setTimeout(() => log('timer 60'), 60); const guard = setTimeout(() => log('too late'), 2000);
      const get = (p) => new Promise((ok, no) => http.get(base + p, (r) => { let t = ''; r.setEncoding('utf8').on('data', (d) => t += d).on('end', () => ok(t)); }).on('error', no));
      log(await Promise.all([get('/1'), get('/2')])); log(await get('/3')); clearTimeout(guard); server.close(() => log('closed')); server.closeAllConnections(); });`,
  ),
  program(
    'fetch within the process',
    `
    const server = require('node:http').createServer(async (q, r) => { await sleep(30); r.end('hello ' + q.url); });
    server.listen(0, '127.0.0.1', async () => { const guard = setTimeout(() => log('too late'), 2000);
      for (let i = 0; i < 3; i++) { const r = await fetch('http://127.0.0.1:' + server.address().port + '/' + i, { signal: AbortSignal.timeout(2000) }); log(r.status, await r.text()); await sleep(10); }
      clearTimeout(guard); server.close(); server.closeAllConnections(); log('end'); });`,
  ),
  program(
    'a local socket with back-pressure',
    `
    const net = require('node:net'); const path = process.platform === 'win32' ? '\\\\\\\\.\\\\pipe\\\\clock-' + process.pid : './s' + process.pid;
    const server = net.createServer(async (s) => { let n = 0; for await (const c of s) { n += c.length; if (n % 7 === 0) await sleep(1); } log('server', n); server.close(); });
    server.listen(path, () => { const c = net.connect(path); c.write(Buffer.alloc(2e6)); setTimeout(() => { c.end(Buffer.alloc(10)); log('ended'); }, 100); });`,
  ),
  program(
    'a child process is not overtaken',
    `
    const { execFile } = require('node:child_process'); const t = setTimeout(() => log('overtook'), 10000);
    execFile(process.execPath, ['-e', 'setTimeout(() => console.log("child"), 100)'], (e, out) => { log(e, out.trim()); clearTimeout(t); });`,
  ),
  program(
    'timers go on while a child runs',
    `
    const { spawn } = require('node:child_process'); const c = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    let n = 0; const i = setInterval(() => { log('tick', ++n); if (n === 3) { c.kill('SIGKILL'); clearInterval(i); } }, 30); c.on('exit', (code, signal) => log(code, signal));`,
  ),
  program(
    'a worker’s answer is not overtaken',
    `
    const { Worker } = require('node:worker_threads'); const t = setTimeout(() => log('overtook'), 10000);
    const w = new Worker('const { parentPort } = require("node:worker_threads"); parentPort.on("message", (m) => setTimeout(() => { parentPort.postMessage(m + 1); parentPort.close(); }, 100));', { eval: true });
    w.on('message', (m) => log('answer', m)); w.on('exit', (c) => { log('exit', c); clearTimeout(t); }); w.postMessage(1);`,
  ),
  program(
    'a worker that computes is not overtaken',
    `
    const { Worker } = require('node:worker_threads'); const t = setTimeout(() => log('overtook'), 10000);
    const w = new Worker('const end = Date.now() + 150; while (Date.now() < end); require("node:worker_threads").parentPort.postMessage("done");', { eval: true });
    w.on('message', (m) => log(m)); w.on('exit', () => { clearTimeout(t); log('end'); });`,
  ),
  program(
    'message channel in one thread',
    `
    const { port1, port2 } = new MessageChannel(); setTimeout(() => log('timer'), 30); port2.on('message', (m) => { log(m); if (m === 2) port2.close(); }); port1.postMessage(1); port1.postMessage(2);`,
  ),
  program(
    'async iterators with delays interleave',
    `
    async function* g(name, ms, n) { for (let i = 0; i < n; i++) { await sleep(ms); yield name + i; } }
    (async () => { await Promise.all([(async () => { for await (const v of g('a', 40, 4)) log(v); })(), (async () => { for await (const v of g('b', 60, 2)) log(v); })()]); })();`,
  ),
  program(
    'a queue of producers and consumers',
    `
    const queue = [], waiting = []; const put = (v) => { const w = waiting.shift(); if (w) w(v); else queue.push(v); }; const take = () => queue.length ? Promise.resolve(queue.shift()) : new Promise((r) => waiting.push(r));
    (async () => { const produce = async (p, ms) => { for (let i = 0; i < 4; i++) { await sleep(ms); put(p + i); } }; const consume = async (c) => { for (;;) { const v = await take(); if (v === null) return; log(c, v); await sleep(25); } };
      const cs = ['x', 'y', 'z'].map(consume); await Promise.all([produce('p', 7), produce('q', 11)]); await sleep(60); cs.forEach(() => put(null)); await Promise.all(cs); log('end'); })();`,
  ),
  program(
    'AsyncLocalStorage across timers',
    `
    const { AsyncLocalStorage } = require('node:async_hooks'); const als = new AsyncLocalStorage();
    for (let i = 0; i < 3; i++) als.run(i, () => { setTimeout(() => log('t', als.getStore()), 30 - i * 10); setImmediate(() => log('i', als.getStore())); });`,
  ),
  program(
    'what is active',
    `
    const t = setTimeout(() => {}, 200); const i = setImmediate(() => log(process.getActiveResourcesInfo().filter((n) => n !== 'PipeWrap').sort().join())); log(process.getActiveResourcesInfo().filter((n) => n !== 'PipeWrap').sort().join());`,
  ),
  program(
    'the shape of the clocks',
    `
    log(Date.name, Date.length, Date() === new Date().toString(), new Date(5).getTime(), new Date(2020, 1, 2).getMonth(), Date.UTC(2000, 0), typeof Date.now());
    class D extends Date { x() { return 1; } } const d = new D(); log(d instanceof Date, d instanceof D, d.x(), d.constructor === D, new Date().constructor === Date, Object.prototype.toString.call(d));
    log(Math.abs(performance.timeOrigin + performance.now() - Date.now()) < 50, Math.abs(process.uptime() * 1e3 - performance.now()) < 200, performance.now.name, process.hrtime.name, typeof process.hrtime.bigint());
    for (const f of [() => process.hrtime('x'), () => process.hrtime([1]), () => performance.now.call({})]) try { f(); log('no error'); } catch (e) { log(e.name, e.code); }
    log(performance.mark('a').entryType, performance.measure('m', 'a').duration >= 0, performance.mark('b', { startTime: 5 }).startTime, performance.measure('n', 'b', 'a').name);`,
  ),
  program(
    'console.time and events have times',
    `const e = new Event('x'); log(typeof e.timeStamp); const t = Date.now(); setTimeout(() => { log(Date.now() - t >= 20, new Date() - t >= 20); }, 20);`,
  ),
  program(
    'debounce and throttle',
    `
    let t; const bounce = (v) => { clearTimeout(t); t = setTimeout(() => log('bounced', v), 25); }; (async () => { for (let i = 0; i < 5; i++) { bounce(i); await sleep(10); } await sleep(60); log('end'); })();`,
  ),
  program(
    'node:test with its own timers',
    `
    const test = require('node:test'); const assert = require('node:assert');
    test('a', async () => { await sleep(50); assert.ok(true); }).then(() => log('a done')); test('b', { timeout: 1000 }, async () => { await sleep(20); }).then(() => log('b done'));
    process.on('exit', (c) => log('exit', c));`,
  ),
  program(
    'stacks end as they always do',
    `
    setTimeout(function named() { log(new Error('timer').stack); setImmediate(() => log(new Error('nested').stack)); }, 10); setImmediate(() => log(new Error('immediate').stack));
    (async function outer() { await (async function inner() { await sleep(20); log(new Error('task').stack); })(); })(); process.nextTick(() => log(new Error('tick').stack));`,
  ),
  program('an uncaught error prints as it always does', `setTimeout(function named() { null.x; }, 10);`, { code: 1 }),
  program('an uncaught error of an immediate prints as it always does', `setImmediate(function named() { null.x; });`, {
    code: 1,
  }),
  program(
    'immediates set and cleared between timers',
    `setInterval(() => log('unrefd'), 80).unref(); (async () => { for (let i = 0; i < 3; i++) { await sleep(30); clearImmediate(setImmediate(() => log('never'))); log(i); } const t = setTimeout(() => log('never'), 1e6); await sleep(1); clearTimeout(t); clearImmediate(setImmediate(() => log('never'))); log('end'); })();`,
  ),
  program(
    'unref’d timers alone, kept alive by a server',
    `const s = require('node:net').createServer().listen(0, () => { let n = 0; const i = setInterval(() => { log(++n); if (n === 3) s.close(() => log('closed')); }, 40); i.unref(); const t = setTimeout(() => {}, 1e6); setTimeout(() => clearTimeout(t), 10); });`,
  ),
  program(
    'datagrams within the process',
    `const d = require('node:dgram'); const a = d.createSocket('udp4'), b = d.createSocket('udp4'); const guard = setTimeout(() => log('overtook'), 450);
    a.on('message', async (m, r) => { await sleep(30); a.send('pong', r.port, r.address); }); let n = 0;
    a.bind(0, '127.0.0.1', () => { b.on('message', (m) => { log(String(m)); if (++n < 3) b.send('ping', a.address().port, '127.0.0.1'); else { clearTimeout(guard); a.close(); b.close(); } }); b.send('ping', a.address().port, '127.0.0.1'); });`,
  ),
  program(
    'http2 within the process',
    `const h2 = require('node:http2'); const s = h2.createServer(); s.on('stream', async (st) => { await sleep(30); st.respond({ ':status': 200 }); st.end('x'.repeat(1e5)); });
    s.listen(0, async () => { const guard = setTimeout(() => log('overtook'), 450); const c = h2.connect('http://127.0.0.1:' + s.address().port);
      for (let i = 0; i < 3; i++) await new Promise((r) => { let n = 0; const q = c.request({ ':path': '/' }); q.on('data', (d) => (n += d.length)); q.on('end', () => { log(n); r(); }); q.end(); });
      clearTimeout(guard); c.close(); s.close(); });`,
  ),
  program(
    'a socket’s own timeouts',
    `const net = require('node:net'); const s = net.createServer((c) => { c.setTimeout(60, () => { log('idle'); c.destroy(); s.close(); }); }).listen(0, '127.0.0.1', () => { const c = net.connect(s.address().port, '127.0.0.1'); c.on('close', () => log('closed')); c.resume(); setTimeout(() => { log('speaks'); c.write('x'); }, 30); });`,
  ),
  program(
    'a stuck program ends with 0 and prints nothing more',
    `(async () => { log('waits'); await new Promise(() => {}); log('never'); })(); sleep(20).then(() => log('slept'));`,
  ),
  program(
    'fork and messages',
    `const { fork } = require('node:child_process'); if (process.argv[2] === 'child') { process.on('message', (m) => { setTimeout(() => { process.send(m * 2); process.disconnect(); }, 50); }); }
    else { const c = fork(__filename, ['child']); const t = setTimeout(() => log('overtook'), 10000); c.on('message', (m) => { log(m); }); c.on('exit', (code) => { log('exit', code); clearTimeout(t); }); c.send(21); }`,
  ),
  program(
    'standard input from its end',
    `let text = ''; process.stdin.setEncoding('utf8').on('data', (d) => (text += d)).on('end', () => log('end', text.length)); setTimeout(() => log('timer'), 200);`,
  ),
  program(
    'a spawned child with pipes both ways',
    `const { spawn } = require('node:child_process'); const c = spawn(process.execPath, ['-']); const t = setTimeout(() => log('overtook'), 10000);
    (async () => { c.stdin.end('for (let i = 0; i < 3; i++) setTimeout(() => console.log("line", i), i * 20);'); for await (const l of require('node:readline').createInterface({ input: c.stdout })) log(l); })(); c.on('close', (code) => { log('closed', code); clearTimeout(t); });`,
  ),
];
