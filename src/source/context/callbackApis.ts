/** Functions and methods that run a function they are given in a turn or microtask of its own, by name. */
export const timerFunctions: ReadonlySet<string> = new Set([
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'requestAnimationFrame',
  'requestIdleCallback',
]);

export const listenerMethods: ReadonlySet<string> = new Set([
  'on',
  'once',
  'addListener',
  'prependListener',
  'prependOnceListener',
  'addEventListener',
]);

/** Methods of a promise, and how many of their arguments are functions. */
export const reactionMethods: ReadonlyMap<string, number> = new Map([
  ['then', 2],
  ['catch', 1],
  ['finally', 1],
]);

/** Methods that run what they are given before they return. */
export const runAtOnceMethods: ReadonlySet<string> = new Set([
  ...['forEach', 'map', 'filter', 'some', 'every', 'reduce', 'reduceRight', 'sort', 'toSorted', 'flatMap'],
  ...['find', 'findIndex', 'findLast', 'findLastIndex', 'replace', 'replaceAll'],
]);

/** Modules of Node whose functions call back when their work is done. */
export const callbackModules: ReadonlySet<string> = new Set([
  ...['fs', 'child_process', 'crypto', 'zlib', 'dns', 'net', 'tls', 'dgram', 'http', 'https', 'http2'],
  ...['readline', 'stream', 'inspector', 'cluster', 'timers'],
]);
