import * as fs from 'node:fs';
import * as path from 'node:path';
import { watchChildProcesses } from './processes/childProcesses.ts';
import { createDisguises, disguiseScript, type DisguiseContext, type Disguises } from './texts/disguises.ts';
import { createFileFilter, languageOf } from './loading/fileFilter.ts';
import { createFunctionTexts, type FunctionTexts } from './texts/functionTexts.ts';
import { installLegacyHooks, installLegacyResolve } from './loading/legacyHooks.ts';
import { createHeldStacks } from './stacks/heldStacks.ts';
import type { InstalledHooks, LoaderHost } from './loading/loaderHost.ts';
import { createMadeTexts } from './loading/madeTexts.ts';
import { findRegisterHooks, installLoadHook, installResolveHook } from './loading/moduleHooks.ts';
import { openPackedTexts } from './loading/packedTexts.ts';
import { createCallbackTrampoline } from './record/callbackTrampoline.ts';
import { createSharedState } from './record/sharedState.ts';
import { createSourceLoader } from './loading/sourceLoader.ts';
import { mendMessage, type MendFunctions } from './probes/quotedProbes.ts';
import { installStackColumns } from './stacks/stackColumns.ts';
import { watchTestRunners } from './loading/testRunners.ts';
import { createThrowStacks } from './stacks/throwStacks.ts';
import { installStackTraces } from './stacks/stackTraces.ts';
import { createTransformClient, type TransformClient } from './loading/transformClient.ts';
import { unseenText } from './loading/unseenFiles.ts';

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
  const ownScripts = [...host.ownScripts, disguiseScript];
  const disguises = createDisguises(host.error, traces, ownScripts);
  const functionTexts = createFunctionTexts();
  const mendFunctions: MendFunctions = (message) => functionTexts.mendQuotes(disguises.mendQuotes(message));
  // First, as the first line of a stack is made of the message.
  traces.amend((error) => mendMessage(error, mendFunctions));
  hideProbesInFunctions(host.functionPrototype, disguises, functionTexts);
  const packed = options.pack && openPackedTexts(options.pack, host);
  const client = createTransformClient(options, createSharedState(host.shared), host, packed);
  const runners = watchTestRunners((text) => client.notice(text));
  const filter = (file: string): boolean => inRoot(file) && !file.startsWith(host.ownFolder + path.sep);
  const stackColumns = installStackColumns({ internals: host.internals, traces, disguises, ownScripts });
  const loader = createSourceLoader({
    client,
    filter,
    runners,
    setSourceMapsEnabled: host.setSourceMapsEnabled,
    stackColumns,
    functionTexts,
    beforeTransform: host.beforeTransform,
    afterTransform: host.afterTransform,
    // Not before: so the errors of a JavaScript program keep the stack that Node alone gives them.
    onTypeScript: () => {
      if (registerHooks !== undefined) installResolveHook(registerHooks, loader, host);
      else installLegacyResolve(loader, host);
    },
  });
  const fileLine = (file: string, line: number): number => stackColumns.fileLine(file, line);
  const throwStacks = createThrowStacks(host.ownFolder + path.sep, fileLine);
  const takeHeldStack = createHeldStacks(host.ownFolder + path.sep, fileLine);
  const instrumentMade = createMadeTexts({
    transform: (...made) => loader.transformMade(...made),
    filter,
    prepare(context, { errorClass, functionPrototype }) {
      traces.addRealm(errorClass);
      hideProbesInFunctions(functionPrototype, disguises, functionTexts, { context, errorClass });
      host.declareProbes(context);
    },
  });
  const { limits, isChildPipe } = watchChildProcesses({
    internals: host.internals,
    runtimeFolder: host.runtimeFolder,
    process: options.followed?.process ?? 0,
    thread: host.thread,
    isQuiet: options.sampleFile !== undefined,
    asks: options.questionFolder !== undefined,
    findFolder: () => findFollowFolder(host, client),
    tell: host.onChildProcess,
  });
  const tellUnseen = (): void => {
    const isSource = (file: string): boolean => languageOf(file) !== undefined && filter(file);
    const text = unseenText(host.internals, (file) => loader.wasSeen(file), isSource, options.root);
    if (text !== undefined) client.notice(text);
  };
  const children = isChildPipe === undefined ? {} : { isChildPipe };
  const installed = {
    mendFunctions,
    throwStacks,
    takeHeldStack,
    instrumentMade,
    tellUnseen,
    createTrampoline: createCallbackTrampoline,
    ...children,
  };
  if (registerHooks !== undefined) {
    installLoadHook(registerHooks, loader, host);
    return { hooks: 'registerHooks', limits, ...installed };
  }
  return { hooks: 'register', limits: [...limits, ...installLegacyHooks(loader, host)], ...installed };
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

/** `Function.prototype.toString` of the program's realm, or of another one, gives the texts of its functions as they are without probes. */
function hideProbesInFunctions(prototype: object, disguises: Disguises, texts: FunctionTexts, realm?: DisguiseContext): void {
  const descriptor = Reflect.getOwnPropertyDescriptor(prototype, 'toString');
  if (typeof descriptor?.value !== 'function') return;
  const bareText = (text: string, self: unknown): string => {
    try {
      return disguises.nativeText(self) ?? texts.bareText(text) ?? text;
    } catch {
      return text;
    }
  };
  const value = disguises.functionToString(descriptor.value as () => unknown, bareText, realm);
  Reflect.defineProperty(prototype, 'toString', { ...descriptor, value });
}

function realPath(file: string): string {
  try {
    return fs.realpathSync(file);
  } catch {
    return file;
  }
}
