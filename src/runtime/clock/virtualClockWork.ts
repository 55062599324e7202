import type { NodeInternals } from '../nodeInternals.ts';

/** Work that goes on outside the event loop and that Node does not list among its active requests. */
export interface HiddenWork {
  /** True while some of it is under way: crypto, zlib and file jobs, queries to a name server, compilation of WebAssembly. */
  underWay(): boolean;
  /** What could not be watched, in plain words. */
  readonly limits: readonly string[];
}

type Callback = (this: object, ...args: unknown[]) => unknown;
type Constructor = { readonly prototype: object };

/** Watches such work by its beginning and its callback; nothing is delayed, no promise is touched. */
export function watchHiddenWork(internals: NodeInternals): HiddenWork {
  const busy = new Set<object>();
  const limits: string[] = [];
  const { apply } = Reflect;

  /** The callback is put on each request by Node's own code, just before the request starts. */
  function watchCallback(constructor: Constructor | undefined, key: string): boolean {
    if (typeof constructor?.prototype !== 'object') return false;
    Object.defineProperty(constructor.prototype, key, {
      configurable: true,
      get: () => undefined,
      set(this: object, callback: unknown) {
        let value = callback;
        if (typeof callback === 'function') {
          busy.add(this);
          value = function (this: object, ...args: unknown[]): unknown {
            busy.delete(this);
            return apply(callback as Callback, this, args);
          };
        }
        Object.defineProperty(this, key, { configurable: true, enumerable: true, writable: true, value });
      },
    });
    return true;
  }

  /** How many kinds of jobs a binding has, all watched. */
  function watchJobs(binding: string): number {
    const classes = internals.binding<Record<string, Constructor>>(binding) ?? {};
    const jobs = Object.keys(classes).filter((name) => name.endsWith('Job'));
    for (const name of jobs) watchCallback(classes[name], 'ondone');
    return jobs.length;
  }

  // Newer Nodes read and write small files in jobs; all else of files is among the active requests.
  watchJobs('fs');
  if (watchJobs('crypto') === 0) limits.push('crypto jobs on the thread pool cannot be seen');

  const dns = internals.binding<{ QueryReqWrap?: Constructor }>('cares_wrap');
  if (!watchCallback(dns?.QueryReqWrap, 'oncomplete')) limits.push('queries to a name server cannot be seen');

  if (!watchZlib(internals, busy)) limits.push('compression on the thread pool cannot be seen');
  const compiling = watchWebAssembly(internals);
  if (compiling === undefined) limits.push('compilation of WebAssembly cannot be seen');

  return { limits, underWay: () => busy.size > 0 || (compiling?.() ?? false) };
}

interface ZlibHandle {
  write: Callback;
  close: Callback;
  init: Callback;
}

function watchZlib(internals: NodeInternals, busy: Set<object>): boolean {
  const { apply } = Reflect;
  const classes = Object.entries(internals.binding<Record<string, { readonly prototype: ZlibHandle }>>('zlib') ?? {});
  let found = 0;
  for (const [name, { prototype }] of classes) {
    if (!/^(Zlib|Brotli|Zstd)/.test(name) || typeof prototype !== 'object') continue;
    const { write, close, init } = prototype;
    prototype.init = function (...args) {
      const ended = args.map((arg) =>
        typeof arg !== 'function'
          ? arg
          : function (this: object, ...results: unknown[]): unknown {
              busy.delete(this);
              return apply(arg as Callback, this, results);
            },
      );
      return apply(init, this, ended);
    };
    prototype.write = function (...args) {
      busy.add(this);
      return apply(write, this, args);
    };
    // After an error Node calls no callback but closes the handle.
    prototype.close = function (...args) {
      busy.delete(this);
      return apply(close, this, args);
    };
    found++;
  }
  return found > 0;
}

/**
 * Tells whether WebAssembly compiles in the background (Node's own `fetch` does so at its first call). The promises are looked
 * at, never waited for: a reaction would hide a rejection nobody handles.
 */
function watchWebAssembly(internals: NodeInternals): (() => boolean) | undefined {
  const details = internals.binding<{ getPromiseDetails?: (promise: unknown) => readonly [number] | undefined }>(
    'util',
  )?.getPromiseDetails;
  const { WebAssembly } = globalThis as { WebAssembly?: Record<string, unknown> };
  if (typeof details !== 'function' || WebAssembly === undefined) return undefined;
  const { apply } = Reflect;
  const pendingState = 0;
  const pending = new Set<unknown>();
  for (const name of ['compile', 'instantiate', 'compileStreaming', 'instantiateStreaming']) {
    const original = WebAssembly[name];
    if (typeof original !== 'function') continue;
    WebAssembly[name] = new Proxy(original, {
      apply(target, self, args) {
        const promise: unknown = apply(target, self, args);
        pending.add(promise);
        return promise;
      },
    });
  }
  return () => {
    for (const promise of pending) if (details(promise)?.[0] !== pendingState) pending.delete(promise);
    return pending.size > 0;
  };
}
