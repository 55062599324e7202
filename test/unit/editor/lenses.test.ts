import assert from 'node:assert/strict';
import { lensTexts } from '../../../src/editor/codeLens.ts';
import { firstComment } from '../../../src/editor/examples.ts';
import { plainTranslate } from '../../../src/editor/host.ts';
import { canTrace } from '../../../src/editor/supportedFiles.ts';
import type { FunctionOutline } from '../../../src/shared/lintMessages.ts';

const outline = (name: string, line: number, exportName?: string): FunctionOutline => ({
  name,
  line,
  column: 1,
  endLine: line + 1,
  generator: false,
  parameters: [],
  ...(exportName === undefined ? {} : { exportName }),
});

describe('lenses', () => {
  it('stand over the file with a top-level await and over each named function', () => {
    const functions = [outline('load', 3, 'default'), outline('helper', 8), outline('', 12), outline('<anonymous>', 14)];
    assert.deepEqual(
      lensTexts({ functions, topLevelAwaitLine: 20 }, plainTranslate).map(({ line, title, exportName }) => [
        line,
        title,
        exportName,
      ]),
      [
        [1, 'Trace async run', undefined],
        [3, 'Trace async run: load(…)', 'default'],
        [8, 'Trace async run', undefined],
      ],
    );
  });

  it('are one where the file begins with a function', () => {
    assert.equal(lensTexts({ functions: [outline('main', 1)], topLevelAwaitLine: 5 }, plainTranslate).length, 1);
    assert.equal(lensTexts({ functions: [] }, plainTranslate).length, 0);
  });
});

describe('files that can be traced', () => {
  it('are source files, no declarations', () => {
    const names = [
      'a.ts',
      'a.mts',
      'a.cts',
      'a.tsx',
      'a.js',
      'a.mjs',
      'a.cjs',
      'a.jsx',
      'A.TS',
      'a.d.ts',
      'a.d.mts',
      'a.json',
      'ts',
      'a.ts.txt',
    ];
    assert.deepEqual(names.filter(canTrace), names.slice(0, 9));
  });
});

describe('what an example says of itself', () => {
  it('is the first sentence of its first comment', () => {
    assert.equal(firstComment('// One. Two.\nimport x;'), 'One.');
    assert.equal(firstComment('/**\n * A long\n * line: more\n */\ncode'), 'A long line.');
    assert.equal(firstComment('// no end\ncode'), 'no end');
    assert.equal(firstComment('code // late'), '');
  });
});
