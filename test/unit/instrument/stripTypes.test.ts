import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { stripTypes } from '../../../src/instrument/stripTypes.ts';
import { checkModule, planModuleCheck } from '../../../src/instrument/compileCheck.ts';
import { Insertions } from '../../../src/instrument/insertions.ts';
import { parseSource } from '../../../src/source/parseSource.ts';
import { ts } from '../../../src/source/typescript.ts';

const root = join(import.meta.dirname, '../../..');

function strip(source: string, options: { verbatim?: boolean; define?: boolean } = {}): string {
  const parsed = parseSource('/p/file.ts', source, { asModule: true });
  assert.deepEqual(parsed.errors, [], source);
  const result = stripTypes(parsed, {
    verbatimModuleSyntax: options.verbatim ?? false,
    useDefineForClassFields: options.define ?? true,
  });
  if ('unsupported' in result) return `unsupported: ${result.unsupported}`;
  assert.equal(result.text.length, source.length);
  const insertions = new Insertions(source);
  for (const at of result.semicolons) insertions.put(at, ';');
  const text = insertions.apply(result.text);
  assert.equal(text.split('\n').length, source.split('\n').length);
  const tree = parseSource('/p/file.mjs', text, { asModule: true });
  assert.deepEqual(tree.errors, [], text);
  const { replacements } = planModuleCheck(tree);
  assert.equal(checkModule(new Insertions(text).apply(text, replacements), '/p/file.mjs'), undefined, text);
  return text;
}

