import { runInThisContext } from 'node:vm';
import { probeNames } from '../../../src/shared/instrumentMessages.ts';

/** What a probe was called with, in order. */
export interface ProbeCall {
  readonly probe: string;
  readonly task: number;
  readonly site: number;
  /** Second argument of `caught`. */
  readonly inFinally?: boolean;
}

const calls: ProbeCall[] = [];
let tasks = 0;
let tokens = 0;

const probes: Record<string, (...args: never[]) => unknown> = {
  enter(site: number): number {
    calls.push({ probe: 'enter', task: ++tasks, site });
    return tasks;
  },
  suspend(task: number, site: number, value?: unknown): unknown {
    calls.push({ probe: 'suspend', task, site });
    return value;
  },
  resume(task: number, value?: unknown): unknown {
    calls.push({ probe: 'resume', task, site: 0 });
    return value;
  },
  caught(task: number, inFinally?: number): void {
    calls.push({ probe: 'caught', task, site: 0, inFinally: inFinally === 1 });
  },
  complete(task: number, value?: unknown): unknown {
    calls.push({ probe: 'complete', task, site: 0 });
    return value;
  },
  thrown(task: number, value: unknown): unknown {
    calls.push({ probe: 'thrown', task, site: 0 });
    return value;
  },
  mend(error: unknown): unknown {
    return error;
  },
  settle(task: number): void {
    calls.push({ probe: 'settle', task, site: 0 });
  },
  blockBegin(site: number): number {
    calls.push({ probe: 'blockBegin', task: ++tokens, site });
    return tokens;
  },
  blockEnd(token: number, value?: unknown): unknown {
    calls.push({ probe: 'blockEnd', task: token, site: 0 });
    return value;
  },
  settleCall(site: number, value?: unknown): unknown {
    calls.push({ probe: 'settleCall', task: 0, site });
    return value;
  },
};

let installed = false;

/** Puts probes that only record into the global lexical scope of this process, as the real ones are. */
export function installRecordingProbes(): void {
  if (installed) return;
  installed = true;
  const roles = Object.entries(probeNames).filter(([role]) => role !== 'task');
  // A probe that is of no account here gives back its last argument, which is what all of them do.
  const carrier = Object.fromEntries(roles.map(([role]) => [role, probes[role] ?? ((...args: unknown[]) => args.at(-1))]));
  const carry = runInThisContext('(p) => { globalThis.__p = p; }') as (p: unknown) => void;
  carry(carrier);
  runInThisContext(`const ${roles.map(([role, name]) => `${name} = globalThis.__p.${role}`).join(', ')}; delete globalThis.__p;`);
}

/** Forgets what was recorded. */
export function clearCalls(): void {
  calls.length = 0;
  tasks = 0;
  tokens = 0;
}

export function recordedCalls(): readonly ProbeCall[] {
  return calls.slice();
}

/** How each task came out, by its number: what a recorder would make of the calls. */
export type Outcome = 'returned' | 'threw' | 'unsettled';

/**
 * Checks that the calls of every task are well formed: entered once, suspended only while running, resumed only while
 * suspended, nothing after the end; and that blocking calls end innermost first.
 * @returns the outcome of each task; throws an Error at the first call that does not fit
 */
export function checkBalance(list: readonly ProbeCall[]): readonly Outcome[] {
  const running = new Map<number, boolean>();
  const complete = new Set<number>();
  const outcomes: Outcome[] = [];
  list.forEach((call, index) => {
    const { probe, task } = call;
    const fail = (why: string): never => {
      throw new Error(
        `call ${index} (${probe} of task ${task}): ${why}\n${list.map((c, i) => `${i} ${c.probe} task ${c.task} site ${c.site}`).join('\n')}`,
      );
    };
    if (probe === 'blockBegin' || probe === 'blockEnd' || probe === 'settleCall') return;
    if (probe === 'enter') {
      if (running.has(task)) fail('entered twice');
      running.set(task, true);
      outcomes[task - 1] = 'unsettled';
      return;
    }
    const isRunning = running.get(task);
    if (isRunning === undefined) return fail('the task is not there');
    switch (probe) {
      case 'suspend':
        if (!isRunning) fail('suspended already');
        running.set(task, false);
        break;
      case 'resume':
        if (isRunning) fail('running already');
        running.set(task, true);
        break;
      case 'caught':
        if (!isRunning) {
          if (!call.inFinally) complete.delete(task);
          running.set(task, true);
        }
        break;
      case 'complete':
        if (!isRunning) fail('completes while suspended');
        complete.add(task);
        break;
      case 'settle':
        outcomes[task - 1] = complete.has(task) ? 'returned' : 'threw';
        running.delete(task);
        break;
      case 'thrown':
        if (!isRunning) fail('throws while suspended');
        complete.delete(task);
        break;
      default:
        fail('no such probe');
    }
  });
  return outcomes;
}
