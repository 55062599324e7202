import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { LintService } from '../../../src/lint/lintService.ts';
import { applyEdits } from '../../../src/shared/applyEdits.ts';
import type { LintFix } from '../../../src/shared/lintMessages.ts';
import { fixesOf } from './fixSupport.ts';

const root = resolve(import.meta.dirname, '../../..');
const lib =
  "import { readFileSync } from 'node:fs';\n\nexport function load(path: string): number {\n  return readFileSync(path).length;\n}\n";

describe('helpers made async', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'interleave-helpers-'));
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir');
    write({ 'package.json': '{ "private": true, "type": "module" }' });
    const compilerOptions = {
      target: 'ES2024',
      module: 'NodeNext',
      strict: true,
      types: ['node'],
      allowImportingTsExtensions: true,
    };
    write({ 'tsconfig.json': JSON.stringify({ compilerOptions: { ...compilerOptions, noEmit: true } }) });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function write(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
  }
  function fixes(name: string): readonly LintFix[] {
    const path = join(folder, name);
    return fixesOf(new LintService(), path, readFileSync(path, 'utf8')).filter(({ kind }) => kind === 'rewrite');
  }
  function apply({ edits }: LintFix): void {
    for (const path of new Set(edits.map((edit) => edit.path))) {
      const own = edits.filter((edit) => edit.path === path);
      writeFileSync(path, applyEdits(readFileSync(path, 'utf8'), own));
    }
  }
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  const run = (name: string): string => execFileSync(process.execPath, [join(folder, name)], { encoding: 'utf8' });

  it('with all their calls, in files that nobody had opened too', () => {
    write({
      'src/lib.ts': lib,
      'src/middle.ts':
        "import { load } from './lib.ts';\n\nexport const twice = (path: string) => load(path) * 2;\nclass Store {\n  static size(path: string): number {\n    return load(path) + twice(path);\n  }\n}\nexport { Store };\n",
      'src/main.ts':
        "import { Store } from './middle.ts';\n\nasync function main(): Promise<void> {\n  console.log(Store.size(import.meta.filename).toFixed() === '', 'done');\n}\nawait main();\n",
      'src/other.ts':
        "import { load as unused } from './lib2.ts';\nimport { load } from './lib.ts';\nexport const other = async () => [load('x'), unused];\n",
      'src/lib2.ts': 'export const load = 1;\n',
    });
    const before = run('src/main.ts');
    const [fix, ...more] = fixes('src/main.ts');
    assert.deepEqual(more, []);
    assert.equal(fix?.title, 'Make `load` and 2 callers async and await them (5 calls)');
    assert.equal(fix.safe, false);
    apply(fix);
    assert.equal(
      read('src/lib.ts'),
      "import { readFile } from 'node:fs/promises';\n\nexport async function load(path: string): Promise<number> {\n  return (await readFile(path)).length;\n}\n",
    );
    assert.equal(
      read('src/middle.ts'),
      "import { load } from './lib.ts';\n\nexport const twice = async (path: string) => await load(path) * 2;\nclass Store {\n  static async size(path: string): Promise<number> {\n    return await load(path) + await twice(path);\n  }\n}\nexport { Store };\n",
    );
    assert.match(read('src/main.ts'), /\(await Store\.size\(import\.meta\.filename\)\)\.toFixed\(\)/);
    assert.match(read('src/other.ts'), /\[await load\('x'\), unused\]/);
    assert.equal(run('src/main.ts'), before);
    assert.deepEqual(fixes('src/main.ts'), []);
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], { stdio: 'pipe' });
  });

  it('that wait for a clock', () => {
    write({
      'a.ts':
        "import 'node:path';\nfunction pause(ms: number) {\n  const end = Date.now() + ms;\n  while (Date.now() < end) {}\n}\nasync function main() {\n  pause(5);\n  console.log('ok');\n}\nawait main();\n",
    });
    const [fix] = fixes('a.ts');
    assert.equal(fix?.title, 'Make `pause` async and await it (1 call)');
    apply(fix);
    assert.equal(
      read('a.ts'),
      "import 'node:path';\nimport { setTimeout } from 'node:timers/promises';\nasync function pause(ms: number) {\n  await setTimeout(ms);\n}\nasync function main() {\n  await pause(5);\n  console.log('ok');\n}\nawait main();\n",
    );
    assert.equal(run('a.ts'), 'ok\n');
  });

  describe('not where', () => {
    const main = "import { load } from './lib.ts';\nexport const f = async () => load('x');\n";
    const cases: Readonly<Record<string, Readonly<Record<string, string>>>> = {
      'a reference is handed on': { 'lib.ts': lib, 'main.ts': `${main}export const sizes = ['a'].map(load);\n` },
      'a caller cannot wait': { 'lib.ts': lib, 'main.ts': `${main}export class C {\n  size = load('x');\n}\n` },
      'a module starts with it': { 'lib.ts': lib, 'main.ts': `${main}export const start = load('x');\n` },
      'a getter calls it': { 'lib.ts': lib, 'main.ts': `${main}export const o = { get size() { return load('x'); } };\n` },
      'a callback calls it': { 'lib.ts': lib, 'main.ts': `${main}export const sizes = () => ['a'].map((p) => load(p));\n` },
      'it goes by another name': { 'lib.ts': lib, 'main.ts': main, 'b.ts': "export { load as size } from './lib.ts';\n" },
      'it is in an object': { 'lib.ts': lib, 'main.ts': `${main}export const o = { load };\n` },
      'it is the package’s own export': {
        'src/lib.ts': lib,
        'main.ts': main.replace('./', './src/'),
        'src/entry.ts': "export * from './lib.ts';\n",
        'package.json': '{ "name": "p", "type": "module", "exports": { ".": "./dist/entry.js" } }',
      },
      'a type speaks of it': { 'lib.ts': lib, 'main.ts': `${main}export type Load = typeof load;\n` },
      'it has overloads': {
        'lib.ts': lib.replace('export', 'export function load(path: string): number;\nexport'),
        'main.ts': main,
      },
      'what blocks has no fix': { 'lib.ts': lib.replace('(path)', '(path.length)'), 'main.ts': main },
      'an interface demands it': {
        'main.ts':
          "import { readFileSync } from 'node:fs';\ninterface Sized { size(): number }\nclass C implements Sized {\n  size() { return readFileSync('x').length; }\n}\nexport const f = async () => new C().size();\n",
      },
      'a class overrides it': {
        'main.ts':
          "import { readFileSync } from 'node:fs';\nclass C {\n  size() { return readFileSync('x').length; }\n}\nexport class D extends C {}\nexport const f = async () => new C().size();\n",
      },
    };
    for (const [name, files] of Object.entries(cases)) {
      it(name, () => {
        write(files);
        const found = fixesOf(new LintService(), join(folder, 'main.ts'), read('main.ts'));
        assert.ok(found.length > 0, 'nothing was found at all');
        assert.deepEqual(
          found.filter(({ kind }) => kind === 'rewrite').map(({ title }) => title),
          [],
        );
      });
    }

    it('nothing stands in the way they are', () => {
      write({ 'lib.ts': lib, 'main.ts': main });
      assert.deepEqual(
        fixes('main.ts').map(({ title }) => title),
        ['Make `load` async and await it (1 call)'],
      );
    });
  });
});
