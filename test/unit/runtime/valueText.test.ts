import assert from 'node:assert/strict';
import { argumentText, errorText } from '../../../src/runtime/probes/valueText.ts';

/** Fails the test when any of its traps is reached. */
function untouchable(target: object): object {
  const fail = (): never => assert.fail('the value was touched');
  const traps = ['get', 'has', 'getPrototypeOf', 'getOwnPropertyDescriptor', 'ownKeys', 'isExtensible'] as const;
  return new Proxy(target, Object.fromEntries(traps.map((trap) => [trap, fail])));
}

describe('words for values', () => {
  it('names errors by class and message', () => {
    assert.equal(errorText(new TypeError('no such thing')), 'TypeError: no such thing');
    assert.equal(errorText(new Error()), 'Error');
    class Refused extends Error {
      override name = 'Refused';
    }
    assert.equal(errorText(new Refused('by you')), 'Refused: by you');
    assert.equal(errorText('just text'), 'just text');
    assert.equal(errorText(undefined), 'undefined');
    assert.equal(errorText(Symbol('s')), 'Symbol(s)');
    assert.equal(errorText(new Error('x'.repeat(1000))).length, 300);
  });

  it("runs none of the program's code", () => {
    const error = new Error('real');
    Object.defineProperty(error, 'message', { get: () => assert.fail('the getter ran') });
    Object.defineProperty(error, 'toString', { value: () => assert.fail('toString ran') });
    assert.equal(errorText(error), 'Error');
    assert.equal(errorText(untouchable(new Error('hidden'))), 'an object that is no error');
    const inherited = new Error('own');
    Object.setPrototypeOf(inherited, untouchable(Error.prototype));
    assert.equal(errorText(inherited), 'Error: own');
    assert.equal(errorText({ toString: () => assert.fail('toString ran') }), 'an object that is no error');
    assert.equal(argumentText(untouchable([1])), undefined);
    const list = ['a'];
    Object.defineProperty(list, 1, { get: () => assert.fail('the getter ran') });
    assert.equal(argumentText(list), 'a');
  });

  it('tells arguments that are texts, numbers or lists of them', () => {
    assert.equal(argumentText('sleep 1'), 'sleep 1');
    assert.equal(argumentText(['-e', 'work()', 3]), '-e work() 3');
    assert.equal(argumentText({ shell: true }), undefined);
    assert.equal(argumentText(['x'.repeat(500)])?.length, 120);
  });
});
