import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { LintService } from '../../../src/lint/lintService.ts';
import type { Finding } from '../../../src/shared/lintMessages.ts';

/** Packages as they lie in `node_modules`, in the forms that authors and compilers write. */
const packages: Readonly<Record<string, string>> = {
  'tsconfig.json': '{ "compilerOptions": { "module": "NodeNext", "strict": true, "types": [] } }',
  'package.json': '{ "type": "module" }',
  // An ES module whose types are beside it; the function stands in another file.
  'node_modules/conf/package.json': '{ "name": "conf", "type": "module", "exports": "./index.js", "types": "./index.d.ts" }',
  'node_modules/conf/index.js': "export { readConfSync, readConf } from './lib/read.js';\nexport * from './lib/more.js';\n",
  'node_modules/conf/index.d.ts':
    'export function readConfSync(name: string): string;\nexport function readConf(name: string): Promise<string>;\n' +
    'export function parseSync(text: string): string;\nexport function laterSync(text: string): () => string;\n' +
    'export const buildSync: (name: string) => string;\n',
  'node_modules/conf/lib/read.js':
    "import fs from 'node:fs';\nimport { placeOf } from './place.js';\n" +
    "export function readConfSync(name) {\n  return fs.readFileSync(placeOf(name), 'utf8');\n}\n" +
    'export async function readConf(name) {\n  return fs.promises.readFile(placeOf(name));\n}\n',
  'node_modules/conf/lib/place.js':
    "import { existsSync } from 'node:fs';\nexport const placeOf = (name) => (existsSync(name) ? name : 'none');\n",
  'node_modules/conf/lib/more.js':
    "import { execFileSync } from 'node:child_process';\nimport { readFileSync } from 'node:fs';\n" +
    'const pad = (text) => text.trim();\nexport const parseSync = (text) => pad(text);\n' +
    'export function laterSync(name) {\n  const read = () => readFileSync(name);\n  return read;\n}\n' +
    "const run = (tool, name) => execFileSync(tool, [name]);\nexport const buildSync = run.bind(undefined, 'make');\n",
  // CommonJS as TypeScript writes it, with the types in a package of their own; the work is done by another package.
  'node_modules/legacy/package.json': '{ "name": "legacy", "main": "./out/main" }',
  'node_modules/legacy/out/main.js':
    '"use strict";\nObject.defineProperty(exports, "__esModule", { value: true });\nexports.hashSync = exports.sizeSync = void 0;\n' +
    'var size_1 = require("./size");\nObject.defineProperty(exports, "sizeSync", { enumerable: true, get: function () { return size_1.sizeSync; } });\n' +
    'function hashSync(text) { return require("crypto").scryptSync(text, "salt", 8).toString("hex"); }\nexports.hashSync = hashSync;\n',
  'node_modules/legacy/out/size.js':
    'const disk = require("disk-tools");\nexports.sizeSync = (name) => disk.infoSync(name).size;\n',
  'node_modules/@types/legacy/package.json': '{ "name": "@types/legacy", "types": "index.d.ts" }',
  'node_modules/@types/legacy/index.d.ts':
    'export function sizeSync(name: string): number;\nexport function hashSync(text: string): string;\n',
  'node_modules/disk-tools/package.json': '{ "name": "disk-tools" }',
  'node_modules/disk-tools/index.js':
    'const fs = require("fs");\nmodule.exports = { infoSync, tokenSync };\n' +
    'function infoSync(name) { return fs.statSync(name); }\nfunction tokenSync() { return require("crypto").randomBytes(4); }\n',
};

describe('functions of packages that say by their name that they block', () => {
  let folder: string;
  let requestId = 0;
  const service = new LintService();

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'wrappers-'));
    for (const [name, text] of Object.entries(packages)) write(name, text);
  });

  after(() => {
    rmSync(folder, { recursive: true });
  });

  function write(name: string, text: string): void {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }

  function check(name: string, text: string): readonly Finding[] {
    write(name, text);
    const answer = service.answer({ type: 'check', requestId: ++requestId, path: join(folder, name) });
    assert.equal(answer.type, 'findings');
    return answer.findings;
  }

  const bodies = (module: string, calls: readonly string[]): string =>
    `import * as it from '${module}';\n${calls.map((call, index) => `export async function f${index}(a: string) { return ${call}; }\n`).join('')}`;

  it('are read in their own scripts, through their types, re-exports and other packages', () => {
    const found = check('conf.ts', bodies('conf', ['it.readConfSync(a)', 'it.buildSync(a)', "['a'].map(it.readConfSync)"]));
    assert.deepEqual(
      found.map(({ line, rule, severity }) => [line, rule, severity]),
      [
        [2, 'blocking-call', 'information'],
        [3, 'blocking-call', 'warning'],
        [4, 'blocking-call', 'information'],
      ],
    );
    assert.match(found[0]!.message, /^`readConfSync of conf` holds the event loop until the whole file operation is done/);
    assert.match(found[0]!.message, /Use `readConf`\.$/);
    assert.match(found[1]!.message, /until the child process has ended; no other task runs meanwhile\.$/);
    const legacy = check('legacy.ts', bodies('legacy', ['it.sizeSync(a)', 'it.hashSync(a)']));
    assert.deepEqual(
      legacy.map(({ line, severity }) => [line, severity]),
      [
        [2, 'hint'],
        [3, 'warning'],
      ],
    );
  });

  it('are followed through helpers, and left alone where nothing waits', () => {
    const text =
      "import { readConfSync } from 'conf';\nconst first = readConfSync('a');\nconst load = (): string => readConfSync('b') + first;\n" +
      'export async function handle() { return load(); }\nexport function now() { return load(); }\n';
    assert.deepEqual(
      check('helper.ts', text).map(({ line }) => line),
      [4],
    );
  });

  it('are no matter where they only compute, give back a function, or draw a few random bytes', () => {
    assert.deepEqual(check('fine.ts', bodies('conf', ['it.parseSync(a)', 'it.laterSync(a)', 'it.readConf(a)'])), []);
    assert.deepEqual(check('fine.js', "const { tokenSync } = require('disk-tools');\nasync () => tokenSync();\n"), []);
    assert.deepEqual(
      check('untyped.cjs', "const { infoSync } = require('disk-tools');\nexports.f = async () => infoSync('a');\n").map(
        ({ line }) => line,
      ),
      [2],
    );
  });

  it('have a fix where the types show the same function with a promise', () => {
    const path = join(folder, 'fixed.ts');
    const text = bodies('conf', ['it.readConfSync(a)', 'it.buildSync(a)']);
    check('fixed.ts', text);
    const answer = service.answer({ type: 'fixes', requestId: ++requestId, path, want: 'each' });
    assert.equal(answer.type, 'fixes');
    const rewrites = answer.fixes.filter(({ kind }) => kind === 'rewrite');
    assert.deepEqual(
      rewrites.map(({ line }) => line),
      [2],
    );
    const edits = [...rewrites[0]!.edits].sort((a, b) => b.start - a.start);
    const fixed = edits.reduce((at, { start, end, newText }) => at.slice(0, start) + newText + at.slice(end), text);
    assert.equal(fixed, text.replace('return it.readConfSync(a)', 'return await it.readConf(a)'));
  });

  it('are read anew when their package changes', () => {
    const text = bodies('disk-tools', ['it.infoSync(a)']);
    write('node_modules/disk-tools/index.js', 'module.exports = { infoSync: (name) => ({ size: name.length }) };\n');
    assert.deepEqual(check('changed.ts', text), []);
  });
});
