import { functionTextNodes } from '../source/sites/functionTextNodes.ts';
import { parseSource } from '../source/parseSource.ts';

/**
 * Pairs the functions and classes of two printed texts of the same file, one with probes and one without. Probes add none but in variables
 * of their own, so the functions come in the same order.
 * @returns four numbers a function: start and end in the one text, start and end in the other; empty where the texts do not fit
 */
export function pairFunctionTexts(probed: string, bare: string): readonly number[] {
  const [ours, theirs] = [probed, bare].map((text) => {
    const parsed = parseSource('printed.js', text, { asModule: true });
    return parsed.errors.length === 0 ? functionTextNodes(parsed.sourceFile, '__il_') : [];
  });
  if (ours === undefined || theirs === undefined || ours.length !== theirs.length) return [];
  const places: number[] = [];
  for (const [i, node] of ours.entries()) {
    const other = theirs[i];
    if (other?.kind !== node.kind) return [];
    places.push(node.start, node.end, other.start, other.end);
  }
  return places;
}
