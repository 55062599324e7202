import assert from 'node:assert/strict';
import { modelOf, modelText, outdent } from '../support/modelText.ts';

const sites = `
  run /p/a.ts
  file /p/a.ts
  site 1 function "main" 1:1-9:2
  site 2 await "await Promise.all([count(), count()])" 2:3-2:40 owner 1 hint task callees count
  site 3 function "count" 10:1-19:2
  site 4 await "await sleep(1000)" 11:3-11:20 owner 3 hint timer callees sleep
  site 5 await "await answer" 12:3-12:15 owner 3
  site 6 settle-call "resolve(1)" 13:3-13:13 owner 3
  site 7 await "await fetch(url)" 14:3-14:19 owner 3 hint network callees fetch
  site 8 await "await readFile(p)" 15:3-15:20 owner 3 hint file callees readFile
  site 9 await "await run()" 16:3-16:14 owner 1 callees run
  site 10 await "await Promise.race([count(), late])" 17:3-17:38 owner 1 callees count
  site 11 await "await null" 18:3-18:13 owner 3
  site 12 await "await first" 19:3-19:14 owner 1 hint task callees count
  site 13 await "await once(child, 'exit')" 20:3-20:28 owner 3 hint process
  site 14 await "await Promise.all(items.map(async (item) => item.load()))" 21:3-21:60 owner 1 hint task callees <anonymous>
  site 15 function "<anonymous>" 21:34-21:58 owner 1
  site 16 blocking "readFileSync(p)" 22:3-22:18 owner 3 blocking sync-io
`;

function check(events: string, expected: string): void {
  const text = modelText(modelOf(`${sites}\n0 turn main\n${events}\nexit 0`));
  // The first turn is the same in all of these.
  assert.equal(text.replace(/\nturn main .*/, ''), outdent(expected));
}

