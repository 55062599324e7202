import assert from 'node:assert/strict';
import { buildLayout, type Lane, type TimelineLayout } from '../../../src/analyze/layout.ts';
import { allFlows, flowsOfTask } from '../../../src/analyze/layoutFlows.ts';
import { overviewOf } from '../../../src/analyze/layoutOverview.ts';
import { countBusy, splitMarks } from '../../../src/analyze/layoutMarks.ts';
import { pathOf } from '../../../src/analyze/layoutPath.ts';
import { ancestorsOf, foldedSummary, rowShowing, searchTasks, visibleRows } from '../../../src/analyze/layoutRows.ts';
import { segmentState, waitKindOf, type Strip } from '../../../src/analyze/layoutSegments.ts';
import { totalsOfTask } from '../../../src/analyze/layoutTotals.ts';
import { TraceModelBuilder } from '../../../src/analyze/traceModelBuilder.ts';
import { buildTrace } from '../support/traceBuilder.ts';
import { calmTrace, demoTrace } from '../webview/demoTrace.ts';

function layoutOf(bytes: Uint8Array): TimelineLayout {
  const builder = new TraceModelBuilder();
  builder.push(bytes);
  return buildLayout(builder.snapshot());
}

function lane(layout: TimelineLayout, label: string): Lane {
  return layout.lanes.find((one) => one.label === label) ?? assert.fail(`no lane ${label}`);
}

const stateNames = new Map<number, string>(Object.entries(segmentState).map(([name, code]) => [code, name]));

/** `running 0.1-1.2`, times in ms. */
function words({ store, from, to }: Strip): string[] {
  const lines: string[] = [];
  for (let i = from; i < to; i++) {
    lines.push(
      `${waitKindOf(store.state[i]!) ?? stateNames.get(store.state[i]!)} ${store.startUs[i]! / 1000}-${store.endUs[i]! / 1000}`,
    );
  }
  return lines;
}

