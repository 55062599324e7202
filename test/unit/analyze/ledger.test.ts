import assert from 'node:assert/strict';
import { siteStats, taskTotals, type SiteStats } from '../../../src/analyze/ledger.ts';
import type { TraceModel } from '../../../src/analyze/model.ts';
import { modelOf } from '../support/modelText.ts';
import { sleepTogether, threeFaults } from '../support/programs.ts';

function at(model: TraceModel, line: number): SiteStats {
  for (const stats of siteStats(model).values()) if (model.sites.get(stats.site)?.line === line) return stats;
  throw new Error(`nothing was measured at line ${line}`);
}

describe('ledger', () => {
  it('sums up the waits of an await point', () => {
    const stats = at(modelOf(sleepTogether), 12);
    assert.deepEqual([stats.passes, stats.open, stats.threw], [2, 0, 0]);
    assert.deepEqual(stats.wait, { count: 2, minUs: 1000095, medianUs: 1000144, maxUs: 1000193, totalUs: 2000288 });
    assert.deepEqual(stats.byKind, [{ kind: 'timer', count: 2, totalUs: 2000288, inferred: 0 }]);
    assert.deepEqual(stats.wakers, [{ type: 'turn', kind: 'timer', count: 2 }]);
    assert.equal(stats.ready.maxUs, 3010);
    assert.equal(stats.blocking, undefined);
    assert.equal(stats.ranMeanwhile[0]?.label, 'count #1');
    assert.deepEqual(stats.ranMeanwhile.map(({ label, runningUs }) => `${label} ${Math.round(runningUs)}`).sort(), [
      'count #1 10',
      'count #2 1',
      'main 2',
      'sleep.ts 2',
    ]);
  });

  it('names the tasks that woke it, with their lines', () => {
    const stats = at(modelOf(sleepTogether), 4);
    assert.deepEqual(stats.wakers, [
      { type: 'task', label: 'count #2', site: 5, path: '/p/sleep.ts', line: 12, how: 'settled', count: 1 },
    ]);
    assert.equal(stats.threw, 1);
  });

  it('tells what held the loop at a line and whom', () => {
    const model = modelOf(threeFaults);
    const { blocking, passes } = at(model, 32);
    assert.equal(passes, 0);
    assert.ok(blocking);
    assert.deepEqual([blocking.cause, blocking.count, blocking.medianUs, blocking.maxUs], ['call', 1, 150_000, 150_000]);
    assert.deepEqual(
      blocking.heldUp.map((index) => model.tasks[index]?.label),
      ['audit'],
    );
  });

  it('takes no long slice of a start for a hold that nobody but its caller had to bear', () => {
    const model = modelOf(`
      run /p/a.ts
      file /p/a.ts
      site 1 function "main" 1:1-3:2
      site 2 function "prepare" 4:1-6:2
      site 3 await "prepare()" 2:3-2:12 owner 1 callees prepare
      0 turn main
      0 start 1 site 1
      10 start 2 site 2 in 1
      80000 settle 2
      80010 suspend 1 at 3
      90000 turn timer
      90000 resume 1
      190000 settle 1
      exit 0`);
    assert.throws(() => at(model, 4), /nothing was measured/);
    assert.equal(at(model, 2).blocking?.maxUs, 100_000, 'later it is one');
  });

  it('counts waits that never ended apart', () => {
    const stats = at(modelOf(threeFaults), 21);
    assert.deepEqual([stats.passes, stats.open, stats.wait.maxUs], [0, 1, 0]);
  });

  it('names at most five wakers and groups the tasks of one function', () => {
    const rounds = Array.from({ length: 8 }, (_, i) => {
      const [task, from] = [i + 2, 100 * i + 10];
      return `${from} start ${task} site ${i + 3}\n${from + 1} suspend ${task} at 2\n${from + 5} turn timer\n${from + 6} resume ${task}
        ${from + 7} settle-call 99 in ${task}\n${from + 8} settle ${task}\n${from + 9} resume 1\n${from + 10} suspend 1 at 2`;
    });
    const functions = Array.from({ length: 8 }, (_, i) => `site ${i + 3} function "f${i}" ${i + 10}:1-${i + 10}:9`);
    const head = `run /p/a.ts\nfile /p/a.ts\nsite 1 function "main" 1:1-2:1\nsite 2 await "await gate" 2:1-2:9\n${functions.join('\n')}`;
    const stats = at(modelOf(`${head}\n0 turn main\n1 start 1 site 1\n2 suspend 1 at 2\n${rounds.join('\n')}`), 2);
    assert.equal(stats.wakers.length, 5);
    assert.ok(stats.moreWakers >= 3);
  });

  it('divides the time of a task', () => {
    const model = modelOf(sleepTogether);
    const totals = taskTotals(model.tasks[1]!);
    assert.equal(Math.round(totals.spanUs), 1000228);
    assert.equal(Math.round(totals.runningUs), 14);
    assert.equal(Math.round(totals.nestedUs), 2);
    assert.equal(Math.round(totals.waitingByKind.get('task') ?? 0), 1000202);
    assert.equal(Math.round(totals.readyUs), 10);
  });
});
