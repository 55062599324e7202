import * as fs from 'node:fs';
import * as os from 'node:os';
import { performance } from 'node:perf_hooks';
import type { ThreadId } from '../../shared/ids.ts';
import { sampleRequest } from '../../shared/sampleRequest.ts';
import type { DurationUs, TimeUs } from '../../shared/time.ts';
import type { StackFrame } from '../../shared/traceRecords.ts';
import { haveEventsMoved, watchEvent, watchEventsAgain } from './eventWatch.ts';
import type { HeldStack } from '../stacks/heldStacks.ts';
import type { NodeInternals } from '../nodeInternals.ts';
import type { QuietInspector } from './quietInspector.ts';
import type { Recorder } from '../record/recorderTypes.ts';
import { findSignalThread } from './signalThread.ts';
import { watchSyncChildren } from './syncChildren.ts';

export interface HangSamplesOptions {
  readonly internals: NodeInternals;
  readonly inspector: QuietInspector;
  readonly recorder: Pick<Recorder, 'flush' | 'onFlushed' | 'record' | 'now' | 'turnUnits'>;
  readonly thread: ThreadId;
  /** Absolute path of the file by which the launcher asks. */
  readonly file: string;
  readonly takeStack: () => HeldStack;
  /** Until when the tracer itself last held the thread, by the recorder's clock. */
  readonly tracerUnits: () => number;
}

export interface HangSamples {
  /** To be called in each turn, once the recorder knows of it. */
  turnBegan(): void;
  /** To be called before the process ends: afterwards no question may come. */
  end(): void;
}

const { nodeTiming } = performance;
const { openSync, readSync, closeSync, truncateSync, unlinkSync } = fs;
/** The outermost frames of a deep recursion say nothing. */
const mostFrames = 50;
/** 1 s: a launcher that has asked has sent the signal long before. */
const patienceUnits = 10_000_000;
/** 1 ms: short turns do not each ask whether the inspector is on, which costs more than to note them. */
const askEveryUnits = 10_000;

/**
 * Lets the launcher look at a thread that does not come back to its event loop: events are written and the stack is told.
 *
 * On SIGUSR1 Node interrupts what runs, starts the inspector's server, and emits `internalMessage` on `process` for its cluster
 * module (`StartIoThread` in inspector_agent.cc). The look-up of that event's listeners is where this comes in; the server is ended
 * at once, and no session is ever opened. So nothing but this runs in the target, and nothing at all while nobody asks.
 *
 * One signal makes Node do that up to three times (see `signalThread.ts`), so a time at which nothing is asked need not be a signal
 * from elsewhere.
 *
 * Node aborts on a signal that comes while it ends. So the file is a lock too: whoever makes it decides whether there is one more.
 * Returns undefined where all this cannot be had.
 */
