import * as vm from 'node:vm';
import { ModuleGraph, type LoadText } from './moduleGraph.ts';

/** What a realm tells the one who watches it. */
export interface RealmListener {
  /** An assertion of the harness was called. */
  asserted(name: string): void;
  /** The test said that it is done: with nothing, or with what went wrong. */
  done(error: unknown): void;
}

/** A realm for one scenario. */
export interface Realm {
  readonly context: vm.Context;
  readonly modules: ModuleGraph;
  /** Runs files of the harness, given by their paths, then begins to watch assertions. Throws what a file throws that needs more than the realm has. */
  addHarness(includes: readonly string[]): void;
  /** Compiles a script of the test's own. Throws what V8 throws. */
  compile(code: string, path: string): vm.Script;
}

interface RealmOptions {
  /** Evaluated before anything else. */
  readonly prelude?: string;
  /** The text to run in place of a file's. */
  readonly loadText: LoadText;
  readonly listener: RealmListener;
}

const scripts = new Map<string, vm.Script>();

/** A script that many realms run, compiled once. */
function sharedScript(code: string, path: string): vm.Script {
  const script = scripts.get(code) ?? new vm.Script(code, { filename: path });
  scripts.set(code, script);
  return script;
}

/** `$262` as INTERPRETING.md of test262 describes it, without agents. */
const host262 = `(function (host) {
  'use strict';
  const define = (name, value) =>
    Object.defineProperty(globalThis, name, { value, writable: true, enumerable: false, configurable: true });
  define('$262', {
    createRealm: () => host.createRealm(),
    detachArrayBuffer: (buffer) => host.detach(buffer),
    evalScript: (code) => host.evalScript(code),
    gc: () => host.gc(),
    global: globalThis,
    agent: {},
  });
  define('print', () => {});
  return globalThis.$262;
})`;

/** Puts a note before each call of an assertion; the functions keep their places. */
const watchAssertions = `(function (listener) {
  'use strict';
  const { apply } = Reflect;
  const { keys } = Object;
  const watch = (name, assertion) => function (...args) {
    listener.asserted(name);
    return apply(assertion, this, args);
  };
  if (typeof assert === 'function') {
    const watched = watch('assert', assert);
    for (const key of keys(assert)) {
      const value = assert[key];
      watched[key] = typeof value === 'function' && key[0] !== '_' ? watch('assert.' + key, value) : value;
    }
    assert = watched;
  }
  if (typeof $DONE === 'function') $DONE = (error) => { listener.done(error); };
})`;

export function createRealm(options: RealmOptions): Realm {
  const { listener } = options;
  const context = vm.createContext(vm.constants.DONT_CONTEXTIFY);
  const modules = new ModuleGraph(context, options.loadText);
  if (options.prelude !== undefined) sharedScript(options.prelude, 'prelude').runInContext(context);
  addHost(context);
  const addHarness = (includes: readonly string[]): void => {
    for (const path of includes) sharedScript(options.loadText(path, false), path).runInContext(context);
    const watch = sharedScript(watchAssertions, 'watch-assertions').runInContext(context) as (listener: RealmListener) => void;
    watch(listener);
  };
  const compile = (code: string, path: string): vm.Script =>
    new vm.Script(code, {
      filename: path,
      importModuleDynamically: (specifier, _script, attributes) => modules.importDynamically(specifier, path, attributes),
    });
  return { context, modules, addHarness, compile };
}

function addHost(context: vm.Context): unknown {
  const define = sharedScript(host262, 'host262').runInContext(context) as (host: object) => unknown;
  return define({
    createRealm: () => addHost(vm.createContext(vm.constants.DONT_CONTEXTIFY)),
    detach: (buffer: ArrayBuffer) => void structuredClone(buffer, { transfer: [buffer] }),
    evalScript: (code: unknown) => vm.runInContext(String(code), context) as unknown,
    gc: () => globalThis.gc?.(),
  });
}
