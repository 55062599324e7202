import type { NodeInternals } from '../nodeInternals.ts';

/** Who may send something next on a stream, seen from this process. */
export type StreamState =
  /** Nothing can come: it is not being read, or it is an output. */
  | 'silent'
  /** Both ends are in this process: what was sent is here at the next poll. */
  | 'internal'
  /** A peer outside that we called owes an answer: we sent last, or nothing was said yet. */
  | 'awaited'
  /** A peer outside that we called spoke last, or may have: perhaps that was all, perhaps more follows. */
  | 'answered'
  /** A client outside, who owes nothing. */
  | 'client';

export interface SocketWatch {
  /** `accepted`: a server of ours got the connection. */
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
  getpeername?(out: Name): number;
  /** The connection below an encrypted one. */
  readonly _parent?: StreamHandle | null;
}

interface NetPrototype {
  connect?: (...args: unknown[]) => unknown;
  connect6?: (...args: unknown[]) => unknown;
  listen?: (...args: unknown[]) => unknown;
  bind?: (...args: unknown[]) => unknown;
}
interface Name {
  address?: string;
  port?: number;
}
type NamedHandle = { getsockname?(out: Name): number };

interface Traffic {
  read: number;
  written: number;
  /** Bytes read when the program last wrote; -1 where writes go past JavaScript (HTTP/2). */
  readAtWrite: number;
  state: 'awaited' | 'answered';
}

const writeMethods = ['writeBuffer', 'writev', 'writeUtf8String', 'writeAsciiString', 'writeLatin1String', 'writeUcs2String'];

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

  const localName = (handle: NamedHandle): Name => {
    const out: Name = {};
    return handle.getsockname?.(out) === 0 ? out : {};
  };
  const peerPort = (handle: StreamHandle): number => {
    const out: Name = {};
    return handle.getpeername?.(out) === 0 ? (out.port ?? 0) : 0;
  };

  /** A machine reaches its own addresses from the same address. */
  const isHere = (handle: NamedHandle, address: unknown): boolean => isLoopback(address) || localName(handle).address === address;

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

  function newTraffic(handle: object): Traffic {
    const fresh: Traffic = { read: 0, written: 0, readAtWrite: -1, state: 'awaited' };
    traffic.set(handle, fresh);
    return fresh;
  }

  function connects(handle: object, request: object, there: number | string): void {
    const isInside = listening.has(there);
    if (isInside) {
      insideHandles.add(handle);
      insideRequests.add(request);
    } else newTraffic(handle);
    if (typeof there === 'string') {
      insideLocal ||= isInside;
      return;
    }
    if (outgoing.size > maxPorts) outgoing.clear();
    outgoing.add(localName(handle).port ?? 0);
  }

  const tcp = internals.binding<{ TCP?: { prototype: NetPrototype } }>('tcp_wrap')?.TCP?.prototype;
  const pipe = internals.binding<{ Pipe?: { prototype: NetPrototype } }>('pipe_wrap')?.Pipe?.prototype;
  wrap(tcp, 'listen', (self) => listening.add(localName(self).port ?? 0));
  for (const key of ['connect', 'connect6'] as const) {
    wrap(tcp, key, (self, args) => connects(self, args[0] as object, isHere(self, args[1]) ? Number(args[2]) : -1));
  }
  wrap(pipe, 'bind', (_self, args) => listening.add(String(args[0])));
  wrap(pipe, 'connect', (self, args) => connects(self, args[0] as object, String(args[1])));

  /** Notes at each write of the program how much was read by then: what is read beyond that is the answer. */
  function watchWrites(prototype: Record<string, unknown> | undefined, encrypted: boolean): void {
    for (const key of writeMethods) {
      const original = prototype?.[key];
      if (prototype === undefined || typeof original !== 'function') continue;
      Object.defineProperty(prototype, key, {
        ...Object.getOwnPropertyDescriptor(prototype, key),
        value: function (this: StreamHandle, ...args: unknown[]): unknown {
          const known = traffic.get(this) ?? (encrypted ? newTraffic(this) : undefined);
          if (known !== undefined) known.readAtWrite = this.bytesRead ?? 0;
          return apply(original, this, args) as unknown;
        },
      });
    }
  }
  const streams = tcp && (Object.getPrototypeOf(tcp) as Record<string, unknown> | null);
  watchWrites(streams && Object.hasOwn(streams, 'writeBuffer') ? streams : undefined, false);
  watchWrites(internals.binding<{ TLSWrap?: { prototype: Record<string, unknown> } }>('tls_wrap')?.TLSWrap?.prototype, true);

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
    stateOf(outer, accepted) {
      const handle = outer._parent ?? outer;
      if (isInside(handle, accepted)) return 'internal';
      if (outer.reading !== true) return 'silent';
      if (accepted) return 'client';
      // Of an encrypted connection the clear text counts.
      const read = outer.bytesRead ?? 0;
      const written = outer.bytesWritten ?? 0;
      const last = traffic.get(outer) ?? newTraffic(outer);
      if (last.readAtWrite >= 0) last.state = read > last.readAtWrite ? 'answered' : 'awaited';
      else if (written !== last.written) last.state = 'awaited';
      else if (read !== last.read) last.state = 'answered';
      last.read = read;
      last.written = written;
      return last.state;
    },
    connectsInside: (request) => insideRequests.has(request),
    seen: () => ({ inside, outside }),
  };
}

function isLoopback(address: unknown): boolean {
  return typeof address === 'string' && /^(127\.|::1$|::ffff:127\.|0\.0\.0\.0$|::$)/.test(address);
}
