import { internals, restoreAsyncIds } from './asyncIds.ts';
import './processes/workerFlags.ts';
import * as fs from 'node:fs';
import * as module from 'node:module';
import * as path from 'node:path';
import * as workers from 'node:worker_threads';
import { mainThread, type ThreadId } from '../shared/ids.ts';
import { followFile } from '../shared/followed.ts';
import { targetOptionsVariable, type TargetOptions } from '../shared/targetOptions.ts';
import type { DurationUs } from '../shared/time.ts';
import type { ThreadRecord } from '../shared/traceRecords.ts';
import { hideBootloader, isQuiet } from './texts/disguise.ts';
import { watchExec, watchExit } from './processes/exitWatch.ts';
import { findLink, startFollowed, type FollowedStart } from './processes/followedStart.ts';
import { createFrameWriter } from './record/frameWriter.ts';
import { answerSamples, type HangSamples } from './hangs/hangSamples.ts';
import { flushWhileIdle } from './record/idleFlush.ts';
import type { InstalledHooks, LoaderHost } from './loading/loaderHost.ts';
import { loadInPrivateRealm } from './loading/privateRealm.ts';
import type { NodeInternals } from './nodeInternals.ts';
import { createProbes } from './probes/probes.ts';
import { emitPastDomains } from './hangs/pastDomains.ts';
import { quietInspector } from './hangs/quietInspector.ts';
import { declareProbes, declareProbesIn } from './probes/declareProbes.ts';
import { createRecorder } from './record/recorder.ts';
import { watchRejections } from './rejectionWatch.ts';
import { createSharedState, noteStopped, type SharedState } from './record/sharedState.ts';
import { createStartTime, mainTurn } from './record/startTime.ts';
import { speakForInspector } from './hangs/unaskedInspector.ts';
import { createIdleClock, createWallClock, type ReadClock } from './record/traceClock.ts';
import { openTraceDescriptor } from './record/traceDescriptor.ts';
import { watchTurns } from './record/turns.ts';
import { watchWorkerStops } from './processes/workerStops.ts';
import type { VirtualClock } from './virtualClock.ts';

/** What a worker thread of the target gets from its parent; nobody can list the keys of that data. */
interface WorkerInheritance {
  readonly options: TargetOptions;
  readonly shared: SharedArrayBuffer;
}
const inheritanceKey = 'interleave';

interface Start {
  readonly options: TargetOptions;
  readonly shared: SharedState;
  readonly thread: ThreadId;
}

/** The options of this thread; undefined where the bootloader was loaded by something else than the launcher or a followed process. */
function takeOptions(): Start | undefined {
  const text = process.env[targetOptionsVariable];
  delete process.env[targetOptionsVariable];
  if (workers.isMainThread) {
    if (text !== undefined) return startProcess(JSON.parse(text) as TargetOptions);
    const followed = preload === undefined ? undefined : startFollowed(preload.link, quiet);
    return followed && startProcess(followed.options, followed);
  }
  const inherited = workers.getEnvironmentData(inheritanceKey) as WorkerInheritance | undefined;
  if (inherited?.options === undefined) return undefined;
  return { options: inherited.options, shared: createSharedState(inherited.shared), thread: workers.threadId as ThreadId };
}

function startProcess(options: TargetOptions, followed?: FollowedStart): Start {
  const shared = createSharedState();
  workers.setEnvironmentData(inheritanceKey, { options, shared: shared.buffer } satisfies WorkerInheritance);
  if (followed === undefined) shared.origin[0] = createWallClock(internals)();
  else {
    shared.origin[0] = followed.originUnits;
    const descriptor = openTraceDescriptor(options.traceFd, internals);
    createFrameWriter({ descriptor, shared, thread: mainThread }).writeRecord(followed.hello);
  }
  return { options, shared, thread: mainThread };
}

