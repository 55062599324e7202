import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync, copyFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as esbuild from 'esbuild';
import type { ThreadId } from '../../../src/shared/ids.ts';
import { batchFault, eventWords } from '../../../src/shared/eventWords.ts';
import { readEvents } from '../../../src/shared/readEvents.ts';
import { eventKind } from '../../../src/shared/traceEvents.ts';
import { decodeRecordText, FrameReader, frameType } from '../../../src/shared/traceFrames.ts';
import type { TraceRecord } from '../../../src/shared/traceRecords.ts';
import { turnKinds } from '../../../src/shared/waitKind.ts';
import { launchTarget } from '../../../src/run/launch.ts';
import type { LaunchOptions, RunHandle, RunResult } from '../../../src/run/launchOptions.ts';
import { TransformService } from '../../../src/run/transformService.ts';

const repository = join(import.meta.dirname, '..', '..', '..');
export const fixtures = join(repository, 'test', 'fixtures', 'run');

/** A fresh folder, by its real path. */
export function makeFolder(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), 'interleave-test-')));
}

export function removeFolder(path: string): void {
  rmSync(path, { recursive: true, force: true });
}

/** Writes files by their paths relative to the folder. */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

const nodeBundle = { bundle: true, platform: 'node', target: 'node20.19', logLevel: 'error', absWorkingDir: repository } as const;

/** Bundles the runtime into a folder, with an instrument worker beside it that takes hand-made text. */
export async function buildDist(folder: string): Promise<void> {
  for (const name of ['bootloader', 'loaderHooks', 'follow']) {
    await esbuild.build({
      ...nodeBundle,
      ...(name === 'follow' ? { target: 'node12.2' } : {}),
      format: 'cjs',
      entryPoints: [`src/runtime/${name}.ts`],
      outfile: join(folder, 'runtime', `${name}.cjs`),
    });
  }
  await esbuild.build({
    ...nodeBundle,
    format: 'esm',
    entryPoints: ['src/runtime/callExport.ts'],
    outfile: join(folder, 'runtime', 'callExport.mjs'),
  });
  copyFileSync(join(fixtures, 'test-worker.cjs'), join(folder, 'instrument-worker.cjs'));
}

/** The same with the real instrumenter. */
export async function buildRealDist(folder: string): Promise<void> {
  await buildDist(folder);
  await esbuild.build({
    ...nodeBundle,
    format: 'cjs',
    entryPoints: ['src/instrument/worker.ts'],
    outfile: join(folder, 'instrument-worker.cjs'),
    plugins: [
      {
        name: 'ts-morph-from-repository',
        setup(build) {
          build.onResolve({ filter: /^ts-morph$/ }, () => ({
            path: join(repository, 'node_modules', 'ts-morph', 'dist', 'ts-morph.js'),
            external: true,
          }));
        },
      },
    ],
  });
}

/** What a suite of traced programs works with; in place from its `before` to its `after`. */
export interface Bench {
  readonly folder: string;
  readonly dist: string;
  readonly transforms: TransformService;
}

/** Gives the suite around it a folder, the bundles with the real instrumenter, and a warm instrumenter. */
export function useRealBench(): Bench {
  const bench = { folder: '', dist: '', transforms: undefined as unknown as TransformService };
  before(async () => {
    bench.folder = makeFolder();
    bench.dist = join(bench.folder, 'dist');
    await buildRealDist(bench.dist);
    bench.transforms = new TransformService({ workerPath: join(bench.dist, 'instrument-worker.cjs') });
  });
  after(async () => {
    await bench.transforms.dispose();
    removeFolder(bench.folder);
  });
  return bench;
}

/** How `program.cjs` in the folder of a bench is launched. */
export function programIn({ folder, dist, transforms }: Bench, nodePath: string) {
  return {
    entry: join(folder, 'program.cjs'),
    cwd: folder,
    root: folder,
    distDir: dist,
    nodePath,
    transforms,
    stdio: 'pipe',
  } as const;
}

/** Asks a target for its events; whether that was a question: without one it resolves at once. */
export async function askTarget(handle: RunHandle): Promise<boolean> {
  const from = performance.now();
  await handle.flush();
  return performance.now() - from > 2;
}

