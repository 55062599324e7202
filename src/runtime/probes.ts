import type { SiteId, ThreadId } from '../shared/ids.ts';
import {
  blockEvent,
  callbackBeginEvent,
  callbackEndEvent,
  passEvent,
  ranEvent,
  resumeEvent,
  resumeThrewEvent,
  settleCallEvent,
  settleEvent,
  startEvent,
  suspendEvent,
  switchedEvent,
  taskEvent,
  tracerEvent,
  joinedSiteBits,
  joinedSites,
  joinedTasks,
  kindBits,
  kindMask,
  operandMask,
} from '../shared/traceEvents.ts';
import { createOpenBlocks } from './openBlocks.ts';
import type { ProbeHelp, Probes } from './probeTypes.ts';
import { mendMessage } from './quotedProbes.ts';
import type { EventBuffer } from './recorder.ts';
import { at, current, inRun, joinAt, lastStopped, lastTask, limit } from './recorderState.ts';
import { caller, completed, flags, slotSize, stopped } from './taskSlots.ts';
import { createTaskErrors } from './taskErrors.ts';
import { rehearse } from './rehearse.ts';
import { argumentText } from './valueText.ts';

/** 1 ms: of shorter blocking calls only the places are told. */
const shortestBlockUnits = 10_000;
/** Of one thread: so many blocking calls are told with what they were given. */
const mostTold = 1000;

// Kept from before the program runs: it may replace globals and patch prototypes.
const Integers = Int32Array;

/**
 * A task is known to its probes by a slot that is free again once the task has settled, so memory follows the tasks
 * alive and not all tasks ever. Slot 0 is never used.
 *
 * The probes of every await are written for speed: V8 inlines them, and what they keep lies in two arrays of integers. Passes of a task
 * through one await point with nothing in between are counted and written as one (a run).
 * @param help what else there is; left out, the trace has no stacks of errors, and messages that quote functions keep their probes
 */
