import type { StackFrame } from '../shared/traceRecords.ts';

/** A frame with a place. */
export interface PlacedFrame extends StackFrame {
  readonly path: string;
  readonly line: number;
}

/**
 * The innermost call of the program that all stacks of a hold have in common: what is above it comes and goes. Of its lines the one
 * seen most often. `isOwn` tells files that are the person's own. Undefined where no frame is of the program.
 */
export function heldPlace(
  stacks: readonly (readonly StackFrame[])[],
  isOwn: (path: string) => boolean = () => true,
): PlacedFrame | undefined {
  const [first, ...others] = stacks;
  if (first === undefined) return undefined;
  let depth = 0;
  const shared = (frame: StackFrame | undefined, from: number): boolean =>
    frame !== undefined &&
    others.every((stack) => {
      const other = stack.at(from);
      return other?.name === frame.name && other.path === frame.path;
    });
  while (shared(first.at(-1 - depth), -1 - depth)) depth++;
  // Stacks that are cut off, as in a deep recursion, have no outermost frame in common.
  const common = depth === 0 ? first : first.slice(first.length - depth);
  const found = common.find((frame) => isFile(frame) && isOwn(frame.path)) ?? common.find(isFile);
  if (found === undefined || !isFile(found)) return undefined;
  if (depth === 0) return found;
  const fromEnd = common.indexOf(found) - common.length;
  const lines = stacks.map((stack) => stack.at(fromEnd)?.line ?? found.line);
  const count = (line: number): number => lines.filter((other) => other === line).length;
  const line = lines.reduce((best, next) => (count(next) > count(best) ? next : best), lines[0]!);
  return { ...found, line };
}

function isFile(frame: StackFrame): frame is PlacedFrame {
  return frame.path !== undefined && frame.line !== undefined && !frame.path.startsWith('node:');
}
