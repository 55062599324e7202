import assert from 'node:assert/strict';
import { cp, mkdtemp, readdir, readFile, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot, runToEnd } from '../install.ts';
import { pictureOfFailure, startSession, type Session } from './session.ts';

/** All that packaging reads. */
const sources = [
  'package.json',
  'package.nls.json',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
  '.vscodeignore',
  'esbuild.config.mjs',
  'src',
  'media',
  'syntaxes',
];
const maxBytes = 4 * 1024 * 1024;

describe('the packaged extension', () => {
  let scratch: string;
  let vsix: string;
  let session: Session | undefined;

  before(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'interleave-package-'));
    // A copy: packaging empties dist, which other suites use.
    const copy = join(scratch, 'project');
    for (const name of sources) await cp(join(projectRoot, name), join(copy, name), { recursive: true });
    await symlink(join(projectRoot, 'node_modules'), join(copy, 'node_modules'));
    vsix = join(scratch, 'interleave.vsix');
    await runToEnd('npm', ['run', 'package', '--', '--out', vsix], copy, process.env);
  });
  afterEach(function () {
    return pictureOfFailure(session, this.currentTest);
  });
  after(async () => {
    await session?.end();
    await rm(scratch, { recursive: true, force: true });
  });

  it('is under 4 MB', async () => {
    const { size } = await stat(vsix);
    console.log(`      ${(size / 1024 / 1024).toFixed(2)} MB`);
    assert.ok(size < maxBytes, `${size} bytes`);
  });

  it('holds what it needs and nothing else', async () => {
    const names = zipNames(await readFile(vsix)).map((name) => name.replace(/^extension\//, ''));
    const wanted =
      /^(?:dist|media|syntaxes)\/|^(?:README\.md|readme\.md|CHANGELOG\.md|changelog\.md|LICENSE(?:\.txt)?|package\.json|package\.nls\.json|\[Content_Types\]\.xml|extension\.vsixmanifest)$/;
    assert.deepEqual(
      names.filter((name) => !wanted.test(name) || /\.map$|\.test\./.test(name)),
      [],
    );
    for (const name of [
      'dist/extension.cjs',
      'dist/runtime/bootloader.cjs',
      'dist/ts-morph.cjs',
      'dist/webview/timeline.js',
      'media/examples/sleep-together.ts',
    ]) {
      assert.ok(names.includes(name), `${name} is missing`);
    }
  });

  it('traces an example it ships, from where it was installed', async () => {
    session = await startSession({ trusted: true, fromSource: false, vsix });
    const { editor, server } = session;
    const installed = await readdir(join(server.home, 'extensions'));
    assert.ok(
      installed.some((name) => name.startsWith('interleave.interleave-')),
      installed.join(' '),
    );
    await editor.runCommand('Interleave: Open an Example');
    await editor.choose('sleep-together.ts');
    await editor.runCommand('Interleave: Trace async run');
    const frame = await editor.webview(/count #3/);
    assert.match(await frame.evaluate(() => document.body.innerText), /main/);
    await editor.screenshot('packaged');
  });
});

/** Names of the files in a zip archive, from its central directory (APPNOTE.TXT 4.3.12, 4.3.16). */
function zipNames(zip: Buffer): string[] {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  const names: string[] = [];
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const [name, extra, comment] = [zip.readUInt16LE(at + 28), zip.readUInt16LE(at + 30), zip.readUInt16LE(at + 32)];
    names.push(zip.toString('utf8', at + 46, at + 46 + name));
    at += 46 + name + extra + comment;
  }
  return names;
}
