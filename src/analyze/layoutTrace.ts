// What the page needs of the model. It reaches the page through the layout alone, so that pages stay free of how traces are decoded.
import type { TraceModel } from './model.ts';
import { TraceModelBuilder } from './traceModelBuilder.ts';

export type {
  Slice,
  Task,
  TaskIndex,
  TraceModel,
  TracedFile,
  TracedSite,
  Turn,
  Wait,
  Waker,
  BlockingSpan,
  Callback,
  TracerHold,
} from './model.ts';

export { isMainThread } from './tracedProcesses.ts';

/** A trace that grows with every chunk of bytes. `push` throws `TraceFormatError` on bytes that cannot be a trace. */
export interface GrowingTrace {
  push(bytes: Uint8Array): void;
  snapshot(): TraceModel;
}

export function growingTrace(): GrowingTrace {
  return new TraceModelBuilder();
}

/** False for a trace of which a picture would be empty: turns alone are none. */
export function showsAnything(model: TraceModel): boolean {
  return model.tasks.length > 0 || model.callbacks.length > 0 || model.blocks.length > 0;
}
