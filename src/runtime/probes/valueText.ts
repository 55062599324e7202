// Not `node:util`: loading it numbers an asynchronous resource that the program's own first use of it would number.
import * as types from 'node:util/types';
import { uncurried } from '../uncurried.ts';

// Kept from before the program runs: it may replace globals and patch prototypes.
const isNativeError = types.isNativeError.bind(types);
const isProxy = types.isProxy.bind(types);
const arrayIsArray = Array.isArray.bind(Array);
const getOwnPropertyDescriptor = Object.getOwnPropertyDescriptor.bind(Object);
const getPrototypeOf = Object.getPrototypeOf.bind(Object);
const isArray = (value: unknown): value is readonly unknown[] => arrayIsArray(value);
const toText = String;
const slice = uncurried<(text: string, from: number, to: number) => string>(Reflect.get(String.prototype, 'slice'));

const longestError = 300;
const longestArgument = 120;
const mostElements = 8;
/** How far up a prototype chain an error's name is looked for. */
const prototypes = 8;

/** `Name: message` of what was thrown, read without running any code of the program: no getter, no proxy trap, no `toString`. */
export function errorText(value: unknown): string {
  if (!isNativeError(value)) {
    if (typeof value === 'object' && value !== null) return 'an object that is no error';
    return typeof value === 'function' ? 'a function' : slice(toText(value), 0, longestError);
  }
  const message = ownText(value, 'message') ?? '';
  const name = inheritedText(value, 'name') ?? 'Error';
  return slice(message === '' ? name : `${name}: ${message}`, 0, longestError);
}

/** An argument of a call as it can be told in a few words: texts, numbers and lists of them; undefined for all else. */
export function argumentText(value: unknown): string | undefined {
  if (typeof value === 'string') return slice(value, 0, longestArgument);
  if (typeof value === 'number') return toText(value);
  if (!isArray(value) || isProxy(value)) return undefined;
  let text = '';
  for (let i = 0; i < value.length && i < mostElements && text.length < longestArgument; i++) {
    const element: unknown = getOwnPropertyDescriptor(value, i)?.value;
    if (typeof element === 'string' || typeof element === 'number') text += `${text === '' ? '' : ' '}${element}`;
  }
  return slice(text, 0, longestArgument);
}

function inheritedText(value: object, key: string): string | undefined {
  let at: object | null = value;
  for (let i = 0; at !== null && i < prototypes && !isProxy(at); i++) {
    const found = ownText(at, key);
    if (found !== undefined) return found;
    at = getPrototypeOf(at) as object | null;
  }
  return undefined;
}

function ownText(value: object, key: string): string | undefined {
  const found: unknown = getOwnPropertyDescriptor(value, key)?.value;
  return typeof found === 'string' ? found : undefined;
}
