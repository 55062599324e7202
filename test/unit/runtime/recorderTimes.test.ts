import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ThreadId } from '../../../src/shared/ids.ts';
import { mostUnread } from '../../../src/runtime/record/clockBudget.ts';

import { create, texts } from './recorderBench.ts';

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

describe('recorder: times', () => {
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
          let idled = 0;
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
              recorder.turn(which + 1, takes % 1000);
              turn = { text: `turn ${which + 1} late ${takes % 1000}`, at: clock.now };
            } else if (what === 'idle' && stack.length === 0) {
              // What the loop calls next is announced to nobody; or it queued a tick, which is.
              idled++;
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
          const all = read();
          const seen = all.filter(({ text }) => text !== 'turn 0 late 0');
          const untold = all.length - seen.length;
          assert.ok(untold <= idled, `${untold} turns of unknown kind, though the loop was idle ${idled} times`);
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
    assert.ok(loop(1000, 300) >= 3);
    loop(100_000, 1);
    const tight = loop(10_000, 1);
    assert.ok(tight > 0.005 && tight < 0.05, `${tight}`);
    assert.ok(loop(1000, 0) >= 2 / mostUnread, 'not even where no time passes at all does it stop');
    clock.now += 2_000_000;
    assert.ok(loop(3000, 1) > 2.7);
  });

  it('reads few events of turns that follow closely, and each event where the loop waits in between', () => {
    const { recorder, probes, clock } = create();
    const slot = probes.enter(1);
    /** Readings for each turn, which has 8 events in 8 µs. */
    const turns = (times: number, waits: number): number => {
      const before = clock.reads;
      for (let i = 0; i < times; i++) {
        clock.now += waits;
        clock.idle += waits;
        probes.turnBegins();
        recorder.turn(2, 0);
        for (let pass = 0; pass < 4; pass++) {
          clock.now += 10;
          probes.resume(slot);
          clock.now += 10;
          probes.suspend(slot, 2 + pass);
        }
      }
      return (clock.reads - before) / times;
    };
    turns(1000, 0);
    const busy = turns(1000, 0);
    assert.ok(busy >= 1 && busy <= 3, `${busy}`);
    const waiting = turns(1000, 2000);
    assert.ok(waiting >= 5, `${waiting}`);
  });

  it('writes an event only after the turn it belongs to, and joins it to none before', () => {
    const { recorder, probes, clock, read } = create();
    recorder.turn(2, 0);
    const slot = probes.enter(1);
    for (let i = 0; i < 100; i++) {
      probes.suspend(slot, 2);
      clock.now += 1;
      probes.turnBegins();
      recorder.turn(4, i);
      probes.resume(slot);
    }
    assert.deepEqual(
      texts(read().slice(-6)),
      [98, 99].flatMap((late) => ['suspend 1 @2', `turn 4 late ${late}`, 'resume 1']),
    );
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

  it('takes a tick for a part of its turn: it costs a reading, and the events are not read more often for it', () => {
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
    assert.ok(loop(true) <= 10_000 + bare * 1.1, `more than the ${bare} readings without`);
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
});
