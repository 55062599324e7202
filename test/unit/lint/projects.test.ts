import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { LintService } from '../../../src/lint/lintService.ts';
import { ProjectStore } from '../../../src/source/project/project.ts';

const load = "import { readFileSync } from 'fs';\nexport function load(path: string) { return readFileSync(path); }\n";
const user = (specifier: string): string => `import { load } from '${specifier}';\nexport async function run() { load('a'); }\n`;

/** Projects as people lay them out, in a folder of their own: what a check finds behind a helper in another file. */
describe('projects of the lint', () => {
  let folder: string;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'interleave-projects-')));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function write(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
  }
  function check(name: string, text?: string, service = new LintService()): string[] {
    const path = join(folder, name);
    const answer = service.answer({ type: 'check', requestId: 1, path, ...(text === undefined ? {} : { text }) });
    assert.equal(answer.type, 'findings');
    return answer.findings.map(({ line, chain }) => `${line} ${chain.map((step) => `${step.name}:${step.line}`).join(' ')}`);
  }

  it('take path aliases from a configuration that is extended', () => {
    write({
      'tsconfig.base.json':
        '{ "compilerOptions": { "module": "ESNext", "moduleResolution": "Bundler", "paths": { "@lib/*": ["./src/lib/*"] } } }',
      'tsconfig.json': '{ "extends": "./tsconfig.base.json", "include": ["src"] }',
      'src/lib/load.ts': load,
      'src/main.ts': user('@lib/load'),
    });
    assert.deepEqual(check('src/main.ts'), ['2 load:2 fs.readFileSync:2']);
  });

  it('do without a configuration, and with files that none includes', () => {
    write({
      'load.ts': load,
      'main.ts': user('./load'),
      'src/tsconfig.json': '{ "include": ["*.ts"] }',
      'src/tools/main.ts': user('../../load'),
    });
    assert.deepEqual(check('main.ts'), ['2 load:2 fs.readFileSync:2']);
    assert.deepEqual(check('src/tools/main.ts'), ['2 load:2 fs.readFileSync:2']);
  });

  it('follow imports of another project’s sources and of linked packages', () => {
    write({
      'tsconfig.json': '{ "files": [], "references": [{ "path": "core" }, { "path": "app" }] }',
      'core/tsconfig.json': '{ "compilerOptions": { "composite": true, "module": "NodeNext" } }',
      'core/package.json': '{ "name": "@me/core", "type": "module", "types": "./load.ts" }',
      'core/load.ts': load,
      'app/tsconfig.json':
        '{ "compilerOptions": { "composite": true, "module": "NodeNext", "outDir": "dist" }, "references": [{ "path": "../core" }] }',
      'app/package.json': '{ "name": "app", "type": "module" }',
      'app/relative.ts': user('../core/load.js'),
      'app/linked.ts': user('@me/core'),
    });
    mkdirSync(join(folder, 'node_modules/@me'), { recursive: true });
    symlinkSync(join(folder, 'core'), join(folder, 'node_modules/@me/core'), 'junction');
    assert.deepEqual(check('app/relative.ts'), ['2 load:2 fs.readFileSync:2']);
    assert.deepEqual(check('app/linked.ts'), ['2 load:2 fs.readFileSync:2']);
  });

  it('read JavaScript without types, circular imports and files that do not parse', () => {
    write({
      'main.js': "const { load } = require('./load');\nexports.run = async () => { load('a'); };\n",
      'load.js': "const fs = require('fs');\nfunction load(p) { return fs.readFileSync(p); }\nexports.load = load;\n",
      'a.ts':
        "import { b } from './b';\nimport { readFileSync } from 'fs';\nexport const leaf = () => readFileSync('x');\nexport async function a() { b(); }\n",
      'b.ts': "import { leaf } from './a';\nexport function b() { return leaf(); }\n",
      'broken.ts': `${load}export async function run() {\n  load('a');\n  const = {{{\n`,
      'user.ts': user('./broken'),
    });
    assert.deepEqual(check('main.js'), ['2 load:2 fs.readFileSync:2']);
    assert.deepEqual(check('a.ts'), ['4 b:2 leaf:3 fs.readFileSync:3']);
    assert.deepEqual(check('broken.ts'), ['4 load:2 fs.readFileSync:2']);
    assert.deepEqual(check('user.ts'), ['2 load:2 fs.readFileSync:2']);
  });

  it('hold texts without a file, with what they import and what imports them', () => {
    write({ 'load.ts': load, 'main.ts': user('./Untitled-1') });
    const service = new LintService();
    assert.deepEqual(check('Untitled-1.ts', user('./load'), service), ['2 load:2 fs.readFileSync:2']);
    assert.deepEqual(check('main.ts', undefined, service), []);
    check('Untitled-1.ts', load, service);
    assert.deepEqual(check('main.ts', undefined, service), ['2 load:2 fs.readFileSync:2']);
    service.answer({ type: 'close', requestId: 2, path: join(folder, 'Untitled-1.ts') });
    assert.deepEqual(check('main.ts', undefined, service), []);
  });

  it('bring in all their files where that is asked for, once, and not where there are too many', () => {
    write({ 'tsconfig.json': '{ "include": ["src"] }', 'src/a.ts': 'export {};', 'src/b.ts': load, 'other/c.ts': load });
    const path = join(folder, 'src/a.ts');
    const names = (store: ProjectStore): string[] =>
      store
        .load(path)
        .program.getRootFileNames()
        .map((name) => name.slice(folder.length + 1));
    const store = new ProjectStore();
    assert.deepEqual(names(store), ['src/a.ts']);
    assert.deepEqual(store.filesOfProject(path, 1), []);
    assert.deepEqual(
      store.filesOfProject(path, 2).map((name) => name.slice(folder.length + 1)),
      ['src/a.ts', 'src/b.ts'],
    );
    assert.deepEqual(store.filesOfProject(join(folder, 'src/b.ts'), 2), [], 'asked for already');
    const another = new ProjectStore();
    another.announce(another.filesOfProject(path, 2));
    assert.deepEqual(names(another).sort(), ['src/a.ts', 'src/b.ts']);
    assert.deepEqual(new ProjectStore().filesOfProject(join(tmpdir(), 'none.ts'), 9), []);
  });
});
