import type { BlockingApi } from './blockingCatalogue.ts';
import type { BlockingUse } from './blockingUses.ts';
import { isSleep } from './sleeps.ts';
import type { SymbolResolver } from '../symbols/symbolResolver.ts';

/** What holds the event loop. */
export type BlockingCause =
  /** `name` is the API as people write it: `fs.readFileSync`. `sleep` is set where the call does nothing but let time pass. */
  | { readonly type: 'call'; readonly api: BlockingApi; readonly name: string; readonly sleep?: true }
  | { readonly type: 'busy-loop'; readonly clock: string }
  /** A loop until something changes that cannot change while it turns. */
  | { readonly type: 'endless-wait'; readonly flag: string }
  /** Microtasks without end: a loop of awaits that wait for nothing (`flag` is what it looks at), or a function that queues itself by `queue`. */
  | { readonly type: 'starved-loop'; readonly flag?: string; readonly queue?: string };

/** The rule that a cause belongs to. */
export function ruleOf(cause: BlockingCause): 'blocking-call' | 'busy-wait' | 'atomics-wait' | 'endless-wait' | 'starved-loop' {
  switch (cause.type) {
    case 'busy-loop':
      return 'busy-wait';
    case 'endless-wait':
    case 'starved-loop':
      return cause.type;
    case 'call':
      return cause.api.id === 'global.Atomics.wait' ? 'atomics-wait' : 'blocking-call';
  }
}

export function causeOfUse(use: BlockingUse, resolver: SymbolResolver): BlockingCause {
  const { api, name } = use;
  return { type: 'call', api, name, ...(isSleep(use, resolver) ? { sleep: true } : {}) };
}
