// Prints what the lint costs in a generated project of 500 files with 120 lines each, whose async functions block behind helpers of other files:
// all files from nothing, and one keystroke in a file of 1,000 lines, from the key to the findings: within a function, in its signature, and
// in a file that all others import, after which the long one is checked as well. Beside it what ESLint takes for the same files with
// eslint-plugin-n's `n/no-sync`, which goes by names, on typescript-eslint's type-aware parser. Each in a process of its own; wall time from
// the start of the process to its last answer, and the most memory it held. What one `await` takes tells how fast the machine is just then.
// `node test/bench/lint.ts [rounds] [files]`
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const rounds = Number(process.argv[2] ?? 3);
const files = Number(process.argv[3] ?? 500);
const lines = 120;
const longLines = 1000;
const root = resolve(import.meta.dirname, '../..');

/** Twelve lines: a helper that blocks every third time, calls one of an earlier file, and an async function that calls both. */
function unit(file: number, index: number): string {
  const other = Math.floor(file / 2);
  const own = index % 3 === 0 ? 'readFileSync(path, "utf8")' : 'path.toUpperCase()';
  return `
/** Reads the part ${index} of what module ${file} holds. */
export function read${index}(path: string): string {
  const text: string = ${own};
  return text.length > ${index} ? text : ${file === 0 ? 'text' : `earlier.read${(index + 1) % 9}(path + "${other}")`};
}
export async function handle${index}(request: Request): Promise<Part> {
  const body = await request.text();
  const parts = body.split(',').map((part) => ({ name: part.trim(), size: part.length }));
  for (const part of parts) if (part.size > ${index}) await store.put(part.name, part);
  return { name: read${index}(body), size: parts.length };
}`;
}

function moduleText(file: number, length: number): string {
  const head = [
    "import { readFileSync } from 'node:fs';",
    "import type { Part, Request, Store } from './types.ts';",
    file === 0 ? 'const earlier = undefined;' : `import * as earlier from './module${Math.floor(file / 2)}.ts';`,
    'declare const store: Store;',
    'void readFileSync; void earlier;',
  ];
  return `${[...head, ...Array.from({ length: Math.floor((length - head.length) / 12) }, (_, index) => unit(file, index))].join('\n')}\n`;
}

function writeProject(folder: string): void {
  const src = join(folder, 'src');
  mkdirSync(src);
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  writeFileSync(join(folder, 'package.json'), '{ "name": "generated", "type": "module" }');
  writeFileSync(
    join(folder, 'tsconfig.json'),
    '{ "compilerOptions": { "strict": true, "module": "NodeNext", "target": "ES2023", "noEmit": true, "allowImportingTsExtensions": true, "types": ["node"] }, "include": ["src"] }',
  );
  writeFileSync(
    join(src, 'types.ts'),
    'export interface Part { name: string; size: number }\nexport interface Request { text(): Promise<string> }\nexport interface Store { put(name: string, part: Part): Promise<void> }\n',
  );
  for (let file = 0; file < files; file++)
    writeFileSync(join(src, `module${file}.ts`), moduleText(file, file === files - 1 ? longLines : lines));
}

/** Lints all files, then types into the longest; prints figures as JSON. Runs in a process of its own, from the text of the function. */
async function lintAll(worker: string, src: string, names: readonly string[], edits: number): Promise<void> {
  const { Worker } = await import('node:worker_threads');
  const { readFileSync } = await import('node:fs');
  const thread = new Worker(worker, {
    execArgv: [],
    workerData: {},
    resourceLimits: { maxOldGenerationSizeMb: 3072, maxYoungGenerationSizeMb: 96, stackSizeMb: 16 },
  });
  thread.on('error', (error) => {
    throw error;
  });
  let requestId = 0;
  const ask = (request: object): Promise<{ type: string; findings?: unknown[] }> =>
    new Promise((done) => {
      thread.once('message', done);
      thread.postMessage({ ...request, requestId: ++requestId });
    });
  let heap = 0;
  const sample = async (): Promise<void> => {
    heap = Math.max(heap, (await thread.getHeapStatistics()).used_heap_size);
  };
  const paths = names.map((name) => `${src}/${name}`);
  await ask({ type: 'load', paths });
  const timer = setInterval(() => void sample(), 50);
  let findings = 0;
  for (const path of paths) findings += (await ask({ type: 'check', path })).findings?.length ?? 0;
  const coldMs = performance.now();
  const long = paths.at(-1) ?? '';
  const shared = paths[0] ?? '';
  const text = readFileSync(long, 'utf8');
  const sharedText = readFileSync(shared, 'utf8');
  const keys: Record<string, number[]> = {};
  const press = async (kind: string, path: string, edited: string, alsoChecked?: string): Promise<void> => {
    const began = performance.now();
    await ask({ type: 'check', path, text: edited });
    if (alsoChecked !== undefined) await ask({ type: 'check', path: alsoChecked, text });
    (keys[kind] ??= []).push(performance.now() - began);
  };
  for (let key = 0; key < edits; key++) {
    const from = (text.length * key) / (edits + 1);
    const at = text.indexOf('const body', from);
    await press('in a function', long, `${text.slice(0, at)}/* ${key} */ ${text.slice(at)}`);
    const parameter = text.indexOf('path: string', from);
    await press('in a signature', long, `${text.slice(0, parameter)}more${key}: number, ${text.slice(parameter)}`);
    await press('in a file all import', shared, sharedText.replace('size: number', `size: number; key${key}: string`), long);
  }
  const nothing: unknown = undefined;
  let awaitNs = Infinity;
  for (let round = 0; round < 5; round++) {
    const began = performance.now();
    for (let count = 0; count < 1e6; count++) await nothing;
    awaitNs = Math.min(awaitNs, performance.now() - began);
  }
  clearInterval(timer);
  await sample();
  console.log(JSON.stringify({ coldMs, findings, keys, heap, awaitNs, rssKb: process.resourceUsage().maxRSS }));
  process.exit(0);
}

