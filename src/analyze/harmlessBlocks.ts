import type { ThreadId } from '../shared/ids.ts';
import type { BlockingSpan, TaskIndex, TraceModel } from './model.ts';
import { isMainThread } from './tracedProcesses.ts';

const known = new WeakMap<TraceModel, ReadonlySet<BlockingSpan>>();

/** Blocking spans of a model that are no fault, see {@link isHarmless}; judged once per model. */
export function harmlessBlocks(model: TraceModel): ReadonlySet<BlockingSpan> {
  let harmless = known.get(model);
  if (!harmless) {
    harmless = new Set(model.blocks.filter((block) => isHarmless(model, block)));
    known.set(model, harmless);
  }
  return harmless;
}

/** Start-up code and worker threads may block where they hold up nobody who could have run. */
export function isHarmless(model: TraceModel, block: BlockingSpan): boolean {
  // Start-up code that never came to an end is no start-up.
  if (block.atLeast && !hasFinished(model, block.thread)) return false;
  const task = block.task === undefined ? undefined : model.tasks[block.task];
  if (block.heldUp.length > 0) {
    const callers = new Set<TaskIndex>();
    for (let at = task?.parent; at !== undefined; at = model.tasks[at]?.parent) callers.add(at);
    if (block.heldUp.some((index) => !callers.has(index))) return false;
  }
  if (!isMainThread(model, block.thread)) return true;
  const inFirstTurn = model.turns.find((turn) => turn.thread === block.thread);
  const startUp = inFirstTurn?.kind === 'main' && block.startUs <= inFirstTurn.endUs;
  if (!startUp) return false;
  const kind = task && model.sites.get(task.site)?.kind;
  return block.cause === 'slice' || kind === undefined || (kind === 'module' && block.heldUp.length === 0);
}

function hasFinished({ exit, processes }: TraceModel, thread: ThreadId): boolean {
  const process = processes.find((one) => one.thread === thread);
  return process === undefined ? exit?.cause === 'exited' && exit.signal === null : process.finished;
}
