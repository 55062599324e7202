import type { TimelineLayout } from './layout.ts';
import { isReadyState, segmentState, type Strip } from './layoutSegments.ts';

/** The trace from its first event to its end in a few columns of equal width, for the minimap and the legend. */
export interface Overview {
  readonly columns: number;
  /** Mean number of unsettled tasks. */
  readonly alive: Float64Array;
  /** Share of the time (0 to 1) that tasks were running; with several threads the sum of theirs, at most 1. */
  readonly running: Float64Array;
  /** Mean number of tasks that were ready and not run. */
  readonly ready: Float64Array;
  /** 1 where a harmful blocking call or long slice touches the column. */
  readonly blocked: Uint8Array;
  /** By state code: how many stretches, and their time in microseconds. */
  readonly counts: Float64Array;
  readonly totalsUs: Float64Array;
}

export function overviewOf(layout: TimelineLayout, columns: number): Overview {
  const { startUs } = layout;
  const columnUs = Math.max(layout.endUs - startUs, 1e-3) / columns;
  const alive = new Coverage(columns, startUs, columnUs);
  const running = new Coverage(columns, startUs, columnUs);
  const ready = new Coverage(columns, startUs, columnUs);
  const blocked = new Uint8Array(columns);
  const counts = new Float64Array(32);
  const totalsUs = new Float64Array(32);
  for (const lane of layout.lanes) {
    tally(lane.segments, counts, totalsUs);
    tally(lane.lag, counts, totalsUs);
    if (lane.kind === 'loop') {
      tally(lane.marks, counts, totalsUs);
      markColumns(lane.marks, blocked, startUs, columnUs);
      continue;
    }
    const { store, from, to } = lane.segments;
    if (from < to) alive.add(store.startUs[from]!, store.endUs[store.reach[to - 1]!]!);
    for (let i = from; i < to; i++) {
      if (store.state[i] === segmentState.running) running.add(store.startUs[i]!, store.endUs[i]!);
      else if (isReadyState(store.state[i]!)) ready.add(store.startUs[i]!, store.endUs[i]!);
    }
  }
  const busy = running.finish();
  for (let i = 0; i < columns; i++) busy[i] = Math.min(1, busy[i]!);
  return { columns, alive: alive.finish(), running: busy, ready: ready.finish(), blocked, counts, totalsUs };
}

function tally({ store, from, to }: Strip, counts: Float64Array, totalsUs: Float64Array): void {
  for (let i = from; i < to; i++) {
    counts[store.state[i]!]!++;
    totalsUs[store.state[i]!]! += store.endUs[i]! - store.startUs[i]!;
  }
}

function markColumns({ store, from, to }: Strip, blocked: Uint8Array, originUs: number, columnUs: number): void {
  for (let i = from; i < to; i++) {
    if (store.state[i] === segmentState.busy) continue;
    const first = Math.min(blocked.length - 1, Math.max(0, Math.floor((store.startUs[i]! - originUs) / columnUs)));
    const last = Math.min(blocked.length - 1, Math.floor((store.endUs[i]! - originUs) / columnUs));
    blocked.fill(1, first, Math.max(first, last) + 1);
  }
}

/** Adds up how much of each column intervals cover, in constant time per interval. */
class Coverage {
  readonly #parts: Float64Array;
  readonly #steps: Float64Array;
  readonly #originUs: number;
  readonly #columnUs: number;

  constructor(columns: number, originUs: number, columnUs: number) {
    this.#parts = new Float64Array(columns);
    this.#steps = new Float64Array(columns + 1);
    this.#originUs = originUs;
    this.#columnUs = columnUs;
  }

  add(startUs: number, endUs: number): void {
    const columns = this.#parts.length;
    const start = Math.min(columns, Math.max(0, (startUs - this.#originUs) / this.#columnUs));
    const end = Math.min(columns, Math.max(0, (endUs - this.#originUs) / this.#columnUs));
    const first = Math.min(columns - 1, Math.floor(start));
    const last = Math.min(columns - 1, Math.floor(end));
    if (first === last) this.#parts[first]! += end - start;
    else {
      this.#parts[first]! += first + 1 - start;
      this.#parts[last]! += end - last;
      this.#steps[first + 1]! += 1;
      this.#steps[last]! -= 1;
    }
  }

  finish(): Float64Array {
    let whole = 0;
    for (let i = 0; i < this.#parts.length; i++) {
      whole += this.#steps[i]!;
      this.#parts[i]! += whole;
    }
    return this.#parts;
  }
}
