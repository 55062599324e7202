import assert from 'node:assert/strict';
import { TraceModelBuilder } from '../../../src/analyze/traceModelBuilder.ts';
import { nodes } from '../support/nodes.ts';
import { runTraced, useRealBench, writeFiles } from './support.ts';

const echoed = (place: string): readonly [string, readonly string[]] => [
  `const socket = net.connect(${place});
   await event(socket, 'connect');
   setTimeout(() => socket.write('x'), 10);
   await event(socket, 'data');
   socket.destroy();`,
  ['network', 'network'],
];

/** By function: its text, and what wakes its awaits in turn. Each await waits for what has not happened yet. */
const functions: Readonly<Record<string, readonly [text: string, turns: readonly string[]]>> = {
  request: ['await got({ agent });', ['network']],
  requestOnAKeptConnection: ['await got({ agent });', ['network']],
  requestByAPath: ['await got({ agent: paths, socketPath });', ['network']],
  requestOnAKeptPath: ['await got({ agent: paths, socketPath });', ['network']],
  responseInParts: [
    `const { sent, answered } = open();
     sent.write('a');
     const incoming = await answered;
     setTimeout(() => sent.end('b'), 20);
     await event(incoming.resume(), 'end');`,
    ['network', 'network'],
  ],
  connection: echoed('echoPath'),
  overTcp: echoed("echo.address().port, '127.0.0.1'"),
  datagram: [
    `const socket = dgram.createSocket('udp4');
     await new Promise((bound) => socket.bind(0, '127.0.0.1', () => setImmediate(bound)));
     setTimeout(() => socket.send('x', socket.address().port, '127.0.0.1'), 10);
     await event(socket, 'message');
     socket.close();`,
    ['immediate', 'network'],
  ],
  http2: [
    `const session = h2.connect('http://127.0.0.1:' + second.address().port);
     const stream = session.request({ ':path': '/' });
     await event(stream, 'response');
     stream.resume();
     await event(stream, 'end');
     session.close();`,
    ['network', 'network'],
  ],
  lookup: [`await new Promise((found) => dns.lookup('localhost', found));`, ['network']],
  file: [`await new Promise((done) => fs.stat('.', done)); await fs.promises.stat('.');`, ['file', 'file']],
  child: [
    `const child = cp.spawn('sh', ['-c', 'sleep 0.02; echo a; sleep 0.02; echo b >&2; sleep 0.02; read x']);
     await event(child.stdout, 'data');
     await event(child.stderr, 'data');
     setTimeout(() => child.stdin.end('x'), 10);
     await event(child, 'exit');`,
    ['process', 'process', 'process'],
  ],
  channel: [
    `const child = cp.fork('./child.cjs');
     await event(child, 'message');
     await event(child, 'exit');`,
    ['process', 'process'],
  ],
  // It ends when told: Node may hand over the last message and the end at once.
  worker: [
    `const worker = new Worker('const { parentPort } = require("worker_threads"); parentPort.once("message", () => process.exit()); parentPort.postMessage(1)', { eval: true });
     await event(worker, 'message');
     setTimeout(() => worker.postMessage(2), 20);
     await event(worker, 'exit');`,
    ['worker', 'worker'],
  ],
  // What V8 calls by itself Node announces to nobody; the turn before it has nothing to do with it.
  cell: [
    `const cells = new Int32Array(new SharedArrayBuffer(4));
     const worker = new Worker('setInterval(() => Atomics.notify(require("worker_threads").workerData, 0), 50)', { eval: true, workerData: cells });
     await event(worker, 'online');
     await sleep(20);
     await Atomics.waitAsync(cells, 0, 0).value;
     worker.terminate();`,
    ['worker', 'timer', 'unknown'],
  ],
  ownResource: [
    `const own = new AsyncResource('own');
     await new Promise((due) => setTimeout(() => own.runInAsyncScope(due), 5));`,
    ['timer'],
  ],
  timer: [`await new Promise((due) => setTimeout(due, 5)); await sleep(5);`, ['timer', 'timer']],
  immediate: [`await new Promise((due) => setImmediate(due));`, ['immediate']],
  hash: [`await new Promise((done) => crypto.scrypt('a', 'b', 64, done));`, ['crypto']],
  packed: [`await new Promise((done) => zlib.gzip('x'.repeat(100_000), done));`, ['zlib']],
  signal: [
    `setTimeout(() => process.kill(process.pid, 'SIGUSR2'), 10);
     await event(process, 'SIGUSR2');`,
    ['signal'],
  ],
};
/** Tasks that the program above starts elsewhere: a server's, which reads a body that comes in parts, and what hands a parser bytes by itself. */
const elsewhere: Readonly<Record<string, readonly string[]>> = { body: ['network', 'network'], feed: ['timer', 'timer'] };

