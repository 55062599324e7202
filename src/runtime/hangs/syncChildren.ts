import type { NodeInternals } from '../nodeInternals.ts';

type Spawn = (this: unknown, ...args: unknown[]) => unknown;

/** Of one thread: so many are told of. */
const mostTold = 1000;

/** Calls `tell` before the thread starts a child process and waits for it: nothing can ask it anything until the child has ended. */
export function watchSyncChildren(internals: NodeInternals, tell: () => void): void {
  const holder = internals.binding<{ spawn?: Spawn }>('spawn_sync');
  const original = holder?.spawn;
  if (holder === undefined || typeof original !== 'function') return;
  const { apply } = Reflect;
  let told = 0;
  holder.spawn = function (...args) {
    if (told < mostTold) {
      told++;
      tell();
    }
    return apply(original, this, args);
  };
}
