import type { NodeInternals } from '../nodeInternals.ts';

interface Queue {
  isEmpty(): boolean;
  shift(): unknown;
}

export interface TickQueueWatcher {
  /** Something is about to be put into the empty queue, and Node is not at it: not within any of its callbacks or the microtasks after them. */
  queued(): void;
  /** Node takes something from it, for the first time in a row; called before that runs. */
  begins(): void;
  /**
   * Node then finds it empty, and goes on with the microtasks. Not called where one of the callbacks threw: the others follow in a row of
   * their own, soon afterwards.
   */
  drained(): void;
}

/** In `tickInfo`: whether Node has to look at the queue, or is at it. */
const hasTickScheduled = 0;

/** Watches the queue of `process.nextTick`. Returns false where Node's queue is not as expected. */
export function watchTickQueue(internals: NodeInternals, watcher: TickQueueWatcher): boolean {
  const queue = findTickQueue(internals);
  const info = internals.binding<{ tickInfo?: ArrayLike<number> }>('task_queue')?.tickInfo;
  if (queue === undefined || info === undefined) return false;
  let isDraining = false;
  // Called as a method, the original is put into ours by V8, and ours into Node's loop.
  const watched = queue as Queue & { takeNext(): unknown; hasNone(): boolean };
  Object.defineProperties(watched, {
    takeNext: { value: Reflect.get(queue, 'shift') },
    hasNone: { value: Reflect.get(queue, 'isEmpty') },
    isEmpty: {
      value: () => {
        const isEmpty = watched.hasNone();
        if (isEmpty && info[hasTickScheduled] === 0) watcher.queued();
        return isEmpty;
      },
    },
    shift: {
      value: () => {
        const tick = watched.takeNext();
        if (tick === null) {
          if (isDraining) watcher.drained();
          isDraining = false;
        } else if (!isDraining) {
          isDraining = true;
          watcher.begins();
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
