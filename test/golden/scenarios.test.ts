import assert from 'node:assert/strict';
import { basename } from 'node:path';
import type { Task, TraceModel } from '../../src/analyze/model.ts';
import { criticalPath } from '../../src/analyze/criticalPath.ts';
import { findings } from '../../src/analyze/findings.ts';
import { siteStats } from '../../src/analyze/ledger.ts';
import {
  lineOf,
  oneTask,
  pathOf,
  runBare,
  runScenario,
  siteLine,
  spanMs,
  tasksNamed,
  waitMs,
  waitsOf,
} from './support/runScenario.ts';

/** A timer on the real clock never fires early by more than its own rounding, and late only by what the machine was busy. */
const timerEarlyMs = 2;

function overlap(a: Task, b: Task): boolean {
  return a.startUs < (b.endUs ?? Infinity) && b.startUs < (a.endUs ?? Infinity);
}

function labels(model: TraceModel, indexes: readonly number[]): string[] {
  return indexes.map((index) => model.tasks[index]?.label ?? '?');
}

describe('scenarios, through the command line', () => {
  it('sleep-together: three tasks under one parent wait at the same time, one second in all', async () => {
    for (const clock of ['wall', 'virtual'] as const) {
      const { model, stdout, exitCode } = await runScenario('sleep-together.ts', { clock });
      assert.equal(exitCode, 0);
      assert.deepEqual(stdout.slice(0, 6), ['One', 'One', 'One', 'Two', 'Two', 'Two']);
      const counts = tasksNamed(model, 'count');
      assert.deepEqual(
        counts.map((task) => pathOf(model, task)),
        Array(3).fill('sleep-together.ts → main → count'),
      );
      const waits = counts.map((task) => task.waits[0]);
      assert.ok(
        waits.every((wait) => wait?.kind === 'timer' && wait.kindFrom === 'observed'),
        clock,
      );
      const lastSuspend = Math.max(...waits.map((wait) => wait?.startUs ?? NaN));
      const firstResume = Math.min(...waits.map((wait) => wait?.endUs ?? NaN));
      assert.ok(lastSuspend < firstResume, 'all three are suspended at the same time');
      const total = spanMs(oneTask(model, 'main'));
      if (clock === 'virtual') assert.equal(Math.round(total), 1000);
      else assert.ok(total >= 1000 - timerEarlyMs && total < 2000, `${total} ms`);
      assert.deepEqual(findings(model), [], 'silence where nothing is wrong');
    }
  });

  it('sleep-blocking: three blocking findings of a second, each on its own line, naming whom they held up', async () => {
    const { model, stdout } = await runScenario('sleep-blocking.ts');
    assert.deepEqual(stdout.slice(0, 6), ['One', 'Two', 'One', 'Two', 'One', 'Two']);
    const blocks = model.blocks.filter((block) => block.durationUs > 900_000);
    assert.deepEqual(
      blocks.map((block) => siteLine(model, block.site)),
      [1, 2, 3].map((n) => lineOf('sleep-blocking.ts', 'Atomics.wait', n)),
    );
    for (const block of blocks) {
      assert.equal(block.cause, 'call');
      assert.ok(Math.abs(block.durationUs - 1_000_000) < 100_000, `${block.durationUs} µs`);
      assert.ok(labels(model, block.heldUp).includes('main'));
    }
    assert.ok(spanMs(oneTask(model, 'main')) >= 3000 - timerEarlyMs);
    assert.equal(findings(model).filter((finding) => finding.rule === 'blocking').length, 3);
  });

  it('nested-groups: the task tree is two levels deep and the prints come in the order of bare Node', async () => {
    const { model, stdout } = await runScenario('nested-groups.ts', { clock: 'virtual' });
    assert.deepEqual(stdout, (await runBare('nested-groups.ts')).stdout);
    assert.deepEqual(
      model.tasks.map((task) => pathOf(model, task)),
      [
        'nested-groups.ts',
        'nested-groups.ts → main',
        'nested-groups.ts → main → countAll',
        'nested-groups.ts → main → countAll → count',
        'nested-groups.ts → main → countAll → count',
        'nested-groups.ts → main → countAll → count',
        'nested-groups.ts → main → sleeper',
      ],
    );
    assert.equal(Math.round(spanMs(oneTask(model, 'countAll'))), 1000);
    assert.equal(Math.round(spanMs(oneTask(model, 'main'))), 2000);
  });

  it('retry-backoff: each await point tells its passes and what they cost; no advice to make the loop parallel', async () => {
    const { model, stdout } = await runScenario('retry-backoff.ts', { clock: 'virtual' });
    const draws = stdout.filter((line) => line.includes('too low'));
    const line = lineOf('retry-backoff.ts', 'await sleep(pauseMs)');
    const stats = [...siteStats(model).values()].find((entry) => siteLine(model, entry.site) === line);
    assert.ok(stats);
    assert.equal(stats.passes, draws.length);
    const pauses = draws.map((text) => Number(/again in (\d+) ms/.exec(text)?.[1])).sort((a, b) => a - b);
    assert.equal(Math.round(stats.wait.minUs / 1000), pauses[0]);
    assert.equal(Math.round(stats.wait.maxUs / 1000), pauses.at(-1));
    assert.equal(
      Math.round(stats.wait.totalUs / 1000),
      pauses.reduce((sum, ms) => sum + ms, 0),
    );
    assert.deepEqual(findings(model), []);
  });

  it('chained-calls: the critical path is the slowest chain with its two waits', async () => {
    const { model } = await runScenario('chained-calls.ts', { clock: 'virtual' });
    const path = criticalPath(model);
    const sleeps = path.filter((step) => step.type === 'wait' && step.kind === 'timer');
    assert.deepEqual(
      sleeps.map((step) => [pathOf(model, model.tasks[step.task] as Task), Math.round((step.endUs - step.startUs) / 1000)]),
      [
        ['chained-calls.ts → main → chain → part1', 900],
        ['chained-calls.ts → main → chain → part2', 950],
      ],
    );
    assert.equal(Math.round(spanMs(oneTask(model, 'main'))), 1850);
  });

  it('crawler: network and file waits are told apart, the failed page keeps its error, pages are fetched at the same time', async () => {
    const { model, stdout, exitCode } = await runScenario('crawler.ts');
    assert.equal(exitCode, 0);
    assert.deepEqual(stdout, ['failed: /broken answered 500', '/ 3', '/a 2', '/a/1 0', '/a/2 1', '/b 1', '/b/1 0']);
    const fetches = tasksNamed(model, 'fetchPage');
    assert.equal(fetches.length, 7);
    const fetchLine = lineOf('crawler.ts', 'await fetch(url)');
    for (const task of fetches) {
      const wait = task.waits.find((candidate) => siteLine(model, candidate.site) === fetchLine);
      assert.equal(wait?.kind, 'network', task.label);
    }
    const appendLine = lineOf('crawler.ts', 'await appendFile');
    const appends = model.tasks.flatMap((task) => task.waits.filter((wait) => siteLine(model, wait.site) === appendLine));
    assert.ok(appends.length === 6 && appends.every((wait) => wait.kind === 'file'), appends.map((wait) => wait.kind).join());
    const failed = fetches.filter((task) => task.outcome === 'threw');
    assert.deepEqual(
      failed.map((task) => task.error),
      ['Error: /broken answered 500'],
    );
    assert.ok(failed[0] && pathOf(model, failed[0]).endsWith('crawlPage → fetchPage'));
    const stack = (failed[0].errorStack ?? []).map(({ name, path, line, async }) => [
      `${async ? 'async ' : ''}${name}`,
      path && basename(path),
      line,
    ]);
    assert.deepEqual(stack, [
      ['fetchPage', 'crawler.ts', lineOf('crawler.ts', 'if (!response.ok) throw')],
      ['async crawlPage', 'crawler.ts', lineOf('crawler.ts', 'await fetchPage(')],
      ['async Promise.allSettled', undefined, undefined],
      ['async crawlPage', 'crawler.ts', lineOf('crawler.ts', 'await Promise.allSettled(')],
      ['async main', 'crawler.ts', lineOf('crawler.ts', 'await crawlPage(')],
      ['async <anonymous>', 'crawler.ts', lineOf('crawler.ts', 'await main()')],
    ]);
    assert.ok(
      fetches.some((a) => fetches.some((b) => a !== b && overlap(a, b))),
      'concurrency',
    );
  });

  it('async-generator: generators and consumer hand over on lanes of their own, yield is an await point', async () => {
    const { model, stdout } = await runScenario('async-generator.ts', { clock: 'virtual' });
    assert.equal(stdout.at(-1), '0 4 16');
    const numbers = oneTask(model, 'numbers');
    const squares = oneTask(model, 'squaresOfEven');
    const main = oneTask(model, 'main');
    const yields = numbers.waits.filter((wait) => model.sites.get(wait.site)?.kind === 'yield');
    assert.equal(yields.length, 6);
    assert.equal(squares.waits.filter((wait) => model.sites.get(wait.site)?.kind === 'yield').length, 3);
    assert.equal(waitsOf(numbers, 'timer').length, 6);
    const rounds = main.waits.filter((wait) => model.sites.get(wait.site)?.kind === 'for-await' && !wait.open);
    assert.equal(rounds.length, 4, 'three items and the end');
    assert.equal(Math.round(spanMs(main)), 300);
  });

  it('subprocesses: sync children block and name their command, async ones are waited for in parallel', async () => {
    const { model } = await runScenario('subprocesses.ts');
    const line = lineOf('subprocesses.ts', 'spawnSync(process.execPath');
    const blocks = model.blocks.filter((block) => block.cause === 'call' && siteLine(model, block.site) === line);
    assert.equal(blocks.length, 3);
    for (const block of blocks) {
      assert.ok(block.durationUs > 200_000);
      assert.match(block.detail ?? '', /setTimeout/);
    }
    const children = tasksNamed(model, 'runChild');
    assert.equal(children.length, 5);
    for (const child of children) {
      assert.equal(child.waits[0]?.kind, 'process', child.label);
      assert.ok(waitMs(child.waits[0]) > 200);
      assert.ok(children.every((other) => overlap(child, other)));
    }
  });

  it('deferred: who settled the promise, from which task and line; the callback ran before the awaiting task', async () => {
    const { model, stdout } = await runScenario('deferred.ts', { clock: 'virtual' });
    assert.deepEqual(stdout, ['waiting', 'resolved', 'callback saw the answer', 'got the answer']);
    const wait = oneTask(model, 'waiter').waits[0];
    assert.ok(wait);
    assert.equal(Math.round(waitMs(wait)), 3000);
    assert.equal(wait.kind, 'queue');
    assert.ok(wait.waker?.type === 'task');
    assert.equal(model.tasks[wait.waker.task]?.name, 'setter');
    assert.equal(wait.waker.how, 'resolve-call');
    assert.equal(siteLine(model, wait.waker.site), lineOf('deferred.ts', "resolveAnswer('the answer')"));
    const [callback, ...others] = model.callbacks;
    assert.ok(callback && others.length === 0);
    assert.equal(model.sites.get(callback.site)?.name, 'answer.then callback');
    assert.equal(siteLine(model, callback.site), lineOf('deferred.ts', 'answer.then('));
    const resumed = oneTask(model, 'waiter').slices[1];
    const resolved = oneTask(model, 'setter').slices[1];
    assert.ok(resolved && resumed && resolved.endOrder < callback.startOrder && callback.endOrder < resumed.startOrder);
  });

  it('thread-pool: the main loop stays free, the worker has a lane with its busy time, awaits wait for the worker', async () => {
    const { model, stdout } = await runScenario('thread-pool.ts');
    assert.equal(stdout[0], 'the loop stayed free');
    assert.deepEqual(findings(model), []);
    const onWorkers = model.blocks.filter((block) => block.thread !== 0);
    assert.equal(onWorkers.length, 3);
    assert.ok(onWorkers.every((block) => siteLine(model, block.site) === lineOf('thread-pool-worker.ts', 'pbkdf2Sync(')));
    const messageLine = lineOf('thread-pool.ts', "once(worker, 'message')");
    const waits = tasksNamed(model, 'Pool.run').map((task) =>
      task.waits.find((wait) => siteLine(model, wait.site) === messageLine),
    );
    assert.deepEqual(
      waits.map((wait) => wait?.kind),
      ['worker', 'worker', 'worker'],
    );
  });

  it('three-faults: a blocking slice, a floating promise and a task that never settles, each on its line', async () => {
    const { model } = await runScenario('three-faults.ts');
    const found = findings(model).map((finding) => [finding.rule, finding.line]);
    assert.deepEqual(found.sort(), [
      ['blocking', lineOf('three-faults.ts', 'while (performance.now()')],
      ['floating', lineOf('three-faults.ts', '  audit();')],
      ['never-settled', lineOf('three-faults.ts', 'await new Promise(() => {})')],
    ]);
  });

  it('chess-master: twelve hours one game after the other, about one from board to board, in under a second', async () => {
    const one = await runScenario('chess-master.ts', { clock: 'virtual', args: ['sequential'] });
    assert.deepEqual(one.stdout, ['one game after the other: 12 h 0.0 min']);
    const other = await runScenario('chess-master.ts', { clock: 'virtual', args: ['concurrent'] });
    assert.match(other.stdout[0] ?? '', /^from board to board: 1 h 0\.\d min$/);
    const module = other.model.tasks[0];
    assert.ok(module);
    const seconds = spanMs(module) / 1000;
    assert.ok(seconds >= 3600 && seconds <= 3600 + 55, `${seconds} s`);
  });
});
