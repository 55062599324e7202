import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LintResponse } from '../../../src/shared/lintMessages.ts';
import { LintService } from '../../../src/lint/lintService.ts';
import { haveSameShape } from '../../../src/source/project/fileShape.ts';
import { ts } from '../../../src/source/typescript.ts';

const parse = (text: string, name = 'a.ts'): ts.SourceFile => ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);

describe('the shape of a file', () => {
  const text =
    'let last = 0;\nexport function one(a: string): number { last = a.length; return last; }\nexport const two = () => one("x");\n';
  const isSame = (changed: string, name?: string): boolean => haveSameShape(parse(text, name), parse(changed, name));

  it('leaves out comments and what a function does that says what it returns', () => {
    assert.equal(isSame(text.replace('return last', 'console.log(a); return last')), true);
    assert.equal(isSame(`// first\n${text.replace('export const', '/* then */ export /* and */ const')}`), true);
    assert.equal(isSame(text.replaceAll('\n', '\n\n  ')), true);
  });

  it('has all that others may see of the file', () => {
    const edits: readonly (readonly [string, string])[] = [
      [': number', ': string'],
      ['a: string', 'a?: string'],
      ['one("x")', 'one("y")'],
      ['export const', 'const'],
      ['export const', 'export let'],
      ['let last = 0', 'let last = "0"'],
      ['last = a.length', 'a.length'],
      ['function one', 'async function one'],
      ['() => one', '() => -one'],
      [': number {', '{'],
    ];
    for (const [from, to] of edits) assert.equal(isSame(text.replace(from, to)), false, to);
    assert.equal(haveSameShape(parse('import { a } from "b";'), parse('import type { a } from "b";')), false);
    assert.equal(haveSameShape(parse('export const a = +b;'), parse('export const a = -b;')), false);
    assert.equal(haveSameShape(parse('type A = keyof B'), parse('type A = readonly B')), false);
  });

  it('leaves out the bodies of functions that return nothing', () => {
    const inner =
      'export class A { a: string; constructor() { this.a = "x"; } run() { use(() => { return 1; }); } set b(c: string) { this.a = c; } }';
    const hides = (from: string, to: string): boolean => haveSameShape(parse(inner), parse(inner.replace(from, to)));
    assert.equal(hides('use(', 'use(1, '), true);
    assert.equal(hides('= "x"', '= "y"'), true);
    assert.equal(hides('= c', '= c + c'), true);
    assert.equal(hides('use(', 'return use('), false);
    assert.equal(hides('run() { use', 'run() { yield use'), false);
    const untyped = inner.replace('a: string;', 'a;');
    assert.equal(haveSameShape(parse(untyped), parse(untyped.replace('"x"', '1'))), false);
  });

  it('has the type of what a function returns in place of its body', () => {
    const inner =
      'export const twice = (n: number) => n * 2;\nexport function pick() { const a = twice(1); return { a }; }\nexport class A { get b() { return pick().a; } }';
    const load = (text: string): { readonly file: ts.SourceFile; readonly checker: ts.TypeChecker } => {
      const file = parse(text);
      const host = { ...ts.createCompilerHost({}), getSourceFile: (name: string) => (name === 'a.ts' ? file : undefined) };
      const checker = ts.createProgram(['a.ts'], { noLib: true }, host).getTypeChecker();
      return { file, checker };
    };
    const isSame = (from: string, to: string): boolean => {
      const [before, after] = [load(inner), load(inner.replace(from, to))];
      assert.equal(haveSameShape(before.file, after.file), false);
      return haveSameShape(before.file, after.file, { before: before.checker, after: after.checker });
    };
    assert.equal(isSame('n * 2', 'n + n'), true);
    assert.equal(isSame('twice(1)', 'twice(2) + twice(3)'), true);
    assert.equal(isSame('{ a }', '{ a, b: a }'), false);
    assert.equal(isSame('n * 2', '`${n}`'), false);
    assert.equal(isSame('return pick().a', 'return pick()'), false);
    assert.equal(isSame('const a', 'class B {} const a'), false);
  });

  it('is all of the text in JavaScript, whose comments and bodies declare', () => {
    assert.equal(isSame(text.replace('return last', '/** @type {any} */ return last'), 'a.js'), false);
  });
});

