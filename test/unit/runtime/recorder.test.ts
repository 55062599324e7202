import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ThreadId } from '../../../src/shared/ids.ts';
import { batchFault, eventWords } from '../../../src/shared/eventWords.ts';
import { readEvents } from '../../../src/shared/readEvents.ts';
import { eventKind } from '../../../src/shared/traceEvents.ts';
import { decodeRecordText, FrameReader, frameType } from '../../../src/shared/traceFrames.ts';
import { mostUnread } from '../../../src/runtime/clockBudget.ts';
import { createProbes } from '../../../src/runtime/probes.ts';
import type { Probes } from '../../../src/runtime/probeTypes.ts';
import { createRecorder, type Recorder } from '../../../src/runtime/recorder.ts';
import { lastTask } from '../../../src/runtime/recorderState.ts';
import { createSharedState } from '../../../src/runtime/sharedState.ts';

interface Seen {
  /** `start 2 @1 in 1`, as the reader gives it. */
  readonly text: string;
  /** Units of 100 ns. */
  readonly units: number;
  readonly fromUnits: number;
  readonly toUnits: number;
}

interface Setup {
  readonly recorder: Recorder;
  readonly probes: Probes;
  readonly clock: { now: number; idle: number; reads: number };
  readonly writes: Uint8Array[];
  readonly link: { open: boolean; takes: number };
  /** Writes what is buffered; all events so far, and the records between them as text. */
  readonly read: () => Seen[];
}

const words: Readonly<Record<number, (a: number, b: number, c: number, d: number) => string>> = {
  [eventKind.start]: (task, site, parent) => `start ${task} @${site} in ${parent}`,
  [eventKind.suspend]: (task, site) => `suspend ${task} @${site}`,
  [eventKind.resume]: (task, threw) => `resume ${task}${threw === 1 ? ' threw' : ''}`,
  [eventKind.settle]: (task, threw) => `settle ${task}${threw === 1 ? ' threw' : ''}`,
  [eventKind.turn]: (kind, late) => `turn ${kind} late ${late}`,
  [eventKind.block]: (site, duration, task, detail) => `block @${site} for ${duration} in ${task} detail ${detail}`,
  [eventKind.settleCall]: (site, task) => `settleCall @${site} in ${task}`,
  [eventKind.callbackBegin]: (site) => `callback @${site}`,
  [eventKind.callbackEnd]: (site) => `callbackEnd @${site}`,
  [eventKind.tracer]: (duration) => `tracer ${duration}`,
};

/** Probes on a recorder whose clock is set by hand, and whose frames are read back. */
function create(options: { readonly bufferWords?: number; readonly eachEvent?: boolean; readonly early?: number } = {}): Setup {
  const clock = { now: 0, idle: 0, reads: 0 };
  const link = { open: true, takes: 0 };
  const writes: Uint8Array[] = [];
  const now = (): number => {
    clock.reads++;
    return clock.now;
  };
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
    now,
    eventNow: now,
    ...(options.eachEvent === true ? {} : { idleUnits: () => clock.idle }),
    early: options.early ?? 0,
    ...(options.bufferWords === undefined ? {} : { bufferWords: options.bufferWords }),
  });
  const probes = createProbes(recorder, 3 as ThreadId);
  const read = (): Seen[] => {
    recorder.flush();
    const seen: Seen[] = [];
    const reader = new FrameReader({ expectMagic: false });
    for (const frame of writes.flatMap((bytes) => reader.push(bytes))) {
      assert.equal(frame.thread, 3);
      if (frame.type !== frameType.events) continue;
      const batch = eventWords(frame.payload);
      assert.ok(batch);
      assert.equal(batchFault(batch), undefined);
      const time = { units: 0, fromUnits: 0, toUnits: 0 };
      readEvents(batch, time, (kind, a, b, c, d) => {
        seen.push({ text: words[kind]?.(a, b, c, d) ?? `${kind}`, ...time });
      });
    }
    return seen;
  };
  return { recorder, probes, clock, writes, link, read };
}

const texts = (seen: readonly Seen[]): string[] => seen.map(({ text }) => text);

