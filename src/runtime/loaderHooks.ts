import * as fs from 'node:fs';
import * as path from 'node:path';
import { watchChildProcesses } from './childProcesses.ts';
import { createDisguises, disguiseScript, type Disguises } from './disguises.ts';
import { createFileFilter } from './fileFilter.ts';
import { createFunctionTexts, type FunctionTexts } from './functionTexts.ts';
import { installLegacyHooks, installLegacyResolve } from './legacyHooks.ts';
import { createHeldStacks } from './heldStacks.ts';
import type { InstalledHooks, LoaderHost } from './loaderHost.ts';
import { findRegisterHooks, installLoadHook, installResolveHook } from './moduleHooks.ts';
import { openPackedTexts } from './packedTexts.ts';
import { createSharedState } from './sharedState.ts';
import { createSourceLoader } from './sourceLoader.ts';
import { mendMessage, type MendFunctions } from './quotedProbes.ts';
import { installStackColumns } from './stackColumns.ts';
import { watchTestRunners } from './testRunners.ts';
import { createThrowStacks } from './throwStacks.ts';
import { installStackTraces } from './stackTraces.ts';
import { createTransformClient, type TransformClient } from './transformClient.ts';

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
  const traces = installStackTraces(host.internals, host.error);
  const ownScripts = [host.hooksFile, disguiseScript];
  const disguises = createDisguises(host.error, traces, ownScripts);
  const functionTexts = createFunctionTexts();
  const mendFunctions: MendFunctions = (message) => functionTexts.mendQuotes(disguises.mendQuotes(message));
  // First, as the first line of a stack is made of the message.
  traces.amend((error) => mendMessage(error, mendFunctions));
  hideProbesInFunctions(host.functionPrototype, disguises, functionTexts);
  const packed = options.pack && openPackedTexts(options.pack, host);
  const client = createTransformClient(options, createSharedState(host.shared), host, packed);
  const noteRunner = watchTestRunners((text) => client.notice(text));
  const loader = createSourceLoader({
    client,
    filter(file) {
      noteRunner(file);
      return inRoot(file) && !file.startsWith(host.ownFolder + path.sep);
    },
    setSourceMapsEnabled: host.setSourceMapsEnabled,
    stackColumns: installStackColumns({
      internals: host.internals,
      traces,
      disguises,
      ownScripts,
    }),
    functionTexts,
    beforeTransform: host.beforeTransform,
    afterTransform: host.afterTransform,
    // Not before: so the errors of a JavaScript program keep the stack that Node alone gives them.
    onTypeScript: () => {
      if (registerHooks !== undefined) installResolveHook(registerHooks, loader, host);
      else installLegacyResolve(loader, host);
    },
  });
  const throwStacks = createThrowStacks(host.ownFolder + path.sep);
  const takeHeldStack = createHeldStacks(host.ownFolder + path.sep);
  const limits = watchChildProcesses({
    internals: host.internals,
    runtimeFolder: host.runtimeFolder,
    process: options.followed?.process ?? 0,
    thread: host.thread,
    findFolder: () => findFollowFolder(host, client),
    tell: host.onChildProcess,
  });
  if (registerHooks !== undefined) {
    installLoadHook(registerHooks, loader, host);
    return { hooks: 'registerHooks', limits, mendFunctions, throwStacks, takeHeldStack };
  }
  return {
    hooks: 'register',
    limits: [...limits, ...installLegacyHooks(loader, host)],
    mendFunctions,
    throwStacks,
    takeHeldStack,
  };
}

/** Where followed processes come to the launcher, or why they cannot. */
function findFollowFolder(host: LoaderHost, client: TransformClient): { folder?: string; reason?: string } {
  const { options, fixOrigin } = host;
  if (!options.followChildren) return { reason: 'child processes are not followed in this run' };
  if (options.followed !== undefined) return { folder: options.followed.folder };
  const origin = fixOrigin();
  host.beforeTransform();
  const answer = client.followFolder(origin);
  host.afterTransform();
  return answer ?? { reason: 'the launcher did not answer' };
}

/** `Function.prototype.toString` of the program's realm gives the texts of its functions as they are without probes. */
function hideProbesInFunctions(prototype: object, disguises: Disguises, texts: FunctionTexts): void {
  const descriptor = Reflect.getOwnPropertyDescriptor(prototype, 'toString');
  if (typeof descriptor?.value !== 'function') return;
  const value = disguises.functionToString(descriptor.value as () => unknown, (text, self) => {
    try {
      return disguises.nativeText(self) ?? texts.bareText(text) ?? text;
    } catch {
      return text;
    }
  });
  Reflect.defineProperty(prototype, 'toString', { ...descriptor, value });
}

function realPath(file: string): string {
  try {
    return fs.realpathSync(file);
  } catch {
    return file;
  }
}
