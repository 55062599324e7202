import { execFile, type ChildProcess } from 'node:child_process';

const windows = process.platform === 'win32';

/**
 * Sends a signal to a child and, where it leads a process group of its own, to all of the group. Never throws; a process that is
 * gone is no error. On Windows every signal ends the process tree.
 */
export function signalTree(child: ChildProcess, signal: NodeJS.Signals, ownGroup: boolean): void {
  const { pid } = child;
  if (pid === undefined) return;
  if (windows) {
    execFile('taskkill', ['/pid', String(pid), '/t', '/f'], { windowsHide: true }, () => {});
    return;
  }
  if (ownGroup) {
    try {
      process.kill(-pid, signal);
      return;
    } catch {
      // No group (any more): the child alone.
    }
  }
  if (child.exitCode === null && child.signalCode === null) child.kill(signal);
}

/** The processes below `pid`, children before grandchildren; empty where that cannot be told. */
export function descendantsOf(pid: number): Promise<number[]> {
  if (windows) return Promise.resolve([]);
  return new Promise((found) => {
    execFile('ps', ['-A', '-o', 'pid=,ppid='], { timeout: 2_000, maxBuffer: 16 * 1024 * 1024 }, (error, stdout) => {
      if (error !== null) return found([]);
      const childrenOf = new Map<number, number[]>();
      for (const line of stdout.split('\n')) {
        const [child, parent] = line.trim().split(/\s+/).map(Number);
        if (child === undefined || parent === undefined || Number.isNaN(parent)) continue;
        const siblings = childrenOf.get(parent);
        if (siblings === undefined) childrenOf.set(parent, [child]);
        else siblings.push(child);
      }
      const result: number[] = [];
      const open = [pid];
      for (let next = open.shift(); next !== undefined; next = open.shift()) {
        for (const child of childrenOf.get(next) ?? []) {
          result.push(child);
          open.push(child);
        }
      }
      found(result);
    });
  });
}

/** Ends processes for good; those that are gone already are no error. */
export function killAll(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Gone, or not ours any more.
    }
  }
}
