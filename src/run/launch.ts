import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { FileId } from '../shared/ids.ts';
import { defaultExclude, quietFlag, targetOptionsVariable, traceFd, type TargetOptions } from '../shared/targetOptions.ts';
import type { PackReference } from '../shared/textPack.ts';
import type { TimeUs } from '../shared/time.ts';
import { encodeMagic, encodeRecord } from '../shared/traceFrames.ts';
import { traceFormatVersion, type ExitRecord, type RunRecord } from '../shared/traceRecords.ts';
import { ChildConnections } from './childConnections.ts';
import { drained } from './drainOutput.ts';
import { checkEntry, checkFolder } from './entryFile.ts';
import { reasonOf, RunError, runErrors } from './errors.ts';
import { killAll } from './endProcess.ts';
import { encodeFileRecord, type UntoldFileRecord } from './fileRecord.ts';
import { FrameCutter } from './frameCutter.ts';
import type { LaunchOptions, RunHandle, RunResult, TraceSink } from './launchOptions.ts';
import { HangLook } from './hangLook.ts';
import { ProcessStopper } from './processStopper.ts';
import { createTransformBridge } from './transformBridge.ts';
import { TransformCache } from './transformCache.ts';
import { TransformService } from './transformService.ts';

/** After the program's end its descriptors close at once, unless another process still holds them. */
const channelGraceMs = 2_000;

/**
 * Runs a program and gives its trace to `sink`. Never throws: what keeps a program from starting ends the run with the cause
 * `spawn-failed` and a message. An error thrown by the sink ends its deliveries, not the run, and is told in the result's message.
 */
