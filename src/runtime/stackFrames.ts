/** Calls between the program and Node's loader that a hook adds to a stack: the hook itself and the step before it. */
const ourFrames =
  /\n {4}at (?:.*[\\/]runtime[\\/]bootloader\.cjs:|nextStep \(node:internal\/modules\/customization_hooks|.*node:internal\/modules\/customization_hooks:\d+:\d+\)$)[^\n]*/gm;
const extraFrames = 8;

/**
 * Runs `work`; when it throws and `otherwise` has no answer either, the error is thrown on with the stack it would have
 * without the hook around it.
 */
export function withoutOurFrames<T>(work: () => T, otherwise: () => T | undefined): T {
  const limit = Error.stackTraceLimit;
  try {
    if (typeof limit === 'number') Error.stackTraceLimit = limit + extraFrames;
    try {
      return work();
    } finally {
      if (typeof limit === 'number') Error.stackTraceLimit = limit;
    }
  } catch (error) {
    const found = otherwise();
    if (found !== undefined) return found;
    if (error instanceof Error && typeof error.stack === 'string') error.stack = cut(error.stack.replace(ourFrames, ''), limit);
    throw error;
  }
}

function cut(stack: string, frames: number): string {
  let seen = 0;
  return stack
    .split('\n')
    .filter((line) => !/^ {4}at /.test(line) || seen++ < frames)
    .join('\n');
}
