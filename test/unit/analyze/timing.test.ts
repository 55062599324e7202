import assert from 'node:assert/strict';
import type { TraceModel } from '../../../src/analyze/model.ts';
import { findings } from '../../../src/analyze/findings.ts';
import { TraceModelBuilder } from '../../../src/analyze/traceModelBuilder.ts';
import { summary } from '../../../src/export/summary.ts';
import { transcript } from '../../../src/export/transcript.ts';
import { modelOf } from '../support/modelText.ts';
import { syntheticTrace } from '../support/syntheticTrace.ts';

const head = `
  run /p/count.ts
  file /p/count.ts
  site 1 function "count" 3:1-6:2
  site 2 await "step()" 4:3-4:20 owner 1
  site 3 await "other()" 5:3-5:20 owner 1
  0 turn main
  0 start 1 site 1
  100000 suspend 1 at 2
`;

const main = (model: TraceModel): TraceModel['tasks'][number] => {
  const [task] = model.tasks;
  assert.ok(task);
  return task;
};

describe('times that were not read', () => {
  it('lie within a few microseconds in a tight loop, and the model says within how many', () => {
    const model = modelOf(`${head}
      ? resume 1
      ? suspend 1 at 2
      100006 resume 1
      100007 settle 1
      exit 0`);
    assert.deepEqual(model.timing, { withinUs: 6, unreadStretches: 0, longestUnreadUs: 0 });
    const { slices, waits } = main(model);
    assert.deepEqual(
      slices.map(({ startUs, endUs, atMostUs }) => [startUs, endUs, atMostUs]),
      [
        [0, 100_000, undefined],
        [100_002, 100_004, undefined],
        [100_006, 100_007, undefined],
      ],
    );
    assert.equal(waits[0]?.atMostUs, undefined);
    assert.match(summary(model), /times +known to within 6\.00 µs$/m);
    assert.match(transcript(model), /^times {4}known to within 6\.00 µs$/m);
  });

  it('are bounds where the stretch is long; slices from one place answer for it together', () => {
    const model = modelOf(`${head}
      ? resume 1
      ? suspend 1 at 2
      ? resume 1
      ? suspend 1 at 2
      180000 resume 1
      180001 settle 1
      exit 0`);
    assert.deepEqual(model.timing, { withinUs: 0, unreadStretches: 1, longestUnreadUs: 80_000 });
    const { slices, waits } = main(model);
    assert.deepEqual(
      slices.map(({ atMostUs }) => atMostUs),
      [undefined, 80_000, 80_000, undefined],
    );
    assert.deepEqual(
      waits.map(({ atMostUs }) => atMostUs),
      [80_000, 80_000, 80_000],
    );
    const [first, block] = model.blocks;
    assert.deepEqual([first?.durationUs, first?.atMost], [100_000, false]);
    assert.deepEqual([block?.site, block?.durationUs, block?.atMost, block?.startUs], [2, 80_000, true, 100_000]);
    const text = transcript(model);
    assert.match(text, /resumes after at most 80\.0 ms/);
    assert.match(text, /blocks at most 80\.0 ms in slices from L4 await step\(\)/);
    assert.ok(
      findings(model, { longSliceMs: 50 }).every(
        ({ message, line }) => line !== 4 || message.startsWith('slices that begin here held the event loop at most 80.0 ms'),
      ),
    );
    assert.match(summary(model), /times +one stretch of up to 80\.0 ms where only the order is known$/m);
  });

  it('blame nobody where slices from different places share the stretch', () => {
    const model = modelOf(`${head}
      ? resume 1
      ? suspend 1 at 3
      ? resume 1
      ? suspend 1 at 2
      180000 resume 1
      180001 settle 1
      exit 0`);
    assert.equal(model.blocks.length, 1);
    assert.equal(model.timing.unreadStretches, 1);
  });

  it('count for what is certain of them: a slice that was surely long stays a finding', () => {
    const model = modelOf(`${head}
      ? resume 1
      104000 bound
      200000 suspend 1 at 3
      exit 0`);
    const block = model.blocks.find(({ site }) => site === 2);
    assert.deepEqual([block?.atMost, main(model).slices[1]?.atMostUs], [false, 100_000]);
  });

  it('end with the last reading before the loop fell idle', () => {
    const model = modelOf(`${head}
      ? resume 1
      ? suspend 1 at 3
      100003 bound
      9000000 turn timer
      9000001 resume 1
      9000002 settle 1
      exit 0`);
    assert.deepEqual(model.timing, { withinUs: 3, unreadStretches: 0, longestUnreadUs: 0 });
    assert.deepEqual(
      main(model).waits.map(({ startUs, endUs }) => [startUs, endUs]),
      [
        [100_000, 100_001],
        [100_002, 9_000_001],
      ],
    );
  });
});

describe('a trace of more events than are read', () => {
  it('is shown up to there, says so, and accuses nobody of never ending', () => {
    const builder = new TraceModelBuilder({ mostEvents: 10_000 });
    builder.push(syntheticTrace(50_000));
    const model = builder.snapshot();
    assert.ok(model.counts.events > 9000 && model.counts.events <= 10_000, `${model.counts.events}`);
    const [warning, ...more] = model.warnings;
    assert.match(
      warning ?? '',
      /^only the first (?:9,\d{3}|10,000) events are shown: 4\d,\d{3} more were left out, and with them how the program ended$/,
    );
    assert.deepEqual(more, []);
    assert.deepEqual(
      findings(model).filter(({ rule }) => rule === 'never-settled'),
      [],
    );
  });
});
