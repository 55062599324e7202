import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ThreadId } from '../../../src/shared/ids.ts';
import { encodeFrame, FrameReader, frameType } from '../../../src/shared/traceFrames.ts';
import { eventKind } from '../../../src/shared/traceEvents.ts';
import { FrameCutter } from '../../../src/run/frameCutter.ts';

const words = (...list: number[]): Uint8Array => new Uint8Array(new Uint32Array(list).buffer);
const start = (task: number): number[] => [eventKind.start, task, 1, 0];

describe('frame cutter', () => {
  it('passes on the same frames however the bytes are cut, and only whole ones', () => {
    const frame = fc.tuple(
      fc.constantFrom(frameType.record, frameType.events),
      fc.nat(5),
      fc.array(fc.nat(2 ** 16), { maxLength: 12 }),
    );
    fc.assert(
      fc.property(
        fc.array(frame, { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 40 })),
        fc.nat(30),
        (frames, cuts, missing) => {
          const whole = Buffer.concat(
            frames.map(([type, thread, list]) =>
              encodeFrame(type, thread as ThreadId, words(...list.map((n) => n * 32 + eventKind.settle))),
            ),
          );
          const bytes = whole.subarray(0, Math.max(0, whole.length - missing));
          const passed: Uint8Array[] = [];
          const cutter = new FrameCutter((part) => {
            // Each part can be followed by a record of the launcher's own.
            const reader = new FrameReader({ expectMagic: false });
            reader.push(part);
            assert.equal(reader.pendingBytes, 0);
            passed.push(part);
          });
          let at = 0;
          for (const length of [...cuts, bytes.length]) {
            cutter.push(bytes.subarray(at, at + length));
            at += length;
          }
          const expected = new FrameReader({ expectMagic: false }).push(bytes);
          assert.deepEqual(new FrameReader({ expectMagic: false }).push(Buffer.concat(passed)), expected);
          assert.equal(cutter.damaged, false);
        },
      ),
    );
  });

  it('counts events and tasks', () => {
    const cutter = new FrameCutter(() => {});
    const events = words(
      eventKind.time,
      0,
      0,
      ...start(1),
      eventKind.suspend,
      1,
      2,
      eventKind.dropped,
      9,
      eventKind.turn,
      1,
      2,
      3,
      ...start(2),
    );
    cutter.push(encodeFrame(frameType.events, 0 as ThreadId, events));
    assert.deepEqual(cutter.counts, { events: 4, tasks: 2 });
  });

  it('stops at bytes that are no frame', () => {
    const passed: Uint8Array[] = [];
    const cutter = new FrameCutter((part) => void passed.push(part));
    const good = encodeFrame(frameType.record, 0 as ThreadId, words(1));
    cutter.push(Buffer.concat([good, Buffer.from('hello, this is text')]));
    cutter.push(good);
    assert.equal(cutter.damaged, true);
    assert.deepEqual(Buffer.concat(passed), Buffer.from(good));
  });
});
