import type { ThreadId } from '../../shared/ids.ts';
import type { TargetOptions } from '../../shared/targetOptions.ts';
import type { InstrumentMade } from './madeTexts.ts';
import type { StartedChild } from '../processes/childProcesses.ts';
import type { NodeInternals } from '../nodeInternals.ts';
import type { createCallbackTrampoline } from '../record/callbackTrampoline.ts';
import type { HeldStack } from '../stacks/heldStacks.ts';
import type { ThrowStacks } from '../stacks/throwStacks.ts';
import type { MendFunctions } from '../probes/quotedProbes.ts';

/**
 * What the loader hooks get from the program's realm, as it was before the program ran. They live in a realm of their own,
 * where nothing the program does to `Map`, `Array.prototype` or `JSON` reaches them.
 */
export interface LoaderHost {
  readonly options: TargetOptions;
  readonly thread: ThreadId;
  /** The folder of the bundles that run in the target. */
  readonly runtimeFolder: string;
  /** See `sharedState.ts`. */
  readonly shared: SharedArrayBuffer;
  readonly internals: NodeInternals;
  /** A stack taken while Node loads the bootloader. */
  readonly loaderStack: string;
  /** The folder of our own bundles, never instrumented. */
  readonly ownFolder: string;
  /** Our own files whose frames no program shall see. */
  readonly ownScripts: readonly string[];
  readonly encodeUtf8: (text: string) => Uint8Array;
  readonly decodeUtf8: (bytes: ArrayBuffer | ArrayBufferView) => string;
  /** Keeps a byte order mark that the text begins with. */
  readonly decodeExact: (bytes: ArrayBufferView) => string;
  /** Called with the place of a text in the pack that is about to run. */
  readonly onPackedFile: (place: number) => void;
  /** Called around each question for an instrumented text. */
  readonly beforeTransform: () => void;
  readonly afterTransform: () => void;
  /** Makes the probes known in a context of `vm`. */
  readonly declareProbes: (context: object) => void;
  /** Called with each child process that runs Node. */
  readonly onChildProcess: (child: StartedChild) => void;
  /** The moment that counts as 0, in units of 100 ns of the machine's monotonic clock: from now on it stays. */
  readonly fixOrigin: () => number;
  readonly setSourceMapsEnabled: (enabled: boolean) => void;
  /** `Error` itself: its `stackTraceLimit` governs the stacks of Node's errors. */
  readonly error: object;
  readonly functionPrototype: object;
  readonly promiseResolve: <T>(value: T) => Promise<T>;
  readonly promiseThen: (...args: unknown[]) => unknown;
}

/** How files are caught on load, and what could not be attached, in plain words. */
export interface InstalledHooks {
  readonly hooks: 'registerHooks' | 'register';
  readonly limits: readonly string[];
  readonly throwStacks: ThrowStacks;
  /** See `heldStacks.ts`. */
  readonly takeHeldStack: () => HeldStack;
  /** See `quotedProbes.ts`. */
  readonly mendFunctions: MendFunctions;
  /** See `madeTexts.ts`. */
  readonly instrumentMade: InstrumentMade;
  /** To be called before the process ends: says which files were loaded past the hooks. */
  readonly tellUnseen: () => void;
  /** See `callbackTrampoline.ts`. */
  readonly createTrampoline: typeof createCallbackTrampoline;
  /** See `childProcesses.ts`. */
  readonly isChildPipe?: (handle: object) => boolean;
}