export function launchTarget(options: LaunchOptions, sink: TraceSink): RunHandle {
  const startedAt = performance.now();
  let files = 0;
  let sinkFailure: string | undefined;
  const deliver = (bytes: Uint8Array): void => {
    if (sinkFailure !== undefined) return;
    try {
      sink.onTrace(bytes);
    } catch (error) {
      sinkFailure = `The trace is incomplete: ${reasonOf(error)}.`;
    }
  };
  const hangs = new HangLook(options, sink, deliver);
  let lastFile = 0;
  const tellFile = (record: UntoldFileRecord): void => {
    if (record.isInstrumented) files++;
    deliver(encodeFileRecord(++lastFile as FileId, record));
  };
  const cache = openCache(options);
  const onPackedFile = createPackTeller(cache, tellFile);
  const cutter = new FrameCutter(deliver, onPackedFile, hangs);
  const counts = () => {
    const { events, tasks } = cutter.counts;
    const below = children?.counts ?? { events: 0, tasks: 0 };
    return { events: events + below.events, tasks: tasks + below.tasks, files };
  };

  function end(cause: ExitRecord['cause'], code: number | null, signal: NodeJS.Signals | null, problem?: string): RunResult {
    hangs.end();
    const afterMs = performance.now() - startedAt;
    const damage =
      cutter.damaged || children?.damaged === true
        ? 'The trace was damaged: the program wrote to the descriptor that belongs to the tracer.'
        : undefined;
    const message = problem ?? damage;
    const afterUs = Math.round(afterMs * 1000) as TimeUs;
    deliver(encodeRecord({ type: 'exit', cause, code, signal, afterUs, ...(message === undefined ? {} : { message }) }));
    const told = message ?? sinkFailure;
    return { cause, code, signal, afterMs, ...(told === undefined ? {} : { message: told }), counts: counts() };
  }

  deliver(encodeMagic());
  deliver(encodeRecord(runRecord(options)));

  let child: ChildProcess;
  let children: ChildConnections | undefined;
  const target = targetOptions(options, cache?.pack, hangs.questionFolder);
  try {
    child = spawnTarget(options, target, hangs.sampleFile);
  } catch (error) {
    const message = error instanceof RunError ? error.message : `The program could not be started: ${reasonOf(error)}.`;
    cache?.close();
    return failedHandle(end('spawn-failed', null, null, message));
  }

  const stopper = new ProcessStopper(child, hasOwnGroup(options));
  const transforms = options.transforms ?? createTransforms(options, cache);

  async function follow(): Promise<RunResult> {
    const failure = await started(child);
    if (failure !== undefined) {
      await stopper.finish();
      return end('spawn-failed', null, null, spawnFailure(options, failure));
    }
    hangs.begin(child.pid);
    if (options.timeoutMs !== undefined && options.timeoutMs > 0) stopper.stopAfter(options.timeoutMs);
    const [, , , traceChannel, transformChannel] = child.stdio as unknown as [null, null, null, Duplex, Duplex];
    const traced = readTrace(traceChannel, cutter);
    // It runs on as another program, if it runs on.
    void traced.then(() => hangs.leave());
    /** Each process may tell the same. */
    const noticed = new Set<string>();
    const onNotice = (text: string): void => {
      if (noticed.has(text)) return;
      noticed.add(text);
      deliver(encodeRecord({ type: 'notice', text }));
      sink.onNotice?.(text);
    };
    const bridge = createTransformBridge({
      cache,
      transform: (request) => transforms.transform(request),
      onFile: tellFile,
      onNotice,
      onMayStart: () => below.prepare(),
      follow: (request) => below.answer(request),
    });
    const below = (children = new ChildConnections({
      target,
      bridge,
      hangs: hangs.children,
      deliver,
      onNotice,
      onPackedFile,
    }));
    const answered = bridge.connect({ requests: transformChannel, answers: transformChannel }).closed;
    const { code, signal } = await exited(child);
    hangs.leave();
    const cause = await stopper.finish();
    // In a group of their own they were ended with the program.
    if (cause !== 'exited' && !hasOwnGroup(options)) killAll(below.running());
    await Promise.all([
      within(traced, channelGraceMs),
      within(answered, channelGraceMs),
      below.drain(channelGraceMs),
      drained(child.stdout),
      drained(child.stderr),
    ]);
    below.dispose();
    for (const stream of child.stdio) stream?.destroy();
    cache?.save();
    return end(cause, code, signal);
  }

  const finished = follow()
    .catch((error: unknown) => end('spawn-failed', null, null, reasonOf(error)))
    .finally(() => {
      children?.dispose();
      cache?.close();
      return options.transforms === undefined ? transforms.dispose() : undefined;
    });
  return {
    pid: child.pid,
    stdin: child.stdin ?? undefined,
    stdout: child.stdout ?? undefined,
    stderr: child.stderr ?? undefined,
    finished,
    get counts() {
      return counts();
    },
    flush: () => hangs.flush(),
    cancel: () => stopper.cancel(),
  };
}

function runRecord(options: LaunchOptions): RunRecord {
  const { entry, args = [], call, cwd, clock = 'wall', version = '' } = options;
  return {
    type: 'run',
    formatVersion: traceFormatVersion,
    interleaveVersion: version,
    entry,
    ...(call === undefined ? {} : { functionName: call.exportName }),
    args: call === undefined ? args : call.args.map((arg) => JSON.stringify(arg) ?? 'undefined'),
    cwd,
    clock,
    startedAt: new Date().toISOString(),
    platform: process.platform,
  };
}

/** A group of its own can be ended as a whole; a program on this process's terminal must stay in the terminal's group. */
function hasOwnGroup(options: LaunchOptions): boolean {
  return options.stdio === 'pipe' && process.platform !== 'win32';
}

function targetOptions(
  { clock = 'wall', root, exclude = defaultExclude, entry, call, followChildren = true }: LaunchOptions,
  pack: PackReference | undefined,
  questionFolder: string | undefined,
): TargetOptions {
  return {
    version: 1,
    traceFd,
    transformFd: 4,
    clock,
    root,
    exclude,
    entry,
    ...(call === undefined ? {} : { call }),
    ...(pack === undefined ? {} : { pack }),
    followChildren,
    ...(questionFolder === undefined ? {} : { questionFolder }),
  };
}

