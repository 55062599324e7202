/** What Node can be given to call the callbacks of its native resources through (`InternalMakeCallback` in callback.cc). */
export type CallbackTrampoline = (
  this: unknown,
  asyncId: number,
  resource: unknown,
  callback: (this: unknown, ...args: unknown[]) => unknown,
  ...args: unknown[]
) => unknown;

/**
 * To be made in our private realm: V8 leaves the functions of other realms out of stacks.
 * @param begins called before each callback of a resource that has an id; true if `ended` is to be called after it
 * @param ended told whether the callback returned, or threw
 */
export function createCallbackTrampoline(
  begins: (asyncId: number, resource: unknown) => boolean,
  ended: (asyncId: number, returned: boolean) => void,
): CallbackTrampoline {
  const { apply } = Reflect;
  return function (asyncId, resource, callback, ...args) {
    if (asyncId === 0 || !begins(asyncId, resource)) return apply(callback, this, args);
    let returned = false;
    try {
      const result = apply(callback, this, args);
      returned = true;
      return result;
    } finally {
      ended(asyncId, returned);
    }
  };
}
