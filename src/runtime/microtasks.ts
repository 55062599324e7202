import * as vm from 'node:vm';
import type { NodeInternals } from './nodeInternals.ts';

type Queue = (callback: () => void) => void;

/** What the text of Node's `queueMicrotask` refers to, in the versions that call the callback directly where no hook is enabled. */
const names = [
  'validateFunction',
  'AsyncContextFrame',
  'enabledHooksExist',
  'AsyncResource',
  'defaultMicrotaskResourceOpts',
  'enqueueMicrotask',
  'FunctionPrototypeBind',
  'runMicrotask',
] as const;
const directWithoutHooks =
  /^function queueMicrotask\(callback\) \{\s+validateFunction\(callback, 'callback'\);\s+const contextFrame = AsyncContextFrame\.current\(\);\s+if \(contextFrame \|\| enabledHooksExist\(\)\) \{\s+const asyncResource = new AsyncResource\(\s*'Microtask',\s*defaultMicrotaskResourceOpts,\s*\);\s+asyncResource\.callback = callback;\s+enqueueMicrotask\(FunctionPrototypeBind\(runMicrotask, asyncResource\)\);\s+\} else \{\s+(?:\/\/[^\n]*\s+)*enqueueMicrotask\(callback\);\s+\}\s+\}$/;

/**
 * Node 24 gives microtasks a resource, and three frames of its own in their stacks, as soon as its list of hooks holds anything: also
 * ours. So its `queueMicrotask` is replaced by one of the same text that does not count our hook.
 * @param ownHooks how many hooks there are of the program's own
 */
export function keepMicrotasksDirect(internals: NodeInternals, ownHooks: () => number): void {
  const original: Queue = queueMicrotask;
  const text = Function.prototype.toString.call(original);
  const frames = internals.module<{ current?: () => unknown }>('internal/async_context_frame');
  const validateFunction = internals.module<{ validateFunction?: unknown }>('internal/validators')?.validateFunction;
  const enqueue = internals.binding<{ enqueueMicrotask?: Queue }>('task_queue')?.enqueueMicrotask;
  const place = placeOf(original);
  if (!directWithoutHooks.test(text) || typeof frames?.current !== 'function' || validateFunction === undefined) return;
  if (enqueue === undefined || place === undefined) return;

  let followed: (() => void) | undefined;
  const values: Record<(typeof names)[number], unknown> = {
    validateFunction,
    AsyncContextFrame: frames,
    enabledHooksExist: () => ownHooks() > 0,
    AsyncResource: class {
      declare callback: () => void;
    },
    defaultMicrotaskResourceOpts: undefined,
    enqueueMicrotask: (callback: () => void) => {
      if (followed === undefined) return enqueue(callback);
      followed = undefined;
      original(callback);
    },
    FunctionPrototypeBind: (_run: unknown, resource: { callback: () => void }) => (followed = resource.callback),
    runMicrotask: undefined,
  };
  const { filename, line } = place;
  // The check of the argument stands on the second line.
  const script = new vm.Script(`(function (${names.join(', ')}) { return ${text}\n})`, { filename, lineOffset: line - 2 });
  const make = script.runInThisContext() as (...args: unknown[]) => Queue;
  const descriptor = Object.getOwnPropertyDescriptor(globalThis, 'queueMicrotask');
  const direct = make(...names.map((name) => values[name]));
  Object.defineProperty(globalThis, 'queueMicrotask', { ...descriptor, value: direct });
  // Web streams, sockets and abort listeners take it from there once they are needed.
  const queues = internals.module<{ queueMicrotask?: Queue }>('internal/process/task_queues');
  if (queues?.queueMicrotask === original) queues.queueMicrotask = direct;
}

/** Where Node's `queueMicrotask` checks its argument. */
function placeOf(original: Queue): { readonly filename: string; readonly line: number } | undefined {
  try {
    original(undefined as unknown as () => void);
  } catch (error) {
    const [, filename, line] = /queueMicrotask \((node:[^)]*):(\d+):\d+\)/.exec((error as Error).stack ?? '') ?? [];
    if (filename !== undefined) return { filename, line: Number(line) };
  }
  return undefined;
}
