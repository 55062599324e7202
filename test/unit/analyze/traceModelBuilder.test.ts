import assert from 'node:assert/strict';
import { TraceModelBuilder } from '../../../src/analyze/traceModelBuilder.ts';
import { buildTrace } from '../support/traceBuilder.ts';
import { modelOf, modelText, outdent } from '../support/modelText.ts';

const sites = `
  run /p/a.ts
  file /p/a.ts
  site 1 function "main" 1:1-9:2
  site 2 await "await child()" 2:3-2:16 owner 1 hint task callees child
  site 3 function "child" 10:1-19:2
  site 4 await "await sleep(1000)" 11:3-11:20 owner 3 hint timer callees sleep
  site 5 function "numbers" 20:1-29:2
  site 6 yield "yield n" 21:3-21:10 owner 5
  site 7 for-await "for await (const n of numbers())" 30:3-30:35 owner 1 callees numbers
  site 8 blocking "work()" 31:3-31:9 owner 1 blocking busy-wait
  site 9 await "await items.next()" 32:3-32:21 owner 1 callees next
`;

function check(events: string, expected: string, options: { head?: string; longSliceMs?: number } = {}): void {
  const longSlice = options.longSliceMs === undefined ? {} : { longSliceMs: options.longSliceMs };
  const text = modelText(modelOf(`${options.head ?? sites}\n0 turn main\n${events}`, longSlice));
  const ended = text.replace(/\n! the trace ends without the program's exit/, '');
  assert.equal(ended.replace(/\nturn main .*/, ''), outdent(expected));
}

describe('trace model', () => {
  it('counts what a task calls as nested, at every depth', () =>
    check(
      `
      10 start 1 site 1
      20 start 2 site 3 in 1
      30 start 3 site 3 in 2
      40 suspend 3 at 4
      50 suspend 2 at 2
      70 suspend 1 at 2`,
      `
      main: [10-70 L1→L2 (30)] ~70-70… task? of child #1~ unsettled
        child #1: [20-50 L10→L2 (10)] ~50-70… task? of child #2~ unsettled
          child #2: [30-40 L10→L11] ~40-70… timer?~ unsettled`,
    ));

  it('ends a slice where another task goes on from the queue of microtasks', () =>
    check(
      `
      10 start 1 site 3
      20 suspend 1 at 4
      30 start 2 site 1
      50 resume 1
      60 settle 1
      70 suspend 2 at 2
      80 resume 2
      90 settle 2`,
      `
      child: [10-20 L10→L11] ~20-50 settled ready 20~ [50-60 L11→.] returned
      main: [30-50 L1→.] ~50-70 other?~ [70-70 .→L2] ~70-80 settled ready 70~ [80-90 L2→.] returned`,
    ));

  it('ends a slice without a probe at its last sign of life when a new turn begins', () =>
    check(
      `
      10 start 1 site 1
      20 start 2 site 3 in 1
      30 settle 2
      5000 turn timer
      5001 settle 1`,
      `
      main: [10-30 L1→. (10)] ~30-5001 timer by timer#1 ready 5000~ [5001-5001 .→.] returned
        child: [20-30 L10→.] returned
      turn timer 5000-5001`,
    ));

  it('lets an await that throws into nobody end with its task', () =>
    check(
      `
      10 start 1 site 1
      20 suspend 1 at 4
      1000 turn timer
      1001 settle 1 throw
      error 1 Error: too late`,
      `
      main: [10-20 L1→L11] ~20-1001 timer by timer#1 ready 1000 threw~ [1001-1001 L11→.] threw Error: too late
      turn timer 1000-1001`,
    ));

  it('hands over between a generator and the loop that consumes it', () =>
    check(
      `
      10 start 1 site 1
      20 suspend 1 at 7
      21 start 2 site 5
      22 suspend 2 at 4
      1000 turn timer
      1001 resume 2
      1002 suspend 2 at 6
      1005 resume 1
      1010 suspend 1 at 7
      1011 resume 2
      1020 settle 2
      1025 resume 1
      1030 settle 1`,
      `
      main: [10-20 L1→L30] ~20-1005 task by numbers L21 settled of numbers ready 1002~ [1005-1010 L30→L30] ~1010-1025 task by numbers L21 settled of numbers ready 1020~ [1025-1030 L30→.] returned
        numbers: [21-22 L20→L11] ~22-1001 timer by timer#1 ready 1000~ [1001-1002 L11→L21] ~1002-1011 task by main L30 inferred~ [1011-1020 L21→.] returned
      turn timer 1000-1030`,
    ));

  it('nests a generator that is asked for its next item by hand', () =>
    check(
      `
      10 start 1 site 1
      20 start 2 site 5 in 1
      30 suspend 2 at 6
      31 suspend 1 at 9
      33 resume 1
      40 resume 2
      50 suspend 2 at 6
      60 suspend 1 at 9`,
      `
      main: [10-31 L1→L32 (10)] ~31-33 settled ready 31~ [33-60 L32→L32 (10)] ~60-60… other?~ unsettled
        numbers: [20-30 L20→L21] ~30-40 task by main L32 inferred~ [40-50 L21→L21] ~50-60… other?~ unsettled`,
    ));

  it('does not take the end of a generator by its consumer for an error', () =>
    check(
      `
      10 start 1 site 1
      20 start 2 site 5 in 1
      30 suspend 2 at 6
      31 resume 2 throw
      32 settle 2 throw
      33 settle 1`,
      `
      main: [10-33 L1→. (11)] returned
        numbers: [20-30 L20→L21] ~30-31 task by main L1 inferred threw~ [31-32 L21→.] returned`,
    ));

  it('finds long slices and what they held up, minus what calls explain', () =>
    check(
      `
      10 start 1 site 3
      20 suspend 1 at 4
      30 start 2 site 1
      60040 start 3 site 3 in 2
      60050 settle 3
      120060 settle 2
      120061 turn timer late 119000
      120062 resume 1
      120063 settle 1
      130000 start 4 site 1
      230000 block 8 for 99000 in 4
      230010 settle 4`,
      `
      child #1: [10-20 L10→L11] ~20-120062 timer by timer#1 ready 1061~ [120062-120063 L11→.] returned
      main #1: [30-120060 L1→. (10)] returned
        child #2: [60040-60050 L10→.] returned
      main #2: [130000-230010 L1→.] returned
      turn timer 120061-230010 late 119000
      slice L1 40+120020 in main #1 holds up child #1
      call L31 131000+99000 in main #2`,
    ));

  it('takes what the tracer itself held out of slices and callbacks', () => {
    check(
      `
      10 start 1 site 1
      20 start 2 site 3 in 1
      70020 tracer 69000
      70030 suspend 2 at 4
      70040 settle 1
      80000 turn timer
      80010 callback 5
      140010 tracer 59990
      140020 callback-end 5`,
      `
      main: [10-70040 L1→. (70010)] returned
        child: [20-70030 L10→L11 tracer 69000] ~70030-140020… timer?~ unsettled
      turn timer 80000-140020
      callback L20 80010-140020 tracer 59990`,
    );
    const { tracerHolds } = modelOf('run /p/a.ts\n0 turn main\n5000 tracer 4000');
    assert.deepEqual(tracerHolds, [{ thread: 0, startUs: 1000, endUs: 5000 }]);
  });

  it('names the callers that stood still during a blocking call, and what it was given', () =>
    check(
      `
      detail 1 sleep 1
      10 start 1 site 1
      20 start 2 site 3 in 1
      2000 block 8 for 1900 in 2 detail 1
      2001 settle 2
      2002 settle 1
      9000 block 8 for 5000`,
      `
      main: [10-2002 L1→. (1981)] returned
        child: [20-2001 L10→.] returned
      call L31 (sleep 1) 100+1900 in child holds up main
      call L31 4000+5000`,
    ));

  it('finds callbacks, the tasks that run in them, and those that held the loop', () =>
    check(
      `
      0 start 1 site 2
      10 suspend 1 at 3
      100 turn timer
      100 callback 1
      100100 block 4 for 40000
      160100 start 2 site 2
      160200 settle 2
      160300 callback-end 1
      160400 resume 1
      160500 settle 1
      170000 turn timer
      170000 callback 1
      `,
      `
      f #1: [0-10 L4→L5] ~10-160400 queue by f #2 L4 inferred~ [160400-160500 L5→.] returned
      f #2: [160100-160200 L4→.] returned
      turn timer 100-160500
      turn timer 170000-170000
      callback L1 100-160300 (100)
      callback L1 170000-170000
      call L2 60100+40000
      slice L1 40200+120100
      `,
      {
        head: `
          run /p/a.js
          file /p/a.js
          site 1 callback "setTimeout callback" 1:1-3:2
          site 2 function "f" 4:1-6:2
          site 3 await "g()" 5:1-5:5 owner 2
          site 4 blocking "readFileSync()" 2:1-2:9 blocking sync-io`,
      },
    ));

  it('gives holds no length on the virtual clock', () =>
    check(
      `
      10 start 1 site 1
      20 block 8 for 900000 in 1
      90000 settle 1`,
      `
      main: [10-90000 L1→.] returned
      call L31 20+900000 in main`,
      { head: sites.replace('run /p/a.ts', 'run /p/a.ts virtual') },
    ));

  it('keeps threads apart', () =>
    check(
      `
      thread 1 pool worker
      @1 5 turn main
      @1 10 start 1 site 3
      12 start 1 site 1
      @1 15 suspend 1 at 4
      16 suspend 1 at 2
      @1 1000 turn timer
      @1 1001 resume 1
      @1 1002 settle 1`,
      `
      @1 child: [10-15 L10→L11] ~15-1001 timer by timer#2 ready 1000~ [1001-1002 L11→.] returned
      main: [12-16 L1→L2] ~16-1002… task?~ unsettled
      turn @1 main 5-15
      turn @1 timer 1000-1002`,
    ));

  it('goes on after lost events without inventing any', () =>
    check(
      `
      10 start 1 site 1
      20 dropped 100
      5000 suspend 7 at 4
      6000 suspend 1 at 2`,
      `
      main: [10-20 L1→.] ~20-6000 other?~ [6000-6000 .→L2] ~6000-6000… task?~ unsettled
      (unknown): [5000-5000 .→L11] ~5000-6000… timer?~ unsettled
      ! 100 events were lost because memory ran out`,
    ));

  it('numbers tasks that share a name from the moment there are two', () => {
    const builder = new TraceModelBuilder();
    builder.push(buildTrace(`${sites}\n10 start 1 site 3\n20 settle 1`));
    const before = builder.snapshot();
    assert.deepEqual(
      before.tasks.map((task) => task.label),
      ['child'],
    );
    const whole = modelOf(`${sites}\n10 start 1 site 3\n20 settle 1\n30 start 2 site 3`);
    assert.deepEqual(
      whole.tasks.map((task) => task.label),
      ['child #1', 'child #2'],
    );
  });

  it('gives snapshots that later chunks do not change, and keeps what did not change', () => {
    const bytes = buildTrace(
      `${sites}\n10 start 1 site 3\n20 settle 1\n21 start 2 site 1\n22 suspend 2 at 4\nbatch\n30 turn timer\n31 resume 2\n32 settle 2`,
    );
    const lastFrame = 8 + 4 * (4 + 3 + 3);
    const builder = new TraceModelBuilder();
    builder.push(bytes.subarray(0, bytes.length - lastFrame + 5));
    const before = builder.snapshot();
    const text = modelText(before);
    builder.push(bytes.subarray(bytes.length - lastFrame + 5));
    const after = builder.snapshot();
    assert.equal(modelText(before), text);
    assert.notEqual(modelText(after), text);
    assert.equal(after.tasks[0], before.tasks[0]);
    assert.match(text, /! the last batch of the trace is cut off/);
    assert.doesNotMatch(modelText(after), /cut off/);
  });

  it('names tasks whose file became known after they began', () => {
    const model = modelOf(`run /p/a.ts\n10 start 1 site 3\n20 suspend 1 at 4\n${sites.replace(/run .*/, '')}`);
    assert.equal(model.tasks[0]?.label, 'child');
  });

  it('tells of files, threads and what is missing', () => {
    const model = modelOf(`
      run /p/a.ts virtual
      target v20.19.0 limit: the turns of the loop cannot be seen
      file /p/a.ts
      site 1 function "main" 1:1-9:2
      file /p/b.ts skipped: it has a syntax error
      thread 3 pool
      exit SIGKILL 5000`);
    assert.deepEqual(
      model.files.map(({ path, status, reason, siteIds }) => [path, status, reason, siteIds.length]),
      [
        ['/p/a.ts', 'instrumented', undefined, 1],
        ['/p/b.ts', 'skipped', 'it has a syntax error', 0],
      ],
    );
    assert.deepEqual([...model.threads], [[3, 'pool']]);
    assert.deepEqual(model.warnings, ['the turns of the loop cannot be seen']);
    assert.equal(model.exit?.signal, 'SIGKILL');
    assert.equal(model.sites.get(1 as never)?.path, '/p/a.ts');
  });
});
