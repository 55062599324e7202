import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { findCycle, readSourceFiles, sourceFileFacts, type SourceFileFacts, type SourceImport } from './sourceImports.ts';

const root = resolve(import.meta.dirname, '../..');

interface Rule {
  /** Prefixes of paths under `src/` it may import from, its own part left out. */
  readonly parts: readonly string[];
  /** Packages, by full name or by scope with a trailing slash. */
  readonly packages?: readonly string[];
  /** Packages of which only types may be taken. */
  readonly typesOf?: readonly string[];
  readonly node?: boolean;
}

const textEdits = ['magic-string', '@jridgewell/'];

/** Who may import what. A part may always import its own files. */
const table: Readonly<Record<string, Rule>> = {
  shared: { parts: [] },
  source: { parts: ['shared/'], packages: ['ts-morph', ...textEdits], node: true },
  instrument: { parts: ['shared/', 'source/'], packages: textEdits, node: true },
  lint: { parts: ['shared/', 'source/'], packages: textEdits, node: true },
  runtime: { parts: ['shared/'], node: true },
  run: { parts: ['shared/'], node: true },
  analyze: { parts: ['shared/'], packages: ['valibot'] },
  export: { parts: ['shared/', 'analyze/'] },
  cli: { parts: ['shared/', 'run/', 'analyze/', 'export/', 'lint/'], packages: ['jsonc-parser'], node: true },
  editor: { parts: ['shared/', 'analyze/', 'export/', 'run/'], typesOf: ['vscode'], node: true },
  // The page knows traces through the layout alone.
  webview: { parts: ['shared/', 'analyze/layout'] },
  'extension.ts': { parts: ['editor/'], packages: ['vscode'], node: true },
};

/** Node's internal module that gives the hooks arrays; reached only with `--expose-internals`, only inside the target. */
const nodeInternals = /^internal\//;

/** Files that may be longer than the limit, each with its reason. */
const longFiles: Readonly<Record<string, string>> = {};
const maxLines = 400;

function partOf(path: string): string {
  return path.split('/')[1] ?? '';
}

function isAllowed(path: string, imported: SourceImport): boolean {
  const part = partOf(path);
  const rule = table[part];
  if (!rule) return false;
  const { specifier, target, typeOnly } = imported;
  if (target !== undefined) {
    return target.startsWith(`src/${part}/`) || rule.parts.some((allowed) => target.startsWith(`src/${allowed}`));
  }
  if (specifier.startsWith('node:')) return rule.node ?? false;
  if (nodeInternals.test(specifier)) return part === 'runtime';
  const matches = (name: string): boolean => (name.endsWith('/') ? specifier.startsWith(name) : specifier === name);
  if (rule.packages?.some(matches)) return true;
  return typeOnly && (rule.typesOf?.some(matches) ?? false);
}

function forbiddenImports(files: readonly SourceFileFacts[]): string[] {
  return files.flatMap((file) =>
    file.imports
      .filter((imported) => !isAllowed(file.path, imported))
      .map(
        (imported) =>
          `${file.path}:${imported.line} may not import ${imported.typeOnly ? 'types of ' : ''}'${imported.specifier}'`,
      ),
  );
}

describe('imports of src', () => {
  const files = readSourceFiles(root, 'src');

  it('are all there to be read', () => {
    assert.ok(files.length > 10, `only ${files.length} files found`);
    const lost = files.flatMap((file) =>
      file.imports
        .filter(({ target }) => target !== undefined && !existsSync(resolve(root, target)))
        .map(({ specifier, line }) => `${file.path}:${line} '${specifier}'`),
    );
    assert.deepEqual(lost, []);
  });

  it('go only where the table lets them', () => assert.deepEqual(forbiddenImports(files), []));

  it('make no cycle', () => assert.equal(findCycle(files)?.join('\n → '), undefined));

  it('have no default export and no barrel behind them', () => {
    assert.deepEqual(
      files.filter((file) => file.hasDefaultExport).map((file) => file.path),
      [],
    );
    assert.deepEqual(
      files.filter((file) => file.isBarrel || /(^|\/)index\.[cm]?tsx?$/.test(file.path)).map((file) => file.path),
      [],
    );
  });

  it(`are of files of at most ${maxLines} lines`, () => {
    const long = files.filter((file) => file.lines > maxLines);
    assert.deepEqual(
      long.filter((file) => !longFiles[file.path]).map((file) => `${file.path}: ${file.lines} lines`),
      [],
    );
    const stale = Object.keys(longFiles).filter((path) => !long.some((file) => file.path === path));
    assert.deepEqual(stale, [], 'these need no exception any more');
  });
});

