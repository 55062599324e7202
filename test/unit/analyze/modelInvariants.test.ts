import assert from 'node:assert/strict';
import fc from 'fast-check';
import { criticalPath } from '../../../src/analyze/criticalPath.ts';
import { findings } from '../../../src/analyze/findings.ts';
import { siteStats, taskTotals } from '../../../src/analyze/ledger.ts';
import type { TraceModel } from '../../../src/analyze/model.ts';
import { runningStretches } from '../../../src/analyze/runningTime.ts';
import { TraceModelBuilder } from '../../../src/analyze/traceModelBuilder.ts';
import { waitKinds } from '../../../src/shared/waitKind.ts';
import { anyTrace } from '../support/randomTrace.ts';
import { syntheticTrace } from '../support/syntheticTrace.ts';

function modelFrom(bytes: Uint8Array): TraceModel {
  const builder = new TraceModelBuilder();
  builder.push(bytes);
  return builder.snapshot();
}

/** Sums of times in tenths of a microsecond differ in their last bits. */
function assertNear(actual: number, expected: number, what: string): void {
  assert.ok(Math.abs(actual - expected) <= 1e-6 * Math.max(1, Math.abs(expected)), `${what}: ${actual}, not ${expected}`);
}

function checkTasks(model: TraceModel): void {
  for (const task of model.tasks) {
    const { slices, waits } = task;
    assert.ok(
      slices.length - waits.length === (waits.at(-1)?.open || slices.length === waits.length ? 0 : 1),
      'slices and waits take turns',
    );
    assert.equal(slices[0]?.startUs, task.startUs);
    slices.forEach((slice, i) => {
      assert.ok(slice.startUs <= slice.endUs && slice.startOrder <= slice.endOrder);
      assert.ok(slice.nestedUs >= 0 && slice.nestedUs <= slice.endUs - slice.startUs + 1e-6, 'nested time lies within the slice');
      const wait = waits[i];
      if (!wait) return;
      assert.equal(wait.startUs, slice.endUs);
      if (!wait.open) assert.equal(wait.endUs, slices[i + 1]?.startUs);
    });
    for (const wait of waits) {
      assert.ok(wait.startUs <= wait.readyUs && wait.readyUs <= wait.endUs, `ready within the wait: ${JSON.stringify(wait)}`);
      assert.ok(waitKinds.includes(wait.kind));
      for (const index of wait.awaited) assert.equal(model.tasks[index]?.thread, task.thread);
      if (wait.waker?.type === 'task') assert.notEqual(wait.waker.task, task.index);
      if (wait.waker?.type === 'turn') assert.equal(model.turns[wait.waker.turn]?.kind, wait.waker.kind);
    }
    const end = task.endUs ?? Math.max(slices.at(-1)?.endUs ?? 0, waits.at(-1)?.endUs ?? 0);
    assert.equal(task.endUs === undefined, task.outcome === 'unsettled');
    assertNear(taskTotals(task).spanUs, end - task.startUs, 'slices and waits make up the span');
    const parent = task.parent === undefined ? undefined : model.tasks[task.parent];
    assert.equal(task.depth, parent ? parent.depth + 1 : 0);
    if (parent) assert.ok(parent.children.includes(task.index) && parent.index < task.index);
  }
}

function checkDerived(model: TraceModel): void {
  for (const [thread, stretches] of runningStretches(model)) {
    stretches.forEach((stretch, i) => {
      assert.ok(stretch.startUs < stretch.endUs);
      assert.ok(i === 0 || (stretches[i - 1]?.endUs ?? 0) <= stretch.startUs, 'one task runs at a time');
    });
    const total = stretches.reduce((sum, stretch) => sum + stretch.endUs - stretch.startUs, 0);
    const running = model.tasks
      .filter((task) => task.thread === thread)
      .reduce((sum, task) => sum + taskTotals(task).runningUs, 0);
    assertNear(total, running, 'running time is the same flattened and by task');
  }
  let passes = 0;
  for (const stats of siteStats(model).values()) {
    passes += stats.passes + stats.open;
    assert.ok(stats.wait.minUs <= stats.wait.medianUs && stats.wait.medianUs <= stats.wait.maxUs);
    assert.ok(stats.ranMeanwhile.every(({ runningUs }) => runningUs > 0));
  }
  assert.equal(
    passes,
    model.tasks.reduce((sum, task) => sum + task.waits.length, 0),
  );
  const path = criticalPath(model);
  path.forEach((step, i) =>
    assert.ok(step.startUs <= step.endUs && (path[i - 1]?.startUs ?? 0) <= step.startUs, 'the path runs forward'),
  );
  assert.equal(path.length > 0, model.tasks.length > 0);
  for (const finding of findings(model)) assert.ok(finding.line > 0 && finding.message !== '');
}

describe('trace model, for any order of events', () => {
  it('keeps its invariants', () =>
    fc.assert(
      fc.property(anyTrace, (bytes) => {
        const model = modelFrom(bytes);
        checkTasks(model);
        checkDerived(model);
      }),
      { numRuns: Number(process.env['RUNS'] ?? 600) },
    ));

  it('is the same however the bytes are cut, whatever was asked in between', () =>
    fc.assert(
      fc.property(anyTrace, fc.array(fc.nat(4000), { maxLength: 8 }), (bytes, cuts) => {
        const builder = new TraceModelBuilder();
        let from = 0;
        for (const to of [...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length]) {
          builder.push(Buffer.from(bytes.subarray(from, to)));
          checkTasks(builder.snapshot());
          from = to;
        }
        assert.deepEqual(builder.snapshot(), modelFrom(bytes));
      }),
      { numRuns: 200 },
    ));

  it('holds for a large trace', () => {
    const model = modelFrom(syntheticTrace(50_000));
    checkTasks(model);
    checkDerived(model);
    assert.deepEqual(
      new Set(model.tasks.flatMap((task) => task.waits.map((wait) => wait.kind))),
      new Set(['task', 'file', 'timer']),
    );
  });
});
