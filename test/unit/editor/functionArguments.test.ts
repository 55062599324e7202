import assert from 'node:assert/strict';
import { checkArguments, initialArguments, parseArguments, remember, signature } from '../../../src/editor/functionArguments.ts';
import { plainTranslate } from '../../../src/editor/host.ts';
import type { FunctionOutline } from '../../../src/shared/lintMessages.ts';

const parameter = (name: string, type: string, optional = false) => ({ name, type, optional });
const outline = (...parameters: FunctionOutline['parameters'][number][]): FunctionOutline => ({
  name: 'load',
  line: 1,
  column: 1,
  endLine: 2,
  generator: false,
  exportName: 'load',
  parameters,
});
const load = outline(parameter('url', 'string'), parameter('retries', 'number', true));

describe('arguments of a traced function', () => {
  it('are asked for by its signature', () => assert.equal(signature(load), 'load(url: string, retries?: number)'));

  it('are read as a JSON array, with or without brackets', () => {
    assert.deepEqual(parseArguments('["a", 2]'), ['a', 2]);
    assert.deepEqual(parseArguments('"a", {"b": 1}'), ['a', { b: 1 }]);
    assert.deepEqual(parseArguments('[1], 2'), [[1], 2]);
    assert.deepEqual(parseArguments('5'), [5]);
    assert.deepEqual(parseArguments('  '), []);
    assert.throws(() => parseArguments('{a: 1}'), SyntaxError);
  });

  it('are checked while they are typed', () => {
    const check = (text: string) => checkArguments(text, load, plainTranslate)?.severity;
    assert.equal(check('["x"]'), undefined);
    assert.equal(check('["x", 3]'), undefined);
    assert.equal(check("['x']"), 'error');
    assert.equal(check('[]'), 'warning');
    assert.equal(check('["x", 3, 4]'), 'warning');
    assert.equal(checkArguments('[1, 2, 3]', outline(parameter('...all', 'number[]')), plainTranslate), undefined);
  });

  it('begin with a value per required parameter', () => {
    assert.equal(initialArguments(load), '[""]');
    assert.equal(
      initialArguments(outline(parameter('a', 'number'), parameter('b', 'string[]'), parameter('c', 'Config'))),
      '[0, [], null]',
    );
    for (const text of [initialArguments(load)]) assert.doesNotThrow(() => parseArguments(text));
  });

  it('are remembered, the oldest forgotten', () => {
    let known: Record<string, string> = {};
    for (let i = 0; i < 250; i++) known = remember(known, `f${i}`, `[${i}]`);
    known = remember(known, 'f100', '["again"]');
    assert.equal(Object.keys(known).length, 200);
    assert.equal(known['f100'], '["again"]');
    assert.equal(Object.keys(known).at(-1), 'f100');
    assert.equal(known['f0'], undefined);
  });
});