/** Each edit is checked by a service that saw all edits before it and by one that sees the files as they are for the first time. */
describe('what is known of types from one edit to the next', () => {
  let folder: string;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'interleave-facts-')));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const files = {
    'tsconfig.json':
      '{ "compilerOptions": { "strict": true, "module": "NodeNext", "allowImportingTsExtensions": true, "noEmit": true, "lib": ["ES2022"], "types": [] } }',
    'store.ts': `import { readFileSync } from 'fs';
export class Store {
  path = 'x';
  get text() { return this.load(); }
  load(): string { return this.path; }
  loadSlowly(): string { return readFileSync(this.path, 'utf8'); }
  later() { return work(this.path); }
  each(run: (line: string) => void): void { this.path.split('').forEach(run); }
}
async function work(path: string): Promise<string> { if (path === '') throw new Error(path); return path; }
export function makeStore() { return new Store(); }
`,
    'between.ts':
      "import { makeStore } from './store.ts';\nexport const shared = makeStore();\nexport const pick = () => shared;\n",
    'script.ts': 'interface Shared { close(): void }\n',
    'use.ts': `import { pick, shared } from './between.ts';
import { readFileSync } from 'fs';
import type { Store } from './store.ts';
const done = (path: string) => { readFileSync(path); };
declare const owned: Shared;
export async function use(): Promise<string> {
  pick().later();
  pick().loadSlowly();
  pick().each((line) => { readFileSync(line); });
  shared.each(done);
  owned.close();
  return pick().load() + shared.text;
}
export async function take(given: Store): Promise<string> {
  given.later();
  given.each(done);
  return given.load() + given.text;
}
export class Closer implements Shared { close() { readFileSync('c'); } }
`,
  };
  type Name = keyof typeof files;

  const edits: readonly (readonly [Name, string, string])[] = [
    ['store.ts', "path = 'x'", "path = 'y'"],
    ['store.ts', 'load(): string { return this.path', 'load(): string { return readFileSync(this.path, "utf8")'],
    ['store.ts', 'load(): string { return readFileSync(this.path, "utf8")', 'load(): string { return this.path'],
    ['store.ts', 'later() { return work(this.path)', 'later() { return this.path'],
    ['store.ts', 'later() { return this.path', 'later() { return work(this.path)'],
    [
      'store.ts',
      'each(run: (line: string) => void): void { this',
      'each(run: (line: string) => void): void { setTimeout(run); this',
    ],
    ['store.ts', 'load()', 'lead()'],
    ['store.ts', 'lead()', 'load()'],
    ['between.ts', '() => shared', '() => ({ ...shared, load: () => "", loadSlowly: () => "" })'],
    ['script.ts', 'interface Shared {', 'interface Shared { open(): void;'],
    ['script.ts', 'close(): void', 'close(): Promise<void>'],
    ['use.ts', 'owned.close();', 'owned.close(); owned.close();'],
    ['between.ts', '{ ...shared, load: () => "", loadSlowly: () => "" }', 'shared'],
    ['use.ts', 'implements Shared', ''],
  ];

  it('is what a first look would find', () => {
    const texts: Record<string, string> = { ...files };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const names = Object.keys(files).filter((name) => name.endsWith('.ts'));
    const paths = names.map((name) => join(folder, name));
    const service = new LintService();
    const checkAll = (one: LintService): LintResponse[] =>
      names.map((name) => one.answer({ type: 'check', requestId: 1, path: join(folder, name), text: texts[name]! }));
    service.answer({ type: 'load', requestId: 1, paths });
    const seen = new Set([JSON.stringify(checkAll(service))]);
    for (const [name, from, to] of edits) {
      assert.ok(texts[name]!.includes(from), from);
      texts[name] = texts[name]!.replace(from, to);
      const fresh = new LintService();
      fresh.answer({ type: 'load', requestId: 1, paths });
      const found = checkAll(service);
      assert.deepEqual(found, checkAll(fresh), `${name}: ${to}`);
      seen.add(JSON.stringify(found));
    }
    // The edits do change what is found.
    assert.ok(seen.size > edits.length / 2, String(seen.size));
  });
});
