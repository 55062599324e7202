import { eventKind } from '../shared/traceEvents.ts';
import { probeNames } from '../shared/instrumentMessages.ts';
import type { ThreadId } from '../shared/ids.ts';
import type { Recorder } from './recorder.ts';
import { mendMessage } from './quotedProbes.ts';
import type { ThrowStacks } from './throwStacks.ts';
import { argumentText, errorText } from './valueText.ts';

/** What instrumented text calls, by the names in {@link probeNames}. Synchronous, never throws, allocates nothing per event. */
export interface Probes {
  enter(site: number): number;
  suspend(task: number, site: number, value?: unknown): unknown;
  resume(task: number, value?: unknown): unknown;
  caught(task: number, inFinally?: 1): void;
  complete(task: number, value?: unknown): unknown;
  thrown(task: number, value: unknown): unknown;
  mend(error: unknown): unknown;
  settle(task: number): void;
  blockArgument(value: unknown): unknown;
  blockBegin(site: number): number;
  blockEnd(token: number, value?: unknown): unknown;
  settleCall(site: number, value?: unknown): unknown;
  callbackBegin(site: number): number;
  callbackEnd(token: number): void;
  /** A turn of the event loop begins: no task is running, whatever the stack says. */
  turnBegins(): void;
}

/** What probes need of a recorder. */
export type ProbeRecorder = Pick<Recorder, 'event1' | 'event2' | 'event3' | 'event4' | 'now' | 'record'>;

// Kept from before the program runs: it may replace globals and patch prototypes.
const Words = Uint32Array;
const Bytes = Uint8Array;
const Integers = Int32Array;

const suspended = 1;
const completed = 2;
/** 1 ms: shorter blocking calls are not recorded. */
const shortestBlockUnits = 10_000;
const openBlocks = 1024;
/** Of one thread: errors of tasks and details of blocking calls that are told in words. */
const mostTold = 1000;
/** Most throws are caught by the task itself: so many are noted with their stacks. */
const mostStacks = 10_000;

/**
 * A task is known to its probes by a slot that is free again once the task has settled, so memory follows the tasks
 * alive and not all tasks ever. Slot 0 is never used.
 * @param throwStacks what tells where a task threw; left out, the trace has no stacks of errors
 */
