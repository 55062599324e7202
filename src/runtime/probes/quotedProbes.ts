// Not `node:util`: loading it numbers an asynchronous resource that the program's own first use of it would number.
import * as types from 'node:util/types';
import { uncurried } from '../uncurried.ts';

// Kept from before the program runs: it may replace globals and patch prototypes.
const isNativeError = types.isNativeError.bind(types);
const getOwnPropertyDescriptor = Object.getOwnPropertyDescriptor.bind(Object);
const defineProperty = Object.defineProperty.bind(Object);
const indexOf = uncurried<(text: string, part: string, from?: number) => number>(Reflect.get(String.prototype, 'indexOf'));
const slice = uncurried<(text: string, from: number, to?: number) => string>(Reflect.get(String.prototype, 'slice'));

const probe = '__il_';
const probeLength = probe.length + 1;
const called = '(...)';
const notIterable = ' is not a function or its return value is not ';
/** What V8 writes for the value of an `await`. */
const value = '(intermediate value)';

/** Gives a message with the functions that V8 quotes in it as they are without us. */
export type MendFunctions = (message: string) => string;

/**
 * V8 quotes the source in the message of an error it throws itself, and there finds a probe where an `await` was:
 * `__il_r(...).map is not a function`. Puts what it writes for an `await` in its place. Runs no code of the program.
 * @param mendFunctions for messages that quote the whole text of a function: `Class extends value async () => … is not a constructor`
 */
export function mendMessage(error: unknown, mendFunctions?: MendFunctions): void {
  if (!isNativeError(error)) return;
  const own = getOwnPropertyDescriptor(error, 'message');
  const message: unknown = own?.value;
  if (own?.configurable !== true || typeof message !== 'string' || indexOf(message, probe) < 0) return;
  defineProperty(error, 'message', { ...own, value: withoutProbes(mendFunctions?.(message) ?? message) });
}

/** The text with each probe that is quoted in it replaced. */
export function withoutProbes(message: string): string {
  let text = '';
  let done = 0;
  for (let at = indexOf(message, probe); at >= 0; at = indexOf(message, probe, done)) {
    text += slice(message, done, at) + value;
    done = at + probeLength;
    if (slice(message, done, done + called.length) === called) done += called.length;
    if (slice(message, done, done + notIterable.length) === notIterable) {
      text += ' is not ';
      done += notIterable.length;
    }
  }
  return text + slice(message, done);
}
