import * as types from 'node:util/types';
import * as vm from 'node:vm';
import type { StackTraces } from '../stacks/stackTraces.ts';

type Method = (this: unknown) => unknown;
type Constructor = new () => unknown;

/**
 * Functions of ours in the place of natives of the program's realm. One behaves as the native does in every way that a program can
 * see: name, length, properties, text, what it throws and with which stack. Belongs into the loader hooks' realm.
 */
export interface Disguises {
  /** A method without parameters: calls the native, then `amend` with what that gave and the receiver; `amend` must not throw. */
  method(name: string, native: Method, amend: (value: unknown, self: unknown) => unknown): Method;
  /**
   * As `method`, for `Function.prototype.toString`: `amend` is called only with texts that hold a name of ours.
   * @param context the native is of the realm of this context, with this `Error`
   */
  functionToString(native: Method, amend: (text: string, self: unknown) => string, context?: DisguiseContext): Method;
  /** A constructor that throws as the native does, with this prototype. */
  constructor_(name: string, native: Constructor, prototype: object): Constructor;
  /** The text of the native that a function of ours stands for; undefined for all other functions. */
  nativeText(candidate: unknown): string | undefined;
  /** A message of V8 that quotes a function of ours, with the native in its place. */
  mendQuotes(message: string): string;
  /** Where the program last called a function of ours that threw. */
  lastFailure(): ProgramPlace | undefined;
  /** Sets what is called after each such failure. */
  onFailure(listener: () => void): void;
}

/** A realm of `vm`. */
export interface DisguiseContext {
  readonly context: object;
  readonly errorClass: object;
}

/** A place as V8 has it: line and column from 1, in the text that runs. */
export interface ProgramPlace {
  readonly scriptName: string;
  readonly line: number;
  readonly column: number;
}

/** Names what V8 takes for the place of an error that one of these functions throws. See `lastFailure`. */
export const disguiseScript = 'interleave:disguises';

interface ProgramRealm {
  readonly captureStackTrace: (error: object, above: unknown) => void;
  method(name: string, native: Method, amend: (value: unknown, self: unknown) => unknown): Method;
  functionToString(native: Method, amend: (text: string, self: unknown) => string): Method;
  constructor_(name: string, throws: (self: unknown, constructs: boolean, replacement: Method) => unknown): Constructor;
}

/**
 * What is between a program and a native must be of the program's own realm: its prototype is `Function.prototype`. Each
 * function holds a name of ours, so that its own text is asked about like any that has probes, and is shorter than what V8
 * quotes in full (128 characters). Nothing that the program can patch is used.
 */
const programRealm = `(function (f) {
  'use strict';
  const { call, bind } = Function.prototype;
  const unbind = (method) => call.call(bind, call, method);
  const i = unbind(String.prototype.indexOf), p = '__il_';
  return {
    captureStackTrace: Error.captureStackTrace,
    method(name, native, a) {
      const n = unbind(native);
      const h = { [name](){let v;try{v=n(this)}catch(__il_e){throw f(__il_e,h)}return a(v,this)} }[name];
      return h;
    },
    functionToString(native, a) {
      const n = unbind(native);
      const h = { toString(){let t;try{t=n(this)}catch(__il_e){throw f(__il_e,h)}return i(t,p)<0?t:a(t,this)} }.toString;
      return h;
    },
    constructor_(name, f) {
      const h = { [name]: function(){throw f(this,new.target!==void 0,h,'__il_')} }[name];
      return h;
    },
  };
})
//# sourceMappingURL=data:,`;

/** Of the program's own realm there are fewer; each `vm` context may add some. */
const mostQuotable = 16;

/** What a native threw, and how many frames the program wants to see. */
interface NativeFrame {
  readonly site: NodeJS.CallSite;
  readonly limit: number;
}

/**
 * A native that throws stands at the top of the stack, and right below it is the program. There the error is given the stack from the
 * program on, and the native's frame is put back when the stack is formatted.
 * @param errorClass the program's `Error`, whose `stackTraceLimit` counts
 * @param ownScripts names of the scripts whose frames no program shall see
 */
