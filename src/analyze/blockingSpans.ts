import type { SiteId } from '../shared/ids.ts';
import type { TaskState, ThreadState, WaitFacts } from './taskState.ts';

export interface BlockFacts {
  readonly site: SiteId;
  readonly cause: 'call' | 'slice';
  readonly durationUs: number;
  /** Its length is a bound. */
  readonly atMost?: boolean;
  readonly detailIndex: number;
  readonly task: TaskState | undefined;
  readonly order: number;
}

/** Notes that the loop was held until now. The callers of the task stood still, whatever the clock. */
export function addBlock(thread: ThreadState, facts: BlockFacts, virtual: boolean): void {
  const endUs = thread.nowUs;
  const at = facts.task?.phase === 'running' ? facts.task.stackAt : 0;
  thread.blocks.push({
    ...facts,
    thread,
    // Wall time has no length on the virtual clock.
    startUs: virtual ? endUs : Math.max(0, endUs - facts.durationUs),
    endUs,
    heldUp: thread.stack.slice(0, at),
  });
}

/** A wait ends now that could have ended earlier: the holds in between kept its task from going on. */
export function addHeldUp(task: TaskState, wait: Pick<WaitFacts, 'readyUs' | 'readyOrder'>): void {
  const { blocks } = task.thread;
  for (let i = blocks.length - 1; i >= 0; i--) {
    const block = blocks[i]!;
    if (block.endUs < wait.readyUs || (block.endUs === wait.readyUs && block.order < wait.readyOrder)) return;
    if (block.task !== task && block.heldUp.at(-1) !== task) block.heldUp.push(task);
  }
}
