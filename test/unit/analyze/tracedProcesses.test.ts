import assert from 'node:assert/strict';
import type { TraceModel } from '../../../src/analyze/model.ts';
import { isMainThread } from '../../../src/analyze/tracedProcesses.ts';
import { TraceModelBuilder } from '../../../src/analyze/traceModelBuilder.ts';
import { summary } from '../../../src/export/summary.ts';
import { transcript } from '../../../src/export/transcript.ts';
import type { ThreadId } from '../../../src/shared/ids.ts';
import { encodeMagic, encodeRecord } from '../../../src/shared/traceFrames.ts';
import type { ProcessRecord, TraceRecord } from '../../../src/shared/traceRecords.ts';

const thread = (number: number): ThreadId => number as ThreadId;
const first = 0x8000;

function run(clock: 'wall' | 'virtual' = 'wall'): TraceRecord {
  return {
    type: 'run',
    formatVersion: 2,
    interleaveVersion: '',
    entry: '/p/main.js',
    args: [],
    cwd: '/p',
    clock,
    startedAt: '',
    platform: 'linux',
  };
}
const exit: TraceRecord = { type: 'exit', cause: 'exited', code: 0, signal: null, afterUs: 0 as never };
const started = (start: number, command: string, left?: string): TraceRecord => ({
  type: 'child-process',
  thread: thread(0),
  command,
  start,
  ...(left === undefined ? {} : { left }),
});
const came = (lane: number, start: number, more: Partial<ProcessRecord> = {}): TraceRecord => ({
  type: 'process',
  thread: thread(first + lane),
  pid: 100 + lane,
  nodeVersion: 'v24.0.0',
  name: `child${lane}.js`,
  parent: thread(0),
  start,
  ...more,
});
const ended = (lane: number, instrumented: number, outlived?: true): TraceRecord => ({
  type: 'process-end',
  thread: thread(first + lane),
  instrumented,
  skipped: 0,
  ...(outlived ? { outlived } : {}),
});

function modelOf(...records: readonly TraceRecord[]): TraceModel {
  const builder = new TraceModelBuilder();
  builder.push(encodeMagic());
  for (const record of records) builder.push(encodeRecord(record));
  return builder.snapshot();
}

describe('processes below the program', () => {
  it('are told with their threads, their commands and who started them', () => {
    const model = modelOf(
      run(),
      started(1, 'node a.js'),
      came(0, 1),
      { type: 'thread', thread: thread(first + 1), name: 'worker 1 (a.js)', process: thread(first) },
      { type: 'thread', thread: thread(1), name: 'worker 1 (main.js)' },
      came(2, 1, { parent: thread(first + 1) }),
      ended(0, 2),
      ended(2, 1),
      exit,
    );
    assert.deepEqual(
      [...model.threads],
      [
        [first, 'process 100 (child0.js)'],
        [first + 2, 'process 102 (child2.js)'],
        [first + 1, 'process 100, worker 1 (a.js)'],
        [1, 'worker 1 (main.js)'],
      ],
    );
    assert.deepEqual(
      model.processes.map(({ pid, parent, command, workers, files }) => [
        pid,
        parent,
        command,
        workers.length,
        files?.instrumented,
      ]),
      [
        [100, 0, 'node a.js', 1, 2],
        [102, first + 1, undefined, 0, 1],
      ],
    );
    assert.deepEqual(
      [0, 1, first, first + 1, first + 2].map((number) => isMainThread(model, thread(number))),
      [true, false, true, false, true],
    );
    assert.deepEqual(model.warnings, []);
    assert.match(
      transcript(model),
      /\nprocess {2}p1 runs child0\.js, pid 100\nprocess {2}p2 runs child2\.js, pid 102, started by p1\.1\n/,
    );
    assert.match(transcript(model, { normalised: true }), /\nprocess {2}p1 runs child0\.js\n/);
    assert.match(summary(model), /\n {2}processes +2 followed: child0\.js \(100\), child2\.js \(102\)/);
  });

  it('that were not traced are told by reason, the most frequent command first', () => {
    const records = [
      run(),
      started(1, 'node a'),
      started(2, 'npm x', 'no place for flags'),
      started(3, 'node b'),
      started(4, 'npm x', 'no place for flags'),
      started(5, 'node old'),
      came(0, 5, { left: 'it runs Node 16.0.0' }),
      came(1, 1),
    ];
    const noPlace =
      '2 child processes that run Node were not traced (no place for flags), only what waited for them is here: `npm x` (2 times)';
    const old =
      '1 child process that runs Node was not traced (it runs Node 16.0.0), only what waited for it is here: `node old`';
    const running = modelOf(...records);
    assert.deepEqual(running.warnings.slice(0, 2), [noPlace, old]);
    assert.equal(running.processes.length, 1);
    const complete = modelOf(...records, ended(1, 1), exit);
    assert.deepEqual(complete.warnings, [
      noPlace,
      '1 child process that runs Node was not traced (it did not come to the trace before it or the run ended), only what waited for it is here: `node b`',
      old,
    ]);
  });

  it('that ran no instrumented file, outlived the run or could not be attached in full are named', () => {
    const limit: TraceRecord = {
      type: 'target',
      thread: thread(first + 1),
      pid: 101,
      nodeVersion: 'v24.0.0',
      hooks: 'register',
      limits: ['half of it is missing'],
    };
    const model = modelOf(run('virtual'), came(0, 1), came(1, 2), limit, ended(0, 0), ended(1, 3, true), exit);
    assert.deepEqual(model.warnings, [
      'process 101 (child1.js): half of it is missing',
      'the virtual clock is that of the program alone: the times of its child processes are wall time',
      '1 child process ran no instrumented file, so nothing of it is here: process 100 (child0.js)',
      'process 101 (child1.js) was still running when the run ended: the rest is not in the trace',
    ]);
    assert.equal(model.target, undefined);
  });

  it('are followed up to a number for each thread', () => {
    const model = modelOf(run(), started(1000, 'node a', 'x'));
    assert.equal(model.warnings[1], 'of each thread only the first 1,000 child processes are followed and named');
  });
});
