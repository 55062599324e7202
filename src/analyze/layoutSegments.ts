import { waitKinds, type WaitKind } from '../shared/waitKind.ts';

/**
 * What a stretch of a lane shows, as one byte. Codes from {@link firstWaitState} on stand for waiting, in the order of
 * {@link waitKinds}.
 */
export const segmentState = {
  running: 0,
  /** The awaited work is done, the busy loop alone keeps the task from going on. */
  ready: 1,
  turn: 2,
  /** From when a timer was due to when its turn began. */
  lag: 3,
  blockingCall: 4,
  longSlice: 5,
  /** Like `ready`, where the moment it became so is only known to lie at or after the start: it was ready for at most this long. */
  readyAtMost: 6,
  /** A blocking call or long slice that is no fault: it held up nobody who could have run. */
  busy: 7,
  /** A synchronous function that the loop itself called. */
  callback: 8,
} as const;
export const firstWaitState = 9;

export function waitState(kind: WaitKind): number {
  return firstWaitState + waitKinds.indexOf(kind);
}

export function isReadyState(state: number): boolean {
  return state === segmentState.ready || state === segmentState.readyAtMost;
}

export function isWaitState(state: number): boolean {
  return state >= firstWaitState;
}

/** The kind a state waits for; undefined for states that are not waiting. */
export function waitKindOf(state: number): WaitKind | undefined {
  return state < firstWaitState ? undefined : waitKinds[state - firstWaitState];
}

/** Stretches of many lanes, one after the other, each lane's sorted by start. Times in microseconds of the trace. */
export interface SegmentStore {
  readonly startUs: Float64Array;
  readonly endUs: Float64Array;
  readonly state: Uint8Array;
  /** Index of what the stretch shows: a slice or wait of the lane's task, a turn, a callback or a blocking span of the model. */
  readonly ref: Int32Array;
  /** Among the strip's stretches up to here, the index of the one that ends last: lets a search step over overlaps. */
  readonly reach: Int32Array;
}

/** A run of stretches in a store that are drawn in one line: indexes `from` to `to` (exclusive). */
export interface Strip {
  readonly store: SegmentStore;
  readonly from: number;
  readonly to: number;
}

export const emptyStore: SegmentStore = {
  startUs: new Float64Array(0),
  endUs: new Float64Array(0),
  state: new Uint8Array(0),
  ref: new Int32Array(0),
  reach: new Int32Array(0),
};
export const emptyStrip: Strip = { store: emptyStore, from: 0, to: 0 };

/** Fills a store of a size known beforehand, strip by strip. */
export class SegmentWriter {
  readonly store: SegmentStore;
  #next = 0;
  #stripStart = 0;

  constructor(capacity: number) {
    this.store = {
      startUs: new Float64Array(capacity),
      endUs: new Float64Array(capacity),
      state: new Uint8Array(capacity),
      ref: new Int32Array(capacity),
      reach: new Int32Array(capacity),
    };
  }

  add(startUs: number, endUs: number, state: number, ref: number): void {
    const at = this.#next++;
    this.store.startUs[at] = startUs;
    this.store.endUs[at] = Math.max(startUs, endUs);
    this.store.state[at] = state;
    this.store.ref[at] = ref;
  }

  /** Ends the strip begun after the last call, putting it in order of start where it is not. */
  strip(): Strip {
    const from = this.#stripStart;
    const to = this.#next;
    this.#stripStart = to;
    sortRange(this.store, from, to);
    const { endUs, reach } = this.store;
    let furthest = from;
    for (let i = from; i < to; i++) {
      if (endUs[i]! >= endUs[furthest]!) furthest = i;
      reach[i] = furthest;
    }
    return { store: this.store, from, to };
  }
}

function sortRange(store: SegmentStore, from: number, to: number): void {
  const { startUs, endUs, state, ref } = store;
  let sorted = true;
  for (let i = from + 1; i < to && sorted; i++) sorted = startUs[i - 1]! <= startUs[i]!;
  if (sorted) return;
  const order = Uint32Array.from({ length: to - from }, (_, i) => from + i).sort((a, b) => startUs[a]! - startUs[b]! || a - b);
  const reorder = (values: Float64Array | Uint8Array | Int32Array): void => {
    const old = values.slice(from, to);
    order.forEach((source, i) => (values[from + i] = old[source - from]!));
  };
  for (const values of [startUs, endUs, state, ref]) reorder(values);
}
