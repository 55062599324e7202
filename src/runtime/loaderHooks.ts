import * as fs from 'node:fs';
import * as path from 'node:path';
import { watchChildProcesses } from './childProcesses.ts';
import { createFileFilter } from './fileFilter.ts';
import { installLegacyHooks, installLegacyResolve } from './legacyHooks.ts';
import type { InstalledHooks, LoaderHost } from './loaderHost.ts';
import { findRegisterHooks, installLoadHook, installResolveHook } from './moduleHooks.ts';
import { createSharedState } from './sharedState.ts';
import { createSourceLoader } from './sourceLoader.ts';
import { installStackColumns } from './stackColumns.ts';
import { createThrowStacks } from './throwStacks.ts';
import { createTransformClient } from './transformClient.ts';

/** Makes Node ask for the instrumented text of each source file it loads. A bundle of its own, run in its own realm by the bootloader. */
export function installLoaderHooks(host: LoaderHost): InstalledHooks {
  const { options } = host;
  const inRoot = createFileFilter({
    // Node loads files by their real paths.
    roots: [options.root, realPath(options.root)],
    exclude: options.exclude,
    entries: [options.entry, realPath(options.entry)],
  });
  const registerHooks = findRegisterHooks();
  const loader = createSourceLoader({
    client: createTransformClient(options.transformFd, createSharedState(host.shared), host),
    filter: (file) => inRoot(file) && !file.startsWith(host.ownFolder + path.sep),
    setSourceMapsEnabled: host.setSourceMapsEnabled,
    stackColumns: installStackColumns(host.internals),
    beforeTransform: host.beforeTransform,
    afterTransform: host.afterTransform,
    // Not before: so the errors of a JavaScript program keep the stack that Node alone gives them.
    onTypeScript: () => {
      if (registerHooks !== undefined) installResolveHook(registerHooks, loader, host);
      else installLegacyResolve(loader, host);
    },
  });
  const throwStacks = createThrowStacks(host.ownFolder + path.sep);
  const limits = watchChildProcesses(host.internals, host.onChildProcess);
  if (registerHooks !== undefined) {
    installLoadHook(registerHooks, loader, host);
    return { hooks: 'registerHooks', limits, throwStacks };
  }
  return { hooks: 'register', limits: [...limits, ...installLegacyHooks(loader, host)], throwStacks };
}

function realPath(file: string): string {
  try {
    return fs.realpathSync(file);
  } catch {
    return file;
  }
}
