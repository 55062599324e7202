import { createHook } from 'node:async_hooks';

/** Node's list of hooks, and how many of them have which callback; others while a hook is being called. */
export type GetHookArrays = () => [list: object[], counts: Uint32Array];

/**
 * Node switches on what its hooks need (promise hooks, a function around callbacks) with the first hook and off with the last, and tells
 * these by the sum of the counts. While the program enables or disables a hook of its own, ours is not counted.
 * @param kBefore where the count of `before` callbacks is
 * @param changed called after each change
 */
export function leaveUncounted(getHookArrays: GetHookArrays, kBefore: number, changed: () => void): void {
  const prototype = Object.getPrototypeOf(createHook({})) as object;
  const { apply } = Reflect;
  for (const name of ['enable', 'disable']) {
    const descriptor = Object.getOwnPropertyDescriptor(prototype, name);
    if (typeof descriptor?.value !== 'function') continue;
    // A proxy of a function has its name, length and properties.
    const value: unknown = new Proxy(descriptor.value as () => unknown, {
      apply(original, self, args: unknown[]) {
        const [, counts] = getHookArrays();
        counts[kBefore]! -= 1;
        try {
          return apply(original, self, args) as unknown;
        } finally {
          counts[kBefore]! += 1;
          changed();
        }
      },
    });
    Object.defineProperty(prototype, name, { ...descriptor, value });
  }
}