/** The same files in ESLint. */
async function eslintAll(folder: string): Promise<void> {
  const { ESLint } = await import('eslint');
  const { default: n } = await import('eslint-plugin-n');
  const { parser } = await import('typescript-eslint');
  const languageOptions = { parser, parserOptions: { projectService: true, tsconfigRootDir: folder } };
  const overrideConfig = [{ files: ['**/*.ts'], languageOptions, plugins: { n }, rules: { 'n/no-sync': 'warn' } }];
  const eslint = new ESLint({ cwd: folder, overrideConfigFile: true, overrideConfig: overrideConfig as never });
  const results = await eslint.lintFiles(['src']);
  const findings = results.reduce((sum, { warningCount }) => sum + warningCount, 0);
  console.log(JSON.stringify({ coldMs: performance.now(), findings, rssKb: process.resourceUsage().maxRSS }));
}

interface Figures {
  readonly coldMs: number;
  readonly findings: number;
  readonly rssKb: number;
  readonly keys?: Readonly<Record<string, readonly number[]>>;
  readonly heap?: number;
  /** The quickest of some rounds. */
  readonly awaitNs?: number;
}

function run(work: (...args: never[]) => Promise<void>, ...args: unknown[]): Figures {
  const script = `(${String(work)})(...${JSON.stringify(args)})`;
  const result = spawnSync(process.execPath, ['--input-type=module', '--eval', script], { cwd: root, encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`${work.name} ended with ${result.status}\n${result.stderr}`);
  return JSON.parse(result.stdout) as Figures;
}

function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;
}

const folder = mkdtempSync(join(tmpdir(), 'interleave-lint-bench-'));
try {
  writeProject(folder);
  const names = ['types.ts', ...Array.from({ length: files }, (_, file) => `module${file}.ts`)];
  const ours: Figures[] = [];
  const theirs: Figures[] = [];
  for (let round = 0; round < rounds; round++) {
    ours.push(run(lintAll, join(root, 'dist/lint-worker.cjs'), join(folder, 'src'), names, 30));
    theirs.push(run(eslintAll, folder));
  }
  const typical = (of: readonly Figures[], figure: (one: Figures) => number): number => quantile(of.map(figure), 0.5);
  const row = (name: string, ...cells: readonly string[]): void =>
    console.log(`${name.padEnd(44)}${cells.map((cell) => cell.padStart(12)).join('')}`);
  const seconds = (of: readonly Figures[]): string => `${(typical(of, ({ coldMs }) => coldMs) / 1000).toFixed(2)} s`;
  const memory = (of: readonly Figures[]): string => `${(typical(of, ({ rssKb }) => rssKb) / 1024).toFixed(0)} MiB`;
  console.log(`lint of ${files} files of ${lines} lines, the last of ${longLines}; medians of ${rounds} rounds`);
  row('', 'interleave', 'n/no-sync', 'ratio');
  const ratio = typical(ours, ({ coldMs }) => coldMs) / typical(theirs, ({ coldMs }) => coldMs);
  row('all files, from nothing', seconds(ours), seconds(theirs), ratio.toFixed(2));
  row('most memory of the process', memory(ours), memory(theirs));
  row('most heap of the worker, sampled', `${(typical(ours, ({ heap = NaN }) => heap) / 2 ** 20).toFixed(0)} MiB`, '');
  for (const kind of Object.keys(ours[0]?.keys ?? {})) {
    const times = ours.flatMap(({ keys = {} }) => keys[kind] ?? []);
    row(
      `a keystroke ${kind}: median, 95 of 100`,
      `${quantile(times, 0.5).toFixed(0)} ms`,
      `${quantile(times, 0.95).toFixed(0)} ms`,
    );
  }
  row('one `await` on this machine', `${typical(ours, ({ awaitNs = NaN }) => awaitNs).toFixed(1)} ns`);
  row('findings', String(ours[0]?.findings), String(theirs[0]?.findings));
} finally {
  rmSync(folder, { recursive: true });
}
