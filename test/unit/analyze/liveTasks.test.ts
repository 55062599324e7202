import assert from 'node:assert/strict';
import { hangTexts, liveReport } from '../../../src/analyze/liveReport.ts';
import { LiveTasks } from '../../../src/analyze/liveTasks.ts';
import type { LiveReport } from '../../../src/shared/liveReport.ts';
import { buildTrace } from '../support/traceBuilder.ts';

const head = `
  run /p/a.ts
  file /p/a.ts
  site 1 function "main" 1:1-9:2
  site 2 function "load" 11:1-14:2
  site 3 await "Promise.all([load(1), load(2)])" 3:3-3:40 owner 1 hint task callees load
  site 4 await "sleep(10)" 12:3-12:18 owner 2 hint timer
  site 5 function "log" 20:1-24:2
  site 6 dropped-call "log()" 2:3-2:8 owner 1 callees log
  site 7 await "null" 21:3-21:13 owner 5 hint settled
  site 8 await "busy" 22:3-22:13 owner 5
  0 turn main
  1 start 1 site 1
  2 start 2 site 5 in 1
  3 suspend 2 at 7
  4 start 3 site 2 in 1
  5 suspend 3 at 4
  6 start 4 site 2 in 1
  7 suspend 4 at 4
  8 suspend 1 at 3
`;

/** A trace whose bytes came at once, when its clock stood at its last event; asked `afterMs` later. */
function reportOf(text: string, afterMs = 0): LiveReport {
  const live = new LiveTasks();
  live.push(buildTrace(text), 5_000);
  return liveReport(live, 4711, 5_000 + afterMs);
}

const lines = (report: LiveReport): string[] =>
  report.tasks.map(({ name, state, at, created, waitsFor, awaits, awaitedBy }) =>
    [
      name,
      state,
      at && `L${at.line} ${at.text}`,
      created && `created L${created.line}`,
      waitsFor,
      awaits.length > 0 && `awaits ${awaits.join(' ')}`,
      awaitedBy.length > 0 && `by ${awaitedBy.join(' ')}`,
    ]
      .filter(Boolean)
      .join(', '),
  );

describe('live tasks', () => {
  it('tell where they wait, who started them and who awaits them', () =>
    assert.deepEqual(lines(reportOf(head)), [
      'main, waiting, L3 await Promise.all([load(1), load(2)]), task, awaits load #3 load #4',
      'log, ready, L21 await null, created L2',
      'load #3, waiting, L12 await sleep(10), created L3, timer, by main',
      'load #4, waiting, L12 await sleep(10), created L3, timer, by main',
    ]));

  it('are ready once all they await has settled', () => {
    const report = reportOf(`${head}
      9 resume 2
      10 suspend 2 at 8
      20 turn timer
      21 resume 3
      22 settle 3
      23 resume 4
      24 settle 4`);
    assert.deepEqual(lines(report), [
      'main, ready, L3 await Promise.all([load(1), load(2)])',
      'log, waiting, L22 await busy, created L2',
    ]);
  });

  it('run until they stop, for as long as the clock says', () => {
    const report = reportOf(
      `${head}
      100 turn timer
      101 resume 3`,
      2_000,
    );
    const running = report.tasks.find(({ state }) => state === 'running');
    assert.deepEqual([running?.name, running?.at?.line, running?.forUs], ['load #3', 12, 2_000_000]);
  });

  it('say what holds the loop until its next turn', () => {
    const held = `${head}
      100 turn timer
      101 resume 3
      hang since 100 held 1000000 | deep /p/a.ts:30 | load /p/a.ts:13
      hang since 100 held 1020000 | other /p/a.ts:31 | load /p/a.ts:13`;
    const show = (path: string): string => path.slice(3);
    assert.deepEqual(hangTexts(reportOf(held, 2_000), show), [
      'The loop has been held for 2.00 s by load (a.ts:13); 1 task is ready',
    ]);
    assert.deepEqual(hangTexts(reportOf(`${held}\n102 settle 3\n103 turn timer\n104 resume 4`), show), []);
  });

  it('say it of each process below, with what stands still in that', () => {
    const held = `${head}
      process 32768 worker.js
      process 32769 tool.js
      @32768 9 turn main
      @32768 10 start 1 site 2
      @32768 11 suspend 1 at 4
      @32768 100 turn timer
      @32769 100 turn main
      hang @32768 since 100 held 1000000 | deep /p/a.ts:30 | load /p/a.ts:13
      hang @32769 since 100 held 1000000 | compile /p/node_modules/tool.js:7`;
    const show = (path: string): string => path.slice(3);
    assert.deepEqual(hangTexts(reportOf(held, 2_000), show), [
      'The loop of process 1000 (worker.js) has been held for 2.00 s by deep (a.ts:30); 1 task waits',
    ]);
    for (const over of ['process-end 32768', '@32768 200 turn timer'])
      assert.deepEqual(hangTexts(reportOf(`${held}\n${over}`), show), []);
    const both = `${held}\n100 turn timer\nhang since 100 held 900000 | load /p/a.ts:13`;
    assert.deepEqual(
      hangTexts(reportOf(both, 2_000), show).map((text) => text.slice(0, 22)),
      ['The loop has been held', 'The loop of process 10'],
    );
  });

  it('cost memory by their number, not by the length of the trace', () => {
    const live = new LiveTasks();
    // More than once around, so that the four are in the way of others.
    const text = Array.from({ length: 40_000 }, (_, i) => `${10 + i} start ${5 + i} site 2\n${10 + i} suspend ${5 + i} at 4`);
    const ends = Array.from({ length: 40_000 }, (_, i) => `${60_000 + i} resume ${5 + i}\n${60_000 + i} settle ${5 + i}`);
    live.push(buildTrace([head, '9 turn timer', ...text, '59000 turn timer', ...ends].join('\n')), 0);
    assert.deepEqual(
      live.tasks().map(({ id, phase, at, parent }) => [id, phase, at, parent?.id]),
      [
        [1, 'waiting', 3, undefined],
        [2, 'waiting', 7, 1],
        [3, 'waiting', 4, 1],
        [4, 'waiting', 4, 1],
      ],
    );
  });
});
