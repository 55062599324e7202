import * as module from 'node:module';
import type { NodeInternals } from './nodeInternals.ts';

/**
 * Removes what starting a program under this bootloader leaves for the program to see: our Node flags, our entries in the
 * caches of the CommonJS loader, and the internal modules that `--expose-internals` adds to `module.builtinModules`.
 */
export function hideBootloader(bootloaderPath: string): void {
  const flags = process.execArgv;
  const at = flags.findIndex((flag, index) => flag === '--require' && flags[index + 1] === bootloaderPath);
  if (at >= 0) flags.splice(at, 2);
  const exposed = flags.indexOf('--expose-internals');
  if (exposed >= 0) flags.splice(exposed, 1);

  const loader = module.Module as unknown as {
    builtinModules: readonly string[];
    _cache: Record<string, unknown>;
    _pathCache?: Record<string, string>;
  };
  // The list itself is frozen.
  loader.builtinModules = Object.freeze(loader.builtinModules.filter((name) => !name.startsWith('internal/')));

  delete loader._cache[bootloaderPath];
  const paths = loader._pathCache ?? {};
  for (const key of Object.keys(paths)) {
    if (paths[key] === bootloaderPath) delete paths[key];
  }
}

/** Runs `work` so that the ids Node numbers asynchronous resources with go on afterwards as if nothing had happened. */
export function keepingAsyncIds<T>(internals: NodeInternals, work: () => T): T {
  const wrap = internals.binding<{ async_id_fields?: Float64Array; constants?: { kAsyncIdCounter?: number } }>('async_wrap');
  const fields = wrap?.async_id_fields;
  const index = wrap?.constants?.kAsyncIdCounter;
  if (fields === undefined || index === undefined) return work();
  const before = fields[index];
  try {
    return work();
  } finally {
    if (before !== undefined) fields[index] = before;
  }
}
