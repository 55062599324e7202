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

  it('match a measurement within the lines of the finding', () => {
    assert.match(message({ ...measured, line: 4 }), /312 ms/);
  });

  it('come from the blocking calls of a trace, added up by line', () => {
    const span = (site: number, durationUs: number, cause: BlockingSpan['cause'], heldUp: number[]): BlockingSpan =>
      ({ site: site as SiteId, durationUs: durationUs as DurationUs, cause, heldUp }) as unknown as BlockingSpan;
    const model = {
      sites: new Map([[1 as SiteId, { path: '/a.ts', line: 3 } as TracedSite]]),
      blocks: [span(1, 1000, 'call', [1]), span(1, 3000, 'call', [1, 2]), span(1, 9000, 'slice', []), span(2, 5, 'call', [])],
    } as unknown as TraceModel;
    assert.deepEqual(measureLines(model), [{ path: '/a.ts', line: 3, longestUs: 3000, totalUs: 4000, count: 2, heldUpTasks: 2 }]);
  });
});
