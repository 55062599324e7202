import assert from 'node:assert/strict';
import { measureLines, withMeasurements, type LineMeasurement } from '../../../src/analyze/measuredFindings.ts';
import type { BlockingSpan, TracedSite, TraceModel } from '../../../src/analyze/model.ts';
import type { SiteId } from '../../../src/shared/ids.ts';
import type { Finding } from '../../../src/shared/lintMessages.ts';
import type { DurationUs } from '../../../src/shared/time.ts';

const finding: Finding = {
  rule: 'blocking-call',
  severity: 'warning',
  message: '`fs.readFileSync` holds the event loop.',
  path: '/a.ts',
  line: 3,
  column: 1,
  endLine: 4,
  endColumn: 2,
  chain: [],
};
const measured: LineMeasurement = {
  path: '/a.ts',
  line: 3,
  longestUs: 312_000 as DurationUs,
  totalUs: 312_000 as DurationUs,
  count: 1,
  heldUpTasks: 0,
};
const message = (measurement: LineMeasurement): string => withMeasurements([finding], [measurement])[0]!.message;

describe('measured findings', () => {
  it('say how long the line held the loop, how often, and who stood still', () => {
    assert.equal(message(measured), '`fs.readFileSync` holds the event loop; held the loop 312 ms in the last run.');
    assert.equal(
      message({ ...measured, count: 3, totalUs: 900_000 as DurationUs, heldUpTasks: 4 }),
      '`fs.readFileSync` holds the event loop; held the loop 900 ms in 3 calls of the last run, 312 ms at most, while 4 tasks stood still.',
    );
    assert.match(message({ ...measured, heldUpTasks: 1 }), /while 1 task stood still\.$/);
  });

  it('stay as they are where nothing was measured', () => {
    assert.deepEqual(withMeasurements([finding], [{ ...measured, line: 7 }]), [finding]);
    assert.deepEqual(withMeasurements([finding], [{ ...measured, path: '/b.ts' }]), [finding]);
  });

  it('weigh more where the line held the loop, less where it ran and did not', () => {
    const weigh = (severity: Finding['severity'], count: number): string =>
      withMeasurements([{ ...finding, severity }], [{ ...measured, count }])[0]!.severity;
    assert.deepEqual([weigh('hint', 1), weigh('information', 2), weigh('warning', 1)], ['information', 'warning', 'warning']);
    assert.deepEqual([weigh('hint', 0), weigh('information', 0), weigh('warning', 0)], ['hint', 'hint', 'information']);
    assert.match(message({ ...measured, count: 0 }), /loop; ran in the last run and took less than 1 ms each time\.$/);
  });

  it('are told at the call that leads to what was measured, not by what else its line did', () => {
    const chain = [
      { path: '/b.ts', line: 8, name: 'load' },
      { path: '/c.ts', line: 20, name: 'fs.readFileSync' },
    ];
    const told = (...measurements: LineMeasurement[]): string =>
      withMeasurements([{ ...finding, chain }], measurements)[0]!.message;
    assert.match(told({ ...measured, path: '/c.ts', line: 20 }), /312 ms/);
    assert.equal(told(measured, { ...measured, path: '/b.ts', line: 8 }), finding.message);
  });

  it('leave the findings of other rules alone', () => {
    const floating = { ...finding, rule: 'floating-promise' };
    assert.deepEqual(withMeasurements([floating], [measured]), [floating]);
  });

  it('match a measurement within the lines of the finding', () => {
    assert.match(message({ ...measured, line: 4 }), /312 ms/);
  });

  it('come from the blocking calls of a trace, added up by line', () => {
    const span = (site: number, durationUs: number, cause: BlockingSpan['cause'], heldUp: number[]): BlockingSpan =>
      ({ site: site as SiteId, durationUs: durationUs as DurationUs, cause, heldUp }) as unknown as BlockingSpan;
    const model = {
      briefBlocks: new Set([1 as SiteId, 3 as SiteId, 4 as SiteId]),
      sites: new Map([
        [1 as SiteId, { path: '/a.ts', line: 3 } as TracedSite],
        [3 as SiteId, { path: '/a.ts', line: 9 } as TracedSite],
      ]),
      blocks: [span(1, 1000, 'call', [1]), span(1, 3000, 'call', [1, 2]), span(1, 9000, 'slice', []), span(2, 5, 'call', [])],
    } as unknown as TraceModel;
    assert.deepEqual(measureLines(model), [
      { path: '/a.ts', line: 3, longestUs: 3000, totalUs: 4000, count: 2, heldUpTasks: 2 },
      { path: '/a.ts', line: 9, longestUs: 0, totalUs: 0, count: 0, heldUpTasks: 0 },
    ]);
  });
});
