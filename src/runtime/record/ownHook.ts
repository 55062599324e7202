import { createHook } from 'node:async_hooks';

/** Node's list of hooks, and how many of them have which callback; others while a hook is being called. */
export type GetHookArrays = () => [list: object[], counts: Uint32Array];

/** Whether Node counts our `before` callback, and so calls the hooks at all where the program has none. */
export interface OwnHook {
  /** From here on Node calls it. */
  count(): void;
  /** Until {@link count} Node shall not call it. True where that is so: while the program has hooks, ours stays among them. */
  leaveOut(): boolean;
}

export interface HookPlaces {
  /** Where the count of `before` callbacks is. */
  readonly kBefore: number;
  /** That of all hooks, to which ours is never added. */
  readonly kTotals: number;
  /** Where Node notes with a 1 that somebody asked for the resource. */
  readonly kUses: number | undefined;
}

/** Node calls through its trampoline for any other number than 0, too; ours shall be called also where our hook is left out. */
const ourUse = 2;

/**
 * Node switches on what its hooks need (promise hooks, a function around callbacks) with the first hook and off with the last, and tells
 * these by the sum of the counts. While the program enables or disables a hook of its own, ours is not counted.
 * @param changed called after each change
 */
export function countOwnHook(
  getHookArrays: GetHookArrays,
  { kBefore, kTotals, kUses }: HookPlaces,
  changed: () => void,
): OwnHook {
  const [, fields] = getHookArrays();
  const prototype = Object.getPrototypeOf(createHook({})) as object;
  const { apply } = Reflect;
  let isCounted = false;
  function endUse(): void {
    if (kUses !== undefined && fields[kUses] === ourUse) fields[kUses] = 0;
  }
  const own: OwnHook = {
    count() {
      if (isCounted) return;
      isCounted = true;
      fields[kBefore]! += 1;
      endUse();
    },
    leaveOut() {
      if (!isCounted || fields[kTotals] !== 0) return false;
      isCounted = false;
      fields[kBefore]! -= 1;
      if (kUses !== undefined && fields[kUses] === 0) fields[kUses] = ourUse;
      return true;
    },
  };
  own.count();
  for (const name of ['enable', 'disable']) {
    const descriptor = Object.getOwnPropertyDescriptor(prototype, name);
    if (typeof descriptor?.value !== 'function') continue;
    // A proxy of a function has its name, length and properties.
    const value: unknown = new Proxy(descriptor.value as () => unknown, {
      apply(original, self, args: unknown[]) {
        const [, counts] = getHookArrays();
        if (isCounted) counts[kBefore]! -= 1;
        endUse();
        try {
          return apply(original, self, args) as unknown;
        } finally {
          isCounted = true;
          counts[kBefore]! += 1;
          changed();
        }
      },
    });
    Object.defineProperty(prototype, name, { ...descriptor, value });
  }
  return own;
}