/** Tells of files that processes took from the pack, each once. The teller returns whether a file has probes. */
function createPackTeller(
  cache: TransformCache | undefined,
  tell: (record: UntoldFileRecord) => void,
): (place: number) => boolean {
  const told = new Map<number, boolean>();
  return (place) => {
    const record = cache?.takenRecord(place);
    if (record !== undefined) {
      told.set(place, record.isInstrumented);
      tell(record);
    }
    return told.get(place) ?? true;
  };
}

/** @param sampleFile is for the program itself: processes that it starts have files of their own */
function spawnTarget(options: LaunchOptions, forAll: TargetOptions, sampleFile: string | undefined): ChildProcess {
  const { entry, args = [], cwd, nodePath, nodeArgs = [], call, distDir } = options;
  checkEntry(entry);
  checkFolder(cwd);
  const bootloader = join(distDir, 'runtime', 'bootloader.cjs');
  const main = call === undefined ? entry : join(distDir, 'runtime', 'callExport.mjs');
  for (const bundle of [bootloader, join(distDir, 'instrument-worker.cjs'), ...(call === undefined ? [] : [main])]) {
    if (!existsSync(bundle)) throw runErrors.bundleMissing(bundle);
  }
  const target: TargetOptions = sampleFile === undefined ? forAll : { ...forAll, sampleFile };
  const stdio: StdioOptions = [options.stdio, options.stdio, options.stdio, 'pipe', 'pipe'];
  const quiet = sampleFile === undefined ? [] : [quietFlag];
  return spawn(nodePath, ['--expose-internals', ...quiet, '--require', bootloader, ...nodeArgs, main, ...args], {
    cwd,
    env: { ...(options.env ?? process.env), [targetOptionsVariable]: JSON.stringify(target) },
    stdio,
    detached: hasOwnGroup(options),
    windowsHide: true,
  });
}

function openCache({ cacheFolder, root, distDir }: LaunchOptions): TransformCache | undefined {
  if (cacheFolder === undefined) return undefined;
  return new TransformCache({ folder: cacheFolder, root, workerPath: join(distDir, 'instrument-worker.cjs') });
}

/** Where an earlier run has left its texts there may be nothing to do for the worker, which is heavy to load. */
function createTransforms(options: LaunchOptions, cache: TransformCache | undefined): TransformService {
  return new TransformService({
    workerPath: join(options.distDir, 'instrument-worker.cjs'),
    lazy: cache !== undefined && cache.isWarm && !cache.looksChanged(),
    codeFolder: options.cacheFolder,
  });
}

/** Resolves when the process runs, with the error when it cannot be started. */
function started(child: ChildProcess): Promise<Error | undefined> {
  return new Promise((settled) => {
    child.once('spawn', () => settled(undefined));
    // Kept to the end: a later failure to send a signal is reported here too.
    child.on('error', (error) => settled(error));
  });
}

function exited(child: ChildProcess): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((settled) => {
    if (child.exitCode !== null || child.signalCode !== null) return settled({ code: child.exitCode, signal: child.signalCode });
    child.once('exit', (code, signal) => settled({ code, signal }));
  });
}

function readTrace(channel: Duplex, cutter: FrameCutter): Promise<void> {
  return new Promise((closed) => {
    channel.on('data', (chunk: Buffer) => cutter.push(chunk));
    channel.on('error', () => {});
    channel.on('end', () => channel.end());
    channel.on('close', () => closed());
  });
}

async function within(work: Promise<void>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((over) => {
    timer = setTimeout(over, limitMs);
  });
  await Promise.race([work, limit]);
  clearTimeout(timer);
}

function spawnFailure(options: LaunchOptions, error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'EACCES') return runErrors.nodeNotExecutable(options.nodePath).message;
  return `The program could not be started: ${reasonOf(error)}.`;
}

function failedHandle(result: RunResult): RunHandle {
  return {
    pid: undefined,
    stdin: undefined,
    stdout: undefined,
    stderr: undefined,
    finished: Promise.resolve(result),
    counts: result.counts,
    flush: () => Promise.resolve(),
    cancel: () => {},
  };
}
