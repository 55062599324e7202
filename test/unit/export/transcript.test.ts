import assert from 'node:assert/strict';
import fc from 'fast-check';
import { transcript } from '../../../src/export/transcript.ts';
import { modelOf, outdent } from '../support/modelText.ts';
import { chains, sleepTogether, threeFaults } from '../support/programs.ts';
import { anyTrace } from '../support/randomTrace.ts';
import { syntheticTrace } from '../support/syntheticTrace.ts';
import { TraceModelBuilder } from '../../../src/analyze/traceModelBuilder.ts';

describe('transcript', () => {
  it('tells a run line by line and sums it up', () =>
    assert.equal(
      transcript(modelOf(sleepTogether)).trimEnd(),
      outdent(`
        interleave transcript 1
        program  /p/sleep.ts
        clock    wall
        started  2025-01-01T00:00:00.000Z
        node     v24.0.0
        exit     code 1
        counts   19 events, 0 dropped

        events
            0.000010 s  sleep.ts  starts at L1
            0.000012 s  main      starts in sleep.ts at L3
            0.000014 s  count #1  starts in main at L10
            0.000015 s  count #1  suspends at L12 await sleep(1000) · timer
            0.000016 s  count #2  starts in main at L10
            0.000017 s  count #2  suspends at L12 await sleep(1000) · timer
            0.000018 s  main      suspends at L4 await Promise.all([count(), count()]) · task
            0.000020 s  sleep.ts  suspends at L20 await main() · task
            1.000110 s  count #1  resumes after 1.00 s · timer, ready for 3.01 ms
            1.000120 s  count #1  throws RangeError: too many
            1.000210 s  count #2  resumes after 1.00 s · timer
            1.000220 s  count #2  settles
            1.000230 s  main      resumes with a throw after 1.00 s · task, woken by count #2
            1.000240 s  main      throws RangeError: too many
            1.000250 s  sleep.ts  resumes with a throw after 1.00 s · task, woken by main
            1.000260 s  sleep.ts  throws RangeError: too many

        tasks
          sleep.ts  1.00 s  running 14.0 µs, task 1.00 s, ready 10.0 µs, threw
            main  1.00 s  running 14.0 µs, task 1.00 s, ready 10.0 µs, threw
              count #1  1.00 s  running 11.0 µs, timer 997 ms, ready 3.01 ms, threw
              count #2  1.00 s  running 11.0 µs, timer 1.00 s, ready 10.0 µs

        waits
          task  2 waits, 2.00 s in all
          timer  2 waits, 2.00 s in all

        critical path
          count #2  waits 1.00 s at L12 await sleep(1000) · timer`),
    ));

  it('normalised tells only what every run has in common', () => {
    const text = transcript(modelOf(threeFaults), { normalised: true });
    assert.equal(
      text.trimEnd(),
      outdent(`
        interleave transcript 1
        program  faults.ts
        clock    wall
        exit     code 0
        skipped  y.js: it is in an excluded folder

        events
          main      starts at L1
          audit     starts in main at L10
          audit     suspends at L11 await sleep(10) · timer
          stuck     starts in main at L20
          stuck     suspends at L21 await new Promise(() => {}) · other?, never resumes
          slowStep  starts in main at L30
          slowStep  suspends at L31 await sleep(5) · timer
          main      suspends at L2 await slowStep() · task
          slowStep  resumes · timer
          slowStep  blocks 0.1 s at L32 while (performance.now() < until) { }, holding up audit
          slowStep  settles
          main      resumes after 0.2 s · task, woken by slowStep
          main      settles
          audit     resumes after 0.2 s · timer, ready for 0.1 s
          audit     settles

        tasks
          main  0.2 s  task 0.2 s
            audit  0.2 s  ready 0.1 s
            stuck  0.2 s  other 0.2 s, unsettled
            slowStep  0.2 s  running 0.2 s

        waits
          timer  2 waits, 0.2 s in all
          other  1 wait, 0.2 s in all, 1 by the source only
          task  1 wait, 0.2 s in all

        blocking
          slowStep  blocks 0.1 s at L32 while (performance.now() < until) { }, holding up audit

        critical path
          audit  waits 0.2 s at L11 await sleep(10) · timer

        findings
          never-settled  L21  stuck never settled: it still waits at await new Promise(() => {})
          floating  L3  the promise of audit is dropped here: nobody awaits it, and if it fails nobody is told`),
    );
    // Another pid, start, version, folder and a few microseconds more make no difference.
    const elsewhere = threeFaults
      .replaceAll('/p/', '/home/me/')
      .replace('v24.0.0', 'v20.19.0')
      .replace('5210 resume', '5219 resume');
    assert.equal(transcript(modelOf(elsewhere), { normalised: true }), text);
  });

  it('says that virtual time is no performance and tells it exactly', () => {
    const text = transcript(modelOf(chains), { normalised: true });
    assert.match(text, /^clock {4}virtual time: not a measure of performance$/m);
    assert.match(text, /^ {7}1\.850 s {2}part2 #2 {2}resumes after 950 ms · timer$/m);
    assert.match(text, /critical path\n {2}part1 #2 {2}waits 900 ms at L21 .*\n {2}part2 #2 {2}waits 950 ms at L31 .*\n$/);
    const inOrder = [...text.matchAll(/^ +0\.000 s {2}(\S+(?: #\d)?) +(\w+)/gm)].map(([, task, verb]) => `${task} ${verb}`);
    assert.deepEqual(inOrder.slice(0, 5), [
      'main starts',
      'chain #1 starts',
      'part1 #1 starts',
      'part1 #1 suspends',
      'chain #1 suspends',
    ]);
  });

  it('marks holds on the virtual clock as wall time, and who is only likely', () => {
    const text = transcript(
      modelOf(`
        run /p/a.ts virtual
        file /p/b.ts
        site 1 function "main" 1:1-9:2
        site 2 await "answer" 2:3-2:9 owner 1
        site 3 blocking "work()" 3:3-3:9 owner 1
        0 turn main
        0 start 1 site 1
        0 suspend 1 at 2
        5000 turn timer
        5000 start 2 site 1
        5000 block 3 for 20000 in 2
        5000 settle 2
        5000 resume 1
        5000 settle 1
        exit SIGTERM`),
    );
    assert.match(text, /main #2 {2}blocks 20\.0 ms of wall time at b\.ts:3 work\(\)$/m);
    assert.match(text, /main #1 {2}resumes after 5\.00 ms · queue, likely woken by main #2 at b\.ts:1$/m);
    assert.match(text, /main #1 {2}suspends at b\.ts:2 await answer · queue$/m);
    assert.match(text, /^exit {5}signal SIGTERM$/m);
  });

  it('tells threads apart and leaves open what a trace that is cut off cannot know', () => {
    const text = transcript(
      modelOf(`
        run /p/a.ts
        file /p/a.ts
        site 1 function "main" 1:1-9:2
        site 2 await "answer" 2:3-2:9 owner 1
        site 3 blocking "work()" 3:3-3:9
        0 turn main
        1 start 1 site 1
        2 suspend 1 at 2
        @1 1 start 1 site 1
        @1 9 settle 1
        @1 5000 block 3 for 4000`),
      { normalised: true },
    );
    assert.equal(
      text.slice(text.indexOf('events'), text.indexOf('\n\ntasks')),
      outdent(`
        events
          main #1       starts at L1
          main #2 @1    starts at L1
          main #1       suspends at L2 await answer · other?, not resumed yet
          main #2 @1    settles
          (program) @1  blocks at L3 work()`),
    );
  });

  it('of a long trace ends where it was told to and counts the rest', () => {
    const builder = new TraceModelBuilder();
    builder.push(syntheticTrace(20_000));
    const lines = transcript(builder.snapshot(), { mostEvents: 100 }).split('\n');
    assert.equal(lines.slice(lines.indexOf('events'), lines.indexOf('tasks')).length, 103);
    assert.ok(lines.some((line) => /^ {2}… \d+ more events left out$/.test(line)));
    assert.ok(lines.some((line) => /^ {2}… \d+ more left out$/.test(line)));
  });

  it('tells every start, stop and end of any trace, one line each', () =>
    fc.assert(
      fc.property(anyTrace, (bytes) => {
        const builder = new TraceModelBuilder();
        builder.push(bytes);
        const model = builder.snapshot();
        const text = transcript(model);
        const count = (verb: string): number => text.split(new RegExp(`^ +[\\d.]+ s  \\S.*?  ${verb}`, 'm')).length - 1;
        const lines = text.split('\n');
        const events = lines.slice(lines.indexOf('events') + 1, lines.indexOf('', lines.indexOf('events')));
        const slices = model.tasks.reduce((sum, task) => sum + task.slices.length, 0);
        const ends = model.tasks.reduce((sum, task) => sum + task.waits.length, 0);
        const settled = model.tasks.filter((task) => task.endUs !== undefined).length;
        assert.equal(events.length, slices + ends + settled + model.blocks.length + model.callbacks.length);
        assert.ok(model.tasks.length === 0 || count('starts') > 0);
      }),
      { numRuns: 200 },
    ));
});