describe('the reader of imports', () => {
  const facts = (path: string, text: string): SourceFileFacts => sourceFileFacts(path, text);

  it('sees every way to import', () => {
    const text = `
      import a from 'one'; import type { b } from 'two'; import { type c } from 'three'; import 'four';
      export { d } from './five.ts'; let e: import('six').E; await import('seven'); require('eight'); require.resolve('nine');`;
    assert.deepEqual(
      facts('src/x/y.ts', text).imports.map(({ specifier, typeOnly, target }) => [specifier, typeOnly, target]),
      [
        ['one', false, undefined],
        ['two', true, undefined],
        ['three', true, undefined],
        ['four', false, undefined],
        ['./five.ts', false, 'src/x/five.ts'],
        ['six', true, undefined],
        ['seven', false, undefined],
        ['eight', false, undefined],
        ['nine', false, undefined],
      ],
    );
  });

  it('refuses what the table does not name', () => {
    const wrong: readonly (readonly [string, string])[] = [
      ['src/shared/a.ts', "import 'node:fs'"],
      ['src/shared/a.ts', "import type { B } from '../run/b.ts'"],
      ['src/runtime/a.ts', "import 'magic-string'"],
      ['src/runtime/a.ts', "require('ts-morph')"],
      ['src/run/a.ts', "import '../instrument/worker.ts'"],
      ['src/run/a.ts', "require('internal/async_hooks')"],
      ['src/analyze/a.ts', "import 'node:fs'"],
      ['src/editor/a.ts', "import * as vscode from 'vscode'"],
      ['src/editor/a.ts', "import type { Node } from 'ts-morph'"],
      ['src/instrument/a.ts', "import { Project } from 'ts-morph'"],
      ['src/webview/a.ts', "import '../export/a.ts'"],
      ['src/elsewhere/a.ts', "import '../shared/ids.ts'"],
    ];
    for (const [path, text] of wrong) assert.equal(forbiddenImports([facts(path, text)]).length, 1, `${path}: ${text}`);
  });

  it('lets through what the table names', () => {
    const right: readonly (readonly [string, string])[] = [
      ['src/shared/a.ts', "import './ids.ts'"],
      ['src/editor/a.ts', "import type * as vscode from 'vscode'"],
      ['src/extension.ts', "import * as vscode from 'vscode'"],
      ['src/source/a.ts', "import { Project } from 'ts-morph'"],
      ['src/instrument/a.ts', "import { GenMapping } from '@jridgewell/gen-mapping'"],
      ['src/runtime/a.ts', "require('internal/async_hooks')"],
    ];
    for (const [path, text] of right) assert.deepEqual(forbiddenImports([facts(path, text)]), []);
  });

  it('finds default exports, barrels and cycles', () => {
    assert.ok(facts('a.ts', 'export default 1').hasDefaultExport);
    assert.ok(facts('a.ts', 'export default function f() {}').hasDefaultExport);
    assert.ok(facts('a.ts', 'const a = 1; export { a as default }').hasDefaultExport);
    assert.ok(!facts('a.ts', 'export const a = 1').hasDefaultExport);
    assert.ok(facts('a.ts', "export * from './b.ts'; export const c = 1").isBarrel);
    assert.ok(facts('a.ts', "export { b } from './b.ts'").isBarrel);
    assert.ok(!facts('a.ts', "export { b } from './b.ts'; export const c = 1").isBarrel);
    const loop = [facts('a.ts', "import './b.ts'"), facts('b.ts', "import './c.ts'"), facts('c.ts', "import './b.ts'")];
    assert.deepEqual(findCycle(loop), ['b.ts', 'c.ts', 'b.ts']);
    assert.equal(findCycle(loop.slice(0, 2)), undefined);
  });
});