/** The bundles, and beside them a folder with a suite's programs; both are removed after it. Filled before its tests. */
export function useRealDist(files: Readonly<Record<string, string>>): { readonly dist: string; readonly folder: string } {
  const places = { dist: '', folder: '' };
  before(async () => {
    places.dist = makeFolder();
    places.folder = makeFolder();
    await buildRealDist(places.dist);
    writeFiles(places.folder, files);
  });
  after(() => {
    removeFolder(places.folder);
    removeFolder(places.dist);
  });
  return places;
}

export interface TracedRun {
  readonly result: RunResult;
  readonly stdout: string;
  readonly stderr: string;
  readonly trace: Uint8Array;
  readonly records: readonly TraceRecord[];
  /** One event a line. */
  readonly events: readonly string[];
}

export type RunOptions = Partial<LaunchOptions> &
  Pick<LaunchOptions, 'entry' | 'distDir' | 'root'> & { readonly input?: string | Uint8Array };

/** Runs a program under the tracer to its end. */
export async function runTraced(options: RunOptions): Promise<TracedRun> {
  const chunks: Uint8Array[] = [];
  const { input, ...rest } = options;
  const handle = launchTarget(
    { cwd: options.root, nodePath: process.execPath, stdio: 'pipe', ...rest },
    { onTrace: (bytes) => void chunks.push(bytes.slice()) },
  );
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  handle.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
  handle.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
  handle.stdin?.on('error', () => {});
  handle.stdin?.end(input);
  const result = await handle.finished;
  const trace = Buffer.concat(chunks);
  return {
    result,
    stdout: Buffer.concat(out).toString('latin1'),
    stderr: Buffer.concat(err).toString('latin1'),
    trace,
    ...readTrace(trace),
  };
}

/** The records and events of a trace; events as text without times: `start 1 @2 parent 0`. */
export function readTrace(trace: Uint8Array): { records: TraceRecord[]; events: string[] } {
  const records: TraceRecord[] = [];
  const events: string[] = [];
  for (const frame of new FrameReader({ expectMagic: true }).push(trace)) {
    if (frame.type === frameType.record) records.push(decodeRecordText(frame.payload) as TraceRecord);
    else events.push(...eventTexts(frame.payload, frame.thread));
  }
  return { records, events };
}

function eventTexts(payload: Uint8Array, thread: ThreadId): string[] {
  const words = eventWords(payload);
  if (words === undefined || batchFault(words) !== undefined) return ['a damaged batch'];
  const texts: string[] = [];
  const prefix = thread === 0 ? '' : `[${thread}] `;
  readEvents(words, { units: 0, fromUnits: 0, toUnits: 0 }, (kind, a, b, c) => {
    if (kind === eventKind.start) texts.push(`${prefix}start ${a} @${b} parent ${c}`);
    else if (kind === eventKind.suspend) texts.push(`${prefix}suspend ${a} @${b}`);
    else if (kind === eventKind.resume) texts.push(`${prefix}resume ${a}${b === 1 ? ' threw' : ''}`);
    else if (kind === eventKind.settle) texts.push(`${prefix}settle ${a} ${b === 1 ? 'threw' : 'returned'}`);
    else if (kind === eventKind.turn) texts.push(`${prefix}turn ${turnKinds[a] ?? a}`);
    else if (kind === eventKind.block) texts.push(`${prefix}block @${a} task ${c}`);
    else if (kind === eventKind.settleCall) texts.push(`${prefix}settleCall @${a} task ${b}`);
    else if (kind === eventKind.callbackBegin) texts.push(`${prefix}callback @${a}`);
    else if (kind === eventKind.callbackEnd) texts.push(`${prefix}callbackEnd @${a}`);
    else if (kind === eventKind.tracer) texts.push(`${prefix}tracer`);
    else if (kind === eventKind.dropped) texts.push(`${prefix}dropped ${a}`);
  });
  return texts;
}

/** What a program wrote, a character for each byte, and how it ended. */
export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: string | null;
}

/** Reads what a child writes until it has ended. */
export function readChild(child: ChildProcess): { readonly stdout: () => string; readonly ended: Promise<Outcome> } {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('latin1').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('latin1').on('data', (text: string) => (stderr += text));
  const ended = new Promise<Outcome>((done, failed) => {
    child.on('error', failed);
    child.on('close', (code, signal) => done({ stdout, stderr, code, signal }));
  });
  return { stdout: () => stdout, ended };
}
