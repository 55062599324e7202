import assert from 'node:assert/strict';
import { TraceLanes } from '../../../src/run/traceLanes.ts';
import type { ProcessHello } from '../../../src/shared/followed.ts';
import { readLink, linkedPreload } from '../../../src/shared/followed.ts';
import type { ThreadId } from '../../../src/shared/ids.ts';
import { decodeRecordText, encodeFrame, encodeRecord, FrameReader, frameType } from '../../../src/shared/traceFrames.ts';
import type { TraceRecord } from '../../../src/shared/traceRecords.ts';

const thread = (number: number): ThreadId => number as ThreadId;
const hello = (parentProcess: number, parent: number): ProcessHello => ({
  type: 'process',
  thread: thread(0),
  pid: 42,
  nodeVersion: 'v24.0.0',
  name: 'a.js',
  parent: thread(parent),
  parentProcess,
  start: 3,
});

describe('threads of followed processes', () => {
  const read = (bytes: Uint8Array): unknown[] =>
    new FrameReader({ expectMagic: false })
      .push(bytes)
      .map((frame) => [frame.thread, frame.type === frameType.record ? decodeRecordText(frame.payload) : [...frame.payload]]);

  it('have them in what is told of holds and rejections', () => {
    const lanes = new TraceLanes();
    const hold = { thread: thread(0), sinceUs: 5 as never, heldUs: 7 as never, stack: [] };
    const records: TraceRecord[] = [
      { type: 'sync-child', ...hold },
      { type: 'hang', ...hold },
      { type: 'unwatched', thread: thread(0), reason: 'debugger' },
      { type: 'rejection', thread: thread(0), late: false },
    ];
    const written = Buffer.concat([encodeRecord(hello(0, 0)), ...records.map((record) => encodeRecord(record))]);
    assert.deepEqual(
      read(lanes.translate(1, written, () => {})).slice(1),
      records.map((record) => [0x8000, { ...record, thread: 0x8000 }]),
    );
  });

  it('get numbers of their own, in the frames and in the records', () => {
    const lanes = new TraceLanes();
    const greeted: ProcessHello[] = [];
    const limits: TraceRecord = { type: 'child-process', thread: thread(1), command: 'node b', start: 1 };
    const written = Buffer.concat([
      encodeRecord(hello(0, 7)),
      encodeFrame(frameType.events, thread(0), Uint8Array.of(1, 2, 3, 4)),
      encodeRecord(limits, thread(1)),
      encodeFrame(frameType.events, thread(1), Uint8Array.of(5, 6, 7, 8)),
      encodeRecord({ type: 'exit', cause: 'exited', code: 0, signal: null, afterUs: 0 as never }),
      encodeFrame(frameType.record, thread(0), Uint8Array.of(0x7b)),
    ]);
    const { parentProcess: _, ...told } = hello(0, 7);
    assert.deepEqual(read(lanes.translate(1, written, (one) => greeted.push(one))), [
      [0x8000, { ...told, thread: 0x8000, parent: 7 }],
      [0x8000, [1, 2, 3, 4]],
      [0x8001, { ...limits, thread: 0x8001 }],
      [0x8001, [5, 6, 7, 8]],
    ]);
    assert.equal(greeted.length, 1);
    const below = read(lanes.translate(2, encodeRecord(hello(1, 1)), () => {}));
    assert.deepEqual(below, [[0x8002, { ...told, thread: 0x8002, parent: 0x8001 }]]);
    assert.deepEqual([lanes.laneOf(0, thread(5)), lanes.laneOf(1, thread(1))], [5, 0x8001]);
  });
});

describe('the link in the path of a preloaded file', () => {
  it('is what was put in, and stands for the file beside it', () => {
    const link = { folder: "/tmp/it's, a/../folder", process: 3, thread: thread(2), start: 17 };
    const path = linkedPreload('/opt/inter leave/dist/runtime', link);
    assert.deepEqual(readLink(path), link);
    assert.equal(new URL(`file://${path}`).pathname, '/opt/inter%20leave/dist/runtime/follow.cjs');
  });

  it('is in no other path', () => {
    for (const path of ['/opt/follow.cjs', '/opt/x/../follow.cjs', '/opt/a,1,2/../follow.cjs', ''])
      assert.equal(readLink(path), undefined);
  });
});
