import * as vm from 'node:vm';
import type { NodeInternals } from './nodeInternals.ts';

/** The place that every trace of V8 passes on its way to whoever formats it: Node, the program's own `Error.prepareStackTrace`, `assert`. */
export interface StackTraces {
  /** The trace of an error that nobody has formatted; afterwards the stack must be captured anew. Runs no code of the program. */
  take(error: object): readonly NodeJS.CallSite[];
  /** Adds a step that each error and its trace go through; the trace is changed in place. */
  amend(step: (error: unknown, trace: NodeJS.CallSite[]) => void): void;
}

type PrepareStackTrace = (realm: object, error: unknown, trace: NodeJS.CallSite[]) => unknown;
/** What has the function `prepareStackTrace` that is to be called. */
type Formatter = object;
interface InternalErrors {
  readonly prepareStackTraceCallback?: PrepareStackTrace;
  readonly overrideStackTrace?: WeakMap<object, unknown>;
}
interface ErrorsBinding {
  readonly setPrepareStackTraceCallback?: (prepare: PrepareStackTrace) => void;
}

/**
 * Puts itself between V8 and Node's own `prepareStackTraceCallback`. Where a Node has none, traces stay as they are.
 * @param errorClass the program's `Error`
 */
export function installStackTraces(internals: NodeInternals, errorClass: object): StackTraces {
  const steps: ((error: unknown, trace: NodeJS.CallSite[]) => void)[] = [];
  let taking = false;
  let taken: readonly NodeJS.CallSite[] = [];
  const taker: Formatter = { prepareStackTrace: () => '' };

  const { prepareStackTraceCallback: prepare, overrideStackTrace } = internals.module<InternalErrors>('internal/errors') ?? {};
  const { setPrepareStackTraceCallback } = internals.binding<ErrorsBinding>('errors') ?? {};

  /** Whose `prepareStackTrace` is to be called; undefined where that is Node's to find out. */
  function choose(realm: object, error: unknown, trace: NodeJS.CallSite[]): Formatter | undefined {
    if (taking) {
      taken = trace;
      return taker;
    }
    try {
      for (const step of steps) step(error, trace);
      if (typeof error === 'object' && error !== null && overrideStackTrace?.has(error) !== false) return undefined;
      const isOwn = Reflect.getOwnPropertyDescriptor(realm, 'Error')?.value === errorClass;
      const own = isOwn && typeof Reflect.getOwnPropertyDescriptor(errorClass, 'prepareStackTrace')?.value === 'function';
      return own ? errorClass : undefined;
    } catch {
      // The stack is about to overflow.
      return undefined;
    }
  }

  const attached = prepare !== undefined && setPrepareStackTraceCallback !== undefined;
  if (attached) setPrepareStackTraceCallback(standIn(prepare, choose, errorClass));
  return {
    take(error) {
      if (!attached) return [];
      taking = true;
      try {
        Reflect.get(error, 'stack');
        return taken;
      } finally {
        taking = false;
        taken = [];
      }
    },
    amend: (step) => void steps.push(step),
  };
}

/**
 * A function whose frame looks like that of Node's own: an error that is made while another one is being formatted is formatted by
 * V8 alone, with all frames.
 */
function standIn(
  prepare: PrepareStackTrace,
  choose: (...args: Parameters<PrepareStackTrace>) => Formatter | undefined,
  errorClass: object,
): PrepareStackTrace {
  const before = Reflect.getOwnPropertyDescriptor(errorClass, 'prepareStackTrace');
  Reflect.set(errorClass, 'prepareStackTrace', () => innerStack(errorClass));
  const place = /prepareStackTraceCallback \((node:[^)]*):(\d+):(\d+)\)/.exec(innerStack(errorClass));
  if (before === undefined) Reflect.deleteProperty(errorClass, 'prepareStackTrace');
  else Reflect.defineProperty(errorClass, 'prepareStackTrace', before);
  const [, filename = 'node:internal/errors', line = '2', column = '14'] = place ?? [];
  const indent = ' '.repeat(Math.max(0, Number(column) - 1 - 'return chosen.'.length));
  const text =
    "(function (choose, prepare) { 'use strict'; return function prepareStackTraceCallback(realm, error, trace) { " +
    'const chosen = choose(realm, error, trace); if (chosen === undefined) return prepare(realm, error, trace);\n' +
    `${indent}return chosen.prepareStackTrace(error, trace);\n}; })`;
  const make = new vm.Script(text, { filename, lineOffset: Number(line) - 2 }).runInThisContext() as (
    ...args: unknown[]
  ) => PrepareStackTrace;
  return make(choose, prepare);
}

function innerStack(errorClass: object): string {
  const error = Reflect.construct(errorClass as new () => object, []);
  return String(Reflect.get(error, 'stack'));
}