describe('lanes', () => {
  const layout = layoutOf(demoTrace());

  it('put each task under its parent, siblings in order of start, the loop on top', () => {
    assert.deepEqual(
      layout.lanes.map(({ label, depth, subtreeEnd }) => `${'  '.repeat(depth)}${label} ${subtreeEnd}`),
      [
        'Event loop 1',
        'import.ts 11',
        '  importAll 11',
        '    worker #1 4',
        '    worker #2 5',
        '    importOne #1 7',
        '      fetchPage #1 7',
        '    importOne #2 9',
        '      fetchPage #2 9',
        '    importOne #3 11',
        '      fetchPage #3 11',
      ],
    );
    layout.lanes.forEach((one, index) => {
      assert.equal(one.index, index);
      if (one.task !== undefined) assert.equal(layout.laneOfTask[one.task], index);
    });
  });

  it('show running, waiting by kind, and ready apart', () => {
    assert.deepEqual(words(lane(layout, 'fetchPage #3').segments), [
      'running 3.6-4',
      'network 4-114.2',
      'readyAtMost 114.2-116.3',
      'running 116.3-116.9',
      'timer 116.9-167',
      'ready 167-169.6',
      'running 169.6-170.2',
      'network 170.2-221',
      'ready 221-221.2',
      'running 221.2-222',
    ]);
  });

  it('mark blocking in the task and on the loop', () => {
    assert.deepEqual(words(lane(layout, 'worker #1').marks), ['blockingCall 56.4-112.8']);
    assert.deepEqual(words(layout.lanes[0]!.marks), ['blockingCall 56.4-112.8']);
  });

  it('show turns and the lag of late timers on the loop', () => {
    assert.deepEqual(words(layout.lanes[0]!.lag), ['lag 167-169.5']);
    assert.equal(words(layout.lanes[0]!.segments)[1], 'turn 41-41.9');
  });

  it('show callbacks over the turns of the loop', () => {
    const calls = layoutOf(
      buildTrace(`
        run /p/a.js
        file /p/a.js
        site 1 callback "setTimeout callback" 1:1-3:2
        0 turn main
        10000 callback 1
        12000 callback-end 1
        100000 turn timer
        100000 callback 1
        130000 callback-end 1
        exit 0`),
    );
    assert.deepEqual(
      calls.lanes.map(({ label, segments }) => `${label}: ${words(segments).join(', ')}`),
      ['Event loop: turn 0-12, callback 10-12, turn 100-130, callback 100-130'],
    );
    assert.equal(calls.startUs, 10_000);
  });

  it('give blocking no length on a virtual axis', () => {
    const virtual = layoutOf(demoTrace({ clock: 'virtual' }));
    const { store, from } = lane(virtual, 'worker #1').marks;
    assert.equal(store.startUs[from], store.endUs[from]);
  });

  it('mark as busy what holds up nobody: workers and start-up code', () => {
    const calm = layoutOf(calmTrace());
    assert.deepEqual(
      calm.lanes.map(({ label, marks }) => `${label}: ${words(marks).join(', ')}`),
      ['Event loop: busy 10-70, blockingCall 80-140', 'main: blockingCall 80-140', 'Event loop of worker 1: busy 100-200'],
    );
    assert.deepEqual(
      calm.model.blocks.map((block) => calm.harmless.has(block)),
      [true, false, true],
    );
    const { busy, blocking } = splitMarks(calm.lanes[0]!.marks);
    assert.deepEqual([words(busy), words(blocking)], [['busy 10-70'], ['blockingCall 80-140']]);
    assert.equal(countBusy(calm.lanes[0]!.marks), 1);
    const overview = overviewOf(calm, 19);
    assert.deepEqual(Array.from(overview.blocked).join(''), '0000000111111100000');
    assert.equal(overview.counts[segmentState.busy], 2);
    assert.equal(overview.counts[segmentState.blockingCall], 1);
  });

  it('begin to be shown at the first event that is not the turn of the main program', () => {
    assert.equal(layoutOf(demoTrace()).startUs, 100);
    assert.equal(layoutOf(calmTrace()).startUs, 10_000);
    assert.equal(layoutOf(buildTrace('run /p/a.ts\n500 turn main\n900 turn timer\nexit 0')).startUs, 900);
    assert.equal(layoutOf(buildTrace('run /p/a.ts\n500 turn main\nexit 0')).startUs, 500);
  });

  it('stand per thread', () => {
    const threads = layoutOf(
      buildTrace(`
run /p/a.ts
file /p/a.ts
site 1 function "main" 1:1-2:2
site 2 function "job" 4:1-5:2
thread 2 pool
0 turn main
1 start 1 site 1
@2 2 turn main
@2 3 start 1 site 2
@2 5 settle 1
6 settle 1
exit 0`),
    );
    assert.deepEqual(
      threads.lanes.map(({ label, thread }) => `${thread} ${label}`),
      ['0 Event loop', '0 main', '2 Event loop of pool', '2 job'],
    );
  });

  it('hold chains ten thousand deep', () => {
    const depth = 10_000;
    const starts = Array.from({ length: depth }, (_, i) => `${i} start ${i + 1} site 1${i > 0 ? ` in ${i}` : ''}`);
    const deep = layoutOf(
      buildTrace(`run /p/a.ts\nfile /p/a.ts\nsite 1 function "f" 1:1-2:2\n${starts.join('\n')}\n${depth} settle ${depth}`),
    );
    assert.equal(deep.lanes.at(-1)!.depth, depth - 1);
    assert.equal(ancestorsOf(deep, depth - 1).length, depth - 1);
    const root = deep.lanes.find(({ task }) => task === 0)!;
    assert.equal(root.subtreeEnd, deep.lanes.length);
    assert.equal(visibleRows(deep, new Set([5])).length, deep.lanes.length - (depth - 6));
  });
});

describe('rows', () => {
  const layout = layoutOf(demoTrace());
  const labels = (rows: Int32Array): string[] => Array.from(rows, (row) => layout.lanes[row]!.label);

  it('leave out what is folded, and name the row that hides it', () => {
    const importAll = lane(layout, 'importAll');
    const folded = new Set([importAll.task!]);
    const rows = visibleRows(layout, folded);
    assert.deepEqual(labels(rows), ['Event loop', 'import.ts', 'importAll']);
    assert.equal(rowShowing(layout, rows, folded, lane(layout, 'fetchPage #3').index), 2);
  });

  it('go on with the next sibling after a fold', () => {
    const folded = new Set([lane(layout, 'importOne #1').task!, lane(layout, 'importOne #2').task!]);
    assert.deepEqual(labels(visibleRows(layout, folded)).slice(5), [
      'importOne #1',
      'importOne #2',
      'importOne #3',
      'fetchPage #3',
    ]);
  });

  it('keep to a window of time, with one lane in any case', () => {
    const kept = lane(layout, 'fetchPage #1');
    const rows = visibleRows(layout, new Set(), { startUs: 190_000, endUs: 195_000, keep: kept.index });
    assert.deepEqual(labels(rows), [
      'Event loop',
      'import.ts',
      'importAll',
      'worker #1',
      'worker #2',
      'fetchPage #1',
      'importOne #3',
      'fetchPage #3',
    ]);
    assert.equal(rowShowing(layout, rows, new Set(), lane(layout, 'importOne #2').index), undefined);
  });

  it('never hide blocking by folding', () => {
    const summary = foldedSummary(layout, lane(layout, 'import.ts'));
    assert.equal(summary.count, 9);
    assert.deepEqual(words(summary.marks), ['blockingCall 56.4-112.8']);
    assert.ok(words(summary.running).includes('running 41.2-41.9'));
    const { store, from, to } = summary.running;
    for (let i = from + 1; i < to; i++) assert.ok(store.startUs[i]! > store.endUs[i - 1]!, 'stretches are joined');
  });

  it('are searched by name, upper and lower case alike', () => {
    const found = (text: string): string[] => searchTasks(layout, text).map((task) => layout.model.tasks[task]!.label);
    assert.deepEqual(found(' WORKER'), ['worker #1', 'worker #2']);
    assert.deepEqual(found('page #3'), ['fetchPage #3']);
    assert.deepEqual(found('  '), []);
  });
});

