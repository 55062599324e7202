import assert from 'node:assert/strict';
import { findings } from '../../../src/analyze/findings.ts';
import { heldPlace } from '../../../src/analyze/heldPlace.ts';
import { transcript } from '../../../src/export/transcript.ts';
import { modelOf } from '../support/modelText.ts';

const head = `
  run /p/a.ts
  file /p/a.ts
  site 1 function "main" 1:1-9:2
  site 2 function "crunch" 11:1-19:2
  site 3 await "await crunch()" 3:3-3:17 owner 1 hint task callees crunch
  site 4 await "await sleep(10)" 12:3-12:18 owner 2 hint timer
  site 5 blocking "execSync('x')" 13:3-13:16 owner 2 blocking sync-process
  0 turn main
  1 start 1 site 1
  2 start 2 site 2 in 1
  3 suspend 2 at 4
  4 suspend 1 at 3
  10000 turn timer
  10001 resume 2
`;

const found = (text: string): string[] =>
  findings(modelOf(text)).map(({ rule, path, line, message }) => `${rule} ${path}:${line}: ${message}`);

describe('looks at a hold while it lasts', () => {
  it('give its slice the line', () => {
    const text = `${head}
      hang since 10000 held 1000000 | sqrt /p/a.ts:30 | sum /p/a.ts:22 | crunch /p/a.ts:14
      hang since 10000 held 1020000 | add /p/a.ts:40 | sum /p/a.ts:23 | crunch /p/a.ts:14
      hang since 10000 held 1040000 | add /p/a.ts:41 | sum /p/a.ts:23 | crunch /p/a.ts:14
      3010000 suspend 2 at 4
      3020000 turn timer
      3020001 resume 2
      3020002 settle 2
      3020003 resume 1
      3020004 settle 1
      exit 0`;
    const [block] = modelOf(text).blocks;
    assert.deepEqual([block?.heldAt?.name, block?.heldAt?.line, block?.atLeast], ['sum', 23, false]);
    assert.deepEqual(found(text), ['hang /p/a.ts:23: sum held the event loop here 3.00 s']);
    assert.match(
      transcript(modelOf(text)),
      /crunch {2}blocks 3\.00 s in the slice from L12 await sleep\(10\), held at L23 in sum\n/,
    );
    assert.match(transcript(modelOf(text)), /\n {2}hang {2}L23 {2}sum held the event loop here 3\.00 s\n/);
  });

  it('tell of one that never ended, as long as it was seen', () => {
    const text = `${head}
      hang since 10000 held 1000000 | crunch /p/a.ts:14
      hang since 10000 held 4000000 | crunch /p/a.ts:14
      exit SIGKILL`;
    const model = modelOf(text);
    const [block] = model.blocks;
    assert.deepEqual([block?.startUs, block?.durationUs, block?.atLeast, block?.site], [10000, 4000000, true, 4]);
    assert.equal(model.endUs, 4010000);
    assert.equal(model.tasks[1]?.slices.at(-1)?.endUs, 4010000);
    assert.deepEqual(found(text), ['hang /p/a.ts:14: crunch held the event loop here at least 4.00 s']);
  });

  it('leave a blocking call to its own finding', () => {
    const text = `${head}
      hang since 10000 held 1000000 | execSync node:child_process:10 | crunch /p/a.ts:13
      2010000 block 5 for 2000000 in 2
      2010001 settle 2
      2010002 resume 1
      2010003 settle 1
      exit 0`;
    assert.deepEqual(found(text), ["blocking /p/a.ts:13: execSync('x') held the event loop 2.00 s"]);
  });

  it('are no finding where the program was starting and came to an end', () => {
    const text = `
      run /p/a.ts
      file /p/a.ts
      site 1 module "a.ts" 1:1-9:2
      0 turn main
      1 start 1 site 1
      hang since 0 held 1000000 | load /p/a.ts:4
      1500000 settle 1
      exit 0`;
    assert.deepEqual(found(text), []);
    assert.equal(modelOf(text).blocks[0]?.heldAt?.line, 4);
  });

  it('stand in no file of the trace', () => {
    const text = `${head}
      hang since 10000 held 1000000 | wait node:internal:3 | deep /m/node_modules/x/i.js:8
      exit SIGKILL`;
    assert.deepEqual(found(text), ['hang /m/node_modules/x/i.js:8: deep held the event loop here at least 1.00 s']);
  });

  it('of a process below the program are findings in files of the person, unless it was only starting', () => {
    const held = (end: string, path: string): string => `
      run /p/a.ts
      file /p/worker.js
      site 1 function "main" 1:1-9:2
      process 32768 worker.js
      0 turn main
      @32768 0 turn main
      @32768 1 start 1 site 1
      hang @32768 since 0 held 1000000 | crunch ${path}:14
      ${end}
      process-end 32768
      exit 0`;
    assert.deepEqual(found(held('', '/p/worker.js')), ['hang /p/worker.js:14: crunch held the event loop here at least 1.00 s']);
    assert.deepEqual(found(held('overhead @32768 writing 1 transform 1', '/p/worker.js')), []);
    assert.deepEqual(found(held('', '/p/node_modules/tool.js')), []);
  });
});

describe('the place that stacks have in common', () => {
  const frame = (name: string, line: number, path = '/p/a.ts') => ({ name, path, line });
  it('is the innermost call of all', () => {
    assert.deepEqual(heldPlace([]), undefined);
    assert.deepEqual(heldPlace([[{ name: 'Atomics.wait' }]]), undefined);
    const outer = [frame('loop', 5), frame('main', 9)];
    assert.deepEqual(
      heldPlace([
        [frame('a', 1), ...outer],
        [frame('b', 2), ...outer],
      ]),
      frame('loop', 5),
    );
    assert.deepEqual(heldPlace([outer, outer]), frame('loop', 5));
  });

  it('takes the line seen most often', () => {
    const at = (line: number) => [frame('loop', line), frame('main', 9)];
    assert.deepEqual(heldPlace([at(5), at(6), at(6)]), frame('loop', 6));
  });

  it('prefers files of the program', () => {
    const stack = [frame('inner', 3, '/m/x.js'), frame('mine', 4)];
    assert.deepEqual(
      heldPlace([stack], (path) => path.startsWith('/p/')),
      frame('mine', 4),
    );
  });
});
