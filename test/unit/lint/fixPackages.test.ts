import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { LintService } from '../../../src/lint/lintService.ts';
import { fixAll, rewrites } from './fixSupport.ts';

const root = resolve(import.meta.dirname, '../../..');

/** Packages as small as they can be: both forms and their types. */
const packages: Readonly<Record<string, readonly [code: string, types: string]>> = {
  'fs-extra': [
    `exports.readJsonSync = (p) => ({ p });
exports.readJson = async (p) => ({ p });
exports.existsSync = () => true;
exports.pathExists = async () => true;
exports.removeSync = (p) => void console.log('removed', p);
exports.remove = async (p) => void console.log('removed', p);
exports.readFileSync = (p) => p;
exports.readFile = async (p) => p;
`,
    `export function readJsonSync(path: string): any;
export function readJson(path: string): Promise<any>;
export function existsSync(path: string): boolean;
export function pathExists(path: string): Promise<boolean>;
export function removeSync(path: string): void;
export function remove(path: string): Promise<void>;
export function readFileSync(path: string | number): string;
export function readFile(path: string | number): Promise<string>;
`,
  ],
  'fast-glob': [
    `module.exports = async (p) => [p];
module.exports.sync = (p) => [p];
`,
    `declare function glob(pattern: string): Promise<string[]>;
declare namespace glob { function sync(pattern: string): string[]; }
export = glob;
`,
  ],
  // Before version 9 the form of the same name took a callback.
  glob: [
    'exports.globSync = (p) => [p];\n',
    'export function globSync(p: string): string[];\nexport function glob(p: string, done: (e: unknown) => void): void;\n',
  ],
};

describe('fixes of packages', () => {
  const service = new LintService();
  let folder: string;
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  };
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'interleave-packages-'));
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(join(root, 'node_modules/@types'), join(folder, 'node_modules/@types'), 'dir');
    write('package.json', '{ "private": true }');
    for (const [name, [code, types]] of Object.entries(packages)) {
      write(`node_modules/${name}/package.json`, JSON.stringify({ name, main: 'index.js', types: 'index.d.ts' }));
      write(`node_modules/${name}/index.js`, code);
      write(`node_modules/${name}/index.d.ts`, types);
    }
  });
  after(() => rmSync(folder, { recursive: true }));

  function same(name: string, before: string, after: string): void {
    const path = write(`before-${name}`, before);
    assert.equal(fixAll(service, path, before), after);
    const run = (file: string): string => execFileSync(process.execPath, [file], { encoding: 'utf8' });
    assert.equal(run(write(`after-${name}`, after)), run(path));
  }

  it('take the other form of the same module', () => {
    same(
      'names.cjs',
      "const { readJsonSync, removeSync: drop } = require('fs-extra');\nasync function f(p) {\n  drop(p);\n  return readJsonSync(p).p;\n}\nf('x').then(console.log);\n",
      "const { remove, readJson } = require('fs-extra');\nasync function f(p) {\n  await remove(p);\n  return (await readJson(p)).p;\n}\nf('x').then(console.log);\n",
    );
    same(
      'namespace.mts',
      "import fse from 'fs-extra';\nconst f = async (p: string) => fse.readJsonSync(fse.readFileSync(p)).p;\nf('x').then(console.log);\n",
      "import fse from 'fs-extra';\nconst f = async (p: string) => (await fse.readJson(await fse.readFile(p))).p;\nf('x').then(console.log);\n",
    );
    same(
      'callable.cjs',
      "const fg = require('fast-glob');\nconst f = async (p) => fg.sync(p).length;\nf('x').then(console.log);\n",
      "const fg = require('fast-glob');\nconst f = async (p) => (await fg(p)).length;\nf('x').then(console.log);\n",
    );
  });

  it('leave existence to people', () => {
    const text = "import fse from 'fs-extra';\nexport const f = async (p: string) => fse.existsSync(p);\n";
    const path = join(folder, 'exists.mts');
    assert.equal(fixAll(service, path, text), text);
    assert.deepEqual(rewrites(service, path, text), [
      { title: 'Use `await fse.pathExists(…)`', after: text.replace('fse.existsSync', 'await fse.pathExists') },
    ]);
  });

  it('are none where the types show no promise, or there are none', () => {
    const old = "import { globSync } from 'glob';\nexport const f = async (p: string) => globSync(p);\n";
    assert.deepEqual(rewrites(service, join(folder, 'old.mts'), old), []);
    const untyped = "import { rimrafSync } from 'rimraf';\nexport const f = async (p: string) => rimrafSync(p);\n";
    assert.deepEqual(rewrites(service, join(folder, 'untyped.mts'), untyped), []);
  });
});