function boot(start: Start, internals: NodeInternals, folder: string, loaderStack: string): void {
  const { options, shared, thread } = start;
  const isMain = thread === mainThread;
  /** The thread that the launcher started. */
  const isFirst = isMain && options.followed === undefined;
  const now = createWallClock(internals, shared.origin);
  const limits: string[] = [];
  // The virtual clock replaces the timers of its own thread only; threads and other processes keep their own time.
  const virtual = options.clock === 'virtual' && isFirst ? startVirtualClock(folder) : undefined;
  const recorder = createRecorder({
    descriptor: openTraceDescriptor(options.traceFd, internals),
    shared,
    thread,
    now,
    eventNow: virtual?.nowUnits ?? now,
    idleUnits: virtual === undefined ? createIdleClock(internals) : undefined,
    // Later: Node has not yet told a worker which file it runs.
    ...(isMain ? {} : { introduce: () => describeThread(thread) }),
  });
  // Under the virtual clock this timer would count as something to wait for.
  if (virtual === undefined) flushWhileIdle(internals, () => recorder.flush());
  else virtual.onIdle(() => recorder.flushIfOld());
  limits.push(...(virtual?.limits ?? []));
  const transforms = createStopwatch(now);
  let transformedUnits = 0;
  let samples: HangSamples | undefined;
  watchExit(() => {
    samples?.end();
    installed.tellUnseen();
    recorder.writeThrough();
    if (!recorder.hasEvents() && transforms.units() === 0) return;
    recorder.record({
      type: 'overhead',
      thread,
      writingUs: (recorder.writingUnits() / 10) as DurationUs,
      transformUs: (transforms.units() / 10) as DurationUs,
    });
  });
  watchExec(() => {
    samples?.end();
    recorder.flush();
  });
  const startTime = isFirst ? createStartTime(shared, recorder) : undefined;
  const installed = installHooks(start, folder, loaderStack, {
    beforeTransform() {
      startTime?.beforeTransform();
      probes.tracerBegins();
      transforms.begin();
    },
    afterTransform() {
      transforms.end();
      probes.tracerEnds(recorder.hasEvents());
      startTime?.afterTransform();
      // Only now: that may have moved the moment from which the clock counts.
      transformedUnits = now();
    },
    declareProbes: (context) => declareProbesIn(context, probes),
    onPackedFile: (place) => recorder.packedFile(place),
    onChildProcess: (child) => recorder.record({ type: 'child-process', thread, ...child }),
    fixOrigin() {
      startTime?.fix();
      return shared.origin[0] as number;
    },
  });
  limits.push(...installed.limits);
  const probes = createProbes(recorder, thread, installed);
  watchWorkerStops(internals, (stopped) => noteStopped(shared, stopped));
  const turns = watchTurns(internals, {
    recorder,
    begins: () => probes.turnBegins(),
    began: () => samples?.turnBegan(),
    createTrampoline: installed.createTrampoline,
    isChildPipe: installed.isChildPipe,
  });
  if (turns.limit !== undefined) {
    limits.push(turns.limit);
    recorder.readEachEvent();
  }
  watchRejections(recorder, thread, installed.throwStacks);
  declareProbes({ ...probes, made: installed.instrumentMade });
  const { sampleFile: file } = options;
  if (isMain && file !== undefined && inspector !== undefined)
    samples = answerSamples({
      internals,
      inspector,
      recorder,
      thread,
      file,
      takeStack: installed.takeHeldStack,
      tracerUnits: () => transformedUnits,
    });
  isAsked = samples !== undefined;
  if (isMain) {
    recorder.record({
      type: 'target',
      pid: process.pid,
      nodeVersion: process.version,
      hooks: installed.hooks,
      limits,
      ...(samples ? { samples: true } : {}),
    });
  }
  if (isFirst && options.call !== undefined) process.argv[1] = options.entry;
  recorder.turn(mainTurn, 0);
}

/** Adds up stretches of wall time, in units of 100 ns. */
function createStopwatch(now: ReadClock): { begin(): void; end(): void; units(): number } {
  let begun = 0;
  let total = 0;
  return {
    begin: () => void (begun = now()),
    end: () => void (total += now() - begun),
    units: () => total,
  };
}

interface StartedClock {
  /** Virtual time in units of 100 ns. */
  readonly nowUnits: () => number;
  readonly onIdle: (callback: () => void) => void;
  readonly limits: readonly string[];
}

