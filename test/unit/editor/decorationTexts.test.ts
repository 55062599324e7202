import assert from 'node:assert/strict';
import { lineTexts, maxLinesPerFile } from '../../../src/editor/decorationTexts.ts';
import { plainTranslate } from '../../../src/editor/host.ts';
import { modelOf } from '../support/modelText.ts';

function linesOf(trace: string, longSliceMs = 50): string[] {
  const model = modelOf(trace);
  const { lines } = lineTexts(model, model.files[0]!, longSliceMs, plainTranslate);
  return lines.map(({ line, kind, text }) => `${line} ${kind}: ${text}`);
}

const head = `
  run /p/a.ts
  file /p/a.ts
  site 1 function "f" 1:1-9:2
  site 2 await "sleep()" 3:3-3:20 owner 1 hint timer
  site 3 await "load()" 3:24-3:40 owner 1 hint file
  site 4 blocking "readFileSync()" 5:3-5:20 owner 1 blocking sync-io
  0 turn main`;

describe('figures at the lines', () => {
  it('tell one long wait and what it was for', () => {
    assert.deepEqual(
      linesOf(`${head}\n 0 start 1 site 1\n 5 suspend 1 at 2\n 250000 turn timer\n 250005 resume 1\n 250010 settle 1\n exit 0`),
      ['3 wait: timer · waited 250 ms'],
    );
  });

  it('are silent at a single short wait', () => {
    assert.deepEqual(
      linesOf(`${head}\n 0 start 1 site 1\n 5 suspend 1 at 2\n 900 turn timer\n 905 resume 1\n 910 settle 1\n exit 0`),
      [],
    );
  });

  it('count passes, with median and longest', () => {
    const trace = `${head}
      0 start 1 site 1
      0 suspend 1 at 2
      2000 turn timer
      2000 resume 1
      2000 suspend 1 at 2
      6000 turn timer
      6000 resume 1
      6000 suspend 1 at 2
      36000 turn timer
      36000 resume 1
      36000 settle 1
      exit 0`;
    assert.deepEqual(linesOf(trace), ['3 wait: 3 × timer · median 4.00 ms · longest 30.0 ms']);
  });

  it('say what never resumed', () => {
    assert.deepEqual(linesOf(`${head}\n 0 start 1 site 1\n 5 suspend 1 at 2\n 900 turn timer\n exit 0`), [
      '3 wait: 1 never resumed',
    ]);
  });

  it('are one text per line, the costlier first', () => {
    const trace = `${head}
      0 start 1 site 1
      5 suspend 1 at 2
      5000 turn timer
      5000 resume 1
      5005 suspend 1 at 3
      95000 turn file
      95000 resume 1
      95005 settle 1
      exit 0`;
    assert.deepEqual(linesOf(trace), ['3 wait: file · waited 90.0 ms  |  timer · waited 5.00 ms']);
  });

  it('name a hold of the loop and those who stood still', () => {
    const trace = `${head}
      0 start 1 site 1
      0 start 2 site 1 in 1
      1 suspend 2 at 2
      1010 turn timer
      900000 block 4 for 898000 in 1
      900005 resume 2
      900010 settle 2
      900020 settle 1
      exit 0`;
    const [first, second] = linesOf(trace);
    assert.match(first ?? '', /^3 wait: /);
    assert.match(second ?? '', /^5 blocking: held the loop 898 ms/);
  });

  it('leave a short hold alone that nobody waited for', () => {
    const trace = (us: number) => `${head}\n 0 start 1 site 1\n ${us + 10} block 4 for ${us} in 1\n ${us + 20} settle 1\n exit 0`;
    assert.deepEqual(linesOf(trace(20_000)), []);
    assert.deepEqual(linesOf(trace(20_000), 10), ['5 blocking: held the loop 20.0 ms']);
    assert.deepEqual(linesOf(trace(80_000)), ['5 blocking: held the loop 80.0 ms']);
  });

  it('put a long slice after the await it began at', () => {
    const trace = `${head}\n 0 start 1 site 1\n 5 suspend 1 at 2\n 2000 turn timer\n 2000 resume 1\n 92000 settle 1\n exit 0`;
    assert.deepEqual(linesOf(trace), ['3 blocking: timer · waited 2.00 ms  |  then held the loop 90.0 ms']);
  });

  it('call virtual time by its name', () => {
    const trace = `${head.replace('run /p/a.ts', 'run /p/a.ts virtual')}
      0 start 1 site 1
      5 suspend 1 at 2
      5000000 turn timer
      5000000 resume 1
      5000000 settle 1
      exit 0`;
    assert.deepEqual(linesOf(trace), ['3 wait: timer · waited 5.00 s · virtual time']);
  });

  it('are bounded, the costliest kept', () => {
    const count = maxLinesPerFile + 50;
    const sites = Array.from({ length: count }, (_, i) => `site ${i + 2} await "x" ${i + 2}:1-${i + 2}:9 owner 1 hint timer`);
    let now = 0;
    const waits = sites.map((_, i) => {
      const from = now;
      now += 1000 + i * 10;
      return `${from} suspend 1 at ${i + 2}\n ${now} turn timer\n ${now} resume 1`;
    });
    const model = modelOf(
      ['run /p/a.ts', 'file /p/a.ts', 'site 1 function "f" 1:1-999:2', ...sites, '0 start 1 site 1', ...waits].join('\n'),
    );
    const { lines, omitted } = lineTexts(model, model.files[0]!, 50, plainTranslate);
    assert.equal(lines.length, maxLinesPerFile);
    assert.equal(omitted, 50);
    assert.equal(lines[0]?.line, 52, 'the cheapest 50 are gone');
  });
});