describe('arrows', () => {
  const layout = layoutOf(demoTrace());
  const of = (label: string): string[] =>
    flowsOfTask(layout, lane(layout, label).task!, 100).map(
      ({ type, fromLane, toLane, toUs }) =>
        `${type} ${layout.lanes[fromLane]!.label} → ${layout.lanes[toLane]!.label} ${toUs / 1000}`,
    );

  it('join a task with its parent, its wakers and those it woke', () => {
    assert.deepEqual(of('fetchPage #1').sort(), [
      'settle fetchPage #1 → importOne #1 53.5',
      'spawn importOne #1 → fetchPage #1 1.8',
      'wake Event loop → fetchPage #1 41.2',
      'wake Event loop → fetchPage #1 52.1',
    ]);
    assert.ok(of('worker #1').includes('wake importOne #1 → worker #1 54.7'));
  });

  it('never lead back in time', () => {
    for (const task of layout.model.tasks)
      for (const flow of flowsOfTask(layout, task.index, 1000)) assert.ok(flow.fromUs <= flow.toUs, JSON.stringify(flow));
  });

  it('are all given only while they are few', () => {
    assert.equal(allFlows(layout, 3), undefined);
    const all = allFlows(layout, 100)!;
    assert.equal(all.filter(({ type }) => type === 'spawn').length, 9);
  });

  it('stop at the limit', () => {
    assert.equal(flowsOfTask(layout, lane(layout, 'importAll').task!, 3).length, 3);
  });
});

describe('figures', () => {
  const layout = layoutOf(demoTrace());

  it('split the life of a task', () => {
    for (const task of layout.model.tasks) {
      const totals = totalsOfTask(task);
      const parts = totals.runningUs + totals.nestedUs + totals.readyUs + totals.waitingUs;
      assert.ok(Math.abs(parts - ((task.endUs ?? layout.endUs) - task.startUs)) < 0.5, `${task.label}: ${parts}`);
      assert.ok(Math.abs(totals.byKind.reduce((sum, kind) => sum + kind.totalUs, 0) - totals.waitingUs) < 0.01);
    }
    const importAll = totalsOfTask(layout.model.tasks[lane(layout, 'importAll').task!]!);
    assert.ok(importAll.nestedUs > 2000, 'what it called ran within its slice');
  });

  it('sum up the whole trace in columns', () => {
    const columns = 225;
    const overview = overviewOf(layout, columns);
    const columnUs = (layout.endUs - layout.startUs) / columns;
    const total = (values: Float64Array): number => values.reduce((a, b) => a + b, 0) * columnUs;
    const alive = layout.model.tasks.reduce((sum, task) => sum + (task.endUs ?? layout.endUs) - task.startUs, 0);
    assert.ok(Math.abs(total(overview.alive) - alive) < 1);
    assert.ok(overview.running.every((share) => share >= 0 && share <= 1));
    assert.equal(
      overview.blocked.findIndex((on) => on === 1),
      Math.floor((56_400 - layout.startUs) / columnUs),
    );
    assert.equal(overview.blocked.lastIndexOf(1), Math.floor((112_800 - layout.startUs) / columnUs));
    assert.equal(overview.counts[segmentState.blockingCall], 1);
  });

  it('mark the critical path in the lanes it runs through', () => {
    const { steps, strips } = pathOf(layout);
    assert.equal(
      [...strips.values()].reduce((sum, { from, to }) => sum + to - from, 0),
      steps.length,
    );
    const last = lane(layout, 'fetchPage #3');
    assert.ok(words(strips.get(last.index)!).some((line) => line.startsWith('timer 116.9-')));
    assert.equal(strips.get(layout.lanes[0]!.index), undefined);
  });

  it('exist for an empty trace', () => {
    const empty = buildLayout(new TraceModelBuilder().snapshot());
    assert.deepEqual(empty.lanes, []);
    assert.equal(overviewOf(empty, 10).columns, 10);
  });
});
