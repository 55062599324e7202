import type { SiteId, ThreadId } from '../../shared/ids.ts';
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
} from '../../shared/traceEvents.ts';
import { createOpenBlocks } from './openBlocks.ts';
import type { ProbeHelp, Probes } from './probeTypes.ts';
import { mendMessage } from './quotedProbes.ts';
import type { EventBuffer } from '../record/recorderTypes.ts';
import {
  at,
  callback,
  current,
  firstFree,
  inRun,
  joinAt,
  lastStopped,
  lastTask,
  limit,
  openToken,
  runLeft,
  runLength,
  runNext,
  runSite,
  runSlot,
  slotsEnd,
  throwing,
} from '../record/recorderState.ts';
import { caller, completed, createTaskTable, flags, slotAfter, stopped } from './taskSlots.ts';
import { createTaskErrors } from './taskErrors.ts';
import { rehearse } from './rehearse.ts';
import { argumentText } from './valueText.ts';

/** 1 ms: of shorter blocking calls only the places are told. */
const shortestBlockUnits = 10_000;
/** Of one thread: so many blocking calls are told with what they were given. */
const mostTold = 1000;

/**
 * A task is known to its probes by a slot that is free again once the task has settled, so memory follows the tasks
 * alive and not all tasks ever. Slot 0 is never used; a free slot that never was one has no next free one, which is the one beside it.
 *
 * The probes of every await are written for speed: V8 inlines them, and what they keep lies in two arrays of integers. Passes of a task
 * through one await point with nothing in between are counted and written as one (a run).
 * @param help what else there is; left out, the trace has no stacks of errors, and messages that quote functions keep their probes
 */
