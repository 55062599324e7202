import * as vm from 'node:vm';
import type { NodeInternals } from '../nodeInternals.ts';

/** The place that every trace of V8 passes on its way to whoever formats it: Node, the program's own `Error.prepareStackTrace`, `assert`. */
export interface StackTraces {
  /** The trace of an error that nobody has formatted; afterwards the stack must be captured anew. Runs no code of the program. */
  take(error: object): readonly NodeJS.CallSite[];
  /** Counts the errors of another realm, by its `Error`, among those whose traces go through the steps. */
  addRealm(errorClass: object): void;
  /** Adds a step that each error and its trace go through; the trace is changed in place. */
  amend(step: TraceStep): void;
  /** Adds a step for the text that Node itself makes of a trace: one line a frame at its end. */
  amendText(step: TextStep): void;
}

/** @param byNode true where Node itself formats the trace, and nobody else sees the call sites */
export type TraceStep = (error: unknown, trace: NodeJS.CallSite[], byNode: boolean) => void;
export type TextStep = (text: string, trace: readonly NodeJS.CallSite[]) => string;

type PrepareStackTrace = (realm: object, error: unknown, trace: NodeJS.CallSite[]) => unknown;
/** What has the function `prepareStackTrace` that is to be called. */
type Formatter = object;
interface InternalErrors {
  readonly prepareStackTraceCallback?: PrepareStackTrace;
  readonly overrideStackTrace?: WeakMap<object, unknown>;
  /** What `Error.prepareStackTrace` is until the program sets it. */
  readonly ErrorPrepareStackTrace?: unknown;
}
interface ErrorsBinding {
  readonly setPrepareStackTraceCallback?: (prepare: PrepareStackTrace) => void;
}

/**
 * Puts itself between V8 and Node's own `prepareStackTraceCallback`. Where a Node has none, traces stay as they are.
 * @param errorClass the program's `Error`
 */
export function installStackTraces(internals: NodeInternals, errorClass: object): StackTraces {
  const realms = new WeakSet<object>([errorClass]);
  const steps: TraceStep[] = [];
  const textSteps: TextStep[] = [];
  let taking = false;
  let taken: readonly NodeJS.CallSite[] = [];
  const taker: Formatter = { prepareStackTrace: () => '' };

  const {
    prepareStackTraceCallback: prepare,
    overrideStackTrace,
    ErrorPrepareStackTrace: nodesOwn,
  } = internals.module<InternalErrors>('internal/errors') ?? {};
  const { setPrepareStackTraceCallback } = internals.binding<ErrorsBinding>('errors') ?? {};

  /** Whose `prepareStackTrace` is to be called; null where Node formats the trace, undefined where that is Node's to find out. */
  function choose(realm: object, error: unknown, trace: NodeJS.CallSite[]): Formatter | null | undefined {
    if (taking) {
      taken = trace;
      return taker;
    }
    try {
      if (isAskedByUs(realm)) return undefined;
      const chosen = formatterOf(realm, error);
      for (const step of steps) step(error, trace, chosen === null);
      return chosen;
    } catch {
      // The stack is about to overflow.
      return undefined;
    }
  }

  /** The realm in which this runs: there our own frames are of interest. */
  function isAskedByUs(realm: object): boolean {
    return Object.hasOwn(Error, 'prepareStackTrace') && ownErrorOf(realm) === Error;
  }

  function formatterOf(realm: object, error: unknown): Formatter | null | undefined {
    if (typeof error === 'object' && error !== null && overrideStackTrace?.has(error) !== false) return undefined;
    const realmsError = ownErrorOf(realm);
    if (typeof realmsError !== 'function' || !realms.has(realmsError)) return undefined;
    const own = Reflect.getOwnPropertyDescriptor(realmsError, 'prepareStackTrace');
    if (typeof own?.value === 'function') return own.value === nodesOwn ? null : realmsError;
    const isNone = own === undefined ? !Reflect.has(realmsError, 'prepareStackTrace') : Object.hasOwn(own, 'value');
    return isNone ? null : undefined;
  }

  function finish(text: unknown, trace: readonly NodeJS.CallSite[]): unknown {
    if (typeof text !== 'string') return text;
    try {
      return textSteps.reduce((mended, step) => step(mended, trace), text);
    } catch {
      return text;
    }
  }

  const attached = prepare !== undefined && setPrepareStackTraceCallback !== undefined;
  if (attached) setPrepareStackTraceCallback(standIn(prepare, choose, finish, errorClass));
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
    addRealm: (other) => void realms.add(other),
    amend: (step) => void steps.push(step),
    amendText: (step) => void textSteps.push(step),
  };
}

/**
 * A function whose frame looks like that of Node's own: an error that is made while another one is being formatted is formatted by
 * V8 alone, with all frames.
 */
function standIn(
  prepare: PrepareStackTrace,
  choose: (...args: Parameters<PrepareStackTrace>) => Formatter | null | undefined,
  finish: (text: unknown, trace: readonly NodeJS.CallSite[]) => unknown,
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
    "(function (choose, finish, prepare) { 'use strict'; return function prepareStackTraceCallback(realm, error, trace) { " +
    'const chosen = choose(realm, error, trace); if (chosen === null) return finish(prepare(realm, error, trace), trace); ' +
    'if (chosen === undefined) return prepare(realm, error, trace);\n' +
    `${indent}return chosen.prepareStackTrace(error, trace);\n}; })`;
  const make = new vm.Script(text, { filename, lineOffset: Number(line) - 2 }).runInThisContext() as (
    ...args: unknown[]
  ) => PrepareStackTrace;
  return make(choose, finish, prepare);
}

function ownErrorOf(realm: object): unknown {
  return Reflect.getOwnPropertyDescriptor(realm, 'Error')?.value;
}

function innerStack(errorClass: object): string {
  const error = Reflect.construct(errorClass as new () => object, []);
  return String(Reflect.get(error, 'stack'));
}
