import { pathToFileURL } from 'node:url';
import { getEnvironmentData } from 'node:worker_threads';
import type { TargetOptions } from '../shared/targetOptions.ts';

/**
 * The main module of a run of one exported function: imports the file and calls the function with the given arguments.
 * Prints nothing of its own, except where there is no such function. An error of the function ends the process as any unhandled rejection.
 */
async function callExport(options: TargetOptions, call: NonNullable<TargetOptions['call']>): Promise<void> {
  const loaded = (await import(pathToFileURL(options.entry).href)) as Record<string, unknown>;
  const target = findExport(loaded, call.exportName);
  if (target === undefined) {
    process.stderr.write(`${options.entry} exports no function named "${call.exportName}". ${describeExports(loaded)}\n`);
    process.exitCode = 1;
    return;
  }
  const result: unknown = await target(...call.args);
  // The body of an async generator runs only while somebody takes its values.
  if (isAsyncGenerator(result)) for await (const _ of result);
}

type Callable = (...args: readonly unknown[]) => unknown;

function findExport(loaded: Record<string, unknown>, name: string): Callable | undefined {
  for (const holder of [loaded, loaded['default']]) {
    if ((typeof holder !== 'object' && typeof holder !== 'function') || holder === null) continue;
    const value = (holder as Record<string, unknown>)[name];
    if (typeof value === 'function') return value.bind(holder === loaded ? undefined : holder) as Callable;
  }
  return undefined;
}

function describeExports(loaded: Record<string, unknown>): string {
  const inner = loaded['default'];
  const all = { ...(typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>) : {}), ...loaded };
  const names = Object.keys(all).filter((name) => typeof all[name] === 'function');
  return names.length === 0 ? 'It exports no functions.' : `It exports the functions ${names.join(', ')}.`;
}

function isAsyncGenerator(value: unknown): value is AsyncIterable<unknown> {
  return Object.prototype.toString.call(value) === '[object AsyncGenerator]';
}

const inherited = getEnvironmentData('interleave') as unknown as { readonly options: TargetOptions } | undefined;
if (inherited?.options.call !== undefined) void callExport(inherited.options, inherited.options.call);