export function answerSamples(options: HangSamplesOptions): HangSamples | undefined {
  const { internals, inspector, recorder, thread, file } = options;
  const found = findSignalThread();
  // What was loaded before may handle the signal, or have opened the inspector.
  const isTaken = process.listenerCount('SIGUSR1') > 0 || inspector.url() !== undefined;
  if (found === undefined || isTaken) return undefined;
  const signals = found;
  if (!noticeHandlers(internals, () => giveUp('signal-handler'))) return undefined;
  /** Nobody asks any more: a signal is not the launcher's. */
  let over = false;
  /** Where the inspector listens for the program, or for somebody outside. */
  let theirs: string | undefined;
  let busy = false;
  /** A look has failed: the next turn looks again. */
  let unfinished = false;
  /** The inspector is still on since then: what is emitted meanwhile is a message from another process, and no signal's. */
  let leftOn = false;
  /** When a turn asked last whether the inspector is on. */
  let askedUnits = -Infinity;
  /** The round of the loop in which the last question was answered: what wakes the loop for the same signal comes by the next. */
  let answeredIn = -Infinity;
  /** Our own code was interrupted half-way through what it writes down: nothing can be written until it is done. */
  let fragile = false;
  /** What was asked then, to be told once it is done in the same turn. */
  let lateUs: number | undefined;
  /** Why nobody asks any more, to be written down as soon as that can be. */
  let untold: 'signal-handler' | 'debugger' | undefined;
  /** All signals up to this rest of the signal thread were dealt with. */
  let dealtWith = signals.rests(patience());

  function patience(): () => boolean {
    const until = recorder.now() + patienceUnits;
    return () => recorder.now() < until;
  }

  function giveUp(reason: 'signal-handler' | 'debugger'): void {
    if (over) return;
    untold = reason;
    end();
  }

  function tellReason(): void {
    if (untold !== undefined) recorder.record({ type: 'unwatched', thread, reason: untold });
    untold = undefined;
  }

  function end(): void {
    if (!fragile) tellReason();
    if (over) return;
    if (unfinished && !busy) look();
    const mayWait = patience();
    // The signal that belongs to a question interrupts this loop.
    while (!over && !makeFile(file) && mayWait()) {
      if (theirs === undefined || signals.rests(mayWait) === dealtWith) continue;
      // With the inspector on it does not, and that it came is all.
      truncateSync(file);
      break;
    }
    over = true;
  }

  function answer(): void {
    const stack = options.takeStack();
    ({ fragile } = stack);
    const rests = signals.rests(patience());
    const wanted = readRequest(file);
    // That the thread rests anew may have come of a stop of the process too.
    const isEcho = stack.byLoop && wanted === undefined && loopRounds() <= answeredIn + 1;
    const isNew = rests !== dealtWith && !isEcho;
    if (isNew && wanted === undefined) {
      dealtWith = rests;
      inspector.openForOthers();
      return;
    }
    const toldUs = isNew && !over ? wanted : undefined;
    if (toldUs !== undefined && fragile) lateUs = toldUs;
    else if (toldUs !== undefined) tell(toldUs, stack);
    inspector.close();
    if (isNew) answeredIn = loopRounds();
    dealtWith = rests;
    // Tells the launcher that it was heard, and may ask again.
    if (toldUs !== undefined) unlinkSync(file);
  }

  function tell(leastUs: number, stack: HeldStack): void {
    recorder.flush();
    const hold = holdNow(stack);
    if (leastUs >= 0 && hold.heldUs >= leastUs && hold.stack.length > 0) recorder.record({ type: 'hang', thread, ...hold });
  }

  function tellLate(): void {
    const leastUs = lateUs;
    lateUs = undefined;
    if (leastUs === undefined || over) return;
    try {
      tell(leastUs, options.takeStack());
    } catch {
      // The stack is about to overflow.
    }
  }

  function holdNow({ frames }: HeldStack): {
    readonly sinceUs: TimeUs;
    readonly heldUs: DurationUs;
    readonly stack: StackFrame[];
  } {
    const turn = recorder.turnUnits();
    const tracer = options.tracerUnits();
    const sinceUnits = turn > tracer ? turn : tracer;
    const heldUs = (recorder.now() - sinceUnits) / 10;
    return { sinceUs: (sinceUnits / 10) as TimeUs, heldUs: heldUs as DurationUs, stack: frames.slice(0, mostFrames) };
  }

  function isOn(): boolean {
    const place = inspector.url();
    return place !== undefined && place !== theirs;
  }

  /** True where nobody else is to hear of it. */
  function look(): boolean {
    // Messages between processes come here too.
    if (!unfinished && !isOn()) return false;
    if (inspector.isOpening()) {
      theirs = inspector.url();
      inspector.sayPlace();
      giveUp('debugger');
      return false;
    }
    // The same signal's, while it is answered.
    if (busy) return true;
    const isMessage = leftOn;
    busy = true;
    unfinished = true;
    try {
      answer();
      unfinished = isOn();
    } catch {
      // The stack is about to overflow, or there is no descriptor left.
    } finally {
      busy = false;
      fragile = false;
    }
    leftOn = unfinished && mayBeOn();
    return !isMessage;
  }

  function mayBeOn(): boolean {
    try {
      return isOn();
    } catch {
      return true;
    }
  }

  recorder.onFlushed(tellLate);
  watchEvent('internalMessage', look);
  watchSyncChildren(internals, () => {
    try {
      recorder.record({ type: 'sync-child', thread, ...holdNow(options.takeStack()) });
    } catch {
      // The stack is about to overflow: Node says so.
    }
  });
  return {
    turnBegan() {
      const units = recorder.turnUnits();
      const isQuiet = lateUs === undefined && untold === undefined && !unfinished && !haveEventsMoved();
      if (isQuiet && units - askedUnits < askEveryUnits) return;
      lateUs = undefined;
      if (untold !== undefined) tellReason();
      // A signal may have come in between, or where the stack was full: then nobody was told of it, and Node tells no more of later ones.
      const missed = watchEventsAgain() || unfinished;
      askedUnits = units;
      if (!over && (missed || isOn())) look();
    },
    end,
  };
}

/** How often the event loop has waited for what comes from outside. */
function loopRounds(): number {
  return nodeTiming.uvMetricsInfo.loopCount;
}

/** True once the file is there by this call, or cannot be made; false where it is there already. */
function makeFile(path: string): boolean {
  try {
    closeSync(openSync(path, 'wx', 0o600));
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'EEXIST';
  }
}

/** From how long a hold on the launcher wants to know; undefined where it did not ask. */
function readRequest(path: string): number | undefined {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const bytes = Buffer.alloc(32);
    return sampleRequest.leastUs(bytes.toString('latin1', 0, readSync(file, bytes, 0, bytes.length, 0)));
  } finally {
    closeSync(file);
  }
}

interface SignalHandle {
  readonly prototype: { start?: (signal: number) => number };
}

/** Calls `taken` before the program gets SIGUSR1 for itself: from then on the signal would reach its handler. */
function noticeHandlers(internals: NodeInternals, taken: () => void): boolean {
  const prototype = internals.binding<{ Signal?: SignalHandle }>('signal_wrap')?.Signal?.prototype;
  const start = prototype?.start;
  const { apply } = Reflect;
  const signal = os.constants.signals.SIGUSR1;
  if (prototype === undefined || start === undefined) return false;
  prototype.start = function (this: unknown, number) {
    if (number === signal) taken();
    return apply(start, this, [number]);
  };
  return true;
}
