import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import * as vm from 'node:vm';
import ts from 'typescript';
import type * as Library from '../../../src/instrument/library.ts';
import { insertionMark } from '../../../src/shared/insertionMark.ts';
import { eventKind } from '../../../src/shared/traceEvents.ts';
import { probeNames } from '../../../src/shared/instrumentMessages.ts';

const root = join(import.meta.dirname, '../../..');
// As others load it: by the package's name, from dist.
const library = createRequire(import.meta.url)('interleave/instrument') as typeof Library;
const { prelude } = library;
const instrument: typeof Library.instrument = (code, options) => library.instrument(code, options);

const lexicalNames = [
  ...Object.entries(probeNames)
    .filter(([role]) => role !== 'task')
    .map(([, name]) => name),
  '__il_events',
];

function bareRealm(): vm.Context {
  return vm.createContext(vm.constants.DONT_CONTEXTIFY);
}

function script(code: string): string {
  return instrument(code, { path: 'a.js', isModule: false }).code;
}

describe('interleave/instrument', () => {
  it('gives text, map and sites', () => {
    const source = 'async function f() {\n  await g();\n}';
    const made = instrument(source, { path: '/x/a.js', isModule: false });
    assert.notEqual(made.code, source);
    assert.equal(made.code.split('\n').length, 3);
    assert.equal(made.skipped, undefined);
    assert.deepEqual(
      made.sites.map(({ id, kind, line, column, name }) => ({ id, kind, line, column, name })),
      [
        { id: 1, kind: 'function', line: 1, column: 1, name: 'f' },
        { id: 2, kind: 'await', line: 2, column: 3, name: 'await g()' },
      ],
    );
    const map = JSON.parse(made.map) as { version: number; sources: string[]; sourcesContent: string[] };
    assert.deepEqual([map.version, map.sources, map.sourcesContent], [3, ['/x/a.js'], [source]]);
  });

  it('can be imported from an ES module as well', async () => {
    const entry: string = 'interleave/instrument';
    const imported = (await import(entry)) as typeof Library;
    assert.equal(imported.prelude, prelude);
    assert.equal(imported.instrument('async () => {}', { path: 'a.js', isModule: true }).sites.length, 1);
  });

  it('is typed for users of TypeScript, and takes only what the types allow', () => {
    const path = join(root, 'test/user.ts');
    const text = `import { instrument, prelude, type InstrumentedSite } from 'interleave/instrument';
      const { code, map, sites, skipped } = instrument('x', { path: 'a.js', isModule: true });
      const all: readonly InstrumentedSite[] = sites; const line: number | undefined = all[0]?.line;
      const texts: string = prelude + code + map; const why: string | undefined = skipped; void [line, texts, why];
      // @ts-expect-error
      instrument('x', { path: 'a.js' });`;
    const options: ts.CompilerOptions = {
      module: ts.ModuleKind.NodeNext,
      target: ts.ScriptTarget.ES2023,
      strict: true,
      noEmit: true,
      types: [],
    };
    const host = ts.createCompilerHost(options);
    const plain = ts.createCompilerHost(options);
    host.fileExists = (name) => name === path || plain.fileExists(name);
    host.getSourceFile = (name, ...rest) =>
      name === path ? ts.createSourceFile(name, text, ts.ScriptTarget.ES2023) : plain.getSourceFile(name, ...rest);
    const diagnostics = ts.getPreEmitDiagnostics(ts.createProgram([path], options, host));
    assert.deepEqual(
      diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' ')),
      [],
    );
  });

  for (const [what, isModule, code] of [
    ['a directive after parameters that are no plain names', false, 'async function f(a = 1) { "use strict"; await a; }'],
    ['a parameter and a let of one name', false, 'async function f(a) { let a; await a; }'],
    ['an await without an operand', false, 'async () => { await; }'],
    ['a top-level return of a module', true, 'async () => {}; return;'],
    ['a name exported twice', true, 'export const a = 1; export { a }; async () => {};'],
    ['an export of a name that is not there', true, 'export { a }; async () => {};'],
    ['await as a name within a module', true, 'async function f() { function await() {} }'],
    ['await as a parameter within a module', true, 'async () => {}; function f(await) {}'],
    ['an HTML comment in a module', true, 'async () => {};\n<!-- x'],
    ['a duplicate label', true, 'async () => { a: a: await 1; }'],
    ['new.target at the top of a module', true, 'async () => {}; new.target;'],
    // Node 24 knows neither.
    ['a deferred import', true, 'import defer * as a from "a"; async () => { await a; }'],
    ['a call of import.defer', true, 'async () => { await import.defer("a"); }'],
    ['names kept for probes', false, 'let __il_e = 1; async () => {};'],
  ] as const) {
    it(`gives back unchanged what is not legal: ${what}`, () => {
      const made = instrument(code, { path: 'a.js', isModule });
      assert.equal(made.code, code);
      assert.ok(made.skipped);
      assert.deepEqual(made.sites, []);
    });
  }

  it('gives what the loader gives, but for the marks', () => {
    const folder = join(root, 'test/golden/instrument');
    const files = readdirSync(folder).filter((name) => /\.[cm]js\.txt$/.test(name));
    assert.ok(files.length > 20);
    for (const file of files) {
      const [source = '', expected = ''] = readFileSync(join(folder, file), 'utf8').split('\n────────\n');
      const text = source.replace(/\n$/, '');
      const { code } = instrument(text, { path: file.replace(/\.txt$/, ''), isModule: file.includes('.mjs') });
      assert.equal(code.replaceAll(insertionMark, ''), expected, file);
    }
  });

  it('takes scripts that are no CommonJS, and CommonJS that is no script', () => {
    for (const code of ['let exports; async () => await 1;', 'async () => await 1; return;']) assert.notEqual(script(code), code);
  });

  it('does not take an HTML comment for a comparison', () => {
    for (const code of ['x <!-- y; async () => await 1;', 'async () => { x\n<!-- await 1\n; }', 'x\n--> y\nasync () => 1']) {
      const realm = bareRealm();
      vm.runInContext(prelude, realm);
      vm.runInContext(`var x = 1; ${script(code)}`, realm);
      assert.equal(script(code), code);
    }
    assert.notEqual(script('"<!--"; async () => await `<!--`;'), '"<!--"; async () => await `<!--`;');
  });

  it('keeps TypeScript and JSX', () => {
    const made = instrument('const f = async (a: number): Promise<number> => await a as number;', {
      path: 'a.ts',
      isModule: true,
    });
    assert.match(made.code, /\(a: number\): Promise<number> => \s*\{/);
    assert.match(made.code, /await .* as number/);
    assert.equal(instrument('enum A { B }\nasync () => {};', { path: 'a.ts', isModule: true }).skipped, undefined);
    assert.equal(instrument('const a = <b>{async () => {}}</b>;', { path: 'a.jsx', isModule: true }).skipped, undefined);
  });
});

