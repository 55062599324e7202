import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';
import { fixFormOf } from '../../../src/lint/fixes/fixForms.ts';
import { LintService } from '../../../src/lint/lintService.ts';
import { blockingApis, type BlockingApi } from '../../../src/source/blocking/blockingCatalogue.ts';
import { fixAll, rewrites } from './fixSupport.ts';

const root = resolve(import.meta.dirname, '../../..');

/** Calls of every function of Node that has a fix: what is printed must not change. `d` is a folder of its own, `b` some bytes. */
const calls: Readonly<Record<string, string>> = {
  'fs.accessSync': 'fs.accessSync(d, fs.constants.R_OK)',
  'fs.appendFileSync': "fs.appendFileSync(join(d, 'a'), 'more'); out(fs.readFileSync(join(d, 'a'), 'utf8'))",
  'fs.chmodSync': "fs.chmodSync(join(d, 'a'), 0o600); out(fs.statSync(join(d, 'a')).mode)",
  'fs.chownSync': "fs.chownSync(join(d, 'a'), process.getuid!(), process.getgid!())",
  'fs.copyFileSync': "fs.copyFileSync(join(d, 'a'), join(d, 'c')); out(fs.readdirSync(d).sort())",
  'fs.cpSync': "fs.cpSync(join(d, 'sub'), join(d, 'sub2'), { recursive: true }); out(fs.readdirSync(join(d, 'sub2')))",
  'fs.existsSync': "out(fs.existsSync(d), fs.existsSync(join(d, 'none')))",
  'fs.globSync': "out(fs.globSync('**', { cwd: d }).sort(), fs.globSync(join(d, 'no*')))",
  'fs.lchownSync': "fs.lchownSync(join(d, 'a'), process.getuid!(), process.getgid!())",
  'fs.lchmodSync': "fs.lchmodSync(join(d, 'a'), 0o600)",
  'fs.linkSync': "fs.linkSync(join(d, 'a'), join(d, 'l')); out(fs.statSync(join(d, 'l')).nlink)",
  'fs.lstatSync': "out(fs.lstatSync(join(d, 'a')).size, fs.lstatSync(d, { bigint: true }).isDirectory())",
  'fs.lutimesSync': "fs.lutimesSync(join(d, 'a'), 5, 6); out(fs.statSync(join(d, 'a')).mtimeMs)",
  'fs.mkdirSync': "out(fs.mkdirSync(join(d, 'm/n'), { recursive: true })?.slice(d.length), fs.mkdirSync(join(d, 'o')))",
  'fs.mkdtempSync': "out(fs.mkdtempSync(join(d, 't-')).length)",
  'fs.opendirSync': "const dir = fs.opendirSync(join(d, 'sub')); out(dir.readSync()?.name); dir.closeSync()",
  'fs.readFileSync': "out(fs.readFileSync(join(d, 'a')), fs.readFileSync(join(d, 'a'), { encoding: 'latin1' }).length)",
  'fs.readdirSync': "out(fs.readdirSync(join(d, 'sub'), { withFileTypes: true }).map((e) => e.name))",
  'fs.readlinkSync': "fs.symlinkSync('a', join(d, 's')); out(fs.readlinkSync(join(d, 's')))",
  'fs.realpathSync': "out(fs.realpathSync(join(d, 'sub/..')).length)",
  'fs.realpathSync.native': "out(fs.realpathSync.native(join(d, 'sub/..')).length)",
  'fs.renameSync': "fs.renameSync(join(d, 'a'), join(d, 'z')); out(fs.existsSync(join(d, 'z')))",
  'fs.rmSync': "fs.rmSync(join(d, 'sub'), { recursive: true, force: true }); out(fs.readdirSync(d))",
  'fs.rmdirSync': "fs.mkdirSync(join(d, 'e')); fs.rmdirSync(join(d, 'e'))",
  'fs.statSync': "out(fs.statSync(join(d, 'a')).size)",
  'fs.statfsSync': 'out(fs.statfsSync(d).bsize)',
  'fs.symlinkSync': "fs.symlinkSync('a', join(d, 's')); out(fs.lstatSync(join(d, 's')).isSymbolicLink())",
  'fs.truncateSync': "fs.truncateSync(join(d, 'a'), 2); out(fs.readFileSync(join(d, 'a'), 'utf8'))",
  'fs.unlinkSync': "fs.unlinkSync(join(d, 'a')); out(fs.readdirSync(d))",
  'fs.utimesSync': "fs.utimesSync(join(d, 'a'), 5, 6); out(fs.statSync(join(d, 'a')).mtimeMs)",
  'fs.writeFileSync': "fs.writeFileSync(join(d, 'w'), b, { mode: 0o600 }); out(fs.readFileSync(join(d, 'w')))",
  'child_process.execSync': "out(cp.execSync('echo hi').toString(), cp.execSync('pwd', { cwd: '/', encoding: 'utf8' }))",
  'child_process.execFileSync': "out(cp.execFileSync('echo', ['a b']), cp.execFileSync('pwd', { cwd: '/' }).length)",
  'crypto.argon2Sync':
    "out(crypto.argon2Sync('argon2id', { message: b, nonce: Buffer.alloc(16), parallelism: 1, tagLength: 16, memory: 64, passes: 1 }))",
  'crypto.checkPrimeSync': 'out(crypto.checkPrimeSync(7n), crypto.checkPrimeSync(8n))',
  'crypto.generateKeyPairSync':
    "const { publicKey, privateKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' }); out(publicKey.type, privateKey.type)",
  'crypto.generateKeySync': "out(crypto.generateKeySync('hmac', { length: 64 }).symmetricKeySize)",
  'crypto.generatePrimeSync': 'out(crypto.generatePrimeSync(32).byteLength)',
  'crypto.hkdfSync': "out(Buffer.from(crypto.hkdfSync('sha256', 'k', 's', 'i', 8)))",
  'crypto.pbkdf2Sync': "out(crypto.pbkdf2Sync('p', 's', 10, 8, 'sha1'))",
  'crypto.randomFillSync': 'out(crypto.randomFillSync(Buffer.alloc(4)).length)',
  'crypto.scryptSync': "out(crypto.scryptSync('p', 's', 8))",
  'crypto.randomBytes': 'out(crypto.randomBytes(6000).length)',
  'crypto.pseudoRandomBytes': 'out(crypto.pseudoRandomBytes(6).length)',
  'crypto.randomInt': 'out(crypto.randomInt(1), crypto.randomInt(1, 2))',
  'crypto.sign': "out(crypto.sign('sha256', b, key.privateKey).length > 0)",
  'crypto.verify': "out(crypto.verify('sha256', b, key.publicKey, Buffer.alloc(8)))",
  'crypto.diffieHellman': 'out(crypto.diffieHellman(key).length)',
  'crypto.encapsulate': 'out(crypto.encapsulate(key.publicKey).sharedKey.length > 0)',
  'crypto.decapsulate': 'out(crypto.decapsulate(key.privateKey, crypto.encapsulate(key.publicKey).ciphertext).length > 0)',
  'zlib.brotliCompressSync': 'out(zlib.brotliCompressSync(b))',
  'zlib.brotliDecompressSync': 'out(zlib.brotliDecompressSync(zlib.brotliCompressSync(b)))',
  'zlib.deflateRawSync': 'out(zlib.deflateRawSync(b))',
  'zlib.deflateSync': 'out(zlib.deflateSync(b, { level: 1 }))',
  'zlib.gunzipSync': 'out(zlib.gunzipSync(zlib.gzipSync(b)))',
  'zlib.gzipSync': 'out(zlib.gzipSync(b))',
  'zlib.inflateRawSync': 'out(zlib.inflateRawSync(zlib.deflateRawSync(b)))',
  'zlib.inflateSync': 'out(zlib.inflateSync(zlib.deflateSync(b)))',
  'zlib.unzipSync': 'out(zlib.unzipSync(zlib.gzipSync(b)))',
  'zlib.zstdDecompressSync': 'out(zlib.zstdDecompressSync(zlib.zstdCompressSync(b)))',
  'WebAssembly.Module':
    'const m = new WebAssembly.Module(wasm); out(m instanceof WebAssembly.Module); out(typeof new WebAssembly.Instance(m).exports)',
};

