import { noSite, type SiteId, type ThreadId } from '../shared/ids.ts';
import type { HangRecord } from '../shared/traceRecords.ts';
import { heldPlace, type PlacedFrame } from './heldPlace.ts';
import type { BlockState, TaskState, ThreadState } from './taskState.ts';

/** One look at a thread that did not come back to its event loop. */
interface Look {
  readonly record: HangRecord;
  readonly thread: ThreadState;
  /** When it was, in the time of the thread, and how many events the trace held by then. */
  readonly atUs: number;
  readonly order: number;
  /** What ran then: the innermost task, and the callers below it. */
  readonly task: TaskState | undefined;
  readonly callers: readonly TaskState[];
  readonly site: SiteId;
}

/** A hold that no event ends: the last look still saw it. */
export interface OpenHold {
  readonly thread: ThreadId;
  readonly startUs: number;
  readonly durationUs: number;
  readonly order: number;
  readonly site: SiteId;
  readonly task: TaskState | undefined;
  readonly heldUp: readonly TaskState[];
  readonly heldAt: PlacedFrame | undefined;
}

export interface HangFacts {
  /** Where the looks at a hold that events tell of found it. */
  readonly places: ReadonlyMap<BlockState, PlacedFrame>;
  readonly open: readonly OpenHold[];
}

/** Looks that are kept: of one hold a few at each doubling of its length. */
const mostLooks = 10_000;

/** Puts the looks at holds together with what the events say of these. */
export class Hangs {
  readonly #looks: Look[] = [];

  /** A look, while `thread` is as the events before it say. */
  note(record: HangRecord, thread: ThreadState, events: number, virtual: boolean): void {
    if (this.#looks.length >= mostLooks) return;
    // Wall time went by without an event that would tell.
    if (!virtual) {
      thread.nowUs = Math.max(thread.nowUs, record.sinceUs + record.heldUs);
      thread.toUs = Math.max(thread.toUs, thread.nowUs);
    }
    const task = thread.stack.at(-1);
    this.#looks.push({
      record,
      thread,
      atUs: thread.nowUs,
      order: events,
      task,
      callers: thread.stack.slice(0, -1),
      site: task?.sliceFrom ?? thread.callback?.site ?? noSite,
    });
  }

  /** @param isTraced tells the files whose lines the trace knows */
  facts(virtual: boolean, isTraced: (path: string) => boolean): HangFacts {
    const byBlock = new Map<BlockState, Look[]>();
    const rest = new Map<string, Look[]>();
    const add = <K>(map: Map<K, Look[]>, key: K, look: Look): void => {
      const looks = map.get(key);
      if (looks) looks.push(look);
      else map.set(key, [look]);
    };
    for (const look of this.#looks) {
      const block = look.thread.blocks.find(({ order, startUs }) => order > look.order && (virtual || startUs <= look.atUs));
      if (block) add(byBlock, block, look);
      else add(rest, `${look.record.thread} ${look.record.sinceUs}`, look);
    }
    const placeOf = (looks: readonly Look[]): PlacedFrame | undefined => {
      const stacks = looks.map(({ record }) => record.stack);
      return heldPlace(stacks, isTraced);
    };
    const places = new Map<BlockState, PlacedFrame>();
    for (const [block, looks] of byBlock) {
      const place = placeOf(looks);
      if (place) places.set(block, place);
    }
    return { places, open: [...rest.values()].map((looks) => openHold(looks, virtual, placeOf(looks))) };
  }
}

function openHold(looks: readonly Look[], virtual: boolean, heldAt: PlacedFrame | undefined): OpenHold {
  const { record, thread, order, task, callers, site, atUs } = looks.at(-1)!;
  // Holds of the same turn that events tell of came before.
  const endedUs = Math.max(0, ...thread.blocks.filter((block) => block.order <= order).map(({ endUs }) => endUs));
  const startUs = virtual ? atUs : Math.max(record.sinceUs, Math.min(endedUs, atUs));
  const durationUs = virtual ? record.heldUs : atUs - startUs;
  return { thread: thread.id, startUs, durationUs, order, site, task, heldUp: callers, heldAt };
}
