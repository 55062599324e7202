import type { ThreadId } from '../shared/ids.ts';
import { watchEvent } from './hangs/eventWatch.ts';
import type { Recorder } from './record/recorderTypes.ts';
import type { ThrowStacks } from './stacks/throwStacks.ts';

/** Of one thread: so many are told. */
const mostTold = 1000;
/** The part of Node that tells of promises without handlers. */
const nodesOwn = 'node:internal/process/promises';

/**
 * Notes in the trace when Node tells that a promise was rejected and nobody handles it, and when somebody does later. Node tells so
 * by events of the process; a program's own look at their listeners is told apart by who looks.
 */
export function watchRejections(recorder: Recorder, thread: ThreadId, stacks: ThrowStacks): void {
  let told = 0;
  const watch = (event: string, late: boolean): void =>
    watchEvent(event, () => {
      if (told >= mostTold || !stacks.isCalledFrom(nodesOwn)) return;
      told++;
      recorder.record({ type: 'rejection', thread, late });
    });
  watch('unhandledRejection', false);
  watch('rejectionHandled', true);
}
