import type { NodeInternals } from '../nodeInternals.ts';

/** What the worker threads of the process may bring. */
export type WorkerState =
  /** There are none, or none that keeps the process alive. */
  | 'none'
  /** They wait, and nobody waits for a word of theirs. */
  | 'idle'
  /** One computes, or has not answered yet what it was sent or started for. */
  | 'expected';

export interface WorkerWatch {
  /** `ports`: the message ports among the active handles. */
  state(ports: readonly object[]): WorkerState;
  readonly limit?: string;
}

interface WorkerHandle {
  onexit?: unknown;
  messagePort?: object;
  hasRef?(): boolean;
  startThread: () => unknown;
  loopIdleTime?(): number;
}

/** The share of the time since the last look from which on a worker counts as computing. */
const busyShare = 0.5;

/**
 * Watches worker threads: which run, which were sent a message since they last sent one, and which compute. A worker keeps the
 * wall clock; while an answer is expected the virtual clock keeps pace with it.
 */
export function watchWorkers(internals: NodeInternals, wallNs: () => number): WorkerWatch {
  const prototype = internals.binding<{ Worker?: { prototype: WorkerHandle } }>('worker')?.Worker?.prototype;
  const portPrototype = internals.binding<{ MessagePort?: { prototype: object } }>('messaging')?.MessagePort?.prototype;
  // Gives ports their methods; Node loads it at first use.
  internals.module('internal/worker/io');
  const dispatchKey = Symbol.for('nodejs.internal.kHybridDispatch');
  const { postMessage, [dispatchKey]: dispatch } = (portPrototype ?? {}) as Record<PropertyKey, unknown>;
  if (
    prototype === undefined ||
    portPrototype === undefined ||
    typeof postMessage !== 'function' ||
    typeof dispatch !== 'function'
  ) {
    return { state: () => 'none', limit: 'worker threads cannot be seen: timers may overtake their messages' };
  }
  const { apply } = Reflect;
  const { startThread } = prototype;
  const workers = new Map<WorkerHandle, { idleMs: number; atNs: number }>();
  /** Ports of Node's own, between a worker and its parent. */
  const ownPorts = new WeakSet<object>();
  const unanswered = new WeakSet<object>();
  let silentStarts = 0;

  prototype.startThread = function () {
    workers.set(this, { idleMs: 0, atNs: wallNs() });
    if (this.messagePort !== undefined) ownPorts.add(this.messagePort);
    silentStarts++;
    return apply(startThread, this, []);
  };
  Object.defineProperty(portPrototype, 'postMessage', {
    ...Object.getOwnPropertyDescriptor(portPrototype, 'postMessage'),
    value: new Proxy(postMessage, {
      apply(target, self: object, args) {
        if (workers.size > 0 && !ownPorts.has(self)) unanswered.add(self);
        return apply(target, self, args) as unknown;
      },
    }),
  });
  Object.defineProperty(portPrototype, dispatchKey, {
    configurable: true,
    writable: true,
    enumerable: false,
    value: function (this: object, ...args: unknown[]): unknown {
      if (!ownPorts.has(this)) {
        unanswered.delete(this);
        silentStarts = 0;
      }
      return apply(dispatch, this, args) as unknown;
    },
  });

  function computes(worker: WorkerHandle, last: { idleMs: number; atNs: number }): boolean {
    const idleMs = worker.loopIdleTime?.() ?? 0;
    const atNs = wallNs();
    const passedMs = (atNs - last.atNs) / 1e6;
    // Too short a stretch tells nothing: the last answer is asked for again.
    const idle = (idleMs - last.idleMs) / passedMs;
    last.idleMs = idleMs;
    last.atNs = atNs;
    return idle < 1 - busyShare;
  }

  return {
    state(ports) {
      if (workers.size === 0) return 'none';
      let live = 0;
      let busy = false;
      for (const [worker, last] of workers) {
        // Node clears the callback when the thread has ended.
        if (worker.onexit === null) {
          workers.delete(worker);
          continue;
        }
        if (worker.hasRef?.() === false) continue;
        live++;
        if (computes(worker, last)) busy = true;
      }
      if (live === 0) {
        silentStarts = 0;
        return 'none';
      }
      const asked = ports.some((port) => unanswered.has(port) && !ownPorts.has(port));
      return busy || asked || silentStarts > 0 ? 'expected' : 'idle';
    },
  };
}
