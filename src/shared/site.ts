import type { SiteId } from './ids.ts';
import type { WaitKind } from './waitKind.ts';

/**
 * `function` and `module` begin a task; `await`, `for-await`, `yield`, `yield-star`, `await-using` and `return`
 * (in an async generator) are await points; `blocking` is a call or loop that may hold the event loop;
 * `settle-call` is a call of a promise's own resolve or reject function; `dropped-call` is a call that stands as a statement, its
 * value neither awaited nor marked with `void`: it has no probe and only tells where a task was started that nobody awaits;
 * `callback` is a synchronous function that is given to something that calls it in a turn or microtask of its own.
 */
export const siteKinds = [
  'function',
  'module',
  'await',
  'for-await',
  'yield',
  'yield-star',
  'await-using',
  'return',
  'blocking',
  'settle-call',
  'dropped-call',
  'callback',
] as const;
export type SiteKind = (typeof siteKinds)[number];

/** One static place in the source. Lines and columns count from 1; columns in UTF-16 units. */
export interface Site {
  readonly id: SiteId;
  readonly kind: SiteKind;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  /** `function`: its name as V8 would print it in a stack, or `<anonymous>`; `module`: the file's base name; `callback`: its name or, without one, that of the call it is given to (`answer.then callback`); else the text of the expression, white space folded, at most 80 characters. */
  readonly name: string;
  /** The `function` or `module` site around this one; 0 at the top level of a module that is no task and in synchronous functions. */
  readonly owner: SiteId;
  /** What the source alone says is awaited, where that can be told without types; a run overrules it. */
  readonly hint?: WaitKind;
  /** Names of the functions called to make the awaited value (`load` for `await load()`, several for `Promise.all([a(), b()])`), used to link an await to the tasks it started. */
  readonly callees?: readonly string[];
  /** `blocking`: what kind of hold it is, from the catalogue (`sync-io`, `sync-process`, `busy-wait`, …). */
  readonly blockingKind?: string;
}
