import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compileFunction } from 'node:vm';
import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';
import type { FileId, SiteId } from '../../../src/shared/ids.ts';
import type { ModuleFormat, TransformResponse } from '../../../src/shared/instrumentMessages.ts';
import { FileTransformer } from '../../../src/instrument/transformFile.ts';
import { checkBalance, clearCalls, installRecordingProbes, recordedCalls } from './recordingProbes.ts';

type Transformed = Extract<TransformResponse, { type: 'transformed' }>;

describe('FileTransformer', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'interleave-transform-'));
    installRecordingProbes();
    clearCalls();
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function write(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
  }

  function respond(name: string, source: string, options: { format?: ModuleFormat; probes?: boolean } = {}): TransformResponse {
    return new FileTransformer().transform(
      {
        type: 'transform',
        requestId: 7,
        path: join(folder, name),
        format: options.format ?? 'unknown',
        file: 1 as FileId,
        firstSite: 1 as SiteId,
        probes: options.probes ?? true,
      },
      source,
    );
  }

  function transformed(name: string, source: string, options: { format?: ModuleFormat; probes?: boolean } = {}): Transformed {
    const response = respond(name, source, options);
    assert.ok(response.type === 'transformed', response.type === 'left' ? response.reason : '');
    assert.equal(response.requestId, 7);
    return response;
  }

  /** Runs CommonJS text as Node does and gives its exports. */
  function runCommonjs(code: string): Record<string, unknown> {
    const module = { exports: {} as Record<string, unknown> };
    const body = compileFunction(code, ['exports', 'require', 'module']) as (...args: unknown[]) => void;
    body(module.exports, (name: string) => process.getBuiltinModule(name), module);
    return module.exports;
  }

  async function importModule(code: string): Promise<Record<string, unknown>> {
    const path = join(folder, `run${recordedCalls().length}.mjs`);
    writeFileSync(path, code);
    return (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  }

  describe('module format', () => {
    const esm = 'export const x = 1; export async function f() {}';
    const plain = 'const x = 1; async function f() {}';
    for (const [name, source, files, format, converted] of [
      ['a.mts', esm, {}, 'module', false],
      ['a.cts', esm, {}, 'commonjs', true],
      ['a.ts', esm, {}, 'module', false],
      ['a.ts', plain, {}, 'commonjs', false],
      ['a.ts', `${plain}\nawait f();`, {}, 'module', false],
      ['a.ts', 'import type { A } from "a"; const b = require("fs"); async function f() {}', {}, 'commonjs', false],
      ['a.ts', esm, { 'package.json': '{"type":"module"}' }, 'module', false],
      ['a.ts', plain, { 'package.json': '{"type":"module"}' }, 'module', false],
      ['a.ts', esm, { 'package.json': '{"type":"commonjs"}' }, 'commonjs', true],
      ['a.ts', esm, { 'package.json': '{}', 'tsconfig.json': '{"compilerOptions":{"module":"commonjs"}}' }, 'commonjs', true],
      ['a.ts', esm, { 'tsconfig.json': '{"compilerOptions":{"module":"nodenext"}}' }, 'module', false],
      ['a.ts', esm, { 'tsconfig.json': '{ broken' }, 'module', false],
      ['a.ts', "import fs = require('fs'); export = async function f() {}", {}, 'commonjs', true],
      ['sub/a.ts', esm, { 'package.json': '{"type":"commonjs"}', 'sub/package.json': '{"type":"module"}' }, 'module', false],
    ] as const) {
      it(`${name} with ${JSON.stringify(files)}: ${source.slice(0, 40)} → ${format}`, () => {
        write(files);
        const response = transformed(name, source);
        assert.equal(response.format, format);
        assert.equal(response.needsSourceMap, converted);
      });
    }

    it('gives back what Node said about JavaScript', () => {
      assert.equal(transformed('a.js', 'async function f() {}', { format: 'commonjs' }).format, 'commonjs');
      assert.equal(transformed('a.js', 'export async function f() {}').format, 'unknown');
      assert.match(transformed('a.js', 'await f()').code, /__il_e\(1\)/);
      assert.match(transformed('a.js', 'async () => { await [x] }\nawait (1)', { format: 'commonjs' }).code, /\nawait \(1\)$/);
    });
  });

  describe('what is left to Node', () => {
    for (const [name, source, reason] of [
      ['a.js', 'async function f( {', /syntax error: line 1/],
      ['a.ts', 'async function f(: {', /syntax error: line 1/],
      ['a.cjs', 'async function f(a) { let a }', /has already been declared/],
      ['a.mjs', 'export async function f(a) { let a }', /has already been declared/],
      ['a.mjs', 'function f() {} async function f() {}\nexport {}', /has already been declared/],
      ['a.mjs', 'import { x } from "y"; let x; await 1', /has already been declared/],
      ['a.mjs', 'await 1; return', /Illegal return/],
      ['a.mjs', 'export async function f() { delete x }', /Delete of an unqualified/],
      ['a.cjs', 'async function f(a = 1) { "use strict"; }', /non-simple parameter/],
      ['a.cjs', 'async function f() { (await f())++ }', /Invalid left-hand side|syntax error/],
      ['a.ts', 'export async function f(a: number) { let a = 1 }', /has already been declared/],
      ['a.cjs', 'const x = <div/>; async () => {}', /./],
    ] as const) {
      it(`${name}: ${source}`, () => {
        const response = respond(name, source);
        assert.ok(response.type === 'left', JSON.stringify(response));
        assert.match(response.reason, reason);
      });
    }

    it('accepts what is legal in modules', () => {
      for (const source of [
        'export default async function () {}',
        'export default class { async m() {} }',
        'export default async () => {}',
        'export default function named() {} await named()',
        'import a, * as b from "x"; import { c as d } from "y"; export * from "z"; export * as e from "z"; export { a, b as default }; await import.meta.resolve',
        'export const { a, b: [c] } = await f(); export let q; export var r; export class S {}',
        'import x from "./x.json" with { type: "json" }; await x',
        '#!/usr/bin/env node\nawait import("x")',
        'export async function f() { return arguments } export function* g() {}',
      ]) {
        const response = transformed('a.mjs', source);
        assert.equal(response.skipped, undefined, source);
      }
    });
  });

  it('says why there are no probes', () => {
    assert.equal(transformed('a.cjs', 'let __il_x; async () => {}').skipped, 'the text uses names that begin with __il_');
    assert.equal(transformed('a.ts', 'const a: number = 1').skipped, 'no async code');
    assert.equal(transformed('a.ts', 'const a: number = 1').code, 'const a         = 1');
    const off = transformed('a.ts', 'async (a: number) => a', { probes: false });
    assert.equal(off.code, 'async (a        ) => a');
    assert.equal(off.skipped, 'excluded by the settings');
    assert.deepEqual(off.sites, []);
  });

  it('reads paths, extends and references of tsconfig.json', () => {
    write({
      'base.json': '{"compilerOptions":{"paths":{"@/*":["./lib/*"]}}}',
      'tsconfig.json': '{"files":[],"references":[{"path":"./app"},{"path":"./tool.json"}]}',
      'app/tsconfig.json': '{"extends":"../base.json","include":["src"]}',
      'tool.json': '{"compilerOptions":{"module":"commonjs"},"include":["tool/**/*"]}',
    });
    const source = 'export async function f() {}';
    assert.deepEqual(transformed('app/src/a.ts', source).mapping, { base: folder, paths: { '@/*': ['./lib/*'] } });
    assert.equal(transformed('tool/deep/a.ts', source).format, 'commonjs');
    assert.equal(transformed('other/a.ts', source).mapping, undefined);
  });

  it('prints what cannot be erased, with a map back to the source', async () => {
    const source = [
      'enum Color { Red = 1 }',
      'class Box { constructor(private readonly color: Color) {} async paint(n: number) { return await Promise.resolve(this.color + n) } }',
      'export namespace N { export const two = 2 }',
      'export const painted: number = await new Box(Color.Red).paint(N.two);',
      'export function boom(): never { throw new Error("here") }',
    ].join('\n');
    const response = transformed('a.ts', source);
    assert.equal(response.needsSourceMap, true);
    const ran = await importModule(response.code);
    assert.equal(ran['painted'], 3);
    assert.deepEqual(checkBalance(recordedCalls()), ['returned', 'returned']);
    const map = new TraceMap(Buffer.from(/base64,(.*)/.exec(response.code)?.[1] ?? '', 'base64').toString());
    const lines = response.code.split('\n');
    const line = lines.findIndex((text) => text.includes('new Error("here")'));
    const original = originalPositionFor(map, { line: line + 1, column: (lines[line] ?? '').indexOf('new Error') });
    assert.equal(original.source, join(folder, 'a.ts'));
    assert.equal(original.line, 5);
    assert.equal(original.column, source.split('\n')[4]?.indexOf('new Error'));
  });

  it('converts to CommonJS where the project asks for it', async () => {
    write({ 'tsconfig.json': '{"compilerOptions":{"module":"commonjs","esModuleInterop":true}}', 'package.json': '{}' });
    const { code } = transformed(
      'a.ts',
      "import path, { join } from 'path';\nexport const f = async (x: string) => join(await path.resolve('/', x), 'y');",
    );
    const { f } = runCommonjs(code) as { f: (x: string) => Promise<string> };
    assert.equal(await f('a'), join('/a', 'y'));
    assert.deepEqual(checkBalance(recordedCalls()), ['returned']);
  });

  it('lowers decorators and using', async () => {
    const { code } = transformed(
      'a.ts',
      `export const log: string[] = [];
       function dec(value: Function, context: DecoratorContext) { log.push(String(context.name)); return value as any }
       class A { @dec async m() { await using x = { async [Symbol.asyncDispose]() { log.push('disposed') } }; log.push('body') } }
       await new A().m();`,
    );
    assert.doesNotMatch(code, /await using|@dec/);
    const { log } = await importModule(code);
    assert.deepEqual(log, ['m', 'body', 'disposed']);
    checkBalance(recordedCalls());
  });

  it('honours experimentalDecorators and class fields as assignments', async () => {
    write({ 'tsconfig.json': '{"compilerOptions":{"target":"es2020","experimentalDecorators":true}}' });
    const { code } = transformed(
      'a.ts',
      `export const log: string[] = [];
       const dec = (target: object, name: string) => { log.push(name) };
       class Base { set y(value: number) { log.push('set ' + value) } }
       class A extends Base { @dec x?: number; // @ts-ignore
         y = 2; async m() { await null } }
       await new A().m();`,
    );
    const { log } = await importModule(code);
    assert.deepEqual(log, ['x', 'set 2']);
  });

  it('transforms JSX', () => {
    write({ 'tsconfig.json': '{"compilerOptions":{"jsx":"react-jsx"}}' });
    assert.match(transformed('a.tsx', 'export const a = async () => <b>{await c}</b>;').code, /react\/jsx-runtime/);
    assert.match(transformed('a.jsx', 'export const a = async () => <b>{await c}</b>;').code, /_jsx\("b"/);
  });

  it('keeps scripts sloppy when it prints them', () => {
    const { code } = transformed(
      'a.cts',
      'enum E { A }\nvar self = (function () { return typeof this })();\nexports.self = self; async () => {};',
    );
    assert.equal(runCommonjs(code)['self'], 'object');
  });

  it('leaves alone what has no place for probes', async () => {
    const { code, sites } = transformed(
      'a.mjs',
      `export const log = [];
       const open = (name) => ({ async [Symbol.asyncDispose]() { log.push(name) } });
       await using top = open('top');
       { await using inner = open('inner'); log.push('body') }
       try { throw {} } catch ({ a = await Promise.resolve(1) }) { log.push(a, await Promise.resolve(2)) }
       for await (const { b = await Promise.resolve(3) } of [{}]) log.push(b);`,
    );
    const { log } = await importModule(code);
    assert.deepEqual(log, ['body', 'inner', 1, 2, 3, 'top']);
    assert.deepEqual(
      sites.filter((site) => site.kind !== 'dropped-call').map((site) => `${site.line} ${site.kind}`),
      ['1 module', '2 function', '4 await-using', '5 await'],
    );
    assert.deepEqual(new Set(checkBalance(recordedCalls())), new Set(['returned']));
  });

  it('runs modules with top-level await as tasks', async () => {
    const { code, sites } = transformed(
      'a.mts',
      `export const seen: number[] = [];
      outer: for (const i of [1, 2]) for await (const x of [Promise.resolve(i), 5]) { seen.push(x as number); if (x === 5) continue outer }
      export const { a }: { a: number } = await Promise.resolve({ a: 3 })
      export default await (async () => a)() // end`,
    );
    const module = await importModule(code);
    assert.deepEqual([module['seen'], module['a'], module['default']], [[1, 5, 2, 5], 3, 3]);
    assert.equal(sites[0]?.kind, 'module');
    assert.deepEqual(checkBalance(recordedCalls()), ['returned', 'returned']);
  });
});
