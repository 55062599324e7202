import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { TraceModelBuilder } from '../../../src/analyze/traceModelBuilder.ts';
import { TransformService } from '../../../src/run/transformService.ts';
import { nodes } from '../support/nodes.ts';
import { buildRealDist, makeFolder, removeFolder, runTraced, writeFiles } from './support.ts';

const repository = join(import.meta.dirname, '../../..');
const packages = join(repository, 'node_modules');

interface Program {
  readonly name: string;
  /** The package whose own code is traced with the entry, and the entry within it; none for the entry of the folder. */
  readonly package?: string;
  readonly entry: string;
  readonly args: readonly string[];
  readonly code: number;
  /** Tasks that are surely among those traced. */
  readonly tasks: readonly string[];
}

const programs: readonly Program[] = [
  {
    name: 'mocha on a suite',
    package: 'mocha',
    entry: 'lib/cli/cli.js',
    args: ['suite.cjs'],
    code: 2,
    tasks: ['exports.loadFilesAsync'],
  },
  {
    name: 'prettier on two files',
    package: 'prettier',
    entry: 'bin/prettier.cjs',
    args: ['--check', 'src'],
    code: 1,
    tasks: ['formatFiles'],
  },
  { name: 'eslint on two files', package: 'eslint', entry: 'bin/eslint.js', args: ['src'], code: 1, tasks: ['ESLint.lintFiles'] },
  {
    name: 'the TypeScript compiler',
    package: 'typescript',
    entry: 'lib/tsc.js',
    args: ['--noEmit', '--strict', 'src/types.ts'],
    code: 2,
    tasks: [],
  },
  { name: 'vsce on a folder', package: '@vscode/vsce', entry: 'vsce', args: ['ls', '--no-dependencies'], code: 0, tasks: ['ls'] },
  { name: 'esbuild from a script', entry: 'bundle.mjs', args: [], code: 0, tasks: ['bundle.mjs', 'transformed'] },
];

const files = {
  'package.json': '{ "name": "a", "version": "1.0.0", "publisher": "b", "engines": { "vscode": "^1.100.0" } }',
  'suite.cjs': `describe('suite', () => {
    before(async () => { await null; });
    it('passes', async () => { await new Promise((done) => setTimeout(done, 5)); });
    it('fails', async () => { await null; require('assert').strictEqual(1, 2); });
    it('calls back', (done) => setTimeout(done, 3));
    it('rejects', () => Promise.reject(new Error('no')));
  });`,
  'src/a.js': "const a  = async() => { await null; return 'x' }\nexport { a }\n",
  'src/b.js': 'export const b = 1;\n',
  'src/types.ts': "export const x: number = 'a';\n",
  'eslint.config.mjs':
    "export default [{ files: ['**/*.js'], rules: { semi: ['error', 'always'], quotes: ['error', 'double'] } }];",
  'bundle.mjs': `import { build, transform } from ${JSON.stringify(join(packages, 'esbuild/lib/main.js'))};
    const { outputFiles } = await build({ entryPoints: ['src/a.js'], bundle: true, format: 'cjs', write: false });
    console.log(outputFiles[0].text);
    for await (const text of [1, 2].map((n) => transformed(n))) console.log(text);
    async function transformed(n) { return (await transform(\`let x: number = \${n}\`, { loader: 'ts' })).code; }`,
};

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function runBare(nodePath: string, args: readonly string[], cwd: string): Promise<Outcome> {
  return new Promise((done, failed) => {
    const child = spawn(nodePath, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', failed);
    child.on('close', (code) => done({ code, stdout: textOf(out), stderr: textOf(err) }));
  });
}

const textOf = (chunks: readonly Buffer[]): string => Buffer.concat(chunks).toString('latin1');
/** What differs between any two runs. */
const withoutTimes = (text: string): string => text.replace(/\d+(?:\.\d+)? ?m?s\b/g, 'TIME');

for (const node of nodes) {
  describe(`programs of packages with their own code traced, Node ${node.version}`, () => {
    let dist: string;
    let folder: string;
    let transforms: TransformService;
    before(async () => {
      dist = makeFolder();
      folder = makeFolder();
      await buildRealDist(dist);
      writeFiles(folder, files);
      transforms = new TransformService({ workerPath: join(dist, 'instrument-worker.cjs') });
    });
    after(async () => {
      await transforms.dispose();
      removeFolder(folder);
      removeFolder(dist);
    });

    for (const program of programs) {
      it(program.name, async () => {
        const root = program.package === undefined ? folder : join(packages, program.package);
        const entry = join(root, program.entry);
        const bare = await runBare(node.path, [entry, ...program.args], folder);
        assert.equal(bare.code, program.code, bare.stderr);
        const traced = await runTraced({
          entry,
          args: program.args,
          root,
          cwd: folder,
          distDir: dist,
          nodePath: node.path,
          transforms,
        });
        assert.equal(withoutTimes(traced.stdout), withoutTimes(bare.stdout));
        assert.equal(withoutTimes(traced.stderr), withoutTimes(bare.stderr));
        assert.equal(traced.result.code, bare.code);
        assert.equal(traced.result.message, undefined);
        const builder = new TraceModelBuilder();
        builder.push(traced.trace);
        const model = builder.snapshot();
        const names = new Set(model.tasks.map((task) => task.name));
        for (const task of program.tasks) assert.ok(names.has(task), `${task} in ${[...names].join(', ')}`);
        for (const record of traced.records)
          if (record.type === 'file') assert.doesNotMatch(record.reason ?? '', /did not fit|syntax error|could not/, record.path);
      });
    }
  });
}
