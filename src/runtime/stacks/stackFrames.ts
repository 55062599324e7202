/** Calls between the program and Node's loader that a hook adds to a stack: the hook itself and the steps around it. */
const ourFrames =
  /\n {4}at (?:[^\n]*[\\/]runtime[\\/]loaderHooks\.cjs:|[^\n]*node:internal\/modules\/customization_hooks:|defaultResolve \(node:internal\/modules\/cjs\/loader:)[^\n]*/g;
const extraFrames = 12;

/**
 * Runs `work`; when it throws and `otherwise` has no answer either, the error is thrown on with the stack it would have
 * without the hook around it. `errorClass` is the program's `Error`.
 */
export function withoutOurFrames<T>(errorClass: object, work: () => T, otherwise: () => T | undefined): T {
  const limit: unknown = Reflect.get(errorClass, 'stackTraceLimit');
  // Frozen or made an accessor, it stays as it is; then some frames at the end are lost.
  const raised =
    typeof limit === 'number' &&
    Object.hasOwn(errorClass, 'stackTraceLimit') &&
    Reflect.set(errorClass, 'stackTraceLimit', limit + extraFrames);
  try {
    try {
      return work();
    } finally {
      if (raised) Reflect.set(errorClass, 'stackTraceLimit', limit);
    }
  } catch (error) {
    const found = otherwise();
    if (found !== undefined) return found;
    mend(error, typeof limit === 'number' ? limit : 10);
    throw error;
  }
}

function mend(error: unknown, limit: number): void {
  if (typeof error !== 'object' || error === null) return;
  const stack: unknown = Reflect.get(error, 'stack');
  if (typeof stack === 'string') Reflect.set(error, 'stack', cut(stack.replace(ourFrames, ''), limit));
}

function cut(stack: string, frames: number): string {
  let seen = 0;
  return stack
    .split('\n')
    .filter((line) => !/^ {4}at /.test(line) || seen++ < frames)
    .join('\n');
}