describe('the prelude', () => {
  it('declares the probes in the global lexical scope and adds no property', () => {
    const realm = bareRealm();
    const names = (): readonly PropertyKey[] => Reflect.ownKeys(vm.runInContext('globalThis', realm) as object);
    const before = names();
    vm.runInContext(prelude, realm);
    assert.deepEqual(names(), before);
    for (const name of lexicalNames) assert.equal(vm.runInContext(`typeof ${name}`, realm), 'function', name);
    const declared = [...prelude.slice(0, prelude.indexOf('}')).matchAll(/: (\w+)/g)].map(([, name]) => name);
    assert.deepEqual(declared, lexicalNames);
  });

  it('records what instrumented text does, in order', async () => {
    const realm = bareRealm();
    vm.runInContext(prelude, realm);
    const code = script('async function f() { await null; return 1; } async function g() { return (await f()) + 1; } g()');
    assert.equal(await vm.runInContext(code, realm), 2);
    const words = [...(vm.runInContext('__il_events()', realm) as Uint32Array)];
    assert.equal(words[0], 0);
    const names = new Map<number, string>(Object.entries(eventKind).map(([name, kind]) => [kind, name]));
    const events: string[] = [];
    for (let at = 1; at < words.length; at += 5) events.push(`${names.get(words[at] ?? -1)} ${words[at + 1]}`);
    assert.deepEqual(events, [
      ...['start 1', 'start 2', 'suspend 2', 'suspend 1', 'resume 2', 'settle 2', 'resume 1', 'settle 1'],
    ]);
    assert.deepEqual([...(vm.runInContext('__il_events()', realm) as Uint32Array)], [0]);
  });

  it('counts what it has no room for', () => {
    const realm = bareRealm();
    vm.runInContext(prelude, realm);
    vm.runInContext(script('async function f() {} for (let i = 0; i < 10000; i++) f();'), realm);
    const words = vm.runInContext('__il_events()', realm) as Uint32Array;
    assert.equal(words[0], 20_000 - 16_384);
    assert.equal(words.length, 1 + 16_384 * 5);
    assert.deepEqual([...words.slice(-5)], [eventKind.settle, 10_000, 0, 0, 0]);
  });

  it('works on when the program patches what it stands on', async () => {
    const realm = bareRealm();
    vm.runInContext(prelude, realm);
    const spoil = `Promise.prototype.then = Uint32Array = Reflect.apply = String.prototype.indexOf = String.prototype.slice = undefined;
      Object.defineProperty(Array.prototype, 0, { set() { throw new Error('set'); } }); Date.now = () => { throw new Error('now'); };`;
    const done = vm.runInContext(
      `${spoil} ${script('async function f() { await null; throw 1; } f')}`,
      realm,
    ) as () => Promise<void>;
    const then = Reflect.get(Promise.prototype, 'then') as (...handlers: unknown[]) => unknown;
    const reason = await new Promise((yes, no) => void Reflect.apply(then, done(), [no, yes]));
    assert.equal(reason, 1);
    assert.equal(vm.runInContext('f.toString()', realm), 'async function f() { await null; throw 1; }');
    assert.ok((vm.runInContext('__il_events()', realm) as Uint32Array).length > 1);
  });

  it('lets functions and classes give the text they were written with', () => {
    const realm = bareRealm();
    vm.runInContext(prelude, realm);
    for (const text of [
      'async function f(a, b = async () => await 1) { for await (const x of a) { await x; } return /* c */ b }',
      'async  () =>  0',
      'class { static async *m() { yield* await this } async #p() { return } }',
      'function () { return async () => { throw await 1 } }',
      'async x => { "use strict"; try { await x } catch { } finally { await 2 } }',
    ]) {
      const value: unknown = vm.runInContext(script(`(${text})`), realm);
      assert.notEqual(script(`(${text})`), `(${text})`);
      const textOf = vm.runInContext('(f) => f.toString() + `${f}`', realm) as (f: unknown) => string;
      assert.equal(textOf(value), text + text);
    }
  });

  it('leaves Function.prototype.toString as it was to all who look', () => {
    const look = `(() => {
      const f = Function.prototype.toString;
      const { value, ...rest } = Object.getOwnPropertyDescriptor(Function.prototype, 'toString');
      const attempt = (run) => { try { return run(); } catch (error) { return error instanceof TypeError && error.message; } };
      return JSON.stringify([rest, value === f, f.name, f.length, typeof f, Reflect.ownKeys(f), Reflect.ownKeys(Function.prototype),
        String(f), f.call(f), f.call(Math.max), f.call(class A {}), Object.getPrototypeOf(f) === Function.prototype,
        attempt(() => f.call({})), attempt(() => new f()), attempt(() => f.call(undefined)), f.call(new Proxy(f, {}))]);
    })()`;
    const realm = bareRealm();
    vm.runInContext(prelude, realm);
    assert.equal(vm.runInContext(look, realm), vm.runInContext(look, bareRealm()));
  });

  it('passes a text through whose own white space looks like a mark, with probes all the same', () => {
    const code = 'async function f() {\v\fawait 1\v\f}';
    const realm = bareRealm();
    vm.runInContext(prelude, realm);
    vm.runInContext(script(code), realm);
    assert.match(script(code), /__il_/);
  });
});
