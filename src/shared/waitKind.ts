/** What a suspended task waits for. `settled` is an await of a value that was there already: it costs one microtask. */
export const waitKinds = ['timer', 'file', 'network', 'process', 'worker', 'task', 'queue', 'settled', 'other'] as const;
export type WaitKind = (typeof waitKinds)[number];

/**
 * What began a turn of the event loop. The number of a kind in this list is its code in a trace; append only.
 * `main` is the program's own first turn (its entry module), `unknown` a callback of a kind Interleave does not know.
 */
export const turnKinds = [
  'unknown',
  'main',
  'timer',
  'immediate',
  'file',
  'network',
  'process',
  'worker',
  'stream',
  'crypto',
  'zlib',
  'signal',
] as const;
export type TurnKind = (typeof turnKinds)[number];
