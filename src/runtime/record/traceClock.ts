import type { NodeInternals } from '../nodeInternals.ts';

/** Reads the monotonic clock in whole units of 100 ns. */
export type ReadClock = () => number;

/**
 * The fastest monotonic clock this Node has: the binding behind `process.hrtime` fills a buffer and allocates nothing.
 * `origin` holds the reading that counts as 0 and may change; without it the moment is arbitrary, but the same for all threads of the machine.
 */
export function createWallClock(internals: NodeInternals, origin: Readonly<Float64Array> = new Float64Array(1)): ReadClock {
  const methods = internals.binding<{ hrtime?: () => void; hrtimeBuffer?: Uint32Array }>('process_methods');
  const parts = methods?.hrtimeBuffer;
  // The upper and the lower half of the seconds, and nanoseconds.
  if (typeof methods?.hrtime === 'function' && parts instanceof Uint32Array && parts.length >= 3) {
    const { floor } = Math;
    // Called as a method: V8's fast calls need the binding as receiver.
    const source = methods as { hrtime(): void };
    return () => {
      source.hrtime();
      return (
        ((parts[0] as number) * 0x1_0000_0000 + (parts[1] as number)) * 10_000_000 +
        floor((parts[2] as number) / 100) -
        (origin[0] as number)
      );
    };
  }
  const hrtime: () => bigint = process.hrtime.bigint.bind(process.hrtime);
  return () => Number(hrtime() / 100n) - (origin[0] as number);
}

/**
 * How long the event loop of this thread has waited for something to do so far, in whole units of 100 ns; undefined where Node does not
 * tell. The wait under way is not in it.
 */
export function createIdleClock(internals: NodeInternals): ReadClock | undefined {
  const binding = internals.binding<{ loopIdleTime?: () => number }>('performance');
  if (typeof binding?.loopIdleTime !== 'function') return undefined;
  const source = binding as { loopIdleTime(): number };
  const { round } = Math;
  return () => round(source.loopIdleTime() * 10_000);
}