describe('waits', () => {
  it('for timers end with their turn; what the turn was late they were ready', () =>
    check(
      `
      1 start 1 site 3
      2 suspend 1 at 4
      1100 turn timer late 90
      1101 resume 1
      1102 settle 1`,
      `
      count: [1-2 L10→L11] ~2-1101 timer by timer#1 ready 1010~ [1101-1102 L11→.] returned
      turn timer 1100-1102 late 90`,
    ));

  it('for several tasks end with the last of them', () =>
    check(
      `
      1 start 1 site 1
      2 start 2 site 3 in 1
      3 suspend 2 at 4
      4 start 3 site 3 in 1
      5 suspend 3 at 4
      6 suspend 1 at 2
      1000 turn timer
      1001 resume 2
      1002 settle 2
      1010 turn timer
      1011 resume 3
      1012 settle 3
      1013 resume 1
      1014 settle 1`,
      `
      main: [1-6 L1→L2 (2)] ~6-1013 task by count #2 L11 settled of count #1+count #2 ready 1012~ [1013-1014 L2→.] returned
        count #1: [2-3 L10→L11] ~3-1001 timer by timer#1 ready 1000~ [1001-1002 L11→.] returned
        count #2: [4-5 L10→L11] ~5-1011 timer by timer#2 ready 1010~ [1011-1012 L11→.] returned
      turn timer 1000-1002
      turn timer 1010-1014`,
    ));

  it('for the first of several end with the first', () =>
    check(
      `
      1 start 1 site 1
      2 start 2 site 3 in 1
      3 suspend 2 at 4
      4 suspend 1 at 10
      1000 turn timer
      1001 resume 2
      1002 settle 2 throw
      1003 resume 1 throw
      1004 settle 1 throw`,
      `
      main: [1-4 L1→L17 (1)] ~4-1003 task by count L11 settled of count ready 1002 threw~ [1003-1004 L17→.] threw
        count: [2-3 L10→L11] ~3-1001 timer by timer#1 ready 1000~ [1001-1002 L11→.] threw
      turn timer 1000-1004`,
    ));

  it('for a promise kept in a variable find the task that was started earlier', () =>
    check(
      `
      1 start 1 site 1
      2 start 2 site 3 in 1
      3 suspend 2 at 4
      4 suspend 1 at 11
      5 resume 1
      6 suspend 1 at 12
      1000 turn timer
      1001 resume 2
      1002 settle 2
      1003 resume 1
      1004 settle 1`,
      `
      main: [1-4 L1→L18 (1)] ~4-5 settled ready 4~ [5-6 L18→L19] ~6-1003 task by count L11 settled of count ready 1002~ [1003-1004 L19→.] returned
        count: [2-3 L10→L11] ~3-1001 timer by timer#1 ready 1000~ [1001-1002 L11→.] returned
      turn timer 1000-1004`,
    ));

  it('for a helper that hands on what a task gave link to that task once it settles', () =>
    check(
      `
      1 start 1 site 1
      2 start 2 site 3 in 1
      3 suspend 2 at 4
      4 suspend 1 at 9
      1000 turn timer
      1001 resume 2
      1002 settle 2
      1003 resume 1
      1004 settle 1`,
      `
      main: [1-4 L1→L16 (1)] ~4-1003 task by count L11 settled of count ready 1002~ [1003-1004 L16→.] returned
        count: [2-3 L10→L11] ~3-1001 timer by timer#1 ready 1000~ [1001-1002 L11→.] returned
      turn timer 1000-1004`,
    ));

  it('are not laid to a task that was merely started before', () =>
    check(
      `
      1 start 1 site 1
      2 start 2 site 3 in 1
      3 suspend 2 at 4
      4 suspend 1 at 9
      900 turn network
      901 resume 1
      902 settle 1
      1000 turn timer
      1001 resume 2
      1002 settle 2`,
      `
      main: [1-4 L1→L16 (1)] ~4-901 network by network#1 ready 900~ [901-902 L16→.] returned
        count: [2-3 L10→L11] ~3-1001 timer by timer#2 ready 1000~ [1001-1002 L11→.] returned
      turn network 900-902
      turn timer 1000-1002`,
    ));

  it('for async functions written in the awaited expression link to them by place', () =>
    check(
      `
      1 start 1 site 1
      2 start 2 site 15 in 1
      3 suspend 2 at 4
      4 suspend 1 at 14
      1000 turn timer
      1001 resume 2
      1002 settle 2
      1003 resume 1
      1004 settle 1`,
      `
      main: [1-4 L1→L21 (1)] ~4-1003 task by <anonymous> L11 settled of <anonymous> ready 1002~ [1003-1004 L21→.] returned
        <anonymous>: [2-3 L21→L11] ~3-1001 timer by timer#1 ready 1000~ [1001-1002 L11→.] returned
      turn timer 1000-1004`,
    ));

  it('for a promise that another task resolves name its line', () =>
    check(
      `
      1 start 1 site 3
      2 suspend 1 at 5
      3 start 2 site 3
      4 suspend 2 at 4
      3000 turn timer
      3001 resume 2
      3002 settle-call 6 in 2
      3050 settle 2
      3051 resume 1
      3052 settle 1`,
      `
      count #1: [1-2 L10→L12] ~2-3051 queue by count #2 L13 resolve-call ready 3002~ [3051-3052 L12→.] returned
      count #2: [3-4 L10→L11] ~4-3001 timer by timer#1 ready 3000~ [3001-3050 L11→.] returned
      turn timer 3000-3052`,
    ));

  it('for a promise that a callback resolves are for the turn of the callback', () =>
    check(
      `
      1 start 1 site 3
      2 suspend 1 at 5
      3000 turn timer late 10
      3002 settle-call 6
      3051 resume 1
      3052 settle 1`,
      `
      count: [1-2 L10→L12] ~2-3051 timer by timer#1 ready 2990~ [3051-3052 L12→.] returned
      turn timer 3000-3052 late 10`,
    ));

  it('that end after another task ran in the turn are inferred to be its doing', () =>
    check(
      `
      1 start 1 site 3
      2 suspend 1 at 5
      3 start 2 site 3
      4 suspend 2 at 4
      3000 turn timer
      3001 resume 2
      3050 suspend 2 at 4
      3051 resume 1
      3052 settle 1`,
      `
      count #1: [1-2 L10→L12] ~2-3051 queue by count #2 L11 inferred~ [3051-3052 L12→.] returned
      count #2: [3-4 L10→L11] ~4-3001 timer by timer#1 ready 3000~ [3001-3050 L11→L11] ~3050-3052… timer?~ unsettled
      turn timer 3000-3052`,
    ));

  it('that are of the kind of the turn by the source are for the turn, whoever ran first', () =>
    check(
      `
      1 start 1 site 3
      2 suspend 1 at 7
      3 start 2 site 3
      4 suspend 2 at 7
      50 turn network
      51 resume 1
      52 settle 1
      53 resume 2
      54 settle 2`,
      `
      count #1: [1-2 L10→L14] ~2-51 network by network#1 ready 50~ [51-52 L14→.] returned
      count #2: [3-4 L10→L14] ~4-53 network by network#1 ready 50~ [53-54 L14→.] returned
      turn network 50-54`,
    ));

  it('of values that are there cost a microtask, also while others have theirs', () =>
    check(
      `
      1 start 1 site 3
      2 suspend 1 at 11
      3 start 2 site 3
      4 suspend 2 at 11
      5 resume 1
      6 suspend 1 at 11
      7 resume 2
      8 settle 2
      9 resume 1
      10 settle 1`,
      `
      count #1: [1-2 L10→L18] ~2-5 settled ready 2~ [5-6 L18→L18] ~6-9 settled ready 6~ [9-10 L18→.] returned
      count #2: [3-4 L10→L18] ~4-7 settled ready 4~ [7-8 L18→.] returned`,
    ));

  it('that outlast the await of a later one within the turn were for something', () =>
    check(
      `
      1 start 1 site 3
      2 suspend 1 at 5
      3 start 2 site 3
      4 suspend 2 at 11
      5 resume 2
      6 settle 2
      7 resume 1
      8 settle 1`,
      `
      count #1: [1-2 L10→L12] ~2-7 queue by count #2 L18 inferred~ [7-8 L12→.] returned
      count #2: [3-4 L10→L18] ~4-5 settled ready 4~ [5-6 L18→.] returned`,
    ));

  it('that end in a turn of a kind that tells nothing are what the source says', () =>
    check(
      `
      1 start 1 site 3
      2 suspend 1 at 13
      50 turn stream
      51 resume 1
      52 suspend 1 at 5
      60 turn immediate
      61 resume 1
      62 settle 1`,
      `
      count: [1-2 L10→L20] ~2-51 process? by stream#1 ready 50~ [51-52 L20→L12] ~52-61 other by immediate#2 ready 60~ [61-62 L12→.] returned
      turn stream 50-52
      turn immediate 60-62`,
    ));

  it('for I/O right after a long turn may have been ready since that turn began', () =>
    check(
      `
      1 start 1 site 3
      2 suspend 1 at 8
      3 start 2 site 3
      4 suspend 2 at 4
      1000 turn timer
      1001 resume 2
      61000 block 16 for 59000 in 2
      61001 settle 2
      61002 turn file
      61003 resume 1
      61004 settle 1`,
      `
      count #1: [1-2 L10→L15] ~2-61003 file by file#2 ready≥1000~ [61003-61004 L15→.] returned
      count #2: [3-4 L10→L11] ~4-1001 timer by timer#1 ready 1000~ [1001-61001 L11→.] returned
      turn timer 1000-61001
      turn file 61002-61004
      call L22 2000+59000 in count #2 holds up count #1`,
    ));

  it('still open are for what the source says', () =>
    check(
      `
      1 start 1 site 1
      2 start 2 site 3 in 1
      3 suspend 2 at 5
      4 suspend 1 at 9
      5 turn unknown`,
      `
      main: [1-4 L1→L16 (1)] ~4-5… other?~ unsettled
        count: [2-3 L10→L12] ~3-5… other?~ unsettled
      turn unknown 5-5`,
    ));

  it('of a trace without turns only go by tasks, calls and the source', () => {
    const text = modelText(
      modelOf(`${sites}
        1 start 1 site 3
        2 suspend 1 at 4
        3 start 2 site 3
        4 suspend 2 at 5
        1000 resume 1
        1001 settle-call 6 in 1
        1002 settle 1
        1003 resume 2
        1004 settle 2
        exit 0`),
    );
    assert.equal(
      text,
      outdent(`
        count #1: [1-2 L10→L11] ~2-1000 timer?~ [1000-1002 L11→.] returned
        count #2: [3-4 L10→L12] ~4-1003 queue by count #1 L13 resolve-call ready 1001~ [1003-1004 L12→.] returned`),
    );
  });
});
