import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launchTarget } from '../../../src/run/launch.ts';
import type { RunHandle } from '../../../src/run/launchOptions.ts';
import { batchFault, eventWords } from '../../../src/shared/eventWords.ts';
import { readEvents } from '../../../src/shared/readEvents.ts';
import { eventKind } from '../../../src/shared/traceEvents.ts';
import { decodeRecordText, FrameReader, frameType } from '../../../src/shared/traceFrames.ts';
import type { HangRecord, TraceRecord } from '../../../src/shared/traceRecords.ts';
import { canReadThreads, readMainThread } from '../../../src/run/threadState.ts';
import { nodes } from '../support/nodes.ts';
import { sleep, until } from './heldPrograms.ts';
import { askTarget, programIn, useRealBench, writeFiles } from './support.ts';

/** Writes more than anybody reads, in one turn, until the file beside it is there. */
const writing = `
const fs = require('node:fs');
const inspector = require('node:inspector');
process.debugPort = 0;
async function step() {}
let steps = 0;
async function main() {
  console.log('ready');
  while (!fs.existsSync('stop')) for (let i = 0; i < 1000; i++, steps++) await step();
  console.log('done', steps + 1, inspector.url() !== undefined);
  inspector.close();
}
// Begins a thread that can be sent the signal while this one writes.
fs.stat('.', () => setTimeout(main, 10));
`;

/** Tasks of several kinds in many turns, for as long. */
const turning = `
const fs = require('node:fs');
const inspector = require('node:inspector');
let tasks = 0;
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
async function* numbers() {
  tasks++;
  for (let i = 0; i < 5; i++) yield i;
}
async function task() {
  tasks++;
  for (let i = 0; i < 200; i++) await null;
  for await (const n of numbers()) Math.sqrt(n);
  await sleep(1);
}
async function main() {
  tasks++;
  console.log('ready');
  while (!fs.existsSync('stop')) await Promise.all(Array.from({ length: 50 }, task));
  console.log('done', tasks, inspector.url() !== undefined);
}
main();
`;

const nap = new Int32Array(new SharedArrayBuffer(4));
/** Nothing that the target writes is read meanwhile. */
const block = (ms: number): unknown => Atomics.wait(nap, 0, 0, ms);

/** Blocks until the target waits for somebody to read what it writes. */
function waitUntilWriting(pid: number): void {
  for (let tries = 0; tries < 100; tries++) {
    const before = readMainThread(pid)!.cpuTicks;
    block(200);
    if (readMainThread(pid)!.cpuTicks - before <= 3) return;
  }
  throw new Error('The target goes on computing.');
}

/** The kinds of the records of a trace, how many tasks it tells of, and whether all of it can be read. */
function look(trace: Uint8Array): { readonly records: readonly string[]; readonly tasks: number; readonly damaged: boolean } {
  const records: string[] = [];
  let tasks = 0;
  let damaged = false;
  for (const { type, payload } of new FrameReader({ expectMagic: true }).push(trace)) {
    if (type === frameType.record) records.push((decodeRecordText(payload) as TraceRecord).type);
    else {
      const words = eventWords(payload);
      if (words === undefined || batchFault(words) !== undefined) damaged = true;
      else readEvents(words, { units: 0, fromUnits: 0, toUnits: 0 }, (kind) => void (tasks += kind === eventKind.start ? 1 : 0));
    }
  }
  return { records, tasks, damaged };
}

for (const node of canReadThreads ? nodes : []) {
  describe(`a signal that comes while the target writes its trace, Node ${node.version}`, () => {
    const bench = useRealBench();

    async function run(
      program: string,
      send: (handle: RunHandle, told: readonly HangRecord[]) => Promise<void>,
      { hangMs = 60_000, readMs = 0 }: { readonly hangMs?: number; readonly readMs?: number } = {},
    ): Promise<{
      readonly output: string;
      readonly code: number | null;
      readonly heldUp: boolean;
      readonly damaged: boolean;
      readonly records: readonly string[];
    }> {
      const stop = join(bench.folder, 'stop');
      rmSync(stop, { force: true });
      writeFiles(bench.folder, { 'program.cjs': program });
      const chunks: Uint8Array[] = [];
      const told: HangRecord[] = [];
      const handle = launchTarget(
        {
          ...programIn(bench, node.path),
          hangMs,
          timeoutMs: 50_000,
        },
        {
          onTrace(bytes) {
            chunks.push(bytes.slice());
            block(readMs);
          },
          onHang: (samples) => void told.push(...samples),
        },
      );
      let output = '';
      handle.stdin?.end();
      handle.stderr?.setEncoding('latin1').on('data', (text: string) => (output += text));
      await new Promise<void>((ready) =>
        handle.stdout?.setEncoding('latin1').on('data', (text: string) => {
          output += text;
          ready();
        }),
      );
      // Until the watch has seen that it is busy.
      await sleep(500);
      await send(handle, told);
      const from = performance.now();
      writeFileSync(stop, '');
      const { code } = await handle.finished;
      const { records, tasks, damaged } = look(Buffer.concat(chunks));
      return {
        output: output
          .replace(/ws:\S+/g, 'ws:PLACE')
          .replace(/https:\S+/g, 'https:PLACE')
          .replace(`done ${tasks} `, 'done all '),
        code,
        // A thread that waits for itself would do so for 12 s.
        heldUp: performance.now() - from > 8000,
        damaged,
        records: records.filter((type) => type === 'unwatched' || type === 'hang'),
      };
    }

    it('neither holds it up nor damages what is written, when it is a question', async () => {
      let answeredMs = 0;
      const outcome = await run(writing, async (handle) => {
        waitUntilWriting(handle.pid!);
        const from = performance.now();
        const answer = handle.flush().then(() => (answeredMs = performance.now() - from));
        // It is sent in one of the next microtasks.
        for (let n = 0; n < 10; n++) await Promise.resolve();
        block(100);
        await answer;
      });
      assert.deepEqual(outcome, { output: 'ready\ndone all false\n', code: 0, heldUp: false, damaged: false, records: [] });
      assert.ok(answeredMs > 100, 'it was not asked');
    });

    it('opens the inspector when it comes from elsewhere, and is told once the trace is written', async () => {
      const outcome = await run(writing, (handle) => {
        waitUntilWriting(handle.pid!);
        process.kill(handle.pid!, 'SIGUSR1');
        block(300);
        return Promise.resolve();
      });
      assert.deepEqual(outcome, {
        output: 'ready\nDebugger listening on ws:PLACE\nFor help, see: https:PLACE\ndone all true\n',
        code: 0,
        heldUp: false,
        damaged: false,
        records: ['unwatched'],
      });
    });

    it('loses nothing, however often it comes', async () => {
      let questions = 0;
      const outcome = await run(turning, async (handle) => {
        while (questions < 100) {
          if (await askTarget(handle)) questions++;
          await sleep(1);
        }
      });
      assert.deepEqual(outcome, { output: 'ready\ndone all false\n', code: 0, heldUp: false, damaged: false, records: [] });
    });

    it('tells where the loop is held, although it nearly always writes', async () => {
      const { output, code, damaged } = await run(
        writing,
        async (_, told) => {
          await until(() => told.length > 0);
          assert.notEqual(told.length, 0);
          // What it calls is on the stack too, or not.
          for (const { stack } of told) assert.match(stack.at(-1)?.name ?? '', /\bmain\b/);
        },
        // Whenever this thread looks, it has not read for a while.
        { hangMs: 300, readMs: 20 },
      );
      assert.deepEqual({ output, code, damaged }, { output: 'ready\ndone all false\n', code: 0, damaged: false });
    });
  });
}
