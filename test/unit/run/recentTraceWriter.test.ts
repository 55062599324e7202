import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { TraceModelBuilder } from '../../../src/analyze/traceModelBuilder.ts';
import { RunError } from '../../../src/run/errors.ts';
import { RecentTraceWriter } from '../../../src/run/recentTraceWriter.ts';
import { readTraceFile } from '../../../src/run/traceFile.ts';
import { FrameReader, encodeFrame, encodeMagic } from '../../../src/shared/traceFrames.ts';
import { buildTrace } from '../support/traceBuilder.ts';
import { makeFolder, removeFolder } from './support.ts';

/** A run of one task a minute that waits until the next: its frames in order. */
function framesOf(minutes: number): Uint8Array[] {
  let text = 'run /p/a.ts\nfile /p/a.ts\nsite 1 function "work" 1:1-9:2\nsite 2 await "await sleep(1)" 2:3-2:9 owner 1\n';
  for (let i = 0; i < minutes; i++) {
    const us = i * 60_000_000;
    text += `batch\n${us + 10} turn timer\n${us + 11} start ${i + 1} site 1\n${us + 12} suspend ${i + 1} at 2\n`;
  }
  text += 'exit 0';
  const frames = new FrameReader({ expectMagic: true }).push(buildTrace(text));
  return [encodeMagic(), ...frames.map(({ type, thread, payload }) => encodeFrame(type, thread, payload))];
}

describe('the file of the last minutes of a run', () => {
  let folder: string;
  before(() => (folder = makeFolder()));
  after(() => removeFolder(folder));

  it('holds so many minutes or up to twice as many, and all records, at any moment', () => {
    const path = join(folder, 'recent.interleave');
    let minute = 0;
    const writer = new RecentTraceWriter(path, 3 * 60_000, () => minute * 60_000);
    let seen = 0;
    for (const frame of framesOf(20)) {
      const isEvents = frame !== undefined && frame.length > 8 && frame[4] === 2;
      if (isEvents) minute++;
      writer.onTrace(frame);
      const { bytes, complete } = readTraceFile(path);
      assert.ok(complete);
      const builder = new TraceModelBuilder();
      builder.push(bytes);
      const { tasks, files, sites } = builder.snapshot();
      if (!isEvents) continue;
      seen++;
      assert.equal(files.length, 1);
      assert.equal(sites.size, 2);
      assert.equal(tasks.at(-1)?.startUs, tasks.length === 0 ? undefined : (seen - 1) * 60_000_000 + 11);
      assert.ok(tasks.length >= Math.min(seen, 3) && tasks.length <= 6, `${tasks.length} tasks after ${seen} minutes`);
      assert.ok(tasks.every((task) => task.name === 'work'));
    }
    writer.close();
    const builder = new TraceModelBuilder();
    builder.push(readTraceFile(path).bytes);
    const { warnings, exit, tasks } = builder.snapshot();
    assert.equal(exit?.code, 0);
    assert.equal(tasks.length, 5);
    assert.deepEqual(warnings, [
      // The rest begins where the last of them was read.
      'the trace keeps only the end of the run: its first 14 min 0 s are missing, with 45 events',
    ]);
    assert.deepEqual(readdirSync(folder), ['recent.interleave']);
  });

  it('is the whole trace of a short run, byte for byte', () => {
    const path = join(folder, 'short.interleave');
    const writer = new RecentTraceWriter(path, 60_000, () => 0);
    const frames = framesOf(5);
    for (const frame of frames) writer.onTrace(frame);
    writer.close();
    assert.deepEqual(Buffer.from(readTraceFile(path).bytes), Buffer.concat(frames));
  });

  it('says where it cannot be written', () => {
    assert.throws(
      () => new RecentTraceWriter(join(folder, 'nowhere', 'a.interleave'), 1),
      (error) => error instanceof RunError && error.code === 'trace-unwritable' && error.message.includes('does not exist'),
    );
  });
});
