import assert from 'node:assert/strict';
import { liveReport } from '../../../src/analyze/liveReport.ts';
import { LiveTasks } from '../../../src/analyze/liveTasks.ts';
import { heldTexts, liveItems } from '../../../src/editor/liveTexts.ts';
import { statusText } from '../../../src/editor/statusTexts.ts';
import { RunStore } from '../../../src/editor/runStore.ts';
import { buildTrace } from '../support/traceBuilder.ts';

const t = (text: string, ...values: unknown[]): string => text.replace(/\{(\d)\}/g, (_, index) => String(values[Number(index)]));

const bytes = buildTrace(`
  run /p/a.ts
  file /p/a.ts
  site 1 function "main" 1:1-9:2
  site 2 function "load" 11:1-14:2
  site 3 await "load()" 3:3-3:15 owner 1 hint task callees load
  site 4 await "sleep(10)" 12:3-12:18 owner 2 hint timer
  0 turn main
  1 start 1 site 1
  2 start 2 site 2 in 1
  3 suspend 2 at 4
  4 suspend 1 at 3
  100 turn timer
  101 resume 2
  hang since 100 held 1000000 | crunch /p/a.ts:30
`);

describe('live tasks in the editor', () => {
  const live = new LiveTasks();
  live.push(bytes, 0);
  const report = liveReport(live, 1, 2_100);

  it('are listed with what they wait for and who awaits them', () =>
    assert.deepEqual(
      liveItems(report, t).map(({ label, description, detail, place }) => [label, description, detail, place?.line]),
      [
        ['$(watch) main', 'waiting · 2.10 s', 'a.ts:3 await load() · created at a.ts:1 · awaits load', 3],
        ['$(play) load', 'running · 2.10 s', 'a.ts:12 await sleep(10) · created at a.ts:3 · awaited by main', 12],
      ],
    ));

  it('stand beside what holds the loop', () => {
    assert.deepEqual(
      heldTexts(report, t).map(({ text }) => text),
      ['The loop has been held for 2.10 s by crunch (a.ts:30); waiting: 1 task'],
    );
    const store = new RunStore();
    store.begin({ path: '/p/a.ts' }, 50);
    store.append(bytes);
    assert.ok(store.run && store.model);
    assert.deepEqual(statusText(store.run, store.model, t, report), {
      text: '$(warning) loop held for 2.10 s',
      details: ['Tracing a.ts', 'The loop has been held for 2.10 s by crunch (a.ts:30); waiting: 1 task'],
      warning: true,
    });
    assert.equal(statusText(store.run, store.model, t).warning, false);
  });

  it('stand beside the process that is held where it is not the program', () => {
    const below = new LiveTasks();
    const text = `
      run /p/a.ts
      file /p/a.ts
      site 1 function "main" 1:1-9:2
      process 32768 worker.js
      0 turn main
      @32768 1 turn main
      hang @32768 since 0 held 1000000 | crunch /p/a.ts:30`;
    below.push(buildTrace(text), 0);
    const store = new RunStore();
    store.begin({ path: '/p/a.ts' }, 50);
    store.append(buildTrace(text));
    assert.ok(store.run && store.model);
    assert.deepEqual(statusText(store.run, store.model, t, liveReport(below, 1, 1_500)), {
      text: '$(warning) loop held for 1.50 s',
      details: ['Tracing a.ts', 'The loop of process 1000 (worker.js) has been held for 1.50 s by crunch (a.ts:30)'],
      warning: true,
    });
  });
});
