import assert from 'node:assert/strict';
import { criticalPath } from '../../../src/analyze/criticalPath.ts';
import type { TraceModel } from '../../../src/analyze/model.ts';
import { chains, sleepTogether, threeFaults } from '../support/programs.ts';
import { modelOf } from '../support/modelText.ts';

/** Steps that took time, as `task type start-end line`. */
function pathText(model: TraceModel): string[] {
  return criticalPath(model)
    .filter((step) => step.endUs > step.startUs)
    .map((step) => {
      const what = step.type === 'wait' ? `waits for ${step.kind}` : 'runs';
      const line = [...model.sites.values()].find((site) => site.id === step.site)?.line;
      return `${model.tasks[step.task]?.label} ${what} ${step.startUs}-${step.endUs} L${line}`;
    });
}

describe('critical path', () => {
  it('is the slowest of several chains with its two waits', () =>
    assert.deepEqual(pathText(modelOf(chains)), [
      'part1 #2 waits for timer 0-900000 L21',
      'part2 #2 waits for timer 900000-1850000 L31',
    ]));

  it('tells who ran between the waits', () =>
    assert.deepEqual(pathText(modelOf(sleepTogether)), [
      'sleep.ts runs 10-12 L1',
      'main runs 12-14 L3',
      'count #1 runs 14-15 L10',
      'main runs 15-16 L3',
      'count #2 runs 16-17 L10',
      'count #2 waits for timer 17-1000210 L12',
      'count #2 runs 1000210-1000220 L12',
      'main runs 1000230-1000240 L4',
      'sleep.ts runs 1000250-1000260 L20',
    ]));

  it('has a step even where all of a slice was the tracer’s own time', () => {
    const model = modelOf(`
      run /p/a.ts
      file /p/a.ts
      site 1 function "main" 1:1-9:2
      0 start 1 site 1
      0 start 2 site 1 in 1
      10 tracer 10`);
    assert.equal(criticalPath(model).length, 1);
  });

  it('ends with what ran last, also where nobody awaited it', () =>
    assert.deepEqual(pathText(modelOf(threeFaults)), [
      'main runs 100-110 L1',
      'audit runs 110-120 L10',
      'audit waits for timer 120-155310 L11',
      'audit runs 155310-155320 L11',
    ]));

  it('is empty for a trace without tasks', () => assert.deepEqual(criticalPath(modelOf('run /p/a.ts')), []));
});
