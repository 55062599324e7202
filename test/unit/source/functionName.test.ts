import assert from 'node:assert/strict';
import { runInThisContext } from 'node:vm';
import { findSites } from '../../../src/source/sites/findSites.ts';
import { parseSource } from '../../../src/source/parseSource.ts';
import type { SiteId } from '../../../src/shared/ids.ts';

/** Each line defines one async function that throws and calls it. */
const lines = [
  'async function declared() { throw new Error() } declared()',
  'const arrow = async () => { throw new Error() }; arrow()',
  'let assigned; assigned = async () => { throw new Error() }; assigned()',
  'const o1 = {}; o1.late = async () => { throw new Error() }; o1.late()',
  'const o2 = { n: {} }; o2.n.late = async function () { throw new Error() }; o2.n.late()',
  'const e = async function named() { throw new Error() }; e()',
  '({ async method() { throw new Error() } }).method()',
  '({ property: async () => { throw new Error() } }).property()',
  '({ property: async function () { throw new Error() } }).property()',
  "({ 'not-a-name': async () => { throw new Error() } })['not-a-name']()",
  '({ async 5() { throw new Error() } })[5]()',
  'class A { async method() { throw new Error() } } new A().method()',
  'class B { static async method() { throw new Error() } } B.method()',
  'class C { async #secret() { throw new Error() } open() { return this.#secret() } } new C().open()',
  'class D { field = async () => { throw new Error() } } new D().field()',
  'class E { static field = async () => { throw new Error() } } E.field()',
  "class F { async ['computed']() { throw new Error() } } new F().computed()",
  'class G { async [Symbol.asyncDispose]() { throw new Error() } } new G()[Symbol.asyncDispose]()',
  'class H { constructor() { this.made = async () => { throw new Error() } } } new H().made()',
  'const I = class { async method() { throw new Error() } }; new I().method()',
  'class J { async *generator() { throw new Error() } } new J().generator().next()',
  '(async () => { throw new Error() })()',
  '[1].map(async () => { throw new Error() })[0]',
  '(() => async () => { throw new Error() })()()',
];

describe('functionName', () => {
  for (const line of lines) {
    it(`as V8 has it: ${line}`, async () => {
      // A block's value is that of its last statement.
      const promise = runInThisContext(`{ ${line} }`, { filename: 'names.js' }) as Promise<unknown>;
      const stack = await promise.then(
        () => '',
        (error: unknown) => (error instanceof Error ? (error.stack ?? '') : ''),
      );
      const frame = /^ {4}at (?:(.*) \()?names\.js/m.exec(stack);
      assert.ok(frame, stack);
      const parsed = parseSource('/names.cjs', line, { asModule: false });
      const { sites } = findSites(parsed, { firstSite: 1 as SiteId, topLevelAwait: false, baseName: 'names.cjs' });
      const names = sites.filter((site) => site.kind === 'function').map((site) => site.name);
      assert.deepEqual(names, [frame[1] ?? '<anonymous>']);
    });
  }
});
