import type { BlockingCause } from './blockingCause.ts';
import { busyLoopAt } from './busyLoops.ts';
import { endlessWaitAt } from './endlessWaits.ts';
import type { SymbolResolver } from '../symbols/symbolResolver.ts';
import type { ts } from '../typescript.ts';

/** What a loop holds the event loop with: a busy loop or an endless wait; undefined for every other. */
export function loopHoldAt(
  node: ts.IterationStatement,
  resolver: SymbolResolver,
): Extract<BlockingCause, { readonly type: 'busy-loop' | 'endless-wait' }> | undefined {
  const busy = busyLoopAt(node, resolver);
  if (busy) return { type: 'busy-loop', clock: busy.clock };
  const endless = endlessWaitAt(node, resolver);
  return endless && { type: 'endless-wait', flag: endless.flag };
}
