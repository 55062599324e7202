import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ThreadId } from '../../../src/shared/ids.ts';
import { encodeFrame, encodeMagic, FrameReader, TraceFormatError, type Frame } from '../../../src/shared/traceFrames.ts';
import { originalColumn } from '../../../src/shared/insertedColumns.ts';

const anyFrame = fc.record({ type: fc.constantFrom(1, 2, 77), thread: fc.nat(65535), payload: fc.uint8Array({ maxLength: 40 }) });

describe('frames', () => {
  it('come out as they went in, however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(anyFrame), fc.array(fc.integer({ min: 1, max: 30 })), (frames, cuts) => {
        const parts = [encodeMagic(), ...frames.map((f) => encodeFrame(f.type, f.thread as ThreadId, f.payload))];
        const bytes = Buffer.concat(parts);
        const reader = new FrameReader({ expectMagic: true });
        const read: Frame[] = [];
        let at = 0;
        for (const cut of [...cuts, bytes.length]) {
          read.push(...reader.push(bytes.subarray(at, at + cut)));
          at += cut;
        }
        assert.deepEqual(
          read.map((f) => ({ type: f.type, thread: f.thread, payload: [...f.payload] })),
          frames.map((f) => ({ ...f, payload: [...f.payload] })),
        );
        assert.equal(reader.pendingBytes, 0);
      }),
    );
  });

  it('keep their payload when the chunk they came in is used again', () => {
    const chunk = Buffer.from(encodeFrame(1, 0 as ThreadId, Uint8Array.of(1, 2, 3)));
    const [frame] = new FrameReader({ expectMagic: false }).push(chunk);
    chunk.fill(0);
    assert.deepEqual([...(frame?.payload ?? [])], [1, 2, 3]);
  });

  it('are delivered up to the damage, in the same chunk too', () => {
    const good = encodeFrame(1, 0 as ThreadId, Uint8Array.of(7));
    const reader = new FrameReader({ expectMagic: false });
    const seen: number[] = [];
    assert.throws(
      () => reader.read(Buffer.concat([good, good, Buffer.alloc(16, 255)]), (frame) => seen.push(frame.payload[0] ?? 0)),
      TraceFormatError,
    );
    assert.deepEqual(seen, [7, 7]);
  });

  it('are refused where the magic is missing', () => {
    assert.throws(() => new FrameReader({ expectMagic: true }).push(Buffer.from('PK\u0003\u0004')), /not an Interleave trace/);
  });
});

describe('columns of a lengthened line', () => {
  it('lead back to the original', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ gap: fc.nat(9), length: fc.integer({ min: 1, max: 9 }) })), fc.nat(30), (list, tail) => {
        const insertions: number[] = [];
        // Original column (from 1) of each column of the lengthened line.
        const expected: number[] = [];
        let original = 1;
        for (const { gap, length } of list) {
          for (let i = 0; i < gap; i++) expected.push(original++);
          insertions.push(1, original - 1, length);
          for (let i = 0; i < length; i++) expected.push(original);
        }
        for (let i = 0; i <= tail; i++) expected.push(original++);
        assert.deepEqual(
          expected.map((_, i) => originalColumn(insertions, i + 1)),
          expected,
        );
      }),
    );
  });
});
