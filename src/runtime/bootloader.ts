import * as module from 'node:module';
import * as path from 'node:path';
import * as vm from 'node:vm';
import * as workers from 'node:worker_threads';
import { mainThread, type ThreadId } from '../shared/ids.ts';
import { targetOptionsVariable, type TargetOptions } from '../shared/targetOptions.ts';
import { turnKinds } from '../shared/waitKind.ts';
import { hideBootloader, keepingAsyncIds } from './disguise.ts';
import { watchExit } from './exitWatch.ts';
import { flushWhileIdle } from './idleFlush.ts';
import type { InstalledHooks, LoaderHost } from './loaderHost.ts';
import { loadInPrivateRealm } from './privateRealm.ts';
import { openNodeInternals, type NodeInternals } from './nodeInternals.ts';
import { createProbes, probeDeclarations, type Probes } from './probes.ts';
import { createRecorder, type Recorder } from './recorder.ts';
import { createSharedState, type SharedState } from './sharedState.ts';
import { createWallClock } from './traceClock.ts';
import { openTraceDescriptor } from './traceDescriptor.ts';
import { watchTurns } from './turns.ts';

/** What a worker thread of the target gets from its parent; nobody can list the keys of that data. */
interface WorkerInheritance {
  readonly options: TargetOptions;
  readonly shared: SharedArrayBuffer;
}
const inheritanceKey = 'interleave';

/** A turn writes what is older than this (20 ms) before its own code runs. */
const turnFlushUnits = 200_000;

interface Start {
  readonly options: TargetOptions;
  readonly shared: SharedState;
  readonly thread: ThreadId;
}

/** The options of this thread; undefined where the bootloader was loaded by something else than the launcher. */
function takeOptions(): Start | undefined {
  const text = process.env[targetOptionsVariable];
  delete process.env[targetOptionsVariable];
  if (text !== undefined && workers.isMainThread) {
    const options = JSON.parse(text) as TargetOptions;
    const shared = createSharedState();
    workers.setEnvironmentData(inheritanceKey, { options, shared: shared.buffer } satisfies WorkerInheritance);
    return { options, shared, thread: mainThread };
  }
  const inherited = workers.getEnvironmentData(inheritanceKey) as WorkerInheritance | undefined;
  if (workers.isMainThread || inherited?.options === undefined) return undefined;
  return { options: inherited.options, shared: createSharedState(inherited.shared), thread: workers.threadId as ThreadId };
}

function boot(start: Start, internals: NodeInternals, folder: string, loaderStack: string): void {
  const { options, shared, thread } = start;
  const isMain = thread === mainThread;
  if (isMain) shared.origin[0] = createWallClock(internals)();
  const now = createWallClock(internals, shared.origin[0]);
  const limits: string[] = [];
  // The virtual clock replaces the timers of its own thread only; threads keep their own time.
  const virtual = options.clock === 'virtual' && isMain ? startVirtualClock(folder) : undefined;
  const recorder = createRecorder({
    descriptor: openTraceDescriptor(options.traceFd),
    shared,
    thread,
    now,
    eventNow: virtual ?? now,
  });
  const probes = createProbes(recorder);
  const turns = watchTurns(internals, recorder, (nowUnits) => {
    probes.turnBegins();
    recorder.flushIfOlder(nowUnits, turnFlushUnits);
  });
  if (turns.limit !== undefined) limits.push(turns.limit);
  // Under the virtual clock this timer would count as something to wait for.
  if (virtual === undefined) flushWhileIdle(internals, () => recorder.flush());
  watchExit(() => recorder.writeThrough());
  declareProbes(probes);
  const installed = installHooks(start, folder, loaderStack);
  announce(recorder, thread, { hooks: installed.hooks, limits: [...limits, ...installed.limits] });
  if (isMain && options.call !== undefined) process.argv[1] = options.entry;
  recorder.turn(turnKinds.indexOf('main'), 0, 0, recorder.eventNow());
}

/** The virtual clock is a bundle of its own, loaded only where it is asked for. Returns the time in units of 100 ns. */
function startVirtualClock(folder: string): () => number {
  const file = path.join(folder, 'virtualClock.cjs');
  const load = module.createRequire(file);
  const loaded = load(file) as { readonly installVirtualClock: () => { readonly nowUs: () => number } };
  delete load.cache[file];
  const clock = loaded.installVirtualClock();
  const { round } = Math;
  return () => round(clock.nowUs() * 10);
}

/** Names in the global lexical scope are seen by all scripts and modules of the realm, and are no properties of `globalThis`. */
function declareProbes(probes: Probes): void {
  const carrier = '__il_p';
  const globals = globalThis as unknown as Record<string, unknown>;
  globals[carrier] = probes;
  try {
    new vm.Script(probeDeclarations(carrier)).runInThisContext();
  } finally {
    delete globals[carrier];
  }
}

function installHooks(start: Start, folder: string, loaderStack: string): InstalledHooks {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  const { installLoaderHooks } = loadInPrivateRealm<{ installLoaderHooks: (host: LoaderHost) => InstalledHooks }>(
    path.join(folder, 'loaderHooks.cjs'),
    module.createRequire(bootloaderPath),
  );
  return installLoaderHooks({
    options: start.options,
    shared: start.shared.buffer,
    internals,
    loaderStack,
    ownFolder: path.dirname(folder),
    encodeUtf8: encoder.encode.bind(encoder),
    decodeUtf8: decoder.decode.bind(decoder),
    setSourceMapsEnabled: process.setSourceMapsEnabled.bind(process),
    error: Error,
    promiseResolve: Promise.resolve.bind(Promise),
    promiseThen: Reflect.get(Promise.prototype, 'then') as LoaderHost['promiseThen'],
  });
}

function announce(recorder: Recorder, thread: ThreadId, installed: InstalledHooks): void {
  if (thread === mainThread) {
    recorder.record({ type: 'target', pid: process.pid, nodeVersion: process.version, ...installed });
  } else {
    const file = process.argv[1];
    recorder.record({
      type: 'thread',
      thread,
      name: file === undefined ? `worker ${thread}` : `worker ${thread} (${path.basename(file)})`,
    });
  }
}

const bootloaderPath = __filename;
const loaderStack = new Error().stack ?? '';
const internals = openNodeInternals();
keepingAsyncIds(internals, () => {
  const start = takeOptions();
  hideBootloader(bootloaderPath);
  if (start === undefined) return;
  try {
    boot(start, internals, __dirname, loaderStack);
  } catch (error) {
    reportDefect(start, internals, error);
  }
});

/** The program runs on, untraced; the trace says why. */
function reportDefect(start: Start, internals: NodeInternals, error: unknown): void {
  const { options, shared, thread } = start;
  const now = createWallClock(internals);
  const recorder = createRecorder({ descriptor: openTraceDescriptor(options.traceFd), shared, thread, now, eventNow: now });
  const limit = `The tracer could not start in thread ${thread}: ${error instanceof Error ? error.message : String(error)}`;
  recorder.record({ type: 'target', pid: process.pid, nodeVersion: process.version, hooks: 'register', limits: [limit] });
}
