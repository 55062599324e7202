/** What rewrites the texts of a scenario, as the package's entry `interleave/instrument` does. */
export interface Instrumenter {
  instrument(
    code: string,
    options: { readonly path: string; readonly isModule: boolean },
  ): { readonly code: string; readonly skipped?: string };
  /** A script to evaluate first in each realm. */
  readonly prelude?: string;
  /** Names that this script may add to the global lexical scope; all of them unless given. */
  readonly names?: readonly string[];
}

/** Changes nothing: both runs are bare, and whatever differs is the fault of the one who watches. */
export const identity: Instrumenter = { instrument: (code) => ({ code }), names: [] };

/**
 * The instrumenter of a module, by its path or the name of a package's entry; `identity` is {@link identity}.
 * The names its prelude declares are read from the prelude.
 */
export async function loadInstrumenter(module: string): Promise<Instrumenter> {
  if (module === 'identity') return identity;
  const made = (await import(module)) as Instrumenter;
  const { prelude } = made;
  return {
    instrument: (code, options) => made.instrument(code, options),
    ...(prelude === undefined ? {} : { prelude, names: declaredNames(prelude) }),
  };
}

/** The names of the declaration that a prelude begins with: `const { role: name, … } =`. */
function declaredNames(prelude: string): readonly string[] {
  const pattern = /^const \{([^}]*)\}/.exec(prelude)?.[1] ?? '';
  return pattern.split(',').map((part) => (part.split(':').at(-1) ?? '').trim());
}
