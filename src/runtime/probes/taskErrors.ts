import type { ThreadId } from '../../shared/ids.ts';
import type { EventBuffer } from '../record/recorderTypes.ts';
import type { ThrowStacks } from '../stacks/throwStacks.ts';
import { errorText } from './valueText.ts';

/** Tells in words what tasks threw. */
export interface TaskErrors {
  /** A task is about to throw a value of its own. */
  note(value: unknown): void;
  /** It ended by what was noted last. */
  tell(task: number): void;
}

/** Of one thread: so many are told. */
const mostTold = 1000;
/** Most throws are caught by the task itself: so many are noted with their stacks. */
const mostStacks = 10_000;

/** @param throwStacks what tells where a task threw; left out, the trace has no stacks of errors */
export function createTaskErrors(buffer: EventBuffer, thread: ThreadId, throwStacks: ThrowStacks | undefined): TaskErrors {
  let text = '';
  let thrownAt: object | undefined;
  let told = 0;
  let stacksTaken = 0;
  return {
    note(value) {
      if (told >= mostTold) return;
      text = errorText(value);
      thrownAt = stacksTaken++ < mostStacks ? throwStacks?.capture() : undefined;
    },
    tell(task) {
      if (told >= mostTold) return;
      told++;
      const stack = thrownAt && throwStacks?.frames(thrownAt);
      const where = stack && stack.length > 0 ? { stack } : {};
      buffer.record({ type: 'task-error', thread, task, message: text, ...where });
    },
  };
}
