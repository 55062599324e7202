import assert from 'node:assert/strict';
import fc from 'fast-check';
import { siteStats } from '../../../src/analyze/ledger.ts';
import { TraceModelBuilder } from '../../../src/analyze/traceModelBuilder.ts';
import type { ThreadId } from '../../../src/shared/ids.ts';
import { eventKind } from '../../../src/shared/traceEvents.ts';
import { encodeFrame, encodeMagic, encodeRecord, frameType, TraceFormatError } from '../../../src/shared/traceFrames.ts';
import { transcript } from '../../../src/export/transcript.ts';
import { anyTrace } from '../support/randomTrace.ts';
import { buildTrace } from '../support/traceBuilder.ts';
import { TraceEncoder } from '../support/traceEncoder.ts';

const main = 0 as ThreadId;

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function record(value: unknown): Uint8Array {
  return concat(encodeMagic(), encodeFrame(frameType.record, main, new TextEncoder().encode(JSON.stringify(value))));
}

function refusal(bytes: Uint8Array): string {
  const builder = new TraceModelBuilder();
  try {
    builder.push(bytes);
  } catch (error) {
    assert.ok(error instanceof TraceFormatError, String(error));
    assert.throws(() => builder.push(new Uint8Array(1)), TraceFormatError, 'a damaged trace stays refused');
    assert.ok(builder.snapshot().warnings.includes(error.message));
    return error.message;
  }
  return 'accepted';
}

const run = {
  type: 'run',
  formatVersion: 2,
  interleaveVersion: '0.1.0',
  entry: '/p/a.ts',
  args: [],
  cwd: '/p',
  clock: 'wall',
  startedAt: '2025-01-01T00:00:00.000Z',
  platform: 'linux',
};

describe('a trace that cannot be read', () => {
  it('is refused with its reason', () => {
    assert.equal(
      refusal(new TextEncoder().encode('{"traceEvents":[]}')),
      'This is not an Interleave trace: it does not begin with the mark of one.',
    );
    assert.equal(
      refusal(concat(encodeMagic(), encodeFrame(frameType.record, main, new TextEncoder().encode('{"type":')))),
      'The trace is damaged: one of its records is not readable text.',
    );
    assert.equal(
      refusal(concat(encodeMagic(), encodeFrame(frameType.record, main, Uint8Array.of(0xff, 0xfe)))),
      'The trace is damaged: one of its records is not readable text.',
    );
    assert.equal(refusal(record([1])), 'The trace is damaged: it holds a record without a type.');
    assert.equal(
      refusal(record({ ...run, formatVersion: 1 })),
      'This trace has format 1; this version of Interleave reads format 2. Open it with the version that wrote it.',
    );
    assert.equal(refusal(record({ ...run, clock: 'sundial' })), "The trace is damaged: its 'run' record has no valid 'clock'.");
    const site = { id: 1, kind: 'await', line: '3' };
    const file = { type: 'file', file: 1, path: '/p/a.ts', status: 'instrumented', sites: [site], sourceHash: '' };
    assert.equal(refusal(record(file)), "The trace is damaged: its 'file' record has no valid 'sites.0.line'.");
    assert.equal(refusal(record(run)), 'accepted');
  });

  it('of a later version is read without what is unknown', () => {
    const builder = new TraceModelBuilder();
    builder.push(concat(record(run), encodeFrame(9, main, new Uint8Array(3)), record({ type: 'weather' }).subarray(8)));
    assert.deepEqual(builder.snapshot().warnings, [
      'a part of an unknown kind (9) was left out',
      'a record of an unknown kind was left out',
      "the trace ends without the program's exit",
    ]);
  });

  it('leaves out a batch that makes no sense, whole, and reads on', () => {
    const encoder = new TraceEncoder();
    const begin = [eventKind.batch, 0, 0, 0, 0];
    encoder.rawBatch(0, [...begin, eventKind.start, 31]);
    encoder.rawBatch(0, [...begin, eventKind.start, eventKind.pass]);
    encoder.rawBatch(0, [eventKind.batch, 0xffff_ffff, 0, 0, 0]);
    encoder.rawBatch(0, [...begin, eventKind.start, eventKind.pass, 0xffff_ffff]);
    encoder.rawBatch(0, [eventKind.start]);
    encoder.event(0, 5, eventKind.start, 3, 0, 0);
    const builder = new TraceModelBuilder();
    builder.push(encoder.bytes());
    const { tasks, warnings } = builder.snapshot();
    assert.deepEqual(
      tasks.map((task) => task.id),
      [3],
    );
    assert.deepEqual(warnings.slice(0, 5), [
      'a batch of events was left out because of an event of an unknown kind (31)',
      'a batch of events was left out because of an event that is cut off',
      'a batch of events was left out because of an impossible time',
      'a batch of events was left out because of an impossible count',
      'a batch of events was left out because of a beginning that tells neither time nor tasks',
    ]);
  });

  it('keeps few of many warnings', () => {
    const parts = Array.from({ length: 200 }, (_, type) => encodeFrame(type + 10, main, new Uint8Array(0)));
    const builder = new TraceModelBuilder();
    builder.push(concat(encodeMagic(), ...parts));
    const { warnings } = builder.snapshot();
    assert.ok(warnings.length < 25);
    assert.ok(warnings.includes('180 more faults were found in the trace'));
  });

  it('opens up to where it was cut off, wherever that is', () => {
    const bytes = buildTrace(`
      run /p/a.ts
      file /p/a.ts
      site 1 function "main" 1:1-2:2
      0 turn main
      1 start 1 site 1
      batch
      2 suspend 1 at 1
      exit 0`);
    let tasks = 0;
    for (let length = 0; length <= bytes.length; length++) {
      const builder = new TraceModelBuilder();
      builder.push(bytes.subarray(0, length));
      const now = builder.snapshot().tasks.length;
      assert.ok(now >= tasks);
      tasks = now;
    }
    assert.equal(tasks, 1);
  });

  it('never breaks the reader, whatever its bytes', () => {
    const read = (bytes: Uint8Array): void => {
      const builder = new TraceModelBuilder();
      try {
        builder.push(bytes);
      } catch (error) {
        assert.ok(error instanceof TraceFormatError, String(error));
      }
      const model = builder.snapshot();
      siteStats(model);
      transcript(model);
    };
    const withMagic = (bytes: Uint8Array): Uint8Array => concat(encodeMagic(), bytes);
    const framed = (bytes: Uint8Array): Uint8Array => withMagic(encodeFrame(frameType.events, main, bytes));
    const damaged = fc
      .tuple(anyTrace, fc.array(fc.tuple(fc.nat(5000), fc.nat(255)), { minLength: 1, maxLength: 6 }))
      .map(([bytes, changes]) => {
        const copy = bytes.slice();
        for (const [at, value] of changes) copy[at % copy.length] = value;
        return copy;
      });
    const bytes = fc.uint8Array({ maxLength: 400 });
    fc.assert(fc.property(fc.oneof(bytes, bytes.map(withMagic), bytes.map(framed), damaged), read), {
      numRuns: Number(process.env['RUNS'] ?? 1500),
    });
    read(concat(encodeMagic(), encodeRecord(run as never), Uint8Array.of(1, 0, 0, 0)));
  });
});