export function createProbes(buffer: EventBuffer, thread: ThreadId, help: ProbeHelp = {}): Probes {
  const { words, state, due, now } = buffer;
  const table = createTaskTable(state);

  const blocks = createOpenBlocks();
  const errors = createTaskErrors(buffer, thread, help.throwStacks);
  /** What the arguments of the blocking call under way said. */
  let blockText = '';
  let blocksTold = 0;
  /** When the tracer began to hold the thread, and how long it held it so far, in units of 100 ns: no time of any blocking call. */
  let heldFrom = 0;
  let heldUnits = 0;

  function write(word: number): void {
    words[state[at] as number] = word;
    state[at] = (state[at] as number) + 1;
  }

  /** Writes the run that is open, and what it left undone of its last pass. */
  function endRun(): void {
    if (state[current] !== inRun) return;
    const { slots } = table;
    const slot = state[runSlot] as number;
    const passes = (state[runLength] as number) - (state[runLeft] as number);
    if (passes > 0) {
      write(((state[runSite] as number) << kindBits) | passEvent);
      write(passes);
    }
    state[current] = slot;
    if (state[runNext] === 0) {
      write(((state[runSite] as number) << kindBits) | suspendEvent);
      state[current] = slots[slot + caller] as number;
      slots[slot + caller] = stopped;
      state[lastStopped] = slots[slot] as number;
      state[joinAt] = state[at] as number;
    }
    state[runNext] = 0;
  }

  /** A task went on twice from the same await point, with nothing else in between. */
  function beginRun(slot: number, site: number): void {
    const passes = ((state[limit] as number) - (state[at] as number)) >> 1;
    if (passes < 1) return;
    state[runSlot] = slot;
    state[runSite] = state[runNext] = site;
    state[runLeft] = state[runLength] = passes;
    state[current] = inRun;
  }

  /** All passes of the run have been made; the clock is due, and the run goes on as another. */
  function renewRun(): void {
    state[runNext] = state[runSite] as number;
    endRun();
    due();
    beginRun(state[runSlot] as number, state[runSite] as number);
  }

  /** The event that follows is of a task that is not the innermost one; those above it ended without a word (a module that threw). */
  function outOfOrder(slot: number): void {
    endRun();
    const top = state[current] as number;
    if (top === slot) return;
    const { slots } = table;
    write(((slots[slot] as number) << kindBits) | taskEvent);
    if (!runs(slot)) slots[slot + caller] = top;
  }

  /** Whether a task is among the running ones. */
  function runs(slot: number): boolean {
    const { slots } = table;
    let below = state[current] as number;
    for (let steps = state[slotsEnd] as number; below > 0 && below !== slot && steps > 0; steps--)
      below = slots[below + caller] as number;
    return below === slot;
  }

  buffer.connect({
    endRun,
    running(into, place, most) {
      const { slots } = table;
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
    const { slots } = table;
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
    const { slots } = table;
    const flagsNow = slots[slot + flags] as number;
    if (state[throwing] !== 0) {
      if (state[throwing] === slot && slots[slot + caller] !== stopped) errors.tell(slots[slot] as number);
      state[throwing] = 0;
    }
    if (state[openToken] !== 0 && !(flagsNow & completed)) {
      endBlock(state[openToken] as number);
      state[openToken] = 0;
    }
  }

  const probes: Probes = {
    enter(site) {
      if (state[current] === inRun) endRun();
      const slot = state[firstFree] as number;
      let { slots } = table;
      let next = slots[slot + caller] as number;
      if (next === 0) {
        next = slotAfter(table, state, slot);
        slots = table.slots;
      }
      state[firstFree] = next;
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
      if (state[runNext] === site && state[runSlot] === slot) {
        state[runNext] = 0;
        return value;
      }
      const { slots } = table;
      if (state[current] !== slot) outOfOrder(slot);
      state[current] = slots[slot + caller] as number;
      slots[slot + caller] = stopped;
      state[lastStopped] = slots[slot] as number;
      state[openToken] = 0;
      const place = state[at] as number;
      words[place] = (site << kindBits) | suspendEvent;
      state[at] = state[joinAt] = place + 1;
      if (place + 1 >= (state[limit] as number)) due();
      return value;
    },
    resume(slot, value) {
      let below = state[current] as number;
      if (below === inRun) {
        if (state[runNext] === 0 && state[runSlot] === slot) {
          const left = (state[runLeft] as number) - 1;
          state[runLeft] = left;
          if (left === 0) renewRun();
          else state[runNext] = state[runSite] as number;
          return value;
        }
        endRun();
        below = state[current] as number;
      }
      const { slots } = table;
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
      if (inFinally !== 1) state[throwing] = 0;
      if (state[current] === inRun) endRun();
      const { slots } = table;
      if (slots[slot + caller] === stopped) {
        const withValue = inFinally === 1 && ((slots[slot + flags] as number) & completed) !== 0;
        slots[slot + flags] = withValue ? completed : 0;
        goOn(slot, withValue ? resumeEvent : resumeThrewEvent);
      } else if (state[openToken] !== 0) {
        // The blocking call threw (a child process that failed): it held the loop until here.
        endBlock(state[openToken] as number);
        state[openToken] = 0;
      }
    },
    complete(slot, value) {
      table.slots[slot + flags] = completed;
      return value;
    },
    thrown(slot, value) {
      state[throwing] = slot;
      errors.note(value);
      return value;
    },
    mend(error) {
      mendMessage(error, help.mendFunctions);
      return error;
    },
    settle(slot) {
      if (state[throwing] !== 0 || state[openToken] !== 0) endOpen(slot);
      if (state[current] === inRun) endRun();
      const { slots } = table;
      const outcome = (slots[slot + flags] as number) & completed ? 0 : 1;
      // No catch or finally of its own: the throw, a generator's `return()` or the end of a closed iterator is seen here first.
      if (slots[slot + caller] === stopped) goOn(slot, outcome === 0 ? resumeEvent : resumeThrewEvent);
      else if (state[current] !== slot) outOfOrder(slot);
      state[current] = slots[slot + caller] as number;
      slots[slot + caller] = state[firstFree] as number;
      state[firstFree] = slot;
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
      state[openToken] = blocks.begin(site, began - heldUnits);
      blockText = '';
      buffer.happened(began);
      return state[openToken];
    },
    blockArgument(value) {
      const text = state[openToken] === 0 || blocksTold >= mostTold ? undefined : argumentText(value);
      if (text !== undefined && text !== '') blockText = blockText === '' ? text : `${blockText} ${text}`;
      return value;
    },
    blockEnd(token, value) {
      endBlock(token);
      state[openToken] = 0;
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
      if (state[current] !== 0 || state[callback] !== 0) return 0;
      state[callback] = site;
      put((site << kindBits) | callbackBeginEvent);
      return site;
    },
    callbackEnd(token) {
      if (token === 0 || token !== state[callback]) return;
      endRun();
      if (state[openToken] !== 0) {
        // A blocking call in it threw.
        endBlock(state[openToken] as number);
        state[openToken] = 0;
      }
      state[callback] = 0;
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
      state[callback] = 0;
      state[openToken] = 0;
    },
  };
  rehearse(probes, buffer.words, buffer.state);
  return probes;
}
