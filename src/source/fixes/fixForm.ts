/** What an argument must not be, so that the form that does not block behaves the same. */
export type FixGuard =
  /** The first argument may be the number of an open file. */
  | 'descriptor'
  /** The options may ask for `undefined` instead of an error (`throwIfNoEntry: false`). */
  | 'no-entry';

/** Another function, awaited, in the place of the one that blocks. */
export interface CallForm {
  readonly type: 'call';
  /** The way to it from what the blocking function is taken from: `promises.readFile` of `fs`; empty where that itself is called. */
  readonly member: string;
  /** What to import where the blocking function is imported by name, and what to append to the module for it. */
  readonly name: string;
  readonly subpath: '' | '/promises';
  /** It takes a callback and has to be promisified first. */
  readonly promisify: boolean;
  /** Between the `await` and the call, and behind the closing parenthesis of the call. */
  readonly before: string;
  readonly after: string;
  /** Only where the types show a promise; packages had other forms in other versions. */
  readonly proven: boolean;
  readonly guards: readonly FixGuard[];
}

/** A child process: its promise gives an object with the output, as a string unless told otherwise. */
export interface ProcessForm {
  readonly type: 'process';
  readonly name: 'exec' | 'execFile';
}

/** `new` of a class that compiles becomes a call that compiles elsewhere: `WebAssembly.compile(bytes)`. */
export interface ConstructForm {
  readonly type: 'construct';
  readonly callee: string;
  /** What the type of the first argument has to be called, if that decides what the call gives. */
  readonly argumentType?: string;
}

/** The thread only sleeps. */
export interface SleepForm {
  readonly type: 'sleep';
  readonly by: 'atomics' | 'milliseconds';
}

/** How a blocking call is written so that it does not block. */
export type FixForm = CallForm | ProcessForm | ConstructForm | SleepForm;
