import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ThreadId } from '../../../src/shared/ids.ts';
import { encodeFrame, FrameReader, frameType } from '../../../src/shared/traceFrames.ts';
import { eventKind, kindBits } from '../../../src/shared/traceEvents.ts';
import { FrameCutter } from '../../../src/run/frameCutter.ts';

const words = (...list: number[]): Uint8Array => new Uint8Array(new Uint32Array(list).buffer);

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
    const of = (kind: number, operand: number): number => (operand << kindBits) | kind;
    const events = words(
      ...[of(eventKind.batch, 2), 0, 0, 7, 7, 3, 4],
      of(eventKind.start, 1),
      of(eventKind.clock, 9),
      of(eventKind.suspend, 2),
      of(eventKind.dropped, 9),
      ...[of(eventKind.turn, 1), 3],
      of(eventKind.ran, 1),
      ...[of(eventKind.pass, 2), 5],
      of(eventKind.switched, 2),
      ...[of(eventKind.block, 3), 1, 0],
      of(eventKind.far, 1),
      of(eventKind.bound, 9),
    );
    cutter.push(encodeFrame(frameType.events, 0 as ThreadId, events));
    assert.deepEqual(cutter.counts, { events: 18, tasks: 2 });
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

  it('has the record of a file of the pack put where the target took it', () => {
    const events = encodeFrame(frameType.events, 0 as ThreadId, words(eventKind.settle));
    const packed = (place: number) => encodeFrame(frameType.packedFile, 0 as ThreadId, words(place));
    const whole = Buffer.concat([events, packed(7), packed(9), events, events, packed(11)]);
    for (const step of [1, 5, whole.length]) {
      const seen: (string | number)[] = [];
      const cutter = new FrameCutter(
        (part) => seen.push(...Array<string>(part.length / events.length).fill('events')),
        (place) => seen.push(place),
      );
      for (let at = 0; at < whole.length; at += step) cutter.push(whole.subarray(at, at + step));
      assert.deepEqual(seen, ['events', 7, 9, 'events', 'events', 11]);
      assert.equal(cutter.damaged, false);
    }
    const cutter = new FrameCutter(() => {});
    cutter.push(encodeFrame(frameType.packedFile, 0 as ThreadId, words(1, 2)));
    assert.equal(cutter.damaged, true);
  });
});
