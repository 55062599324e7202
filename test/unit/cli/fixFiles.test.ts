import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fixFiles, fixSummary, type FixOptions } from '../../../src/cli/fixFiles.ts';
import { LintService } from '../../../src/lint/lintService.ts';
import type { LintFix, LintOptions } from '../../../src/shared/lintMessages.ts';

const root = resolve(import.meta.dirname, '../../..');
const blocking = "import fs from 'node:fs';\nexport async function load(p: string) {\n  return fs.readFileSync(p);\n}\n";
const mended = blocking.replace('fs.readFileSync', 'await fs.promises.readFile');

describe('fixing files', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'interleave-fix-'));
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** The worker's service, asked directly. `meanwhile` runs before each answer. */
  function client(meanwhile: (path: string) => void = () => {}): FixOptions['client'] {
    const service = new LintService();
    return {
      fixAll(path: string, text?: string, options?: LintOptions): Promise<LintFix | undefined> {
        const about = { ...(text === undefined ? {} : { text }), ...(options ? { options } : {}) };
        const response = service.answer({ type: 'fixes', requestId: 1, path, want: 'all-safe', ...about });
        assert.equal(response.type, 'fixes');
        meanwhile(path);
        return Promise.resolve(response.fixes[0]);
      },
      load(paths) {
        service.answer({ type: 'load', requestId: 1, paths });
        return Promise.resolve();
      },
      close(path) {
        service.answer({ type: 'close', requestId: 1, path });
        return Promise.resolve();
      },
    };
  }
  function write(name: string, text: string): string {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  async function fix(paths: readonly string[], using = client(), lint: LintOptions = {}): Promise<string> {
    return fixSummary(await fixFiles(paths, { cwd: folder, client: using, lint }), folder);
  }

  it('writes what is safe, says how much, and has nothing to do the second time', async () => {
    write('a.ts', blocking);
    const both =
      "import { readFileSync, statSync } from 'node:fs';\nexports.f = async () => readFileSync('x', statSync('y').size);\n";
    write('sub/b.js', both);
    write('fine.ts', mended);
    assert.equal(await fix(['.']), 'Fixed 3 findings in 2 files.\n');
    assert.equal(read('a.ts'), mended);
    assert.equal(
      read('sub/b.js'),
      "import { readFile, stat } from 'node:fs/promises';\nexports.f = async () => await readFile('x', (await stat('y')).size);\n",
    );
    assert.equal(await fix(['.']), 'Nothing that could be fixed.\n');
    assert.deepEqual(readdirSync(folder).sort(), ['a.ts', 'fine.ts', 'node_modules', 'sub']);
  });

  it('keeps mode, byte order mark, and links', async () => {
    const path = write('tool.ts', `\uFEFF${blocking}`);
    chmodSync(path, 0o755);
    symlinkSync(path, join(folder, 'link.ts'));
    assert.equal(await fix(['link.ts']), 'Fixed 1 finding in 1 file.\n');
    assert.equal(read('tool.ts'), `\uFEFF${mended}`);
    assert.equal(statSync(path).mode & 0o777, 0o755);
  });

  it('leaves alone what has syntax errors, is a dependency, is off, or is no UTF-8', async () => {
    const broken = `${blocking}const = 1;\n`;
    write('broken.ts', broken);
    rmSync(join(folder, 'node_modules'));
    const dependency = write('node_modules/dep/a.ts', blocking);
    const bytes = Buffer.concat([Buffer.from(blocking), Buffer.from([0x2f, 0x2f, 0xff, 0x0a])]);
    writeFileSync(join(folder, 'latin.ts'), bytes);
    assert.equal(await fix(['broken.ts', dependency, 'latin.ts']), 'Nothing that could be fixed.\n');
    assert.equal(read('broken.ts'), broken);
    assert.equal(readFileSync(dependency, 'utf8'), blocking);
    assert.deepEqual(readFileSync(join(folder, 'latin.ts')), bytes);
    write('a.ts', blocking);
    assert.equal(await fix(['a.ts'], client(), { rules: { 'blocking-call': 'off' } }), 'Nothing that could be fixed.\n');
  });

  it('leaves alone a file that is written meanwhile', async () => {
    write('a.ts', blocking);
    write('b.ts', blocking);
    const using = client((path) => {
      if (path.endsWith('a.ts')) writeFileSync(path, '// another text\n');
    });
    assert.equal(
      await fix(['a.ts', 'b.ts'], using),
      'a.ts: Not fixed: the file changed meanwhile.\nFixed 1 finding in 1 file.\n',
    );
    assert.equal(read('a.ts'), '// another text\n');
    assert.equal(read('b.ts'), mended);
    assert.deepEqual(readdirSync(folder).sort(), ['a.ts', 'b.ts', 'node_modules']);
  });

  it('comes to an end where a fix brings about another', async () => {
    write('a.ts', blocking);
    let asked = 0;
    const endless: FixOptions['client'] = {
      ...client(),
      fixAll: () => {
        asked++;
        const edits = [{ path: '', start: 0, end: 0, newText: '//\n' }];
        const about = { title: '', kind: 'rewrite', rule: '', line: 1, column: 1, safe: true, findings: 1 } as const;
        return Promise.resolve({ ...about, edits });
      },
    };
    await fix(['a.ts'], endless);
    assert.equal(asked, 10);
    assert.equal(read('a.ts'), '//\n'.repeat(10) + blocking);
  });
});
