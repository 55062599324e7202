/** A function of ours that Node calls from one of its own only where we are: neither frame is in a stack of the bare program. See `streamEnds.ts`. */
const passedStreamEnd = 'runInAsyncScope';

/** How many frames of a stack, from this one on, are there because of us. */
export function ownFramesAt(ownScripts: readonly string[], scriptName: unknown, functionName: () => unknown): number {
  if (!ownScripts.includes(scriptName as string)) return 0;
  return functionName() === passedStreamEnd ? 2 : 1;
}
