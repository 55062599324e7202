import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ThreadId } from '../../../src/shared/ids.ts';
import { eventArity, eventKind, kindBits, maxDelta } from '../../../src/shared/traceEvents.ts';
import { FrameReader, frameType } from '../../../src/shared/traceFrames.ts';
import { createRecorder, type Recorder } from '../../../src/runtime/recorder.ts';
import { createSharedState } from '../../../src/runtime/sharedState.ts';

interface Seen {
  readonly kind: number;
  /** Units of 100 ns. */
  readonly time: number;
  readonly args: readonly number[];
}

/** A recorder whose clock is set by hand and whose frames are read back. */
function create(bufferWords?: number): {
  recorder: Recorder;
  clock: { now: number };
  writes: Uint8Array[];
  link: { open: boolean; takes: number };
  read: () => Seen[];
} {
  const clock = { now: 0 };
  const link = { open: true, takes: 0 };
  const writes: Uint8Array[] = [];
  const recorder = createRecorder({
    descriptor: {
      isOurs: () => true,
      writeAll(bytes, length) {
        clock.now += link.takes;
        if (link.open) writes.push(bytes.slice(0, length));
        return link.open;
      },
    },
    shared: createSharedState(),
    thread: 3 as ThreadId,
    now: () => clock.now,
    eventNow: () => clock.now,
    ...(bufferWords === undefined ? {} : { bufferWords }),
  });
  const read = (): Seen[] => {
    recorder.flush();
    const seen: Seen[] = [];
    const reader = new FrameReader({ expectMagic: false });
    for (const frame of writes.flatMap((bytes) => reader.push(bytes))) {
      assert.equal(frame.thread, 3);
      if (frame.type !== frameType.events) continue;
      const view = new DataView(frame.payload.buffer, frame.payload.byteOffset, frame.payload.byteLength);
      let time = NaN;
      for (let at = 0; at < frame.payload.length;) {
        const word = view.getUint32(at, true);
        const kind = word & ((1 << kindBits) - 1);
        const args = Array.from({ length: eventArity[kind] as number }, (_, i) => view.getUint32(at + 4 + 4 * i, true));
        at += 4 + 4 * args.length;
        if (kind === eventKind.time) time = (args[0] as number) * 2 ** 32 + (args[1] as number);
        else seen.push({ kind, time: (time += word >>> kindBits), args });
      }
    }
    return seen;
  };
  return { recorder, clock, writes, link, read };
}

describe('recorder', () => {
  it('measures its own writing, and counts what was written and not what was lost', () => {
    const { recorder, clock, link } = create();
    recorder.event2(eventKind.suspend, 1, 7);
    assert.deepEqual(recorder.cost(), { events: 0, units: 0 });
    link.takes = 25;
    recorder.flush();
    assert.deepEqual(recorder.cost(), { events: 1, units: 25 });
    link.open = false;
    recorder.event2(eventKind.suspend, 1, 7);
    recorder.flush();
    assert.deepEqual(recorder.cost(), { events: 1, units: 50 });
    assert.equal(clock.now, 50);
  });

  it('keeps the time of every event, however long the pauses and small the buffer', () => {
    const pause = fc.oneof(fc.nat(50), fc.nat(maxDelta), fc.constantFrom(0, maxDelta, maxDelta + 1, 2 ** 32, 2 ** 40));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(pause, fc.nat(2 ** 31), fc.boolean()), { maxLength: 60 }),
        fc.integer({ min: 0, max: 200 }),
        (events, words) => {
          const { recorder, clock, read } = create(words);
          const expected: Seen[] = [];
          for (const [gap, value, wide] of events) {
            clock.now += gap;
            if (wide) recorder.event4(eventKind.block, value, 1, 2, 3);
            else recorder.event2(eventKind.suspend, value, 7);
            expected.push({
              kind: wide ? eventKind.block : eventKind.suspend,
              time: clock.now,
              args: wide ? [value, 1, 2, 3] : [value, 7],
            });
          }
          assert.deepEqual(read(), expected);
        },
      ),
    );
  });

  it('writes a turn only with the first event in it, at the time the turn began', () => {
    const { recorder, clock, read } = create();
    recorder.turn(2, 10, 0, 5);
    recorder.turn(3, 11, 0, 20);
    clock.now = 25;
    recorder.event2(eventKind.resume, 1, 0);
    recorder.event2(eventKind.settle, 1, 0);
    recorder.turn(4, 12, 0, 30);
    assert.deepEqual(read(), [
      { kind: eventKind.turn, time: 20, args: [3, 11, 0] },
      { kind: eventKind.resume, time: 25, args: [1, 0] },
      { kind: eventKind.settle, time: 25, args: [1, 0] },
    ]);
  });

  it('writes nothing twice and nothing empty; old events at the next turn; each at once after the exit began', () => {
    const { recorder, clock, writes } = create();
    recorder.flush();
    recorder.flushIfOlder(1e9, 0);
    assert.equal(writes.length, 0);
    recorder.event2(eventKind.resume, 1, 0);
    clock.now = 10;
    recorder.flushIfOlder(10, 100);
    assert.equal(writes.length, 0);
    recorder.flushIfOlder(1e9 + 200, 100);
    assert.equal(writes.length, 1);
    recorder.writeThrough();
    assert.equal(writes.length, 1);
    recorder.event2(eventKind.resume, 1, 0);
    recorder.event3(eventKind.start, 2, 1, 0);
    assert.equal(writes.length, 3);
  });

  it('goes on without a reader, in the memory it has', () => {
    const { recorder, link, writes } = create(64);
    recorder.event2(eventKind.resume, 1, 0);
    link.open = false;
    for (let i = 0; i < 10_000; i++) recorder.event2(eventKind.resume, i, 0);
    recorder.record({ type: 'thread', thread: 3 as ThreadId, name: 'late' });
    recorder.flush();
    assert.equal(writes.length, 0);
  });

  it('leaves a record out that cannot be written down', () => {
    const { recorder, writes } = create();
    const prototype = Object.prototype as { toJSON?: () => never };
    prototype.toJSON = () => {
      throw new Error('the program did this');
    };
    try {
      recorder.record({ type: 'thread', thread: 3 as ThreadId, name: 'x' });
    } finally {
      delete prototype.toJSON;
    }
    assert.equal(writes.length, 0);
    recorder.record({ type: 'thread', thread: 3 as ThreadId, name: 'y' });
    assert.equal(writes.length, 1);
  });
});
