import type { NodeInternals } from '../nodeInternals.ts';

interface Queue {
  isEmpty(): boolean;
  shift(): unknown;
}

/**
 * Watches the queue of `process.nextTick`. Returns false where Node's queue is not as expected.
 * @param begins called when Node takes something from it for the first time in a row, before that runs
 * @param drained called when Node then finds it empty, before it goes on with the microtasks; not where one of the callbacks threw: the
 *   others follow in a row of their own, soon afterwards
 */
export function watchTickQueue(internals: NodeInternals, begins: () => void, drained: () => void): boolean {
  const queue = findTickQueue(internals);
  if (queue === undefined) return false;
  let isDraining = false;
  // Called as a method, the original is put into ours by V8, and ours into Node's loop.
  const watched = queue as Queue & { takeNext(): unknown };
  Object.defineProperties(watched, {
    takeNext: { value: Reflect.get(queue, 'shift') },
    shift: {
      value: () => {
        const tick = watched.takeNext();
        if (tick === null) {
          if (isDraining) drained();
          isDraining = false;
        } else if (!isDraining) {
          isDraining = true;
          begins();
        }
        return tick;
      },
    },
  });
  return true;
}

/** The first that `process.nextTick` does with a callback is to ask its queue whether it is empty; what throws there leaves all as it was. */
function findTickQueue(internals: NodeInternals): Queue | undefined {
  const prototype = internals.module<{ prototype?: Queue }>('internal/fixed_queue')?.prototype;
  if (typeof prototype?.isEmpty !== 'function' || typeof prototype.shift !== 'function') return undefined;
  const isEmpty = Reflect.get(prototype, 'isEmpty');
  let found: Queue | undefined;
  const stop = new Error('Interleave: the queue is known');
  prototype.isEmpty = function (this: Queue) {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- what is looked for
    found = this;
    throw stop;
  };
  try {
    process.nextTick(() => {});
  } catch (error) {
    if (error !== stop) throw error;
  } finally {
    prototype.isEmpty = isEmpty;
  }
  return found;
}