const program = `
import * as cp from 'node:child_process';
import * as crypto from 'node:crypto';
import * as dgram from 'node:dgram';
import * as dns from 'node:dns';
import * as fs from 'node:fs';
import * as http from 'node:http';
import * as h2 from 'node:http2';
import * as net from 'node:net';
import * as zlib from 'node:zlib';
import { AsyncResource } from 'node:async_hooks';
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

const socketPath = process.cwd() + '/http';
const echoPath = process.cwd() + '/echo';
const event = (emitter, name) => new Promise((happened) => emitter.once(name, happened));
const later = (_, outgoing) => void setTimeout(() => outgoing.end('x'), 15);
const server = http.createServer(later).listen(0, '127.0.0.1');
const byPath = http.createServer(later).listen(socketPath);
const inParts = http.createServer(async function body(incoming, outgoing) {
  outgoing.flushHeaders();
  await event(incoming, 'data');
  await event(incoming, 'end');
  outgoing.end('x');
}).listen(0, '127.0.0.1');
const second = h2.createServer((_, outgoing) => void setTimeout(() => { outgoing.write('x'); setTimeout(() => outgoing.end(), 15); }, 15)).listen(0, '127.0.0.1');
const echo = net.createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
const echoByPath = net.createServer((socket) => socket.pipe(socket)).listen(echoPath);
await Promise.all([server, byPath, inParts, second, echo, echoByPath].map((one) => once(one, 'listening')));
const [agent, paths] = [new http.Agent({ keepAlive: true }), new http.Agent({ keepAlive: true })];
const got = (options) => new Promise((answered) =>
  http.get({ port: server.address().port, host: '127.0.0.1', ...options }, (incoming) => answered(incoming.resume())));
const open = () => {
  const sent = http.request({ port: inParts.address().port, host: '127.0.0.1', method: 'POST' });
  return { sent, answered: event(sent, 'response') };
};

${Object.entries(functions)
  .map(([name, [text]]) => `async function ${name}() { ${text} }`)
  .join('\n')}

// What comes from no socket is parsed while a task runs: no turn begins there.
const stream = new Duplex({ read() {}, write(chunk, encoding, done) { done(); } });
const parsed = [];
const parses = http.createServer((incoming, outgoing) => { parsed.push(incoming.url); outgoing.end(); });
parses.emit('connection', stream);
async function feed() {
  await sleep(5);
  stream.push('GET /a HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n');
  await sleep(5);
}

for (const run of [${Object.keys(functions).join(', ')}, feed]) {
  await run();
  await sleep(20);
}
console.log('ended', parsed.join());
process.exit();
`;

for (const node of nodes) {
  describe(`the turn that wakes a task, Node ${node.version}`, () => {
    const bench = useRealBench();

    it('is told by its kind', async () => {
      const folder = `${bench.folder}/program`;
      writeFiles(folder, {
        'program.mjs': program,
        'child.cjs': `setTimeout(() => { process.send('x'); setTimeout(() => process.disconnect(), 20); }, 10);`,
      });
      const run = await runTraced({
        ...{ entry: `${folder}/program.mjs`, root: folder, cwd: folder, distDir: bench.dist },
        ...{ nodePath: node.path, transforms: bench.transforms, timeoutMs: 40_000 },
      });
      assert.deepEqual([run.stderr, run.stdout], ['', 'ended /a\n']);
      const builder = new TraceModelBuilder();
      builder.push(run.trace);
      const model = builder.snapshot();
      const told = new Map<string, string[]>();
      for (const { name, waits } of model.tasks) {
        const turns = waits.map(({ waker }) => (waker?.type === 'turn' ? waker.kind : 'none'));
        told.set(name, [...(told.get(name) ?? []), ...turns]);
      }
      const expected = {
        ...Object.fromEntries(Object.entries(functions).map(([name, [, turns]]) => [name, turns])),
        ...elsewhere,
      };
      assert.deepEqual(Object.fromEntries(Object.keys(expected).map((name) => [name, told.get(name)])), expected);
    });
  });
}
