import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { TraceRecord } from '../../../src/shared/traceRecords.ts';
import { TransformService } from '../../../src/run/transformService.ts';
import { nodes } from '../support/nodes.ts';
import { buildDist, makeFolder, removeFolder, runTraced, writeFiles, type RunOptions, type TracedRun } from './support.ts';

const filesOf = (records: readonly TraceRecord[], root: string): string[] =>
  records.flatMap((record) =>
    record.type === 'file' ? [`${record.path.replace(`${root}/`, '')}: ${record.reason ?? record.status}`] : [],
  );

for (const node of nodes) {
  describe(`loading files, Node ${node.version}`, () => {
    let folder: string;
    let transforms: TransformService;
    before(async () => {
      folder = makeFolder();
      await buildDist(join(folder, 'dist'));
      transforms = new TransformService({ workerPath: join(folder, 'dist', 'instrument-worker.cjs') });
    });
    after(async () => {
      await transforms.dispose();
      removeFolder(folder);
    });

    let count = 0;
    /** Runs the first of the files in a fresh folder. */
    async function run(
      files: Readonly<Record<string, string>>,
      more: Partial<RunOptions> = {},
    ): Promise<TracedRun & { readonly root: string }> {
      const root = join(folder, `case-${++count}`);
      writeFiles(root, files);
      const entry = join(root, Object.keys(files)[0] ?? '');
      const traced = await runTraced({ entry, root, distDir: join(folder, 'dist'), nodePath: node.path, transforms, ...more });
      return { ...traced, root };
    }
    async function output(files: Readonly<Record<string, string>>, more: Partial<RunOptions> = {}): Promise<string> {
      const { stdout, stderr } = await run(files, more);
      assert.equal(stderr, '');
      return stdout;
    }

    const noticesOf = ({ records }: TracedRun): string[] =>
      records.flatMap((record) => (record.type === 'notice' ? [record.text] : []));

    it('runs TypeScript as CommonJS, as ES modules, and in either direction', async () => {
      const text = await output({
        'main.mts': `import { b } from './b.cts'; import c from './c.ts'; import { createRequire } from 'node:module';\nconsole.log(b as number, c.d(2), (createRequire(import.meta.url)('./b.cts') as { b: number }).b);`,
        'b.cts': `const b: number = 1; exports.b = b;`,
        'c.ts': `import { d } from './d.mts';\nexport default { d };`,
        'd.mts': `export const d = (n: number): number => n * 10;`,
      });
      assert.equal(text, '1 20 1\n');
    });

    it('names what a loader of the program loads past it, and nothing else', async () => {
      const loader = (compile: string): string =>
        `const fs = require('node:fs'); const node = require.extensions['.js']; require.extensions['.js'] = (module, file) => ${compile};\nrequire('./lib/a'); require('pkg');`;
      const files = { 'lib/a.js': `require('./b');`, 'lib/b.js': '', 'node_modules/pkg/index.js': '' };
      const past = await run({ 'main.cjs': loader(`module._compile(fs.readFileSync(file, 'utf8'), file)`), ...files });
      assert.equal(past.stderr, '');
      assert.match(noticesOf(past).join('\n'), /^lib.a\.js, lib.b\.js were loaded past [^]*not instrumented$/);
      const through = await run({ 'main.cjs': loader('node(module, file)'), ...files });
      assert.deepEqual(noticesOf(through), []);
      writeFiles(folder, { 'early.js': '' });
      const early = await run(
        { 'main.cjs': '' },
        { root: folder, env: { ...process.env, NODE_OPTIONS: `--require ${join(folder, 'early.js')}` } },
      );
      assert.match(noticesOf(early).join('\n'), /^early\.js was loaded past Interleave [^]*not instrumented$/);
    });

    it('names ES modules that a load hook of the program makes itself', async () => {
      const main = (answer: string): string =>
        `import * as node from 'node:module';
node.registerHooks?.({ load: (url, context, next) => (url.endsWith('?made') ? ${answer} : next(url, context)) });
console.log((await import('./lib/a.mjs?made')).a, node.registerHooks !== undefined);`;
      const files = { 'lib/a.mjs': `export { a } from './b.mjs';`, 'lib/b.mjs': 'export const a = 1;', 'x.json': '{}' };
      const made = `{ format: 'module', source: 'export const a = 2;', shortCircuit: true }`;
      const past = await run({ 'main.mjs': main(made), ...files });
      assert.equal(past.stderr, '');
      const through = await run({ 'main.mjs': main('next(url, context)'), ...files });
      assert.deepEqual(noticesOf(through), []);
      // Without such hooks it is loaded as any other.
      const hasHooks = past.stdout !== '1 false\n';
      assert.equal(past.stdout, hasHooks ? '2 true\n' : '1 false\n');
      const said = hasHooks
        ? /^lib.a\.mjs was loaded past Interleave \(by the program's own load hook [^]*not instrumented$/
        : /^$/;
      assert.match(noticesOf(past).join('\n'), said);
    });

    it('runs a CommonJS TypeScript entry that requires TypeScript', async () => {
      const text = await output({
        'main.ts': `const { x } = require('./x.ts') as { x: number };\nconsole.log(x, require.main === module, typeof __filename);`,
        'x.ts': `exports.x = 4 as number;`,
        'package.json': '{ "type": "commonjs" }',
      });
      assert.equal(text, '4 true string\n');
    });

    it('finds .js, .mjs and .cjs imports that mean TypeScript, and names without extension or of folders', async () => {
      const module = await output({
        'main.mts': `import { a } from './a.js'; import { b } from './b.mjs'; import { c } from './c.cjs'; import { d } from './d'; import { e } from './e';\nconsole.log(a, b, c, d, e);`,
        'a.ts': `export const a: number = 1;`,
        'b.mts': `export const b: number = 2;`,
        'c.cts': `exports.c = 3 as number;`,
        'd.ts': `export const d: number = 4;`,
        'e/index.ts': `export const e: number = 5;`,
        'package.json': '{ "type": "module" }',
      });
      assert.equal(module, '1 2 3 4 5\n');
      const commonJs = await output({
        'main.cts': `console.log(require('./a.js').a as number, require('./b').b, require('./c').c);`,
        'a.ts': `exports.a = 1 as number;`,
        'b.ts': `exports.b = 2 as number;`,
        'c/index.cts': `exports.c = 3 as number;`,
        'package.json': '{ "type": "commonjs" }',
      });
      assert.equal(commonJs, '1 2 3\n');
    });

    it('prefers what Node finds itself', async () => {
      const text = await output({
        'main.mts': `import { a } from './a.js';\nconsole.log(a as string);`,
        'a.js': `export const a = 'js';`,
        'a.ts': `export const a = 'ts';`,
        'package.json': '{ "type": "module" }',
      });
      assert.equal(text, 'js\n');
    });

    it('finds imports by paths and baseUrl of the importing file', async () => {
      const map = (mapping: object): string => `//map: ${JSON.stringify(mapping)}\n`;
      const root = join(folder, `case-${count + 1}`);
      const mapping = {
        base: root,
        paths: { '@lib/*': ['lib/*'], '@lib/exact': ['other/exact.ts'], only: ['lib/only'] },
        baseUrl: join(root, 'base'),
      };
      const text = await output({
        'main.mts': `${map(mapping)}import { a } from '@lib/a'; import { b } from '@lib/exact'; import { c } from 'only'; import { d } from 'deep/d'; import fs from 'fs';\nconsole.log(a as number, b, c, d, typeof fs.readFileSync);`,
        'lib/a.ts': `export const a: number = 1;`,
        'other/exact.ts': `export const b: number = 2;`,
        'lib/only.ts': `export const c: number = 3;`,
        'base/deep/d.ts': `export const d: number = 4;`,
        'package.json': '{ "type": "module" }',
      });
      assert.equal(text, '1 2 3 4 function\n');
    });

    it('instruments what lies in the root, converts TypeScript anywhere, leaves the rest alone', async () => {
      const outside = join(folder, 'outside');
      writeFiles(outside, {
        'package.json': '{ "name": "linked", "type": "module", "exports": "./index.ts" }',
        'index.ts': `export const linked: string = 'linked';`,
      });
      const files = {
        'main.mjs': `import { linked } from 'linked'; import { dep } from 'dep'; import { gen } from './generated/gen.mjs'; import { own } from './own.mjs';\nconsole.log(linked, dep, gen, own);`,
        'own.mjs': `export const own = 'own';`,
        'generated/gen.mjs': `export const gen = 'gen';`,
        'node_modules/dep/index.mjs': `export const dep = 'dep';`,
        'node_modules/dep/package.json': `{ "name": "dep", "exports": "./index.mjs" }`,
      };
      const root = join(folder, `case-${count + 1}`);
      writeFiles(root, files);
      symlinkSync(outside, join(root, 'node_modules', 'linked'));
      const { stdout, stderr, records } = await run(files, { exclude: ['**/node_modules/**', 'generated'] });
      assert.deepEqual([stdout, stderr], ['linked dep gen own\n', '']);
      assert.deepEqual(
        filesOf(records, root).sort(),
        ['main.mjs: instrumented', `${outside}/index.ts: it lies outside the traced folder`, 'own.mjs: instrumented'].sort(),
      );
    });

    it('instruments the entry wherever it lies, also through a link', async () => {
      const elsewhere = join(folder, 'elsewhere');
      writeFiles(elsewhere, { 'real.mjs': `console.log('real');` });
      symlinkSync(join(elsewhere, 'real.mjs'), join(folder, 'link.mjs'));
      const { stdout, records } = await run({ 'unused.mjs': '' }, { entry: join(folder, 'link.mjs') });
      assert.equal(stdout, 'real\n');
      assert.deepEqual(filesOf(records, elsewhere), ['real.mjs: instrumented']);
    });

    it('leaves an entry alone that is excluded by name, and not what it loads', async () => {
      const files = { 'main.mjs': `import { own } from './own.mjs';\nconsole.log(own);`, 'own.mjs': `export const own = 'own';` };
      const { stdout, records, root } = await run(files, { exclude: ['**/node_modules/**', 'main.*'] });
      assert.equal(stdout, 'own\n');
      assert.deepEqual(filesOf(records, root), ['own.mjs: instrumented']);
    });

    it('hands a file it cannot read or convert to Node', async () => {
      const { stderr, result, records, root } = await run({ 'bad.mjs': '//left: it does not parse\nlet let = 1;' });
      assert.match(stderr, /SyntaxError/);
      assert.equal(result.code, 1);
      assert.deepEqual(filesOf(records, root), ['bad.mjs: it does not parse']);
    });

    describe('calling one function', () => {
      const call = (exportName: string, ...args: unknown[]) => ({ call: { exportName, args } });
      const files = {
        'main.ts': `export async function greet(name: string, more?: { times: number }): Promise<void> { await null; console.log('hello', name, more, process.argv.length, process.argv[1]?.endsWith('main.ts'), process.execArgv); }
export default async function () { console.log('default'); }
export async function* numbers() { yield 1; console.log('second'); yield 2; console.log('end'); }
export async function fails(): Promise<void> { await null; throw new RangeError('on purpose'); }
export const notAFunction = 1;
export async function hangs() { await new Promise(() => {}); }`,
        'package.json': '{ "type": "module" }',
      };
      it('with arguments', async () => {
        assert.equal(await output(files, call('greet', 'Ada', { times: 2 })), 'hello Ada { times: 2 } 2 true []\n');
        assert.equal(await output(files, call('default')), 'default\n');
        const { records, events } = await run(
          {
            'a.cjs':
              '//sites: function f\nexports.f = async () => { const __il_t = __il_e($1); __il_k(__il_t); __il_f(__il_t); };',
          },
          call('f', 1, 'x'),
        );
        const first = records[0];
        assert.ok(first?.type === 'run' && first.functionName === 'f');
        assert.deepEqual(first.args, ['1', '"x"']);
        assert.ok(events.includes('settle 1 returned'));
      });
      it('a generator to its end, and one that never settles', async () => {
        assert.equal(await output(files, call('numbers')), 'second\nend\n');
        assert.equal(await output(files, call('hangs')), '');
      });
      it('that fails: as Node tells of any unhandled rejection', async () => {
        const { stderr, result } = await run(files, call('fails'));
        assert.match(stderr, /RangeError: on purpose\n {4}at fails \(.*main\.ts:4:/);
        assert.equal(result.code, 1);
      });
      it('that does not exist: what there is', async () => {
        const { stderr, stdout, result } = await run(files, call('missing'));
        assert.equal(stdout, '');
        assert.match(
          stderr,
          /main\.ts exports no function named "missing"\. It exports the functions default, fails, greet, hangs, numbers\.\n$/,
        );
        assert.equal(result.code, 1);
      });
    });
  });
}
