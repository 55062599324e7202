import assert from 'node:assert/strict';
import { findings } from '../../../src/analyze/findings.ts';
import { modelOf, outdent } from '../support/modelText.ts';
import { chains, sleepTogether, threeFaults } from '../support/programs.ts';

function found(text: string): string[] {
  return findings(modelOf(text)).map(({ rule, line, message }) => `${rule} L${line}: ${message}`);
}

const head = `
  run /p/a.ts
  file /p/a.ts
  site 1 function "main" 1:1-9:2
  site 2 module "a.ts" 1:1-99:1
  site 3 await "await gate" 3:3-3:13 owner 1
  site 4 await "await once(socket, 'data')" 4:3-4:29 owner 1 hint network
  site 5 await "await sleep(1000)" 5:3-5:20 owner 1 hint timer
  site 6 yield "yield 1" 6:3-6:10 owner 1
  site 7 blocking "readFileSync(p)" 7:3-7:18 owner 1 blocking sync-io
  site 8 await "await main()" 8:3-8:15 owner 2 hint task callees main
  0 turn main
`;

describe('findings of a run', () => {
  it('name line, cause and cost of three faults', () =>
    assert.equal(
      found(threeFaults).join('\n'),
      outdent(`
        blocking L32: while (performance.now() < until) { } held the event loop 150 ms, holding up audit
        never-settled L21: stuck never settled: it still waits at await new Promise(() => {})
        floating L3: the promise of audit is dropped here: nobody awaits it, and if it fails nobody is told`),
    ));

  it('are silent where nothing is wrong', () => {
    assert.deepEqual(found(chains), []);
    assert.deepEqual(found(sleepTogether), []);
  });

  it('name the task whose promise nobody handled, for certain where the call dropped it', () =>
    assert.deepEqual(
      found(`
        run /p/a.ts
        file /p/a.ts
        site 1 function "main" 1:1-9:2
        site 2 await "await sleep(1)" 2:3-2:17 owner 1 hint timer
        site 3 dropped-call "audit()" 3:3-3:10 owner 1 callees audit
        site 4 function "audit" 11:1-19:2
        site 5 await "await sleep(2)" 12:3-12:17 owner 4 hint timer
        site 6 function "load" 21:1-29:2
        0 turn main
        1 start 1 site 1
        2 start 2 site 4 in 1
        3 suspend 2 at 5
        4 start 3 site 6 in 1
        5 suspend 3 at 5
        6 suspend 1 at 2
        1000 turn timer
        1001 resume 2
        1002 settle 2 throw
        error 2 Error: no
        rejection
        2000 turn timer
        2001 resume 3
        2002 settle 3 throw
        rejection
        rejection
        3000 turn timer
        3001 resume 1
        3002 settle 1
        exit 0`),
      [
        'unhandled-rejection L3: audit threw (Error: no) and nobody handled its promise',
        'unhandled-rejection L21: a promise was rejected and nobody handled it, likely that of load',
      ],
    ));

  it('tell how late a handler came', () =>
    assert.deepEqual(
      found(`${head}
        1 start 1 site 1
        2 settle 1 throw
        rejection
        5000 turn timer
        5001 callback 9
        5002 callback-end 9
        rejection late`),
      ['unhandled-rejection L1: a promise was rejected and nobody handled it, likely that of main; a handler came 5.00 ms later'],
    ));

  it('count holds at one line and name whom they held up', () =>
    assert.deepEqual(
      found(`${head}
        1 start 1 site 1
        2 start 2 site 1 in 1
        70000 block 7 for 60000 in 2
        170000 block 7 for 90000 in 2
        170001 settle 2
        170002 settle 1`),
      ['blocking L7: readFileSync(p) held the event loop 2 times, at most 90.0 ms, holding up main #1'],
    ));

  it('leave start-up code and short holds alone, and worker threads that hold up nobody', () =>
    assert.deepEqual(
      found(`${head}
        100000 block 7 for 90000
        100001 start 1 site 2
        200000 block 7 for 90000 in 1
        300000 suspend 1 at 8
        @1 0 turn worker
        @1 1 start 1 site 1
        @1 90000 block 7 for 80000 in 1
        300010 turn timer
        310000 block 7 for 9000`),
      [],
    ));

  it('tell of a callback that holds the loop after start-up', () =>
    assert.deepEqual(found(`${head}\n1 turn timer\n90000 block 7 for 80000`), [
      'blocking L7: readFileSync(p) held the event loop 80.0 ms',
    ]));

  it('tell what a task that never settled waits for, through the tasks it awaits', () =>
    assert.deepEqual(found(`${head}\n1 start 1 site 2\n2 start 2 site 1 in 1\n3 suspend 2 at 3\n4 suspend 1 at 8\nexit 13`), [
      'never-settled L8: a.ts never settled: it still waits for main at await main()',
      'never-settled L3: main never settled: it still waits at await gate',
    ]));

  for (const [why, events] of [
    ['the program was killed', '1 start 1 site 1\n2 suspend 1 at 3\nexit SIGKILL'],
    ['the program crashed', '1 start 1 site 1\n2 suspend 1 at 3\nexit 1'],
    ['the trace was cut off', '1 start 1 site 1\n2 suspend 1 at 3'],
    ['the person stopped it', '1 start 1 site 1\n2 suspend 1 at 3\nexit cancelled'],
    ['events were lost', '1 start 1 site 1\n2 suspend 1 at 3\n3 dropped 7\nexit 0'],
    ['a task was running at the end', '1 start 1 site 1\n2 suspend 1 at 3\n3 start 2 site 1\nexit 0'],
    ['a timer was still to come', '1 start 1 site 1\n2 suspend 1 at 3\n3 start 2 site 1\n4 suspend 2 at 5\nexit 0'],
    ['it waits for another program', '1 start 1 site 1\n2 suspend 1 at 4\nexit 0'],
    ['it is a generator nobody asks', '1 start 1 site 1\n2 suspend 1 at 6\nexit 0'],
  ] as const) {
    it(`do not call a task stuck where ${why}`, () => assert.deepEqual(found(`${head}\n${events}`), []));
  }

  it('do not call a promise dropped that an await took, or that was there when it was dropped', () => {
    const dropped = `
      run /p/a.ts
      file /p/a.ts
      site 1 function "main" 1:1-9:2
      site 2 dropped-call "work()" 2:3-2:9 owner 1 callees work
      site 3 function "work" 10:1-12:2
      site 4 await "await sleep(10)" 11:3-11:18 owner 3 hint timer
      site 5 await "await work()" 3:3-3:15 owner 1 hint task callees work
      0 turn main
      1 start 1 site 1
    `;
    assert.deepEqual(found(`${dropped}\n2 start 2 site 3 in 1\n3 settle 2\n4 settle 1\nexit 0`), []);
    const awaited =
      '2 start 2 site 3 in 1\n3 suspend 2 at 4\n4 suspend 1 at 5\n9 turn timer\n10 resume 2\n11 settle 2\n12 resume 1\n13 settle 1';
    assert.deepEqual(found(`${dropped}\n${awaited}\nexit 0`), []);
    const lost = '2 start 2 site 3 in 1\n3 suspend 2 at 4\n4 settle 1\n9 turn timer\n10 resume 2\n11 settle 2';
    assert.equal(found(`${dropped}\n${lost}\nexit 0`).length, 1);
  });
});