/** Fixes that types keep back: those of `promisify` see one overload, whose arguments these calls have not. */
const keptBack = new Set([
  ...['crypto.argon2Sync', 'crypto.generatePrimeSync', 'crypto.randomFillSync'],
  ...['crypto.randomInt', 'crypto.diffieHellman'],
]);

interface Program {
  readonly name: string;
  readonly text: string;
}

function programOf(name: string, statement: string): Program {
  return {
    name,
    text: `import * as fs from 'node:fs';
import * as cp from 'node:child_process';
import * as crypto from 'node:crypto';
import * as zlib from 'node:zlib';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
const d = fs.mkdtempSync(join(tmpdir(), 'interleave-fixed-'));
fs.writeFileSync(join(d, 'a'), 'text of a');
fs.mkdirSync(join(d, 'sub'));
fs.writeFileSync(join(d, 'sub/b'), 'text of b');
const b = Buffer.from('bytes bytes bytes bytes');
const wasm = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
const key = crypto.generateKeyPairSync('x25519');
const out = (...values: unknown[]) => console.log(...values);
async function run(): Promise<void> {
  ${statement};
}
run()
  .catch((error: Error) => console.log(error.message.replaceAll(d, '')))
  .finally(() => fs.rmSync(d, { recursive: true }));
void [cp, crypto, zlib, b, wasm, key, out];
`,
  };
}