/** Both texts as TypeScript prints them, without comments and empty statements. */
function assertSameAsTsc(source: string, options: { verbatim?: boolean } = {}): void {
  const print = (text: string): string =>
    ts
      .transpileModule(text, {
        fileName: '/p/file.ts',
        compilerOptions: {
          target: ts.ScriptTarget.ESNext,
          module: ts.ModuleKind.ESNext,
          removeComments: true,
          alwaysStrict: false,
          useDefineForClassFields: true,
          verbatimModuleSyntax: options.verbatim ?? false,
        },
      })
      .outputText.replace(/^[\s;]+$/gm, '')
      .replace(/;\s*;/g, ';')
      .replace(/([{])\s*;/g, '$1')
      .replace(/export \{\s*\};/g, '')
      .replace(/\s+/g, ' ')
      // Parentheses that tsc drops with the cast in them, or puts around what had type arguments.
      .replace(/(?<![\w$)\]`])\(([\w.]+(?:\.bind\(a\))?)\)/g, '$1')
      .trim();
  const stripped = strip(source, options);
  assert.doesNotMatch(stripped, /^unsupported/, source);
  const js = ts.transpileModule(stripped, {
    fileName: '/p/file.mjs',
    compilerOptions: {
      target: ts.ScriptTarget.ESNext,
      module: ts.ModuleKind.ESNext,
      removeComments: true,
      alwaysStrict: false,
      allowJs: true,
      verbatimModuleSyntax: true,
    },
  }).outputText;
  assert.equal(print(js), print(source), stripped);
}

const erasable = [
  'const a: number = 1, b: string[] = [], c = <T,>(x: T): T => x; let d!: { x: 1 };',
  'function f(this: Window, a?: number, ...rest: string[]): asserts a is number {}',
  'function f(this: void): void {} function g(this: void, x: number) { return x }',
  'function over(a: string): string;\nfunction over(a: number): number;\nfunction over(a: any): any { return a }',
  'export function over(a: string): string\nexport function over(a: any): any { return a }',
  'class A<T extends object = {}> extends B<T> implements C, D { }',
  'class A { private readonly x: number = 1; static #y?: string; declare z: number; [key: string]: unknown; w!: number; override m?(): void; n<T>(a: T): T { return a } constructor(); constructor(a?: number) { super() } get p(): number { return 1 } set p(v: number) {} }'.replace(
    'super() ',
    '',
  ),
  "class A { x = 1\n public ['y'] = 2\n private *gen() {}\n protected static z = 3 }",
  "class A { x = a as any\n ['y'] = 2 }",
  'class A { get: number\n foo() {} static: string\n bar() {} }',
  'abstract class A { abstract x: number; abstract m(): void; protected abstract get y(): number; z = 1 }',
  'export abstract class A {}\nexport default abstract class B {}',
  'const x = y as unknown as string, z = y!, w = y satisfies object;',
  'let x = y as any\n(1, 2)\nlet z = y satisfies any\n[1].length\n`t`',
  'const x = { a: 1 } as const; (x as any).a = 2; (x.a as number)++; [(x as any).b] = [1];',
  'x!.y![0]!(1)!;',
  'f<string>(1); new Map<string, Array<Array<number>>>(); new Set<number>; tag<string>`x`; a?.<string>(1); const g = f<number>; h(f.bind(a)<T>, 2);',
  'const f = async <T,>(x: T): Promise<T> => x; const g = (a: number,\n b?: string): a is 5 => true;',
  'const f = (a: number):\n  Promise<\n  string\n> => a; const g = async <\n T\n>(x: T) => x;',
  'function h() { return <\n T\n>(x: T) => x }',
  "import type { A } from 'a'; import { type B, c } from 'b'; import d, { type E } from 'd'; import { type F } from 'f'; c; d;",
  "import a, { b, c } from 'x'; import * as ns from 'y'; import unused from 'z'; import 'side'; let v: a; c; function f(b: b) { return b }",
  "import a, * as b from 'x'; import c, * as d from 'y'; a; d;",
  "import { T } from 't'; const x = { T: 1 }; x.T; class K { T = 1 }",
  "import { T } from 't'; export { T }; import { U } from 'u'; export default U;",
  "import { T } from 't'; function f() { const T = 1; return T } type X = T;",
  'interface I {} type T = 1; const v = 1; export { type I, v }; export { T };',
  'interface I {} export default I;',
  "export type { A } from 'a'; export type * from 'b'; export { type C, d } from 'c'; export * from 'e'; export * as f from 'f';",
  'declare const a: number; declare function b(): void; declare class C {} declare module "x" {} declare global {} declare enum E {} declare namespace N { const x: 1 }',
  'namespace Types { export interface A {} export type B = 1 } namespace Deep.Er { interface X {} }',
  'let x = 1\ntype A = string\n;(x)\ninterface B {}\n[x]',
  'try {} catch (e: unknown) {} for (const x of y as any[]) {} for (let i: number = 0; i < 1; i++) {}',
  'label: for (const k in o as object) { continue label }',
  'const o = { m<T>(this: Foo, a: T): void {}, async *g(): AsyncGenerator<number> { yield 1 as number }, get x(): number { return 1 } };',
  'type A = { [K in keyof B]?: B[K] extends infer U ? U : never }; let t: `a${string}`; let u: unique symbol; let f: new () => void; let g: typeof import("x");',
  'let 变量: string = "ü\u2028"; /* ☃ */ const b: number = 1;',
  'if (a) { type X = 1 }\nelse { interface Y {} }',
  'const a = b\ntype A = 1\n/x/.test(y)\nlet c = a\ninterface B {}\n`t`\nlet d = c\ndeclare const e: 1;\n+f; let g = d\ntype G = 1; type H = 2\n--h; ++g',
  'class A { x = 1\n declare y: number\n *gen() {} z = 2\n over(): void;\n [w]() {} v = 3\n readonly [key: string]: unknown;\n in() {} }',
  'switch (a) { case 1: type X = 1\n[b].c; default: interface Y {} }',
  'export const x = 1 as number, y = <T,>(z: T) => z;',
  'let a = b ? (c as any) : d as any;',
  'async function f() { for await (const x of y as AsyncIterable<number>) await (x as any)!; return await z! }',
  'var a = function <T>(x: T): x is T { return true }, b = class<T> { };',
  'export declare const q: number; export interface R {} export type S = 1; export enum2; var enum2'.replace(
    'export enum2; ',
    '',
  ),
];

describe('stripTypes', () => {
  for (const source of erasable)
    it(`erases as tsc does: ${source.replace(/\s+/g, ' ').slice(0, 90)}`, () => assertSameAsTsc(source));

  it('keeps what verbatimModuleSyntax keeps', () => {
    assert.equal(
      strip("import { a, type B } from 'x'; import c from 'y';", { verbatim: true }),
      "import { a,        } from 'x'; import c from 'y';",
    );
    assert.equal(
      strip("export { type A } from 'x'; import { type B } from 'y';", { verbatim: true }),
      "export {        } from 'x'; import {        } from 'y';",
    );
  });

  it('leaves every other character where it was', () => {
    assert.equal(strip('const a: number = f<string>(b as any)!;'), 'const a         = f        (b       ) ;');
    assert.equal(strip('type A = 1;\nlet b;'), '           \nlet b;');
  });

  for (const [source, what] of [
    ['enum E { A }', 'an enum'],
    ['const enum E { A }', 'an enum'],
    ['namespace N { export const x = 1 }', 'a namespace'],
    ['class A { constructor(private x: number) {} }', 'a parameter property'],
    ['@dec class A {}', 'decorators'],
    ['class A { @dec x = 1 }', 'decorators'],
    ['class A { m(@dec x) {} }', 'decorators'],
    ['class A { accessor x = 1 }', '`accessor`'],
    ["import x = require('x');", '`import … =`'],
    ['export = 1;', '`export =`'],
    ['let x = <any>y;', 'a cast in angle brackets'],
    ['{ using x = y; }', '`using`'],
    ['async () => { await using x = y; }', '`using`'],
  ] as const) {
    it(`leaves to the compiler: ${source}`, () => assert.equal(strip(source), `unsupported: ${what}`));
  }

  it('leaves initialised fields to the compiler where they are to be assignments', () => {
    assert.equal(
      strip('class A { x: number; y = 1 }', { define: false }),
      'unsupported: class fields that are to be assignments',
    );
    assert.equal(strip('class A { x: number; m() {} }', { define: false }), 'class A {            m() {} }');
  });

  it('leaves what Node leaves of files nobody prepared', () => {
    const eraser = module as unknown as { stripTypeScriptTypes: (code: string, options: { mode: 'strip' }) => string };
    const differing: string[] = [];
    let compared = 0;
    for (const file of globSync(['src/**/*.ts', 'test/unit/**/*.ts'], { cwd: root })) {
      const source = readFileSync(join(root, file), 'utf8');
      // Node counts the bytes of what it blanks.
      if (/[^\x00-\x7f]/.test(source)) continue;
      compared++;
      const expected = eraser.stripTypeScriptTypes(source, { mode: 'strip' });
      if (strip(source, { verbatim: true }) !== expected) differing.push(file);
    }
    assert.ok(compared > 200, `${compared} files`);
    assert.deepEqual(differing, []);
  });

  it('keeps a statement where one is needed', () => {
    const source = 'let log = 0\nif (log)\n  type A = 1\nlog++\nfor (const x of [])\n  interface B {}\nlog++\nlog';
    assert.equal(runInNewContext(strip(source)), 2);
  });

  it('keeps statements apart that only a type kept apart', () => {
    const source =
      'let log: string[] = []\nlet x = 5 as any\n(1 as any)\nlog.push(`${x}`)\ntype T = 1\n[1].forEach((n) => log.push(String(n)))\nlog';
    assert.deepEqual(Array.from(runInNewContext(strip(source)) as string[]), ['5', '1']);
  });
});
