import type { ThreadId } from '../../shared/ids.ts';
import type { NodeInternals } from '../nodeInternals.ts';

interface NativeWorker {
  readonly threadId?: number;
  stopThread?: (this: NativeWorker) => unknown;
}

/** Calls `stopping` before a worker thread is terminated. Sits below Node's own `Worker`, where no program looks. */
export function watchWorkerStops(internals: NodeInternals, stopping: (thread: ThreadId) => void): void {
  const prototype = internals.binding<{ Worker?: { prototype: NativeWorker } }>('worker')?.Worker?.prototype;
  const original = prototype?.stopThread;
  if (prototype === undefined || typeof original !== 'function') return;
  const { apply } = Reflect;
  prototype.stopThread = function () {
    if (typeof this.threadId === 'number') stopping(this.threadId as ThreadId);
    return apply(original, this, []);
  };
}
