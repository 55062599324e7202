import assert from 'node:assert/strict';
import { liveReport } from '../../../src/analyze/liveReport.ts';
import { LiveTasks } from '../../../src/analyze/liveTasks.ts';
import { psTable } from '../../../src/cli/psTable.ts';
import { outdent } from '../support/modelText.ts';
import { buildTrace } from '../support/traceBuilder.ts';

function tableOf(text: string, columns?: number): string {
  const live = new LiveTasks();
  live.push(buildTrace(text), 0);
  const report = liveReport(live, 4711, 2_500);
  return psTable({ ...report, startedAt: '2026-01-01T00:00:00.000Z' }, Date.parse('2026-01-01T00:00:03.000Z'), columns);
}

const text = `
  run /p/server.ts
  file /p/server.ts
  site 1 function "main" 1:1-9:2
  site 2 function "Store.loadEverythingAtOnce" 11:1-14:2
  site 3 await "Promise.all([store.loadEverythingAtOnce(1), store.loadEverythingAtOnce(2)])" 3:3-3:40 owner 1 hint task callees loadEverythingAtOnce
  site 4 await "sleep(10)" 12:3-12:18 owner 2 hint timer
  0 turn main
  1 start 1 site 1
  4 start 2 site 2 in 1
  5 suspend 2 at 4
  6 start 3 site 2 in 1
  7 suspend 3 at 4
  8 suspend 1 at 3
  100 turn timer
  101 resume 2
  hang since 100 held 1000000 | crunch /p/server.ts:30
`;

describe('the table of live tasks', () => {
  it('fits 80 columns', () => {
    const table = tableOf(text);
    assert.equal(
      `${table}\n`,
      outdent(`
        server.ts  pid 4711, for 3.00 s
          The loop has been held for 2.50 s by crunch (server.ts:30); 2 tasks wait
          TASK                  CREATED      STATE       FOR  AT
          main                  server.ts:1  waiting  2.50 s  server.ts:3 await Promise…
            awaits Store.loadEverythingAtOnce #2, Store.loadEverythingAtOnce #3
          Store.loadEverythin…  server.ts:3  running  2.50 s  server.ts:12 await sleep(…
            awaited by main
          Store.loadEverythin…  server.ts:3  waiting  2.50 s  server.ts:12 await sleep(…
            awaited by main`) + '\n',
    );
    assert.ok(table.split('\n').every((line) => line.length <= 80));
  });

  it('uses what a wider terminal has', () => assert.match(tableOf(text, 120), /server\.ts:12 await sleep\(10\) \(timer\)/));

  it('says where there is none', () =>
    assert.equal(tableOf('run /p/idle.ts\n0 turn main'), 'idle.ts  pid 4711, for 3.00 s\n  no task is live'));
});
