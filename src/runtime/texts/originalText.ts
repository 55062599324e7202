import { insertionMark } from '../../shared/insertionMark.ts';
import { uncurried } from '../uncurried.ts';

// Kept from before the program runs: it may replace globals and patch prototypes.
const indexOf = uncurried<(text: string, part: string, from?: number) => number>(Reflect.get(String.prototype, 'indexOf'));
const slice = uncurried<(text: string, from: number, to?: number) => string>(Reflect.get(String.prototype, 'slice'));
const apply = Reflect.apply as (target: () => string, self: unknown, args: readonly unknown[]) => string;

const markLength = insertionMark.length;
const native = 'function toString() { [native code] }';

/** The text of a function as it was before probes went in. */
export function withoutInsertions(text: string): string {
  let original = '';
  let done = 0;
  for (let open = indexOf(text, insertionMark); open >= 0; open = indexOf(text, insertionMark, done)) {
    const close = indexOf(text, insertionMark, open + markLength);
    original += slice(text, done, open);
    // The text of an arrow function with an expression for a body ends within what was inserted.
    if (close < 0) return original;
    done = close + markLength;
  }
  return done === 0 ? text : original + slice(text, done);
}

/**
 * Lets `Function.prototype.toString` of this realm give the texts that the program was written with, where insertions are marked.
 * The function keeps its place, its name and all that can be read from it.
 */
export function restoreFunctionTexts(): void {
  const original: () => string = Reflect.get(Function.prototype, 'toString');
  const replacement: () => string = new Proxy(original, {
    apply: (target, self: unknown, args) => (self === replacement ? native : withoutInsertions(apply(target, self, args))),
  });
  Object.defineProperty(Function.prototype, 'toString', { value: replacement });
}
