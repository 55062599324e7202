import * as module from 'node:module';
import { loudFlag, quietFlag } from '../../shared/targetOptions.ts';

/**
 * Removes what starting a program under this bootloader leaves for the program to see: our Node flags, our entries in the
 * caches of the CommonJS loader, and the internal modules that `--expose-internals` adds to `module.builtinModules`.
 * @param preload what stands behind `--require`
 * @param files what was loaded through it
 */
export function hideBootloader(preload: string, files: readonly string[]): void {
  const flags = process.execArgv;
  const at = flags.findIndex((flag, index) => flag === '--require' && flags[index + 1] === preload);
  if (isQuiet(flags, preload)) {
    flags.splice(at - 1, 3);
    for (let i = 0; i < flags.length; i++) if (flags[i] === quietFlag) flags[i] = loudFlag;
  } else if (at >= 0) flags.splice(at, 2);
  const place = flags.indexOf('--expose-internals');
  if (place >= 0) flags.splice(place, 1);

  const loader = module.Module as unknown as {
    builtinModules: readonly string[];
    _cache: Record<string, unknown>;
    _pathCache?: Record<string, string>;
  };
  // The list itself is frozen.
  loader.builtinModules = Object.freeze(loader.builtinModules.filter((name) => !name.startsWith('internal/')));

  for (const file of files) delete loader._cache[file];
  const paths = loader._pathCache ?? {};
  for (const key of Object.keys(paths)) {
    if (files.includes(paths[key] as string)) delete paths[key];
  }
}

/** Whether the process was given the quiet flag by us. To be asked before it is hidden. */
export function isQuiet(flags: readonly string[], preload: string): boolean {
  const at = flags.findIndex((flag, index) => flag === '--require' && flags[index + 1] === preload);
  return at > 0 && flags[at - 1] === quietFlag;
}
