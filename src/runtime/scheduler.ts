/** What a ready operation is. The canonical run knows timers only; other kinds follow with the policies that may move them. */
export type OperationKind = 'timer';

/** A continuation that could be reached next. */
export interface ReadyOperation {
  /** Number of the operation, alike in two runs of the same schedule. */
  readonly id: number;
  readonly kind: OperationKind;
  /** Virtual microseconds since the clock was installed; nothing may run it earlier. */
  readonly dueUs: number;
  /** The delay it was started with, in milliseconds. */
  readonly delayMs: number;
}

/** The rule that chooses among ready operations. Must not throw, start timers or touch the program. */
export interface SchedulingPolicy {
  readonly name: string;
  /**
   * Gives the index of the operation to reach next. `ready` holds two or more, in the order Node would run them; `decision` counts
   * the choices of the run from 0. A timer beyond the first stands for a processor that stalled until then: every operation
   * before it runs in the same turn, still in Node's order. Any other number than a valid index counts as 0.
   */
  choose(ready: readonly ReadyOperation[], decision: number): number;
}

/** First due, first run: what Node does on a machine that never stalls. */
export const canonicalPolicy: SchedulingPolicy = { name: 'canonical', choose: () => 0 };
