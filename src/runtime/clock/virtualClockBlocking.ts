import type { NodeInternals } from '../nodeInternals.ts';
import type { VirtualTime } from './virtualClockTime.ts';

/**
 * Blocking calls block for real and the virtual clock takes the time they took: `Atomics.wait` that timed out exactly its
 * timeout, else what the wall clock says; a synchronous child process what the wall clock says. Nothing else that computes or blocks
 * moves the clock.
 */
export function installBlockingCalls(internals: NodeInternals, time: VirtualTime, wallNs: () => number): void {
  const { apply } = Reflect;
  const { wait } = Atomics;
  Atomics.wait = new Proxy(wait, {
    apply(target, self, args: unknown[]) {
      const before = wallNs();
      const outcome = apply(target as (...args: unknown[]) => unknown, self, args);
      const requestedMs = Number(args[3]);
      if (outcome !== 'timed-out') time.advanceNs(wallNs() - before);
      else if (requestedMs > 0) time.advanceNs(requestedMs * 1e6);
      return outcome;
    },
  });
  const spawnSync = internals.binding<{ spawn?: (...args: unknown[]) => unknown }>('spawn_sync');
  const spawn = spawnSync?.spawn;
  if (spawnSync === undefined || typeof spawn !== 'function') return;
  spawnSync.spawn = (...args) => {
    const before = wallNs();
    const result = apply(spawn, spawnSync, args);
    time.advanceNs(wallNs() - before);
    return result;
  };
}
