/** What Node itself offers under `--expose-internals`; every part may be missing in a Node this was not written against. */
export interface NodeInternals {
  /** One of Node's internal modules, or undefined. */
  module<T>(id: string): T | undefined;
  /** One of Node's C++ bindings, or undefined. */
  binding<T>(name: string): T | undefined;
}

/**
 * Opens Node's internals. Must run while Node preloads modules (`--require`). Leaves no warning and no global behind:
 * `internal/test/binding` warns on load and, while preloading, puts two globals up.
 */
export function openNodeInternals(): NodeInternals {
  const { getBuiltinModule: getBuiltin } = process as unknown as { getBuiltinModule?: (id: string) => unknown };
  const internalModule = <T>(id: string): T | undefined => {
    try {
      return getBuiltin?.(id) as T | undefined;
    } catch {
      return undefined;
    }
  };
  const emitWarning = Object.getOwnPropertyDescriptor(process, 'emitWarning');
  let internalBinding: ((name: string) => unknown) | undefined;
  try {
    process.emitWarning = () => {};
    internalBinding = internalModule<{ internalBinding: (name: string) => unknown }>('internal/test/binding')?.internalBinding;
  } finally {
    if (emitWarning !== undefined) Object.defineProperty(process, 'emitWarning', emitWarning);
    delete (globalThis as Record<string, unknown>)['internalBinding'];
    delete (globalThis as Record<string, unknown>)['primordials'];
  }
  return {
    module: internalModule,
    binding<T>(name: string): T | undefined {
      try {
        return internalBinding?.(name) as T | undefined;
      } catch {
        return undefined;
      }
    },
  };
}
