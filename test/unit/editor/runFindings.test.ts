import assert from 'node:assert/strict';
import { runFindings } from '../../../src/editor/runFindings.ts';
import { modelOf } from '../support/modelText.ts';

const model = modelOf(`
  run /p/a.ts
  file /p/a.ts
  site 1 module "a.ts" 1:1-30:1
  site 2 function "audit" 3:1-6:2
  site 3 await "stopped" 4:3-4:16 owner 2
  site 4 dropped-call "audit()" 10:3-10:10 owner 1 callees audit
  site 5 await "sleep(1)" 12:3-12:17 owner 1 hint timer
  site 6 callback "setTimeout callback" 20:12-24:4
  site 7 blocking "readFileSync(path)" 14:3-14:21 owner 1 blocking sync-io
  file /p/b.ts
  site 8 callback "later" 1:1-1:9
  0 turn main
  0 start 1 site 1
  10 start 2 site 2 in 1
  20 suspend 2 at 3
  30 suspend 1 at 5
  1000 turn timer
  1000 resume 1
  201000 block 7 for 200000 in 1
  201500 settle 1
  300000 turn timer
  300000 callback 6
  400000 callback-end 6
  400000 callback 8
  500000 callback-end 8
  exit 0
`);
const [file, other] = model.files;

describe('findings of a run in the Problems panel', () => {
  const shown = (rules: unknown, longSliceMs = 50, of = file): string[] =>
    runFindings(model, of!, rules, longSliceMs).map(
      ({ finding: { rule, line, column, endLine, message }, severity }) =>
        `${rule} ${severity} ${line}:${column}-${endLine} ${message}`,
    );

  it('are those that no look at the text can tell, in their own file', () => {
    assert.deepEqual(shown({}), [
      'long-slice warning 20:12-20 In the last run: setTimeout callback held the event loop 100 ms.',
      'never-settled warning 4:3-4 In the last run: audit never settled: it still waits at stopped.',
      'floating warning 10:3-10 In the last run: the promise of audit is dropped here: nobody awaits it, and if it fails nobody is told.',
    ]);
    assert.equal(shown({}, 50, other).length, 1);
  });

  it('have the severities that the settings give their rules', () => {
    const rules = { 'never-settled': 'off', floating: 'hint' };
    assert.deepEqual(
      shown(rules, 150).map((line) => line.slice(0, 13)),
      ['floating hint'],
    );
  });

  it('say how long a dropped promise went on', () => {
    const text = (end: string, clock = 'wall') => `
      run /p/a.ts ${clock}
      file /p/a.ts
      site 1 module "a.ts" 1:1-9:1
      site 2 function "audit" 3:1-6:2
      site 3 await "sleep(1)" 4:3-4:17 owner 2 hint timer
      site 4 dropped-call "audit()" 8:3-8:10 owner 1 callees audit
      0 turn main
      0 start 1 site 1
      10 start 2 site 2 in 1
      20 suspend 2 at 3
      30 settle 1
      ${end}
      exit 0
    `;
    const said = (of: string): string[] => {
      const run = modelOf(of);
      return runFindings(run, run.files[0]!, {}, 50).map(({ finding }) => finding.message.replace(/^.*nobody is told/, ''));
    };
    const ends = '250020 turn timer\n250020 resume 2\n250020 settle 2';
    assert.deepEqual(said(text(ends)), ['; it went on for 250 ms after the call.']);
    assert.deepEqual(said(text(ends, 'virtual')), ['.']);
  });
});
