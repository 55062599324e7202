import assert from 'node:assert/strict';
import { figuresOf } from '../../../src/editor/figures.ts';
import { plainTranslate } from '../../../src/editor/host.ts';
import { runHalf, siteAt, sourceHalf } from '../../../src/editor/hoverTexts.ts';
import { inlineCode } from '../../../src/editor/markdown.ts';
import type { AwaitPointInfo } from '../../../src/shared/lintMessages.ts';
import { modelOf } from '../support/modelText.ts';

const info: AwaitPointInfo = {
  kind: 'await',
  line: 3,
  column: 3,
  endLine: 3,
  endColumn: 20,
  expression: 'load(`x`)',
  operandType: 'Promise<User>',
  resultType: 'User',
  functionName: 'show',
  callerGets: 'Promise<void>',
  neverSuspendsLong: false,
};

const model = modelOf(`
  run /p/a.ts
  file /p/a.ts
  site 1 function "main" 1:1-9:2
  site 2 function "count" 11:1-19:2
  site 3 await "sleep(10)" 12:3-12:20 owner 2 hint timer
  site 4 await "Promise.all(all)" 3:3-3:40 owner 1 hint task callees count
  site 5 await "b()" 3:50-3:60 owner 1
  0 turn main
  0 start 1 site 1
  1 start 2 site 2 in 1
  2 suspend 2 at 3
  3 start 3 site 2 in 1
  4 suspend 3 at 3
  5 suspend 1 at 4
  10000 turn timer
  10001 resume 2
  10002 settle 2
  40000 turn timer
  40001 resume 3
  40002 settle 3
  40003 resume 1
  40004 settle 1
  exit 0`);
const file = model.files[0]!;

function half(line: number, column: number, changed = false): string {
  const site = siteAt(model, file, line, column, undefined);
  assert.ok(site);
  const link = (path: string, at: number) => `file://${path}#L${at}`;
  return runHalf({ model, site, stats: figuresOf(model).get(site.id), changed, link }, plainTranslate);
}

describe('hover on an await point', () => {
  it('says what the source says', () => {
    assert.equal(
      sourceHalf(info, plainTranslate),
      '**Awaits** ``load(`x`)`` — `Promise<User>` → `User`\n\n`show` suspends here and lets others run; its caller holds `Promise<void>` meanwhile.',
    );
    const { operandType: _o, resultType: _r, functionName: _f, callerGets: _c, ...bare } = info;
    assert.match(sourceHalf(bare, plainTranslate), /^\*\*Awaits\*\* .*\n\nThe module suspends here/);
    assert.match(sourceHalf({ ...info, neverSuspendsLong: true }, plainTranslate), /one microtask/);
  });

  it('says what the run measured, with links to the timeline', () => {
    const text = half(12, 3);
    assert.match(text, /2 passes: shortest \*\*10\.0 ms\*\*, median \*\*25\.0 ms\*\*, longest \*\*40\.0 ms\*\*/);
    assert.match(text, /Waited for: timer/);
    assert.match(text, /Woken by: a timer 2 ×/);
    const link = /command:interleave\.openTimeline\?([^)]+)\)/.exec(text)?.[1];
    const [focus] = JSON.parse(decodeURIComponent(link ?? '')) as [{ task: number; startUs: number; endUs: number }];
    assert.equal(model.tasks[focus.task]?.label, 'count #2');
    assert.deepEqual([focus.startUs, focus.endUs], [4, 40_001]);
  });

  it('says who woke it and who ran meanwhile', () => {
    const text = half(3, 3);
    assert.match(text, /Passed once, waited \*\*40\.0 ms\*\*/);
    assert.match(text, /Woken by: `count/);
    assert.match(text, /Ran meanwhile: `count/);
  });

  it('says that a point was not reached, and that the file changed', () => {
    assert.match(half(3, 50), /not reached/);
    assert.match(half(12, 3, true), /^\*\*Last run\*\* · the file changed since · \[/);
  });

  it('finds its site by place, by expression, or as the only one of its line', () => {
    assert.equal(siteAt(model, file, 12, 7, undefined)?.id, 3);
    assert.equal(siteAt(model, file, 3, 9, undefined), undefined);
    assert.equal(siteAt(model, file, 3, 9, 'b()')?.id, 5);
    assert.equal(siteAt(model, file, 1, 1, undefined), undefined, 'a function is no await point');
  });
});

describe('inline code', () => {
  it('holds any text', () => {
    assert.equal(inlineCode('a'), '`a`');
    assert.equal(inlineCode('a\n  b'), '`a b`');
    assert.equal(inlineCode('``'), '``` `` ```');
  });
});
