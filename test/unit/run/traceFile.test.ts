import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ThreadId } from '../../../src/shared/ids.ts';
import { encodeMagic, encodeRecord } from '../../../src/shared/traceFrames.ts';
import { readTraceFile, TraceFileWriter } from '../../../src/run/traceFile.ts';
import { makeFolder, removeFolder } from './support.ts';

describe('trace files', () => {
  let folder: string;
  before(() => (folder = makeFolder()));
  after(() => removeFolder(folder));
  const record = encodeRecord({ type: 'thread', thread: 1 as ThreadId, name: 'w' });

  it('hold what was written', () => {
    const writer = new TraceFileWriter(join(folder, 'a.interleave'));
    for (const bytes of [encodeMagic(), record, record]) writer.onTrace(bytes);
    assert.equal(writer.bytes, 8 + 2 * record.length);
    writer.close();
    writer.close();
    const { frames, complete, bytes } = readTraceFile(writer.path);
    assert.deepEqual([frames.length, complete, bytes.length], [2, true, writer.bytes]);
  });

  it('cut off, foreign, missing or not writable', () => {
    const path = join(folder, 'cut.interleave');
    writeFileSync(path, Buffer.concat([encodeMagic(), record, record.subarray(0, 5)]));
    const { frames, complete } = readTraceFile(path);
    assert.deepEqual([frames.length, complete], [1, false]);
    writeFileSync(path, 'something else');
    assert.throws(() => readTraceFile(path), { name: 'TraceFormatError', message: /not an Interleave trace/ });
    writeFileSync(path, '');
    assert.throws(() => readTraceFile(path), { name: 'TraceFormatError', message: /is empty/ });
    assert.throws(() => readTraceFile(join(folder, 'none')), {
      code: 'trace-unreadable',
      message: /none cannot be read: it does not exist\.$/,
    });
    assert.throws(() => new TraceFileWriter(folder), {
      code: 'trace-unwritable',
      message: /could not be written to .*: it is a folder\.$/,
    });
    assert.throws(() => new TraceFileWriter(join(folder, 'no', 'x')), { code: 'trace-unwritable' });
  });
});
