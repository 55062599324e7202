import { PassThrough } from 'node:stream';
import type { NodeInternals } from './nodeInternals.ts';

type Run = (this: unknown, ...args: unknown[]) => unknown;
type Resource = new (type: string) => object;
type Eos = (stream: object, callback: () => void) => () => void;

/**
 * Node 26 binds what waits for the end of a stream to a resource, which has an id and two frames in stacks, as soon as its list of hooks
 * holds anything: also ours. It looks for the class of that resource when it first needs it. So it is shown one that hands on calls as they
 * are while there is neither a hook of the program's own nor a store of `AsyncLocalStorage`. Our hook must be in the list already.
 * @param ownHooks how many hooks there are of the program's own
 */
export function keepStreamEndsDirect(internals: NodeInternals, ownHooks: () => number): void {
  const eos = internals.module<{ eos?: Eos }>('internal/streams/end-of-stream')?.eos;
  const exported = internals.module<{ AsyncResource: Resource }>('async_hooks');
  if (
    exported === undefined ||
    typeof eos !== 'function' ||
    !Function.prototype.toString.call(eos).includes('enabledHooksExist()')
  )
    return;
  const Original = exported.AsyncResource;
  const frames = internals.module<{ current?: () => unknown }>('internal/async_context_frame');
  const { apply } = Reflect;
  const direct = {
    // By this name `ownFrames.ts` knows it.
    runInAsyncScope: (run: Run, self: unknown, ...args: unknown[]): unknown => apply(run, self, args),
  };
  exported.AsyncResource = class {
    constructor(type: string) {
      return ownHooks() > 0 || frames?.current?.() ? new Original(type) : direct;
    }
  };
  try {
    eos(new PassThrough(), () => {})();
  } finally {
    exported.AsyncResource = Original;
  }
}
