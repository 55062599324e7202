import type { NodeInternals } from '../nodeInternals.ts';
import { watchSockets, type StreamHandle } from './virtualClockSockets.ts';
import { watchHiddenWork } from './virtualClockWork.ts';
import { watchWorkers } from './virtualClockWorkers.ts';

/**
 * How the clock may go on while the event loop has nothing to do:
 * `jump` to the next timer, nothing else can come;
 * `hold` still, work on the thread pool ends soon (after {@link maxHoldMs} of it, as `wall`);
 * `wall`: as fast as the wall clock, somebody outside owes an answer;
 * `quiet`: jump after `quietMs` of wall time in which nothing came; `perJump` asks for that time anew after each jump, `flows` lets the
 * clock keep pace with the wall clock meanwhile.
 */
export type Pace =
  | { readonly kind: 'jump' }
  | { readonly kind: 'hold' }
  | { readonly kind: 'wall' }
  | { readonly kind: 'quiet'; readonly quietMs: number; readonly perJump: boolean; readonly flows: boolean };

/** Work on the thread pool that takes longer than this (a read from a terminal, a slow network drive) no longer stops the clock. */
export const maxHoldMs = 1_000;

const jump: Pace = { kind: 'jump' };
const hold: Pace = { kind: 'hold' };
const wall: Pace = { kind: 'wall' };

/** Both ends are here and what was sent has arrived; covers what the kernel still does with it. */
const inside: Pace = { kind: 'quiet', quietMs: 2, perJump: false, flows: false };
/** A server nobody has called yet: its first client may be on the way. */
const uncalledServer: Pace = { kind: 'quiet', quietMs: 50, perJump: true, flows: false };
/** Somebody outside knows this process: a client, a file watcher, a datagram socket. */
const acquainted: Pace = { kind: 'quiet', quietMs: 30, perJump: true, flows: true };
/** The rest of an answer (a body after its head, the next part of a stream) follows within this, or there is none. */
const answered: Pace = { kind: 'quiet', quietMs: 1_000, perJump: false, flows: true };
/** A person or a program may write to standard input, a parent may send a message, a waiting worker may speak up. */
const listening: Pace = { kind: 'quiet', quietMs: 250, perJump: true, flows: true };

export interface Outside {
  /** Looks at all that is under way. Costs some microseconds: for moments when the loop is idle. */
  pace(): Pace;
  readonly limits: readonly string[];
}

interface Owner {
  readonly constructor?: { readonly name?: string };
  readonly _handle?: StreamHandle | null;
  /** `udp4` or `udp6` of a datagram socket. */
  readonly type?: unknown;
  readonly fd?: unknown;
  readonly server?: unknown;
  readonly spawnfile?: unknown;
}

const poolRequest = /^(FSReq|FileHandleCloseReq|GetAddrInfoReq|GetNameInfoReq|QueryReq)/;
const connectRequest = /ConnectWrap$/;
const sendRequest = /^(WriteWrap|ShutdownWrap|SendWrap)$/;

const rank = { jump: 0, quiet: 1, wall: 2, hold: 3 } as const;

/** Of two paces the more careful one. */
export function slower(a: Pace, b: Pace): Pace {
  if (a.kind !== 'quiet' || b.kind !== 'quiet') return rank[a.kind] >= rank[b.kind] ? a : b;
  if (a.quietMs !== b.quietMs) return a.quietMs > b.quietMs ? a : b;
  return a.perJump ? a : b;
}

/** Watches all that can wake this process besides its timers. */
export function watchOutside(internals: NodeInternals, wallNs: () => number): Outside {
  const methods = internals.binding<{ _getActiveHandles?: () => object[]; _getActiveRequests?: () => object[] }>(
    'process_methods',
  );
  const { apply } = Reflect;
  const activeHandles = methods?._getActiveHandles;
  const activeRequests = methods?._getActiveRequests;
  const hidden = watchHiddenWork(internals);
  const workers = watchWorkers(internals, wallNs);
  const sockets = watchSockets(internals);
  const limits = [...hidden.limits];
  if (workers.limit !== undefined) limits.push(workers.limit);
  if (activeHandles === undefined || activeRequests === undefined) {
    limits.push('work under way cannot be seen: before each jump the clock waits for 250 ms of silence');
  }

  function ofRequest(request: object): Pace {
    const name = (request as Owner).constructor?.name ?? '';
    if (poolRequest.test(name)) return hold;
    if (connectRequest.test(name)) return sockets.connectsInside(request) ? hold : wall;
    return sendRequest.test(name) ? jump : acquainted;
  }

  function ofHandle(owner: Owner): Pace {
    if (owner.spawnfile !== undefined) return wall;
    const handle: StreamHandle = handleOf(owner);
    const type = (handle as Owner).constructor?.name ?? '';
    switch (type) {
      case 'TCP':
      case 'Pipe':
      case 'TLSWrap':
      case 'TTY':
        return isServer(owner) ? ofServer() : ofStream(owner, handle, type);
      case 'MessagePort':
        return jump;
      default:
        return acquainted;
    }
  }

  function ofServer(): Pace {
    const seen = sockets.seen();
    if (seen.outside) return acquainted;
    return seen.inside ? inside : uncalledServer;
  }

  function ofStream(owner: Owner, handle: StreamHandle, type: string): Pace {
    if (owner.fd === 1 || owner.fd === 2) return jump;
    // A person at a terminal needs seconds; and no program that reads one can know when they are done.
    if (type === 'TTY') return handle.reading === true ? wall : jump;
    if (owner.fd === 0 || owner === handle) return handle.reading === true ? listening : jump;
    const accepted = owner.server !== undefined && owner.server !== null;
    // The pipe of a child process that has ended: its last bytes and its end are on the way, unless a grandchild holds it.
    if (type === 'Pipe' && !accepted && handle.getpeername === undefined && handle.reading === true) {
      const state = sockets.stateOf(handle, accepted);
      return state === 'internal' ? inside : acquainted;
    }
    switch (sockets.stateOf(handle, accepted)) {
      case 'silent':
        return jump;
      case 'internal':
        return inside;
      case 'awaited':
        return wall;
      case 'answered':
        return answered;
      case 'client':
        return acquainted;
    }
  }

  return {
    limits,
    pace() {
      if (activeHandles === undefined || activeRequests === undefined) return listening;
      let result: Pace = hidden.underWay() ? hold : jump;
      for (const request of apply<unknown, [], object[]>(activeRequests, methods, []))
        result = slower(result, ofRequest(request));
      const ports: object[] = [];
      for (const handle of apply<unknown, [], Owner[]>(activeHandles, methods, [])) {
        if (handle.constructor?.name === 'MessagePort') ports.push(handle);
        result = slower(result, ofHandle(handle));
      }
      const state = workers.state(ports);
      if (state !== 'none') result = slower(result, state === 'expected' ? wall : listening);
      return result;
    },
  };
}

/** The native handle behind an owner, or the owner itself where it is one. A datagram socket's own accessor would print a warning. */
function handleOf(owner: Owner): StreamHandle {
  if (typeof owner.type === 'string' && owner.type.startsWith('udp')) return owner as StreamHandle;
  return owner._handle ?? (owner as StreamHandle);
}

function isServer(owner: Owner): boolean {
  return 'maxConnections' in owner || '_connections' in owner;
}