/** The virtual clock is a bundle of its own, loaded only where it is asked for. */
function startVirtualClock(folder: string): StartedClock {
  const file = path.join(folder, 'virtualClock.cjs');
  const load = module.createRequire(file);
  const { installVirtualClock } = load(file) as { readonly installVirtualClock: () => VirtualClock };
  delete load.cache[file];
  const clock = installVirtualClock();
  const { round } = Math;
  return {
    nowUnits: () => round(clock.nowUs() * 10),
    onIdle: (callback) => clock.onIdle(callback),
    limits: clock.limits,
  };
}

type HookListeners = Pick<
  LoaderHost,
  'declareProbes' | 'onPackedFile' | 'beforeTransform' | 'afterTransform' | 'onChildProcess' | 'fixOrigin'
>;

function installHooks(start: Start, folder: string, loaderStack: string, told: HookListeners): InstalledHooks {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  const exactDecoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const hooksFile = path.join(folder, 'loaderHooks.cjs');
  const { installLoaderHooks } = loadInPrivateRealm<{ installLoaderHooks: (host: LoaderHost) => InstalledHooks }>(
    hooksFile,
    module.createRequire(bootloaderPath),
  );
  return installLoaderHooks({
    options: start.options,
    thread: start.thread,
    runtimeFolder: folder,
    shared: start.shared.buffer,
    internals,
    loaderStack,
    ownFolder: path.dirname(folder),
    ownScripts: [bootloaderPath, hooksFile],
    encodeUtf8: encoder.encode.bind(encoder),
    decodeUtf8: decoder.decode.bind(decoder),
    decodeExact: exactDecoder.decode.bind(exactDecoder),
    ...told,
    setSourceMapsEnabled: process.setSourceMapsEnabled.bind(process),
    error: Error,
    functionPrototype: Function.prototype,
    promiseResolve: Promise.resolve.bind(Promise),
    promiseThen: Reflect.get(Promise.prototype, 'then') as LoaderHost['promiseThen'],
  });
}

function describeThread(thread: ThreadId): ThreadRecord {
  const file = process.argv[1];
  return {
    type: 'thread',
    thread,
    name: typeof file === 'string' ? `worker ${thread} (${path.basename(file)})` : `worker ${thread}`,
  };
}

const bootloaderPath = __filename;
const loaderStack = new Error().stack ?? '';
const preload = findLink(process.execArgv);
const ownFlag = preload?.flag ?? launchedFlag();
const quiet = isQuiet(process.execArgv, ownFlag);
const inspector = quiet && workers.isMainThread ? quietInspector(internals) : undefined;
let isAsked = false;
const start = takeOptions();
hideBootloader(ownFlag, [bootloaderPath, path.join(__dirname, followFile)]);
if (start !== undefined) {
  try {
    boot(start, internals, __dirname, loaderStack);
  } catch (error) {
    reportDefect(start, internals, error);
  }
}
if (inspector !== undefined) {
  emitPastDomains(internals, 'internalMessage', () => !inspector.isOpening());
  if (!isAsked) speakForInspector(inspector);
}
restoreAsyncIds();

/** This file as the launcher names it, which may be by a link. */
function launchedFlag(): string {
  const name = path.basename(bootloaderPath);
  const isThis = (flag: string): boolean =>
    path.basename(flag) === name && fs.existsSync(flag) && fs.realpathSync(flag) === bootloaderPath;
  return process.execArgv.find(isThis) ?? bootloaderPath;
}

/** The program runs on, untraced; the trace says why. */
function reportDefect(start: Start, internals: NodeInternals, error: unknown): void {
  const { options, shared, thread } = start;
  const now = createWallClock(internals);
  const recorder = createRecorder({
    descriptor: openTraceDescriptor(options.traceFd, internals),
    shared,
    thread,
    now,
    eventNow: now,
  });
  const limit = `The tracer could not start in thread ${thread}: ${error instanceof Error ? error.message : String(error)}`;
  recorder.record({ type: 'target', pid: process.pid, nodeVersion: process.version, hooks: 'register', limits: [limit] });
}
