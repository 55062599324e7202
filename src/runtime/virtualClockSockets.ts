import type { NodeInternals } from './nodeInternals.ts';

/** Who may send something next on a stream, seen from this process. */
export type StreamState =
  /** Nothing can come: it is not being read, or it is an output. */
  | 'silent'
  /** Both ends are in this process: what was sent is here at the next poll. */
  | 'internal'
  /** A peer outside owes an answer: we sent last, or nothing was said yet. */
  | 'awaited'
  /** As `awaited`, but sent and received since the last look, so which came last is not known. */
  | 'unsure'
  /** A peer outside may speak but owes nothing. */
  | 'quiet';

export interface SocketWatch {
  stateOf(handle: StreamHandle, accepted: boolean): StreamState;
  /** True when a connection being made by one of the active requests leads to this process. */
  connectsInside(request: object): boolean;
  /** Connections that were accepted from this process, and from outside. */
  seen(): { readonly inside: boolean; readonly outside: boolean };
}

export interface StreamHandle {
  readonly reading?: boolean;
  readonly bytesRead?: number;
  readonly bytesWritten?: number;
  getpeername?(out: { port?: number }): number;
}

interface NetPrototype {
  connect?: (...args: unknown[]) => unknown;
  connect6?: (...args: unknown[]) => unknown;
  listen?: (...args: unknown[]) => unknown;
  bind?: (...args: unknown[]) => unknown;
}
type NamedHandle = { getsockname?(out: { port?: number }): number };

interface Traffic {
  read: number;
  written: number;
  state: 'awaited' | 'unsure' | 'quiet';
}

/** Ports of this machine are few; more than this only says that some were used twice. */
const maxPorts = 70_000;

/**
 * Knows which TCP connections and local sockets have both ends in this process, by the ports and paths it listens on and connects
 * from, and on the others who spoke last. Reads names through the handles, so that nothing is cached in the program's sockets.
 */
export function watchSockets(internals: NodeInternals): SocketWatch {
  const { apply } = Reflect;
  const listening = new Set<number | string>();
  const outgoing = new Set<number>();
  const insideHandles = new WeakSet<object>();
  const insideRequests = new WeakSet<object>();
  const traffic = new WeakMap<object, Traffic>();
  let insideLocal = false;
  let inside = false;
  let outside = false;

  const localPort = (handle: NamedHandle): number => {
    const out: { port?: number } = {};
    return handle.getsockname?.(out) === 0 ? (out.port ?? 0) : 0;
  };
  const peerPort = (handle: StreamHandle): number => {
    const out: { port?: number } = {};
    return handle.getpeername?.(out) === 0 ? (out.port ?? 0) : 0;
  };

  function wrap(
    prototype: NetPrototype | undefined,
    key: keyof NetPrototype,
    after: (self: object, args: unknown[]) => void,
  ): void {
    const original = prototype?.[key];
    if (prototype === undefined || typeof original !== 'function') return;
    prototype[key] = function (this: object, ...args: unknown[]): unknown {
      const result = apply(original, this, args);
      if (result === 0 || result === undefined) after(this, args);
      return result;
    };
  }

  function connects(handle: object, request: object, there: number | string): void {
    const isInside = listening.has(there);
    if (isInside) {
      insideHandles.add(handle);
      insideRequests.add(request);
    }
    if (typeof there === 'string') {
      insideLocal ||= isInside;
      return;
    }
    if (outgoing.size > maxPorts) outgoing.clear();
    outgoing.add(localPort(handle));
  }

  const tcp = internals.binding<{ TCP?: { prototype: NetPrototype } }>('tcp_wrap')?.TCP?.prototype;
  const pipe = internals.binding<{ Pipe?: { prototype: NetPrototype } }>('pipe_wrap')?.Pipe?.prototype;
  wrap(tcp, 'listen', (self) => listening.add(localPort(self)));
  for (const key of ['connect', 'connect6'] as const) {
    wrap(tcp, key, (self, args) => connects(self, args[0] as object, isLocal(args[1]) ? Number(args[2]) : -1));
  }
  wrap(pipe, 'bind', (_self, args) => listening.add(String(args[0])));
  wrap(pipe, 'connect', (self, args) => connects(self, args[0] as object, String(args[1])));

  function isInside(handle: StreamHandle, accepted: boolean): boolean {
    if (insideHandles.has(handle)) return true;
    if (!accepted) return false;
    const port = peerPort(handle);
    // A local socket has no port; its other end is taken to be ours once we connected to one of our own.
    const found = port > 0 ? outgoing.has(port) : insideLocal;
    if (found) {
      insideHandles.add(handle);
      inside = true;
    } else outside = true;
    return found;
  }

  return {
    stateOf(handle, accepted) {
      if (isInside(handle, accepted)) return 'internal';
      if (handle.reading !== true) return 'silent';
      // A client outside owes us nothing.
      if (accepted) return 'quiet';
      const read = handle.bytesRead ?? 0;
      const written = handle.bytesWritten ?? 0;
      const last = traffic.get(handle);
      if (last === undefined) {
        const state = read > 0 ? (written > 0 ? 'unsure' : 'quiet') : 'awaited';
        traffic.set(handle, { read, written, state });
        return state;
      }
      if (written !== last.written) last.state = read === last.read ? 'awaited' : 'unsure';
      else if (read !== last.read) last.state = 'quiet';
      last.read = read;
      last.written = written;
      return last.state;
    },
    connectsInside: (request) => insideRequests.has(request),
    seen: () => ({ inside, outside }),
  };
}

function isLocal(address: unknown): boolean {
  return typeof address === 'string' && /^(127\.|::1$|::ffff:127\.|0\.0\.0\.0$|::$)/.test(address);
}