/** What happens next in a made-up program: a task or an await point by number, and how long it takes. */
const step = fc.record({
  what: fc.constantFrom(
    'start',
    'start',
    'stop',
    'stop',
    'go',
    'go',
    'go',
    'throw',
    'end',
    'pass',
    'turn',
    'idle',
    'tick',
    'resolve',
    'flush',
  ),
  which: fc.nat(5),
  site: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.constantFrom(8191, 8192, 2 ** 27 - 1)),
  times: fc.constantFrom(1, 2, 3, 400),
  takes: fc.oneof(fc.nat(30), fc.constantFrom(0, 0, 1, 20_000, 2 ** 27 - 1, 2 ** 27, 2 ** 40)),
});

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

  it('keeps every event in order and its time within what is told, however small the buffer', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 0, max: 400 }),
        fc.boolean(),
        (steps, bufferWords, eachEvent) => {
          const { recorder, probes, clock, read } = create({ bufferWords, eachEvent });
          const expected: { text: string; at: number }[] = [];
          const note = (text: string): void => void expected.push({ text, at: clock.now });
          const stack: { slot: number; task: number }[] = [];
          const waiting: { slot: number; task: number }[] = [];
          let started = 0;
          let turn: { text: string; at: number } | undefined;
          const begin = (): void => {
            if (turn) expected.push(turn);
            turn = undefined;
          };
          for (const { what, which, site, times, takes } of steps) {
            clock.now += takes;
            const top = stack.at(-1);
            if (what === 'start') {
              begin();
              note(`start ${++started} @${site} in ${top?.task ?? 0}`);
              stack.push({ slot: probes.enter(site), task: started });
            } else if (what === 'stop' && top) {
              note(`suspend ${top.task} @${site}`);
              probes.suspend(top.slot, site);
              waiting.push(top);
              stack.pop();
            } else if ((what === 'go' || what === 'throw') && waiting.length > 0) {
              begin();
              const [task] = waiting.splice(which % waiting.length, 1);
              assert.ok(task);
              note(`resume ${task.task}${what === 'throw' ? ' threw' : ''}`);
              if (what === 'throw') probes.caught(task.slot);
              else probes.resume(task.slot);
              stack.push(task);
            } else if (what === 'pass' && top) {
              for (let i = 0; i < times; i++) {
                note(`suspend ${top.task} @${site}`);
                probes.suspend(top.slot, site);
                clock.now += which;
                note(`resume ${top.task}`);
                probes.resume(top.slot);
              }
            } else if (what === 'end' && top) {
              note(`settle ${top.task}${which > 3 ? ' threw' : ''}`);
              if (which <= 3) probes.complete(top.slot);
              probes.settle(top.slot);
              stack.pop();
            } else if (what === 'turn') {
              // Whatever still ran has ended without a word.
              stack.length = 0;
              if (which > 2) clock.idle += takes;
              probes.turnBegins();
              recorder.turn(which, takes % 1000);
              turn = { text: `turn ${which} late ${takes % 1000}`, at: clock.now };
            } else if (what === 'idle' && stack.length === 0) {
              // What the loop calls next is announced to nobody; or it queued a tick, which is.
              clock.now += takes;
              clock.idle += takes;
              if (which > 3) recorder.untoldTurn();
              else recorder.tick();
            } else if (what === 'tick') recorder.tick();
            else if (what === 'resolve') {
              begin();
              note(`settleCall @${site} in ${top?.task ?? 0}`);
              probes.settleCall(site);
            } else if (what === 'flush') recorder.flush();
          }
          const seen = read();
          assert.deepEqual(
            texts(seen),
            expected.map(({ text }) => text),
          );
          seen.forEach(({ units, fromUnits, toUnits }, i) => {
            const at = expected[i]?.at ?? NaN;
            assert.ok(
              fromUnits <= at && at <= toUnits && fromUnits <= units && units <= toUnits,
              `${i}: ${fromUnits} ${at} ${toUnits}`,
            );
            if (eachEvent) assert.equal(units, at);
          });
        },
      ),
      { numRuns: 400 },
    );
  });

  it('reads the clock at each event where they are far apart, seldom in a tight loop, and at each again after a long slice', () => {
    const { probes, clock } = create();
    const loop = (times: number, takes: number): number => {
      const before = clock.reads;
      const slot = probes.enter(1);
      for (let i = 0; i < times; i++) {
        clock.now += takes;
        probes.suspend(slot, 2);
        clock.now += takes;
        probes.resume(slot);
        probes.settleCall(3);
      }
      probes.complete(slot);
      probes.settle(slot);
      return (clock.reads - before) / times;
    };
    assert.ok(loop(1000, 150) >= 3);
    loop(100_000, 1);
    const tight = loop(10_000, 1);
    assert.ok(tight > 0.01 && tight < 0.1, `${tight}`);
    assert.ok(loop(1000, 0) >= 2 / mostUnread, 'not even where no time passes at all does it stop');
    clock.now += 1_000_000;
    assert.ok(loop(3000, 1) > 2.7);
  });

  it('tells when the last events of a turn happened though the loop then waited', () => {
    const { recorder, probes, clock, read } = create();
    recorder.turn(2, 0);
    const slot = probes.enter(1);
    for (let i = 0; i < 1000; i++) {
      probes.suspend(slot, 2);
      probes.resume(slot);
      probes.settleCall(4);
    }
    clock.now += 15;
    probes.suspend(slot, 3);
    clock.now += 10_000_000;
    clock.idle += 10_000_000;
    probes.turnBegins();
    recorder.turn(2, 0);
    probes.resume(slot);
    const [last, turn, resumed] = read().slice(-3);
    assert.deepEqual(last, { text: 'suspend 1 @3', units: last?.units, fromUnits: 0, toUnits: 15 });
    assert.deepEqual([turn?.units, resumed?.units], [10_000_015, 10_000_015]);
  });

  it('takes a tick for a part of its turn: the clock is not read more often for it', () => {
    const { recorder, probes, clock } = create();
    recorder.turn(2, 0);
    const slot = probes.enter(1);
    const loop = (ticks: boolean): number => {
      const before = clock.reads;
      for (let i = 0; i < 10_000; i++) {
        clock.now += 1;
        probes.suspend(slot, 2);
        if (ticks) recorder.tick();
        probes.resume(slot);
        probes.settleCall(4);
      }
      return clock.reads - before;
    };
    loop(false);
    const bare = loop(false);
    assert.ok(loop(true) <= bare * 1.1, `more than the ${bare} readings without`);
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

  it('tells what the tracer itself held, and leaves it out of blocking calls', () => {
    const { probes, clock, read } = create();
    const slot = probes.enter(1);
    const token = probes.blockBegin(5);
    clock.now += 20_000;
    probes.tracerBegins();
    clock.now += 500_000;
    probes.tracerEnds(true);
    clock.now += 10_000;
    probes.blockEnd(token);
    probes.tracerBegins();
    clock.now += 700;
    probes.tracerEnds(false);
    probes.complete(slot);
    probes.settle(slot);
    const seen = read();
    assert.deepEqual(texts(seen), ['start 1 @1 in 0', 'tracer 500000', 'block @5 for 30000 in 1 detail 0', 'settle 1']);
  });

  it('measures its own writing', () => {
    const { recorder, probes, link } = create();
    probes.settleCall(7);
    assert.equal(recorder.writingUnits(), 0);
    link.takes = 25;
    recorder.flush();
    assert.equal(recorder.writingUnits(), 25);
  });

  it('writes a turn only with the first event in it, at the time the turn began', () => {
    const { recorder, probes, clock, read, writes } = create();
    const turn = (kind: number, at: number): void => {
      clock.now = at;
      recorder.turn(kind, 0);
    };
    turn(2, 5);
    recorder.flush();
    assert.equal(writes.length, 0);
    turn(3, 20);
    recorder.record({ type: 'thread', thread: 3 as ThreadId, name: 'x' });
    clock.now = 25;
    probes.settleCall(1);
    turn(4, 30);
    assert.deepEqual(
      read().map(({ text, units }) => [text, units]),
      [
        ['turn 3 late 0', 20],
        ['settleCall @1 in 0', 25],
      ],
    );
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
