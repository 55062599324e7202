import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { lintPaths, type LintResult } from '../../../src/lint/lintPaths.ts';
import { LintClient, LintFailedError, stale, type CheckedFile } from '../../../src/run/lintClient.ts';

const root = resolve(import.meta.dirname, '../../..');
const workerPath = join(root, 'dist/lint-worker.cjs');
const blocking = "import fs from 'node:fs';\nexport async function load() {\n  return fs.readFileSync('x');\n}\n";

describe('the lint worker', () => {
  let folder: string;
  let client: LintClient;

  before(() => {
    const bundles = existsSync(join(root, 'dist/ts-morph.cjs')) ? ['lint-worker'] : ['lint-worker', 'ts-morph'];
    for (const name of bundles) execFileSync(process.execPath, ['esbuild.config.mjs', `--only=${name}`], { cwd: root });
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'interleave-lint-'));
    client = new LintClient({ workerPath });
  });
  afterEach(async () => {
    await client.dispose();
    rmSync(folder, { recursive: true });
  });

  function write(name: string, text: string): string {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  }
  async function check(path: string, text?: string): Promise<CheckedFile> {
    const answer = await client.check(path, text);
    assert.notEqual(answer, stale);
    return answer as CheckedFile;
  }
  const places = ({ findings }: CheckedFile): string[] => findings.map(({ rule, line, column }) => `${line}:${column} ${rule}`);
  function lint(...paths: string[]): Promise<LintResult> {
    return lintPaths(paths, { cwd: folder, check, load: (files) => client.load(files) });
  }

  it('reads the file, prefers the unsaved text, and goes back to the file when it is closed', async () => {
    const path = write('a.ts', blocking);
    assert.deepEqual(places(await check(path)), ['3:10 blocking-call']);
    assert.deepEqual(places(await check(path, `\n${blocking}`)), ['4:10 blocking-call']);
    assert.deepEqual(places(await check(path, 'export const a = 1;')), []);
    await client.close(path);
    assert.deepEqual(places(await check(path)), ['3:10 blocking-call']);
  });

  it('sees another file’s unsaved text and its changes on disk', async () => {
    const user = write('user.ts', "import { read } from './lib.ts';\nexport const run = async () => read('x');\n");
    const lib = write('lib.ts', 'export const read = (path: string) => path;\n');
    assert.deepEqual(places(await check(user)), []);
    await check(lib, "import { readFileSync } from 'node:fs';\nexport const read = readFileSync;\n");
    assert.deepEqual(places(await check(user)), ['2:32 blocking-call']);
    await client.close(lib);
    assert.deepEqual(places(await check(user)), []);
    write('lib.ts', "import { statSync } from 'node:fs';\nexport const read = statSync;\n");
    // Files on disk are looked at once a second.
    await new Promise((done) => setTimeout(done, 1100));
    assert.deepEqual(places(await check(user)), ['2:32 blocking-call']);
  });

  it('answers await points and outlines', async () => {
    const path = write('a.ts', 'export async function load(): Promise<number> {\n  return await Promise.resolve(1);\n}\n');
    const info = await client.awaitPoint(path, 2, 12);
    assert.ok(info !== stale && info !== undefined);
    assert.equal(info.resultType, 'number');
    const outline = await client.outline(path, 'export async function other() {}');
    assert.ok(outline !== stale);
    assert.deepEqual(
      outline.functions.map(({ name }) => name),
      ['other'],
    );
  });

  it('answers only the last of several checks of one file', async () => {
    const path = write('a.ts', blocking);
    const other = write('b.ts', blocking);
    await check(path);
    const answers = await Promise.all([
      ...Array.from({ length: 20 }, (_, round) => client.check(path, `${'\n'.repeat(round)}${blocking}`)),
      client.check(other),
    ]);
    const real = answers.filter((answer) => answer !== stale);
    assert.ok(real.length < 21, 'none was stale');
    assert.deepEqual(places(answers[19] as CheckedFile), ['22:10 blocking-call']);
    assert.deepEqual(places(answers[20] as CheckedFile), ['3:10 blocking-call']);
  });

  it('fails a request for a file that cannot be read and goes on', async () => {
    await assert.rejects(client.outline(join(folder, 'missing.ts')), LintFailedError);
    assert.equal((await check(join(folder, 'missing.ts'))).note, 'The file cannot be read.');
    assert.deepEqual(places(await check(write('a.ts', blocking))), ['3:10 blocking-call']);
  });

  it('fails what is open when it is stopped, and everything later', async () => {
    const path = write('a.ts', blocking);
    const open = client.check(path);
    const failed = assert.rejects(open, LintFailedError);
    await client.dispose();
    await failed;
    await assert.rejects(client.check(path), LintFailedError);
  });

  it('comes back after it died', async () => {
    const path = write('a.ts', blocking);
    const small = new LintClient({ workerPath, maxHeapMb: 8 });
    await assert.rejects(small.check(path), LintFailedError);
    await small.dispose();
    const wrong = new LintClient({ workerPath: join(folder, 'nothing.cjs') });
    await assert.rejects(wrong.check(path), LintFailedError);
    await assert.rejects(wrong.check(path), LintFailedError);
    await wrong.dispose();
  });

  it('does without a tsconfig.json, with a broken one, and with one that lists others', async () => {
    write('none.ts', blocking);
    await mkdir(join(folder, 'broken'));
    await writeFile(join(folder, 'broken/tsconfig.json'), '{ "compilerOptions": { "target": ');
    const broken = write('broken/a.ts', blocking);
    await mkdir(join(folder, 'solution/app'), { recursive: true });
    await writeFile(join(folder, 'solution/tsconfig.json'), '{ "files": [], "references": [{ "path": "./tsconfig.app.json" }] }');
    await writeFile(
      join(folder, 'solution/tsconfig.app.json'),
      '{ "compilerOptions": { "paths": { "~/*": ["./app/*"] }, "module": "Preserve" }, "include": ["app"] }',
    );
    write('solution/app/lib.ts', "export { readFileSync as read } from 'node:fs';\n");
    const user = write('solution/app/user.ts', "import { read } from '~/lib';\nexport const run = async () => read('x');\n");
    assert.deepEqual(places(await check(join(folder, 'none.ts'))), ['3:10 blocking-call']);
    const found = await check(broken);
    assert.deepEqual(places(found), ['3:10 blocking-call']);
    assert.match(found.note ?? '', /tsconfig\.json cannot be read/);
    assert.deepEqual(places(await check(user)), ['2:32 blocking-call']);
  });

  it('lives through code that is nested too deeply', async () => {
    const nested = (depth: number): string => `export const a = ${'('.repeat(depth)}1${')'.repeat(depth)};\n`;
    const path = write('deep.js', nested(200_000));
    write('long.js', `${'a'}${'.b()'.repeat(3000)};\n`);
    write('fine.ts', blocking);
    const result = await lint('.');
    assert.deepEqual(
      result.findings.map(({ path: at, line }) => `${at.slice(folder.length + 1)}:${line}`),
      ['fine.ts:3'],
    );
    assert.deepEqual(result.notes, [{ path, text: 'Not checked: nested too deeply, most likely generated.' }]);
    await assert.rejects(client.outline(path), /nested too deeply/);
  });

  it('lints folders, leaves out what is no source, and says what it skipped', async () => {
    await mkdir(join(folder, 'src/node_modules/dep'), { recursive: true });
    await mkdir(join(folder, 'src/.cache'));
    write('src/a.ts', blocking);
    write('src/b.js', blocking);
    write('src/broken.ts', `${blocking}const = {{{;\n`);
    write('src/empty.ts', '');
    write('src/types.d.ts', 'export {};\n');
    write('src/.cache/c.ts', blocking);
    write('src/node_modules/dep/d.ts', blocking);
    write('src/readme.md', '');
    write('src/generated.js', `${'var a = "0123456789abcdef0123456789abcdef";\n'.repeat(125_000)}${blocking}`);
    const result = await lint('src', 'nowhere', 'src/readme.md');
    assert.deepEqual(
      result.files.map((path) => path.slice(folder.length + 1)),
      ['src/a.ts', 'src/b.js', 'src/broken.ts', 'src/empty.ts', 'src/generated.js'],
    );
    assert.deepEqual(
      result.findings.map(({ path, line }) => `${path.slice(folder.length + 1)}:${line}`),
      ['src/a.ts:3', 'src/b.js:3', 'src/broken.ts:3'],
    );
    assert.deepEqual(
      result.notes.map(({ path, text }) => `${path.slice(folder.length + 1)}: ${text}`),
      [
        'nowhere: There is no such file or folder.',
        'src/readme.md: Not a JavaScript or TypeScript file.',
        'src/generated.js: Not checked: longer than 2 MiB, most likely generated.',
      ],
    );
  });
});