export function createProbes(buffer: EventBuffer, thread: ThreadId, help: ProbeHelp = {}): Probes {
  const { words, state, due, now } = buffer;
  let slots = new Int32Array(4096);
  let firstFree = 0;
  let slotsEnd = slotSize;

  /** The run: the await point whose `suspend` it waits for (0: none is open, or it waits for `resume`), its slot, await point, passes to go, passes it may have. */
  let runNext = 0;
  let runSlot = 0;
  let runSite = 0;
  let runLeft = 0;
  let runLength = 0;

  const blocks = createOpenBlocks();
  const errors = createTaskErrors(buffer, thread, help.throwStacks);
  /** The innermost blocking call begun and not ended; 0 when there is none. */
  let openToken = 0;
  /** What the arguments of that call said. */
  let blockText = '';
  let blocksTold = 0;
  /** The task that is about to throw; 0 when none is. */
  let throwing = 0;
  /** When the tracer began to hold the thread, and how long it held it so far, in units of 100 ns: no time of any blocking call. */
  let heldFrom = 0;
  let heldUnits = 0;
  /** The callback under way, by its site; 0 when there is none. */
  let callback = 0;

  function newSlot(): number {
    const slot = slotsEnd;
    slotsEnd += slotSize;
    if (slotsEnd > slots.length) {
      const larger = new Integers(slots.length * 2);
      for (let i = 0; i < slot; i++) larger[i] = slots[i] as number;
      slots = larger;
    }
    return slot;
  }

  function write(word: number): void {
    words[state[at] as number] = word;
    state[at] = (state[at] as number) + 1;
  }

  /** Writes the run that is open, and what it left undone of its last pass. */
  function endRun(): void {
    if (state[current] !== inRun) return;
    const slot = runSlot;
    const passes = runLength - runLeft;
    if (passes > 0) {
      write((runSite << kindBits) | passEvent);
      write(passes);
    }
    state[current] = slot;
    if (runNext === 0) {
      write((runSite << kindBits) | suspendEvent);
      state[current] = slots[slot + caller] as number;
      slots[slot + caller] = stopped;
      state[lastStopped] = slots[slot] as number;
      state[joinAt] = state[at] as number;
    }
    runNext = 0;
  }

  /** A task went on twice from the same await point, with nothing else in between. */
  function beginRun(slot: number, site: number): void {
    const passes = ((state[limit] as number) - (state[at] as number)) >> 1;
    if (passes < 1) return;
    runSlot = slot;
    runSite = runNext = site;
    runLeft = runLength = passes;
    state[current] = inRun;
  }

  /** All passes of the run have been made; the clock is due, and the run goes on as another. */
  function renewRun(): void {
    runNext = runSite;
    endRun();
    due();
    beginRun(runSlot, runSite);
  }

  /** The event that follows is of a task that is not the innermost one; those above it ended without a word (a module that threw). */
  function outOfOrder(slot: number): void {
    endRun();
    const top = state[current] as number;
    if (top === slot) return;
    write(((slots[slot] as number) << kindBits) | taskEvent);
    if (!runs(slot)) slots[slot + caller] = top;
  }

  /** Whether a task is among the running ones. */
  function runs(slot: number): boolean {
    let below = state[current] as number;
    for (let steps = slotsEnd; below > 0 && below !== slot && steps > 0; steps--) below = slots[below + caller] as number;
    return below === slot;
  }

  buffer.connect({
    endRun,
    running(into, place, most) {
      let count = 0;
      let outermost = 0;
      for (let slot = state[current] as number; slot > 0 && count < most; slot = slots[slot + caller] as number) {
        count++;
        outermost = slot;
      }
      if (outermost !== 0) slots[outermost + caller] = 0;
      let slot = state[current] as number;
      for (let i = count - 1; i >= 0; i--) {
        into[place + i] = slots[slot] as number;
        slot = slots[slot + caller] as number;
      }
      return count;
    },
  });

  function put(word: number): void {
    write(word);
    if ((state[at] as number) >= (state[limit] as number)) due();
  }

  function goOn(slot: number, kind: number): void {
    slots[slot + caller] = state[current] as number;
    state[current] = slot;
    put((((slots[slot] as number) - (state[lastStopped] as number)) << kindBits) | kind);
  }

  function endBlock(token: number): void {
    const duration = blocks.end(token, now() - heldUnits);
    if (duration < 0) return;
    if (duration < shortestBlockUnits) {
      const site = blocks.newSiteOf(token);
      if (site !== 0) {
        endRun();
        buffer.record({ type: 'brief-block', thread, site: site as SiteId });
      }
      return;
    }
    endRun();
    let detail = 0;
    if (blockText !== '' && blocksTold < mostTold) {
      detail = ++blocksTold;
      buffer.record({ type: 'blocking-detail', thread, index: detail, text: blockText });
    }
    write((blocks.siteOf(token) << kindBits) | blockEvent);
    write(duration | 0);
    write(detail);
    due();
  }

  /** What a task that ends left open: a throw of its own, a blocking call that threw. */
  function endOpen(slot: number): void {
    const flagsNow = slots[slot + flags] as number;
    if (throwing !== 0) {
      if (throwing === slot && slots[slot + caller] !== stopped) errors.tell(slots[slot] as number);
      throwing = 0;
    }
    if (openToken !== 0 && !(flagsNow & completed)) {
      endBlock(openToken);
      openToken = 0;
    }
  }

  const probes: Probes = {
    enter(site) {
      if (state[current] === inRun) endRun();
      let slot = firstFree;
      if (slot === 0) slot = newSlot();
      else firstFree = slots[slot + caller] as number;
      let task = ((state[lastTask] as number) + 1) & operandMask;
      if (task === 0) task = 1;
      slots[slot] = task;
      slots[slot + flags] = 0;
      slots[slot + caller] = state[current] as number;
      state[current] = slot;
      state[lastTask] = task;
      const place = state[at] as number;
      words[place] = (site << kindBits) | startEvent;
      state[at] = state[joinAt] = place + 1;
      if (place + 1 >= (state[limit] as number)) due();
      return slot;
    },
    suspend(slot, site, value) {
      if (runNext === site && runSlot === slot) {
        runNext = 0;
        return value;
      }
      if (state[current] !== slot) outOfOrder(slot);
      state[current] = slots[slot + caller] as number;
      slots[slot + caller] = stopped;
      state[lastStopped] = slots[slot] as number;
      openToken = 0;
      const place = state[at] as number;
      words[place] = (site << kindBits) | suspendEvent;
      state[at] = state[joinAt] = place + 1;
      if (place + 1 >= (state[limit] as number)) due();
      return value;
    },
    resume(slot, value) {
      let below = state[current] as number;
      if (below === inRun) {
        if (runNext === 0 && runSlot === slot) {
          if (--runLeft === 0) renewRun();
          else runNext = runSite;
          return value;
        }
        endRun();
        below = state[current] as number;
      }
      // It never stopped: its stop was not seen.
      if (slots[slot + caller] !== stopped && runs(slot)) below = slots[slot + caller] as number;
      slots[slot + caller] = below;
      state[current] = slot;
      const delta = (slots[slot] as number) - (state[lastStopped] as number);
      const place = state[at] as number;
      if (state[joinAt] === place) {
        const word = words[place - 1] as number;
        const site = word >>> kindBits;
        if ((word & kindMask) === suspendEvent && site < joinedSites && delta < joinedTasks && delta >= -joinedTasks) {
          const joined = (delta << (kindBits + joinedSiteBits)) | (site << kindBits) | switchedEvent;
          words[place - 1] = joined;
          if (delta === 0 && words[place - 2] === joined) beginRun(slot, site);
          return value;
        }
      }
      words[place] = (delta << kindBits) | resumeEvent;
      state[at] = place + 1;
      if (place + 1 >= (state[limit] as number)) due();
      return value;
    },
    caught(slot, inFinally) {
      if (inFinally !== 1) throwing = 0;
      if (state[current] === inRun) endRun();
      if (slots[slot + caller] === stopped) {
        const withValue = inFinally === 1 && ((slots[slot + flags] as number) & completed) !== 0;
        slots[slot + flags] = withValue ? completed : 0;
        goOn(slot, withValue ? resumeEvent : resumeThrewEvent);
      } else if (openToken !== 0) {
        // The blocking call threw (a child process that failed): it held the loop until here.
        endBlock(openToken);
        openToken = 0;
      }
    },
    complete(slot, value) {
      slots[slot + flags] = (slots[slot + flags] as number) | completed;
      return value;
    },
    thrown(slot, value) {
      throwing = slot;
      errors.note(value);
      return value;
    },
    mend(error) {
      mendMessage(error, help.mendFunctions);
      return error;
    },
    settle(slot) {
      if (throwing !== 0 || openToken !== 0) endOpen(slot);
      if (state[current] === inRun) endRun();
      const outcome = (slots[slot + flags] as number) & completed ? 0 : 1;
      // No catch or finally of its own: the throw, a generator's `return()` or the end of a closed iterator is seen here first.
      if (slots[slot + caller] === stopped) goOn(slot, outcome === 0 ? resumeEvent : resumeThrewEvent);
      else if (state[current] !== slot) outOfOrder(slot);
      state[current] = slots[slot + caller] as number;
      slots[slot + caller] = firstFree;
      firstFree = slot;
      const place = state[at] as number;
      if (state[joinAt] === place && outcome === 0) {
        const word = words[place - 1] as number;
        if ((word & kindMask) === startEvent) {
          words[place - 1] = word + (ranEvent - startEvent);
          return;
        }
      }
      words[place] = (outcome << kindBits) | settleEvent;
      state[at] = place + 1;
      if (place + 1 >= (state[limit] as number)) due();
    },
    blockBegin(site) {
      endRun();
      const began = now();
      openToken = blocks.begin(site, began - heldUnits);
      blockText = '';
      buffer.happened(began);
      return openToken;
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
      endRun();
      put((site << kindBits) | settleCallEvent);
      return value;
    },
    callbackBegin(site) {
      if (state[current] === inRun) endRun();
      // Called by a task, or by another callback, it is part of that.
      if (state[current] !== 0 || callback !== 0) return 0;
      callback = site;
      put((site << kindBits) | callbackBeginEvent);
      return site;
    },
    callbackEnd(token) {
      if (token === 0 || token !== callback) return;
      endRun();
      if (openToken !== 0) {
        // A blocking call in it threw.
        endBlock(openToken);
        openToken = 0;
      }
      callback = 0;
      put((token << kindBits) | callbackEndEvent);
    },
    tracerBegins() {
      endRun();
      heldFrom = now();
      buffer.happened(heldFrom);
    },
    tracerEnds(tell) {
      const units = now() - heldFrom;
      if (units <= 0) return;
      heldUnits += units;
      if (!tell) return;
      write(((units < operandMask ? units : operandMask) << kindBits) | tracerEvent);
      due();
    },
    turnBegins() {
      endRun();
      state[current] = 0;
      callback = 0;
      openToken = 0;
    },
  };
  rehearse(probes, buffer.words, buffer.state);
  return probes;
}
