import * as fs from 'node:fs';
import * as os from 'node:os';

/**
 * Node's thread that turns SIGUSR1 into calls of the main thread. For one signal it makes up to three: it wakes the event loop,
 * interrupts what runs, and wakes the loop once more (`RequestIoThreadStart` in inspector_agent.cc), and the system may let it pause in
 * between. When it rests, all calls that come of the signals so far are due.
 */
export interface SignalThread {
  /** Waits until the thread rests, no longer than `mayWait` says; how often it has come to rest so far: unchanged where no signal came. */
  rests(mayWait: () => boolean): number;
}

const { openSync, readSync, closeSync, readdirSync } = fs;
const tasks = '/proc/self/task';
/** Bits in a set of signals. The threads of V8's platform may block the first of them, but only that thread all. */
const blocked = [os.constants.signals.SIGUSR1, os.constants.signals.SIGTERM].map((signal) => 1n << BigInt(signal - 1));

/** Undefined where the system does not tell which thread it is. */
export function findSignalThread(): SignalThread | undefined {
  try {
    const found = readdirSync(tasks).filter((thread) => {
      const set = BigInt(`0x${field(read(thread, 'status'), 'SigBlk')}`);
      return blocked.every((bit) => (set & bit) !== 0n);
    });
    const [thread] = found;
    return thread === undefined || found.length > 1 ? undefined : watchRests(() => look(thread));
  } catch {
    return undefined;
  }
}

/** A thread at one moment. */
export interface ThreadLook {
  readonly sleeps: boolean;
  /** Where it waits. */
  readonly place: string;
  /** How often it has fallen asleep so far. */
  readonly sleptTimes: number;
}

/**
 * Where the thread rests is learned: it is where it sleeps when it is first seen asleep, which on a busy machine is not at once. Where it
 * then sleeps elsewhere for as long as anybody waits, that is it.
 */
export function watchRests(look: () => ThreadLook): SignalThread {
  let restsAt: string | undefined;
  return {
    rests(mayWait) {
      for (;;) {
        const { sleeps, place, sleptTimes } = look();
        const isLast = !mayWait();
        if (sleeps && (restsAt === undefined || isLast)) restsAt = place;
        if (isLast || (sleeps && place === restsAt)) return sleptTimes;
      }
    },
  };
}

function look(thread: string): ThreadLook {
  const place = placeOf(thread);
  const status = read(thread, 'status');
  return {
    // It may have moved between the two.
    sleeps: field(status, 'State').startsWith('S') && placeOf(thread) === place,
    place,
    sleptTimes: Number(field(status, 'voluntary_ctxt_switches')),
  };
}

/** The system call in which a thread sleeps, with what it waits for: half-way through its work it may sleep too, for a lock. */
function placeOf(thread: string): string {
  try {
    return read(thread, 'syscall').split(' ', 2).join(' ');
  } catch {
    // The system does not tell.
    return '';
  }
}

function read(thread: string, name: 'status' | 'syscall'): string {
  const file = openSync(`${tasks}/${thread}/${name}`, 'r');
  try {
    const bytes = Buffer.allocUnsafeSlow(4096);
    return bytes.toString('latin1', 0, readSync(file, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(file);
  }
}

/** Without a regular expression: the program may be about to read what its own last one has found. */
function field(status: string, name: string): string {
  const start = status.indexOf(`\n${name}:\t`) + name.length + 3;
  return status.slice(start, status.indexOf('\n', start));
}
