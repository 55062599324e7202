import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { LintService } from '../../../src/lint/lintService.ts';
import { fixAll, fixesOf, rewrites } from './fixSupport.ts';

const root = resolve(import.meta.dirname, '../../..');

describe('quick fixes', () => {
  const service = new LintService();
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'interleave-fixes-'));
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir');
    writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  });
  after(() => rmSync(folder, { recursive: true }));

  let files = 0;
  const at = (extension: string): string => join(folder, `case${++files}.${extension}`);
  /** All safe fixes of a text, in a file of its own. */
  const fixed = (text: string, extension = 'ts'): string => fixAll(service, at(extension), text);
  const body = (statement: string): string =>
    `import * as fs from 'node:fs';\nexport async function f(p: string, o: { n: number }) {\n  ${statement}\n}\n`;
  /** What becomes of a statement in an async function that has `fs`. */
  const inBody = (statement: string): string => fixed(body(statement)).split('\n').slice(2, -2).join('\n').trim();

  describe('edit imports in the style of the file', () => {
    const cases: Record<string, readonly [before: string, after: string, extension?: string]> = {
      'a namespace has the promises in it': [
        "import * as fs from 'fs';\nexport const f = async () => fs.readFileSync('x');\n",
        "import * as fs from 'fs';\nexport const f = async () => await fs.promises.readFile('x');\n",
      ],
      'a default import too': [
        'import fs from "node:fs"\nexport const f = async () => fs.readFileSync("x")\n',
        'import fs from "node:fs"\nexport const f = async () => await fs.promises.readFile("x")\n',
      ],
      'the only name gives way to the new one, with prefix, quotes and no semicolon': [
        'import { readFileSync } from "fs"\nexport const f = async () => readFileSync("x")\n',
        'import { readFile } from "fs/promises"\nexport const f = async () => await readFile("x")\n',
      ],
      'one of several names goes': [
        "import {existsSync, readFileSync} from 'node:fs';\nexport const f = async () => readFileSync('x');\nexport { existsSync };\n",
        "import {existsSync} from 'node:fs';\nimport {readFile} from 'node:fs/promises';\nexport const f = async () => await readFile('x');\nexport { existsSync };\n",
      ],
      'a name that is used elsewhere stays': [
        "import { readFileSync } from 'node:fs';\nexport const start = readFileSync('a');\nexport const f = async () => readFileSync('x');\n",
        "import { readFileSync } from 'node:fs';\nimport { readFile } from 'node:fs/promises';\nexport const start = readFileSync('a');\nexport const f = async () => await readFile('x');\n",
      ],
      'a name that is taken is not taken again': [
        "import { readFileSync } from 'node:fs';\nexport const f = async (readFile: string) => readFileSync(readFile);\n",
        "import { readFile as readFileAsync } from 'node:fs/promises';\nexport const f = async (readFile: string) => await readFileAsync(readFile);\n",
      ],
      'what is imported already is used': [
        "import { readFileSync as read } from 'node:fs';\nimport { readFile as load, stat } from 'node:fs/promises';\nexport const f = async () => [await stat('x'), await load('y'), read('x')];\n",
        "import { readFile as load, stat } from 'node:fs/promises';\nexport const f = async () => [await stat('x'), await load('y'), await load('x')];\n",
      ],
      'a namespace of promises is used': [
        "import { mkdirSync, promises as fsp } from 'node:fs';\nexport const f = async () => (mkdirSync('x'), fsp.stat('x'));\n",
        "import { promises as fsp } from 'node:fs';\nexport const f = async () => (await fsp.mkdir('x'), fsp.stat('x'));\n",
      ],
      'a list takes another name': [
        "import { readFileSync, statSync } from 'node:fs';\nimport { mkdir } from 'node:fs/promises';\nexport const f = async () => [await mkdir('x'), readFileSync('x'), statSync('x').size];\n",
        "import { mkdir, readFile, stat } from 'node:fs/promises';\nexport const f = async () => [await mkdir('x'), await readFile('x'), (await stat('x')).size];\n",
      ],
      'several lines stay several lines': [
        "import {\n  readFileSync,\n  writeFileSync,\n  watch,\n} from 'node:fs';\nexport const f = async () => writeFileSync('x', readFileSync('y'));\nexport { watch };\n",
        "import {\n  watch,\n} from 'node:fs';\nimport { writeFile, readFile } from 'node:fs/promises';\nexport const f = async () => await writeFile('x', await readFile('y'));\nexport { watch };\n",
      ],
      'beside a default import the braces go': [
        "import fs, { readFileSync } from 'node:fs';\nexport const f = async () => readFileSync('x');\nexport { fs };\n",
        "import fs from 'node:fs';\nexport const f = async () => await fs.promises.readFile('x');\nexport { fs };\n",
      ],
      require: [
        "const fs = require('fs');\nexports.f = async () => fs.readFileSync('x');\n",
        "const fs = require('fs');\nexports.f = async () => await fs.promises.readFile('x');\n",
        'cjs',
      ],
      'require in pieces': [
        "'use strict';\nvar { readFileSync: read, statSync } = require('fs');\nexports.f = async () => read('x', statSync);\n",
        "'use strict';\nvar { statSync } = require('fs');\nvar { readFile } = require('fs/promises');\nexports.f = async () => await readFile('x', statSync);\n",
        'cjs',
      ],
      'require within a function': [
        "exports.f = async () => {\n  const { readFileSync } = require('node:fs');\n  return readFileSync('x');\n};\n",
        "exports.f = async () => {\n  const { readFile } = require('node:fs/promises');\n  return await readFile('x');\n};\n",
        'cjs',
      ],
      'import = require': [
        "import zlib = require('zlib');\nexport async function f(b: Buffer) {\n  return zlib.gzipSync(b);\n}\n",
        "import zlib = require('zlib');\nimport util = require('util');\nexport async function f(b: Buffer) {\n  return await util.promisify(zlib.gzip)(b);\n}\n",
        'cts',
      ],
      'await import': [
        "export const f = async () => {\n  const { readFileSync } = await import('node:fs');\n  return readFileSync('x');\n};\n",
        "export const f = async () => {\n  const { readFile } = await import('node:fs/promises');\n  return await readFile('x');\n};\n",
      ],
      'promisify comes along': [
        "import { gzipSync, gunzipSync } from 'node:zlib';\nexport const f = async (b: Buffer) => gunzipSync(gzipSync(b)).length;\n",
        "import { gunzip, gzip } from 'node:zlib';\nimport { promisify } from 'node:util';\nexport const f = async (b: Buffer) => (await promisify(gunzip)(await promisify(gzip)(b))).length;\n",
      ],
      'promisify that is there is used': [
        "import * as util from 'util';\nimport crypto from 'crypto';\nexport const f = async () => crypto.pbkdf2Sync('a', util.format('b'), 1, 8, 'sha1');\n",
        "import * as util from 'util';\nimport crypto from 'crypto';\nexport const f = async () => await util.promisify(crypto.pbkdf2)('a', util.format('b'), 1, 8, 'sha1');\n",
      ],
      'a type import is none': [
        "import type { readFile } from 'node:fs/promises';\nimport { readFileSync } from 'node:fs';\nexport type R = typeof readFile;\nexport const f = async () => readFileSync('x');\n",
        "import type { readFile } from 'node:fs/promises';\nimport { readFile as readFileAsync } from 'node:fs/promises';\nexport type R = typeof readFile;\nexport const f = async () => await readFileAsync('x');\n",
      ],
      'line breaks are the file’s': [
        "import { readFileSync, watch } from 'node:fs';\r\nexport const f = async () => readFileSync('x');\r\nexport { watch };\r\n",
        "import { watch } from 'node:fs';\r\nimport { readFile } from 'node:fs/promises';\r\nexport const f = async () => await readFile('x');\r\nexport { watch };\r\n",
      ],
    };
    for (const [name, [before, after, extension]] of Object.entries(cases)) {
      it(name, () => assert.equal(fixed(before, extension), after));
    }
  });

  describe('put the await where it belongs', () => {
    const cases: Record<string, string> = {
      'return fs.readFileSync(p).toString();': 'return (await fs.promises.readFile(p)).toString();',
      'return fs.readFileSync(p)[0];': 'return (await fs.promises.readFile(p))[0];',
      'return fs.readFileSync(p)?.length;': 'return (await fs.promises.readFile(p))?.length;',
      'return fs.readFileSync(p)!;': 'return (await fs.promises.readFile(p))!;',
      'return fs.statSync(p).size ** 2;': 'return (await fs.promises.stat(p)).size ** 2;',
      'return [...fs.readdirSync(p)];': 'return [...await fs.promises.readdir(p)];',
      'return `${fs.readFileSync(p)}`;': 'return `${await fs.promises.readFile(p)}`;',
      'for (const x of fs.readdirSync(p)) console.log(x);': 'for (const x of await fs.promises.readdir(p)) console.log(x);',
      "for (let i = fs.statSync(p).size; i > 0; i--) console.log(fs.readFileSync(p, 'utf8'));":
        "for (let i = (await fs.promises.stat(p)).size; i > 0; i--) console.log(await fs.promises.readFile(p, 'utf8'));",
      "return fs.readFileSync(p, 'utf8') as string;": "return await fs.promises.readFile(p, 'utf8') as string;",
      'return (fs.readFileSync(p)).length;': 'return (await fs.promises.readFile(p)).length;',
      'await fs.writeFileSync(p, p);': 'await fs.promises.writeFile(p, p);',
      'return !fs.readFileSync(p).length;': 'return !(await fs.promises.readFile(p)).length;',
      "return fs /* the */ .readFileSync(/* path */ p, 'utf8' /* text */);":
        "return await fs /* the */ .promises.readFile(/* path */ p, 'utf8' /* text */);",
      'using d = fs.opendirSync(p); return d.path;': 'using d = await fs.promises.opendir(p); return d.path;',
      'const d = fs.opendirSync(p); const e = d.readSync(); d.closeSync(); return e;':
        'const d = await fs.promises.opendir(p); const e = await d.read(); await d.close(); return e;',
      'return fs.realpathSync.native(p);': 'return await fs.promises.realpath(p);',
      'let n = 0; n += fs.statSync(p).size; return n;': 'let n = 0; n += (await fs.promises.stat(p)).size; return n;',
      'const a = p\n  fs.readFileSync(p).toString()\n  return a':
        'const a = p\n  ;(await fs.promises.readFile(p)).toString()\n  return a',
      'if (p) { p = p }\n  fs.readFileSync(p).toString()': 'if (p) { p = p }\n  (await fs.promises.readFile(p)).toString()',
      'if (p) p = p\n  fs.readFileSync(p).toString()': 'if (p) p = p\n  ;(await fs.promises.readFile(p)).toString()',
      'const a = { p }\n  fs.readFileSync(p).at(a.p.length)':
        'const a = { p }\n  ;(await fs.promises.readFile(p)).at(a.p.length)',
      'fs.mkdirSync(p)\n  fs.rmdirSync(p)': 'await fs.promises.mkdir(p)\n  await fs.promises.rmdir(p)',
      'return async () => fs.readFileSync(p);': 'return async () => await fs.promises.readFile(p);',
    };
    for (const [before, after] of Object.entries(cases)) it(before, () => assert.equal(inBody(before), after));

    it('in async generators and methods', () => {
      const text =
        "import fs from 'node:fs';\nexport class S {\n  async *all(p: string) {\n    yield fs.readFileSync(p);\n  }\n}\n";
      assert.equal(fixed(text), text.replace('fs.readFileSync', 'await fs.promises.readFile'));
    });

    it('at the top level of a module that awaits already', () => {
      const text = "import fs from 'node:fs';\nawait null;\nconsole.log(fs.readFileSync('x').length);\n";
      assert.equal(fixed(text), text.replace("fs.readFileSync('x')", "(await fs.promises.readFile('x'))"));
    });
  });

  describe('leave alone', () => {
    const cases: Record<string, string> = {
      'a callback that is no async function': 'return [p].map((q) => fs.readFileSync(q));',
      'a reference that is handed on': '[p].forEach(fs.unlinkSync);',
      'a parameter': 'return async (b = fs.readFileSync(p)) => b;',
      'a field': 'return class { b = fs.readFileSync(p); };',
      'a descriptor': 'return fs.readFileSync(fs.openSync(p, "r"));',
      'what may be a descriptor': 'const q: string | number = o.n > 1 ? p : o.n; return fs.readFileSync(q);',
      'a missing file that is no error': 'return fs.statSync(p, { throwIfNoEntry: false })?.size;',
      'options that nobody can see': 'const q: fs.StatSyncOptions = {}; return fs.statSync(p, q)?.size;',
      'arguments that nobody can see': 'return fs.readFileSync(...([p] as const));',
      'an update of what others see': 'o.n += fs.statSync(p).size;',
      'an update in two halves': 'o.n = o.n + fs.statSync(p).size;',
      'a function kept in a variable': 'const read = fs.readFileSync; return read(p);',
      'a computed name': "return fs['readFileSync'](p);",
      'descriptors in use': 'const d = fs.openSync(p, "r"); fs.closeSync(d);',
      'what a comment lets be': 'return fs.readFileSync(p); // interleave-ignore-line',
    };
    for (const [name, statement] of Object.entries(cases)) {
      it(name, () => assert.deepEqual(rewrites(service, at('ts'), body(statement)), []));
    }

    it('files with syntax errors', () =>
      assert.deepEqual(fixesOf(service, at('ts'), `${body('fs.readFileSync(p);')}const = 1;`), []));

    it('what would not compile', () => {
      const statement = 'const d: fs.Dir = fs.opendirSync(p); fs.lchmodSync(p, "x", 3);';
      assert.deepEqual(
        rewrites(service, at('ts'), body(statement)).map(({ title }) => title),
        ['Use `await fs.promises.opendir(…)`', 'Use `await fs.promises.lchmod(…)`'],
      );
    });
  });

  it('are named by what they write', () => {
    const titles = (text: string): string[] => rewrites(service, at('ts'), text).map(({ title }) => title);
    const imports =
      "import { readFileSync, rmSync as remove } from 'node:fs';\nimport * as zlib from 'node:zlib';\nimport { gzipSync } from 'node:zlib';\nimport * as cp from 'node:child_process';\n";
    const statements = [
      "readFileSync('x').length;",
      "remove('x');",
      "await zlib.deflateSync('x');",
      "gzipSync('x');",
      "cp.execSync('ls');",
      "cp.execSync('sleep 1');",
    ];
    assert.deepEqual(titles(`${imports}export async function f() {\n${statements.join('\n')}\n}\n`), [
      'Use `await readFile(…)`',
      'Use `await rm(…)`',
      'Use `await promisify(zlib.deflate)(…)`',
      'Use `await promisify(zlib.gzip)(…)`',
      'Use `await promisify(cp.exec)(…)` (what the child writes to standard error is then collected, not shown)',
      'Use `await setTimeout(ms)` of `node:timers/promises`',
    ]);
    const taken =
      "import { readFileSync } from 'node:fs';\nexport const f = async (readFile: string) => readFileSync(readFile);\n";
    assert.deepEqual(titles(taken), ['Use `await readFileAsync(…)`']);
    const far =
      "import type { Dir } from 'node:fs';\nexport const f = async (holder: { someQuiteLongName: { anotherQuiteLongName: { andOneMoreName: Dir } } }) =>\n" +
      '  holder.someQuiteLongName.anotherQuiteLongName.andOneMoreName.readSync();\n';
    assert.deepEqual(titles(far), ['Use `await ….read(…)`']);
  });

  it('existence and child processes are for people to decide', () => {
    const text =
      "import { existsSync } from 'node:fs';\nimport { execSync, execFileSync } from 'node:child_process';\nexport async function f() {\n" +
      "  if (existsSync('x')) execSync('ls', { cwd: '/' });\n" +
      "  const out = execSync('ls').toString() + execFileSync('ls', ['-l'], { encoding: 'utf8' });\n" +
      "  execSync('ls', { stdio: 'inherit' });\n" +
      '  return out;\n}\n';
    const path = at('ts');
    assert.equal(fixAll(service, path, text), text);
    assert.deepEqual(
      rewrites(service, path, text).map(({ after }) => after.split('\n').filter((line) => !text.includes(`${line}\n`))),
      [
        [
          "import { access } from 'node:fs/promises';",
          "  if (await access('x').then(() => true, () => false)) execSync('ls', { cwd: '/' });",
        ],
        [
          "import { execSync, execFileSync, exec } from 'node:child_process';",
          "import { promisify } from 'node:util';",
          "  if (existsSync('x')) await promisify(exec)('ls', { cwd: '/' });",
        ],
        [
          "import { execSync, execFileSync, exec } from 'node:child_process';",
          "import { promisify } from 'node:util';",
          "  const out = (await promisify(exec)('ls', { encoding: 'buffer' })).stdout.toString() + execFileSync('ls', ['-l'], { encoding: 'utf8' });",
        ],
        [
          "import { execSync, execFile } from 'node:child_process';",
          "import { promisify } from 'node:util';",
          "  const out = execSync('ls').toString() + (await promisify(execFile)('ls', ['-l'], { encoding: 'utf8' })).stdout;",
        ],
      ],
    );
  });

  describe('sleep without holding the loop', () => {
    const sleepImport = "import { setTimeout } from 'node:timers/promises';\n";
    const inFunction = (statement: string): string => {
      const head = "import { performance } from 'node:perf_hooks';\n";
      const text = `${head}export async function f(ms: number, o: { readonly ms: number }) {\n  ${statement}\n  return performance;\n}\n`;
      const after = fixed(text);
      if (after === text) return 'nothing';
      assert.ok(after.startsWith(head + sleepImport), after);
      return after.split('\n').slice(3, -3).join('\n').trim();
    };
    const cases: Record<string, string> = {
      'const end = Date.now() + ms; while (Date.now() < end) {}': 'await setTimeout(ms);',
      'const start = Date.now(); while (Date.now() - start < o.ms) { /* spin */ }': 'await setTimeout(o.ms);',
      'const start = new Date().getTime(); while (new Date().getTime() - start <= 1000 * 2);': 'await setTimeout(1000 * 2);',
      'const t = performance.now(); do {} while (performance.now() - t < 20); console.log(t);':
        'const t = performance.now(); await setTimeout(20); console.log(t);',
      'for (const t = Date.now(); Date.now() - t < ms; ) {}': 'await setTimeout(ms);',
      'const end = ms + Date.now();\n  // Give it time.\n  while (end > Date.now()) {}':
        '// Give it time.\n  await setTimeout(ms);',
      'const t = process.uptime(); while (process.uptime() - t < 2) {}': 'await setTimeout(2000);',
      'let end = Date.now() + ms; end = 5; while (Date.now() < end) {}': 'nothing',
      'const end = Date.now() + ms; console.log(1); while (Date.now() < end) {}': 'nothing',
      'const end = Date.now() + Number(o); while (Date.now() < end) {}': 'nothing',
      'let n = 0; const end = Date.now() + ms; while (Date.now() < end) { n++; } console.log(n);': 'nothing',
      'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);': 'await setTimeout(ms);',
      'const cell = new Int32Array(new SharedArrayBuffer(4)); Atomics.wait(cell, 0, 0, ms);':
        'const cell = new Int32Array(new SharedArrayBuffer(4)); await setTimeout(ms);',
      'const cell = new Int32Array(new SharedArrayBuffer(4)); console.log(cell); Atomics.wait(cell, 0, 0, ms);': 'nothing',
      'console.log(Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms));': 'nothing',
    };
    for (const [before, after] of Object.entries(cases)) it(before, () => assert.equal(inFunction(before), after));

    it('a command that sleeps', () => {
      const text =
        "const { execSync, execFileSync } = require('child_process');\nexports.f = async () => {\n  execSync('sleep 1.5');\n  execFileSync('sleep', ['2']);\n};\n";
      assert.equal(
        fixed(text, 'cjs'),
        "const { setTimeout } = require('timers/promises');\nexports.f = async () => {\n  await setTimeout(1500);\n  await setTimeout(2000);\n};\n",
      );
    });

    it('under another name where a timer is used', () => {
      const text =
        "import 'node:fs';\nexport const f = async () => {\n  setTimeout(() => {}, 5);\n  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 9);\n};\n";
      assert.equal(
        fixed(text),
        "import 'node:fs';\nimport { setTimeout as delay } from 'node:timers/promises';\nexport const f = async () => {\n  setTimeout(() => {}, 5);\n  await delay(9);\n};\n",
      );
    });
  });

  it('silence a rule on a line where nothing else will do', () => {
    const ignored = (text: string): string | undefined => {
      const path = at('ts');
      const [fix] = fixesOf(service, path, text).filter(({ kind }) => kind === 'ignore');
      return fix && text.slice(0, fix.edits[0]!.start) + fix.edits[0]!.newText + text.slice(fix.edits[0]!.end);
    };
    const text = body('fs.readFileSync(p);');
    const after = ignored(text);
    assert.equal(after, text.replace('  fs.', '  // interleave-ignore-next-line blocking-call\n  fs.'));
    assert.deepEqual(fixesOf(service, at('ts'), after), []);
    const known = body('// interleave-ignore-next-line busy-wait\n  fs.readFileSync(p);');
    assert.equal(ignored(known), known.replace('busy-wait', 'busy-wait, blocking-call'));
    assert.equal(ignored(body('return `a\n${fs.readFileSync(p)}`;')), undefined);
  });
});
