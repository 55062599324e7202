import { readdirSync, readFileSync } from 'node:fs';

/** What the system says of the main thread of a process, at one moment. */
export interface ThreadState {
  /**
   * `polling`: it sleeps where an event loop waits; `sleeping`: it sleeps elsewhere, or the system does not tell where (see `knowsPlace`);
   * `stopped`: by a signal or a debugger.
   */
  readonly doing: 'running' | 'polling' | 'sleeping' | 'reading' | 'stopped';
  /** Whether the system tells in which call a thread sleeps. */
  readonly knowsPlace: boolean;
  /** CPU time used so far, in clock ticks. */
  readonly cpuTicks: number;
}

/** Numbers of the system calls by which libuv waits (`epoll_wait`, `epoll_pwait`, `epoll_pwait2`), and of `read` and `write`. */
const systemCalls: Readonly<
  Record<string, { readonly polls: readonly string[]; readonly read: string; readonly write: string }>
> = {
  x64: { polls: ['232', '281', '441'], read: '0', write: '1' },
  arm64: { polls: ['22', '441'], read: '63', write: '64' },
};
const calls = systemCalls[process.arch];
const futexCall = { x64: '202', arm64: '98' }[process.arch as string];

/** True where {@link readMainThread} has answers. */
export const canReadThreads = process.platform === 'linux';

/** Undefined where the process is gone or the system does not tell. */
export function readMainThread(pid: number): ThreadState | undefined {
  const stat = readProc(`/proc/${pid}/task/${pid}/stat`);
  // The name before it may hold anything.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, , , , , , , , , , , user, system] = fields ?? [];
  if (state === undefined || user === undefined || system === undefined || state === 'Z' || state === 'X') return undefined;
  const cpuTicks = Number(user) + Number(system);
  if (state === 'T' || state === 't') return { doing: 'stopped', knowsPlace: true, cpuTicks };
  if (state === 'R') return { doing: 'running', knowsPlace: true, cpuTicks };
  const call = callOf(pid, pid);
  const knowsPlace = call !== undefined && calls !== undefined;
  if (call === 'running') return { doing: 'running', knowsPlace, cpuTicks };
  if (knowsPlace && calls.polls.includes(call)) return { doing: 'polling', knowsPlace, cpuTicks };
  return { doing: knowsPlace && call === calls.read ? 'reading' : 'sleeping', knowsPlace, cpuTicks };
}

/**
 * The thread of a process that a signal can be sent to without harm: one that waits for work of libuv's thread pool, else the main
 * thread while it computes, polls, waits on a lock, or writes its trace: another system call that a signal interrupts may fail.
 * Undefined where there is none, or the process does not handle the signal.
 * @param traceFd the number of the descriptor by which the process writes its trace
 */
export function threadToSignal(pid: number, signal: number, traceFd: number): number | undefined {
  if (!hasSignal(pid, pid, 'SigCgt', signal)) return undefined;
  let threads: string[] = [];
  try {
    threads = readdirSync(`/proc/${pid}/task`);
  } catch {
    // It is gone.
  }
  const idle = threads.find((thread) => {
    if (thread === String(pid) || callOf(pid, thread) !== futexCall) return false;
    return hasSignal(pid, thread, 'SigBlk', signal) === false;
  });
  if (idle !== undefined) return Number(idle);
  const [call, descriptor] = callWords(pid, pid);
  const isSafe =
    call === undefined
      ? readMainThread(pid)?.doing === 'running'
      : call === 'running' ||
        call === futexCall ||
        calls?.polls.includes(call) === true ||
        (call === calls?.write && Number(descriptor) === traceFd);
  return isSafe ? pid : undefined;
}

/** Whether a process can open some more files; true where the system does not tell. */
export function hasDescriptors(pid: number, more: number): boolean {
  const most = /^Max open files\s+(\d+)/m.exec(readProc(`/proc/${pid}/limits`) ?? '')?.[1];
  if (most === undefined) return true;
  try {
    return readdirSync(`/proc/${pid}/fd`).length + more <= Number(most);
  } catch {
    return true;
  }
}

/** The most stack that the main thread of a process has used so far, in KiB; 0 where the system does not tell. */
export function deepestStackKiB(pid: number): number {
  return Number(/^VmStk:\s*(\d+) kB/m.exec(readProc(`/proc/${pid}/status`) ?? '')?.[1] ?? 0);
}

/** Whether a set of signals of a thread has this one; undefined where the system does not tell. */
function hasSignal(pid: number, thread: number | string, set: 'SigCgt' | 'SigBlk', signal: number): boolean | undefined {
  const bits = new RegExp(`^${set}:\\s*([0-9a-f]+)`, 'm').exec(readProc(`/proc/${pid}/task/${thread}/status`) ?? '')?.[1];
  return bits === undefined ? undefined : (BigInt(`0x${bits}`) & (1n << BigInt(signal - 1))) !== 0n;
}

function callOf(pid: number, thread: number | string): string | undefined {
  return callWords(pid, thread)[0];
}

/** The number of the system call that a thread is in, and its arguments; nothing where the system does not tell. */
function callWords(pid: number, thread: number | string): readonly (string | undefined)[] {
  return readProc(`/proc/${pid}/task/${thread}/syscall`)?.split(/\s/) ?? [];
}

function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}