export function createDisguises(errorClass: object, traces: StackTraces, ownScripts: readonly string[]): Disguises {
  const natives = new WeakMap<object, Method | Constructor>();
  let lastFailure: ProgramPlace | undefined;
  let failed = (): void => {};
  const quotable: (readonly [replacement: string, native: string])[] = [];
  const nativeFrames = new WeakMap<object, NativeFrame>();
  const toText = Reflect.get(Function.prototype, 'toString') as Method;
  const textOf = (candidate: object): string => Reflect.apply(toText, candidate, []) as string;

  function withoutOurFrames(of: ProgramRealm, realmsError: object, error: unknown, replacement: unknown): unknown {
    if (!types.isNativeError(error)) return error;
    const limit: unknown = Reflect.getOwnPropertyDescriptor(realmsError, 'stackTraceLimit')?.value;
    const trace = traces.take(error);
    const [site] = trace;
    lastFailure = placeOf(trace.find((frame) => frame !== site && !ownScripts.includes(frame.getFileName() as string)));
    failed();
    of.captureStackTrace(error, replacement);
    if (site !== undefined && typeof limit === 'number') nativeFrames.set(error, { site, limit });
    return error;
  }
  const script = new vm.Script(programRealm, { filename: disguiseScript });
  function openRealm(evaluated: unknown, realmsError: object): ProgramRealm {
    const open = evaluated as (failing: (error: unknown, replacement: unknown) => unknown) => ProgramRealm;
    const opened = open((error, replacement) => withoutOurFrames(opened, realmsError, error, replacement));
    return opened;
  }
  const realm = openRealm(script.runInThisContext(), errorClass);

  traces.amend((error, trace) => {
    const native = typeof error === 'object' && error !== null ? nativeFrames.get(error) : undefined;
    if (native === undefined) return;
    for (let i = trace.length; i > 0; i--) trace[i] = trace[i - 1] as NodeJS.CallSite;
    trace[0] = native.site;
    nativeFrames.delete(error as object);
    if (trace.length > native.limit) trace.length = Math.max(0, Math.floor(native.limit));
  });

  function remember<T extends Method | Constructor>(replacement: T, native: Method | Constructor): T {
    natives.set(replacement, native);
    if (quotable.length < mostQuotable) quotable.push([textOf(replacement), textOf(native)]);
    return replacement;
  }
  return {
    method: (name, native, amend) => remember(realm.method(name, native, amend), native),
    functionToString(native, amend, other) {
      const of = other === undefined ? realm : openRealm(script.runInContext(other.context), other.errorClass);
      return remember(of.functionToString(native, amend), native);
    },
    constructor_(name, native, prototype) {
      const replacement = realm.constructor_(name, (self, constructs, above) => {
        try {
          if (constructs) Reflect.construct(native, []);
          else Reflect.apply(native, self, []);
        } catch (error) {
          return withoutOurFrames(realm, errorClass, error, above);
        }
        return undefined;
      });
      Object.defineProperty(replacement, 'prototype', { value: prototype, writable: false });
      return remember(replacement, native);
    },
    nativeText(candidate) {
      const native = typeof candidate === 'function' ? natives.get(candidate) : undefined;
      return native === undefined ? undefined : textOf(native);
    },
    mendQuotes(message) {
      let mended = message;
      for (const [replacement, native] of quotable) mended = mended.replace(replacement, () => native);
      return mended;
    },
    lastFailure: () => lastFailure,
    onFailure: (listener) => void (failed = listener),
  };
}

function placeOf(site: NodeJS.CallSite | undefined): ProgramPlace | undefined {
  const scriptName: unknown = site?.getFileName();
  const line = site?.getLineNumber() ?? null;
  const column = site?.getColumnNumber() ?? null;
  return typeof scriptName !== 'string' || line === null || column === null ? undefined : { scriptName, line, column };
}
