import assert from 'node:assert/strict';
import { summary } from '../../../src/export/summary.ts';
import { modelOf, outdent } from '../support/modelText.ts';
import { chains, sleepTogether, threeFaults } from '../support/programs.ts';

function lines(text: string): string {
  return summary(modelOf(text))
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

describe('summary of a run', () => {
  it('tells tasks, time, waits and what went wrong, worst first', () =>
    assert.equal(
      lines(threeFaults),
      outdent(`
        faults.ts: 4 tasks, 200 ms with start-up, exit code 0
          waits          timer 2 (160 ms), other 1 (155 ms), task 1 (155 ms)
          blocking       faults.ts:32  while (performance.now() < until) { }  150 ms, holding up audit
          never settled  faults.ts:21  stuck never settled: it still waits at await new Promise(() => {})
          floating       faults.ts:3  the promise of audit is dropped here: nobody awaits it, and if it fails nobody is told
          skipped        y.js: it is in an excluded folder`),
    ));

  it('has few lines where nothing is wrong', () =>
    assert.equal(
      lines(sleepTogether),
      'sleep.ts: 4 tasks, 1.05 s with start-up, exit code 1\n  waits          task 2 (2.00 s), timer 2 (2.00 s)',
    ));

  it('tells what the tracer itself took, where that was measured', () =>
    assert.equal(
      lines('run /p/a.ts\nfile /p/a.ts\noverhead writing 1200 transform 40000\noverhead writing 300\nexit 0').split('\n').at(-1),
      '  tracing        40.0 ms waiting for instrumented files, 1.50 ms writing events; probe calls not counted',
    ));

  it('keeps virtual and real time apart', () =>
    assert.equal(
      lines(chains).split('\n').slice(0, 2).join('\n'),
      'chains.ts: 7 tasks, 1.85 s of virtual time, 90.0 ms of real time with start-up, exit code 0\n  clock          virtual time: not a measure of performance',
    ));

  it('says at once when nothing was seen, and why', () => {
    assert.match(
      lines('run /p/a.ts\nexit 0'),
      /\n {2}Nothing was instrumented: the program loaded none of your files, or all it loaded are excluded\.$/,
    );
    assert.match(
      lines('run /p/a.js\nfile /p/a.js skipped: it has a syntax error\nexit 1'),
      /0 tasks, exit code 1\n {2}Nothing was instrumented: every file the program loaded was skipped\.\n {2}skipped {8}a\.js: it has a syntax error$/,
    );
    assert.match(lines('run /p/a.js\nfile /p/a.js\nexit 0'), /The program has no async function and no top-level await\.$/);
    assert.match(lines('run /p/a.js\nfile /p/a.js\nsite 1 function "f" 1:1-2:2\nexit 0'), /No async function ran\.$/);
  });

  it('shows what is missing', () =>
    assert.equal(
      lines(
        'run /p/a.ts\nfile /p/a.ts\nsite 1 function "f" 1:1-2:2\n0 turn main\n5 start 1 site 1\n9 dropped 12\nexit timeout 2000000',
      ),
      outdent(`
        a.ts: 1 task, 2.00 s with start-up, timeout, signal SIGTERM
          waits          other 1 (0 µs)
          note           12 events were lost because memory ran out`),
    ));

  it('is coloured only when asked', () => {
    const plain = summary(modelOf(threeFaults));
    const coloured = summary(modelOf(threeFaults), { colour: true });
    assert.ok(!plain.includes('\u001b'));
    assert.ok(coloured.includes('\u001b[1mfaults.ts\u001b[22m'));
    assert.equal(coloured.replace(/\u001b\[\d+m/g, ''), plain);
  });
});