export function createProbes(recorder: ProbeRecorder, thread: ThreadId, throwStacks?: ThrowStacks): Probes {
  const { event1, event2, event3, event4, now } = recorder;
  let size = 1024;
  let taskOf = new Uint32Array(size);
  let flagsOf = new Uint8Array(size);
  let nextFree = new Int32Array(size);
  let firstFree = 0;
  let slotsUsed = 1;
  let lastTask = 0;
  let stack = new Int32Array(256);
  let depth = 0;

  const blockSite = new Uint32Array(openBlocks);
  const blockToken = new Int32Array(openBlocks);
  const blockStart = new Float64Array(openBlocks);
  let lastToken = 0;
  /** The innermost blocking call begun and not ended; 0 when there is none. */
  let openToken = 0;
  /** What the arguments of that call said. */
  let blockText = '';
  let blocksTold = 0;
  let errorsTold = 0;
  /** The task that is about to throw, and what; 0 when none is. */
  let throwing = 0;
  let thrownText = '';
  let thrownAt: object | undefined;
  let stacksTaken = 0;
  /** The callback under way, by its site; 0 when there is none. */
  let callback = 0;

  function grow(): void {
    const tasks = new Words(size * 2);
    const flags = new Bytes(size * 2);
    const frees = new Integers(size * 2);
    for (let i = 0; i < size; i++) {
      tasks[i] = taskOf[i] as number;
      flags[i] = flagsOf[i] as number;
      frees[i] = nextFree[i] as number;
    }
    taskOf = tasks;
    flagsOf = flags;
    nextFree = frees;
    size *= 2;
  }

  function push(slot: number): void {
    if (depth === stack.length) {
      const larger = new Integers(depth * 2);
      for (let i = 0; i < depth; i++) larger[i] = stack[i] as number;
      stack = larger;
    }
    stack[depth++] = slot;
  }

  /** Takes a task off the stack, and what lies above it: that ended without a word (a module that threw). */
  function pop(slot: number): void {
    if (depth > 0 && stack[depth - 1] === slot) {
      depth--;
      return;
    }
    for (let i = depth - 2; i >= 0; i--) {
      if (stack[i] === slot) {
        depth = i;
        return;
      }
    }
  }

  function currentTask(): number {
    return depth === 0 ? 0 : (taskOf[stack[depth - 1] as number] as number);
  }

  function endBlock(token: number): void {
    const index = token & (openBlocks - 1);
    if (token === 0 || blockToken[index] !== token) return;
    blockToken[index] = 0;
    const duration = now() - (blockStart[index] as number);
    if (duration < shortestBlockUnits) return;
    let detail = 0;
    if (blockText !== '' && blocksTold < mostTold) {
      detail = ++blocksTold;
      recorder.record({ type: 'blocking-detail', thread, index: detail, text: blockText });
    }
    event4(eventKind.block, blockSite[index] as number, duration, currentTask(), detail);
  }

  function tellError(task: number): void {
    if (errorsTold >= mostTold) return;
    errorsTold++;
    const stack = thrownAt && throwStacks?.frames(thrownAt);
    recorder.record({ type: 'task-error', thread, task, message: thrownText, ...(stack && stack.length > 0 ? { stack } : {}) });
  }

  return {
    enter(site) {
      let slot = firstFree;
      if (slot !== 0) firstFree = nextFree[slot] as number;
      else {
        slot = slotsUsed++;
        if (slot >= size) grow();
      }
      lastTask = (lastTask + 1) >>> 0;
      const parent = currentTask();
      taskOf[slot] = lastTask;
      flagsOf[slot] = 0;
      push(slot);
      event3(eventKind.start, lastTask, site, parent);
      return slot;
    },
    suspend(slot, site, value) {
      flagsOf[slot] = (flagsOf[slot] as number) | suspended;
      openToken = 0;
      event2(eventKind.suspend, taskOf[slot] as number, site);
      pop(slot);
      return value;
    },
    resume(slot, value) {
      flagsOf[slot] = (flagsOf[slot] as number) & completed;
      push(slot);
      event2(eventKind.resume, taskOf[slot] as number, 0);
      return value;
    },
    caught(slot, inFinally) {
      const flags = flagsOf[slot] as number;
      if (inFinally !== 1) throwing = 0;
      if (flags & suspended) {
        const withValue = inFinally === 1 && (flags & completed) !== 0;
        flagsOf[slot] = withValue ? completed : 0;
        push(slot);
        event2(eventKind.resume, taskOf[slot] as number, withValue ? 0 : 1);
      } else if (openToken !== 0) {
        // The blocking call threw (a child process that failed): it held the loop until here.
        endBlock(openToken);
        openToken = 0;
      }
    },
    complete(slot, value) {
      flagsOf[slot] = (flagsOf[slot] as number) | completed;
      return value;
    },
    thrown(slot, value) {
      throwing = slot;
      if (errorsTold < mostTold) {
        thrownText = errorText(value);
        thrownAt = stacksTaken++ < mostStacks ? throwStacks?.capture() : undefined;
      }
      return value;
    },
    mend(error) {
      mendMessage(error);
      return error;
    },
    settle(slot) {
      const flags = flagsOf[slot] as number;
      if (throwing !== 0) {
        if (throwing === slot && (flags & suspended) === 0) tellError(taskOf[slot] as number);
        throwing = 0;
      }
      if (openToken !== 0 && !(flags & completed)) {
        endBlock(openToken);
        openToken = 0;
      }
      const outcome = flags & completed ? 0 : 1;
      if (flags & suspended) {
        // No catch or finally of its own: the throw, a generator's `return()` or the end of a closed iterator is seen here first.
        push(slot);
        event2(eventKind.resume, taskOf[slot] as number, outcome);
      }
      event2(eventKind.settle, taskOf[slot] as number, outcome);
      pop(slot);
      nextFree[slot] = firstFree;
      firstFree = slot;
    },
    blockBegin(site) {
      lastToken = lastToken === 0x3fffffff ? 1 : lastToken + 1;
      const index = lastToken & (openBlocks - 1);
      blockToken[index] = lastToken;
      blockSite[index] = site;
      openToken = lastToken;
      blockText = '';
      blockStart[index] = now();
      return lastToken;
    },
    blockArgument(value) {
      const text = openToken === 0 || blocksTold >= mostTold ? undefined : argumentText(value);
      if (text !== undefined && text !== '') blockText = blockText === '' ? text : `${blockText} ${text}`;
      return value;
    },
    blockEnd(token, value) {
      endBlock(token);
      openToken = 0;
      return value;
    },
    settleCall(site, value) {
      event2(eventKind.settleCall, site, currentTask());
      return value;
    },
    callbackBegin(site) {
      // Called by a task, or by another callback, it is part of that.
      if (depth !== 0 || callback !== 0) return 0;
      callback = site;
      event1(eventKind.callbackBegin, site);
      return site;
    },
    callbackEnd(token) {
      if (token === 0 || token !== callback) return;
      if (openToken !== 0) {
        // A blocking call in it threw.
        endBlock(openToken);
        openToken = 0;
      }
      callback = 0;
      event1(eventKind.callbackEnd, token);
    },
    turnBegins() {
      depth = 0;
      callback = 0;
      openToken = 0;
    },
  };
}

/** The text of a script that puts probes into the global lexical scope, given as an object under the name `carrier`. */
export function probeDeclarations(carrier: string): string {
  const names = Object.entries(probeNames).filter(([role]) => role !== 'task');
  return `const ${names.map(([role, name]) => `${name} = ${carrier}.${role}`).join(', ')};`;
}
