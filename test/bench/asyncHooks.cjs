// The yardstick: Node's own async_hooks with all four hooks, doing nothing but count.
let seen = 0;
require('node:async_hooks')
  .createHook({ init: () => seen++, before: () => seen++, after: () => seen++, destroy: () => seen++ })
  .enable();