describe('fixed programs', () => {
  const service = new LintService();
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'interleave-fixes-run-'));
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir');
    await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
    const compilerOptions = {
      target: 'ES2024',
      lib: ['ES2024', 'ESNext.Array', 'DOM'],
      module: 'NodeNext',
      strict: true,
      types: ['node'],
      noEmit: true,
    };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
  });
  after(() => rm(folder, { recursive: true }));

  async function run(name: string, text: string): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, text);
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', path]);
    return stdout + stderr.replaceAll(/\(node:\d+\)/g, '');
  }

  /** The text with every fix that is offered, those for people to decide too. */
  function withEveryFix(path: string, text: string): string {
    let current = fixAll(service, path, text);
    for (let round = 0; round < 20; round++) {
      const [next] = rewrites(service, path, current);
      if (!next) return current;
      current = next.after;
    }
    throw new Error('the fixes come to no end');
  }

  it('know every function of Node that has a fix', () => {
    const missing = blockingApis
      .filter((api) => api.origin !== 'package' && fixFormOf(api) && !api.export.startsWith('Dir.prototype'))
      .map(nameOf)
      .filter((name) => !(name in calls) && name !== 'Atomics.wait' && name !== 'WebAssembly.Instance');
    assert.deepEqual(missing, []);
  });

  it('have a fix for all that the catalogue calls mechanical', () => {
    const mechanical = blockingApis.filter(
      ({ origin, autofix }) => origin !== 'package' && autofix.class.startsWith('mechanical'),
    );
    assert.ok(mechanical.length >= 32);
    assert.deepEqual(
      mechanical.filter((api) => !fixFormOf(api)).map(({ id }) => id),
      [],
    );
  });

  const fixed = new Set<string>();
  for (const [name, statement] of Object.entries(calls)) {
    const [module = '', method = ''] = name.split('.');
    if (!isThere(module, method)) continue;
    it(`print the same: ${name}`, async () => {
      const { text } = programOf(name, statement);
      const after = withEveryFix(join(folder, `${name}.ts`), text);
      if (keptBack.has(name)) {
        assert.ok(after.includes(`${name}(`), after);
        return;
      }
      const [, was = ''] = /async function run[^\n]*\n([^\n]*)/.exec(text) ?? [];
      const [, is = ''] = /async function run[^\n]*\n([^\n]*)/.exec(after) ?? [];
      assert.notEqual(is, was);
      assert.ok(!is.includes(`${name}(`), is);
      fixed.add(name);
      const [printed, expected] = await Promise.all([run(`${name}-after.ts`, after), run(`${name}-before.ts`, text)]);
      assert.equal(printed, expected);
    });
  }

  it('compile', () => {
    const config = ts.getParsedCommandLineOfConfigFile(join(folder, 'tsconfig.json'), undefined, {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: () => {},
    });
    const names = Object.keys(calls).filter((name) => fixed.has(name));
    assert.ok(names.length > 40, String(names.length));
    const paths = names.flatMap((name) => [join(folder, `${name}-before.ts`), join(folder, `${name}-after.ts`)]);
    const program = ts.createProgram(paths, config!.options);
    const errors = (path: string): string[] =>
      ts
        .getPreEmitDiagnostics(program, program.getSourceFile(path))
        .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
    // The types of Node may lag behind Node itself.
    const compiled = names.filter((name) => errors(join(folder, `${name}-before.ts`)).length === 0);
    assert.ok(compiled.length > 40, String(compiled.length));
    for (const name of compiled) assert.deepEqual(errors(join(folder, `${name}-after.ts`)), [], name);
  });
});

/** Whether this Node has the function. */
function isThere(module: string, method: string): boolean {
  if (module === 'WebAssembly') return true;
  const exports = (process.getBuiltinModule(module) ?? {}) as Readonly<Record<string, unknown>>;
  return typeof exports[method.split('.')[0]!] === 'function' && Object.keys(exports).includes(method.split('.')[0]!);
}

function nameOf({ id, export: path }: BlockingApi): string {
  return id.startsWith('node:') ? id.slice('node:'.length) : path;
}
