import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ThreadId } from '../../../src/shared/ids.ts';
import { decodeRecordText, FrameReader, frameType } from '../../../src/shared/traceFrames.ts';
import { lastTask } from '../../../src/runtime/record/recorderState.ts';

import { create, texts } from './recorderBench.ts';

describe('recorder', () => {
  it('writes the first events at once, each by itself, and later ones together', () => {
    const { probes, writes, read } = create({ early: 3 });
    const task = probes.enter(1);
    assert.equal(writes.length, 1);
    probes.suspend(task, 2);
    probes.resume(task);
    assert.equal(writes.length, 3);
    probes.suspend(task, 2);
    probes.resume(task);
    probes.settle(task);
    assert.equal(writes.length, 3);
    assert.deepEqual(texts(read()), [
      'start 1 @1 in 0',
      'suspend 1 @2',
      'resume 1',
      'suspend 1 @2',
      'resume 1',
      'settle 1 threw',
    ]);
    assert.equal(writes.length, 4);
  });

  it('writes many passes through one await point as one', () => {
    const { probes, read, writes } = create();
    const slot = probes.enter(1);
    for (let i = 0; i < 50_000; i++) {
      probes.suspend(slot, 2);
      probes.resume(slot);
    }
    assert.equal(read().length, 100_001);
    const bytes = writes.reduce((sum, part) => sum + part.length, 0);
    assert.ok(bytes < 10_000, `${bytes} bytes`);
  });

  it('knows as many tasks as are alive, and takes the places of those that settled anew', () => {
    const { probes, read } = create();
    const count = 40_000;
    for (let round = 0; round < 2; round++) {
      const slots = new Set<number>();
      for (let i = 0; i < count; i++) {
        const slot = probes.enter(1);
        probes.suspend(slot, 2);
        slots.add(slot);
      }
      assert.equal(slots.size, count);
      for (const slot of slots) {
        probes.resume(slot);
        probes.complete(slot);
        probes.settle(slot);
      }
    }
    const seen = texts(read());
    assert.equal(seen.length, 2 * 4 * count);
    for (const task of [1, 16_384, 16_385, count, count + 1, 2 * count]) {
      const own = seen.filter((text) => text.split(' ')[1] === String(task));
      assert.deepEqual(own, [`start ${task} @1 in 0`, `suspend ${task} @2`, `resume ${task}`, `settle ${task}`]);
    }
  });

  it('begins the numbers of tasks anew before they overflow', () => {
    const { recorder, probes, read } = create();
    recorder.state[lastTask] = 2 ** 27 - 2;
    recorder.restart();
    const slots = [1, 2, 3].map((site) => probes.enter(site));
    for (const slot of slots.toReversed()) probes.suspend(slot, 9);
    for (const slot of slots) probes.resume(slot);
    const last = 2 ** 27 - 1;
    assert.deepEqual(texts(read()), [
      `start ${last} @1 in 0`,
      `start 1 @2 in ${last}`,
      'start 2 @3 in 1',
      'suspend 2 @9',
      'suspend 1 @9',
      `suspend ${last} @9`,
      `resume ${last}`,
      'resume 1',
      'resume 2',
    ]);
  });

  it('survives probes in an order no program has', () => {
    const probeCall = fc.tuple(fc.constantFrom('enter', 'suspend', 'resume', 'caught', 'settle', 'complete', 'turn'), fc.nat(3));
    fc.assert(
      fc.property(fc.array(probeCall, { maxLength: 80 }), (calls) => {
        const { recorder, probes, read } = create({ bufferWords: 200 });
        const slots = [1, 2, 3, 4].map((site) => probes.enter(site));
        for (const [call, which] of calls) {
          const slot = slots[which] as number;
          if (call === 'enter') slots[which] = probes.enter(which + 1);
          else if (call === 'suspend') probes.suspend(slot, which + 1);
          else if (call === 'resume') probes.resume(slot);
          else if (call === 'caught') probes.caught(slot);
          else if (call === 'settle') probes.settle(slot);
          else if (call === 'complete') probes.complete(slot);
          else {
            probes.turnBegins();
            recorder.turn(2, 0);
          }
        }
        assert.ok(read().length >= 4);
      }),
      { numRuns: 300 },
    );
  });

  it('tells blocking calls and callbacks, each with what it ran in', () => {
    const { probes, clock, read } = create();
    const callback = probes.callbackBegin(7);
    const slot = probes.enter(1);
    const token = probes.blockBegin(5);
    clock.now += 30_000;
    probes.blockEnd(token);
    const short = probes.blockBegin(6);
    clock.now += 9_999;
    probes.blockEnd(short);
    probes.suspend(slot, 2);
    probes.callbackEnd(callback);
    assert.deepEqual(texts(read()), [
      'callback @7',
      'start 1 @1 in 0',
      'block @5 for 30000 in 1 detail 0',
      'suspend 1 @2',
      'callbackEnd @7',
    ]);
  });

  it('tells once of each place that blocking calls there were short', () => {
    const { probes, clock, writes, read } = create();
    const call = (site: number, units: number): void => {
      const token = probes.blockBegin(site);
      clock.now += units;
      probes.blockEnd(token);
    };
    for (const [site, units] of [
      [5, 9_999],
      [5, 100],
      [6, 20_000],
      [6, 0],
      [70_000, 1],
    ] as const)
      call(site, units);
    for (let site = 100; site < 2000; site++) call(site, 1);
    assert.deepEqual(texts(read()), ['block @6 for 20000 in 0 detail 0']);
    const reader = new FrameReader({ expectMagic: false });
    const told = writes
      .flatMap((bytes) => reader.push(bytes))
      .filter(({ type }) => type === frameType.record)
      .map(
        ({ payload }) => decodeRecordText(payload) as { readonly type: string; readonly site: number; readonly thread: number },
      );
    assert.ok(told.every(({ type, thread }) => type === 'brief-block' && thread === 3));
    assert.deepEqual(
      told.slice(0, 4).map(({ site }) => site),
      [5, 6, 100, 101],
    );
    assert.equal(told.length, 1000);
  });

  it('writes nothing twice and nothing empty; old events at the next turn; each at once after the exit began', () => {
    const { recorder, probes, clock, writes } = create();
    recorder.flush();
    recorder.flushIfOld();
    assert.equal(writes.length, 0);
    probes.settleCall(1);
    clock.now = 10;
    recorder.flushIfOld();
    recorder.turn(2, 0);
    assert.equal(writes.length, 0);
    clock.now = 1e9;
    recorder.turn(2, 0);
    assert.equal(writes.length, 1);
    recorder.writeThrough();
    assert.equal(writes.length, 1);
    probes.settleCall(1);
    probes.enter(1);
    assert.equal(writes.length, 3);
  });

  it('goes on without a reader, in the memory it has', () => {
    const { recorder, probes, link, writes } = create({ bufferWords: 64 });
    probes.settleCall(1);
    link.open = false;
    for (let i = 0; i < 10_000; i++) probes.settleCall(1);
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
    assert.deepEqual(decodeRecordText((writes[0] as Uint8Array).subarray(8)), { type: 'thread', thread: 3, name: 'y' });
  });
});
