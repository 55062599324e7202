import type { SiteId } from '../shared/ids.ts';
import type { Site } from '../shared/site.ts';
import { findSites } from '../source/findSites.ts';
import { parseSource, type ParsedSource } from '../source/parseSource.ts';
import { Insertions } from './insertions.ts';
import { insertProbes } from './insertProbes.ts';

export interface InstrumentOptions {
  /** Absolute path; its extension decides the language. */
  readonly path: string;
  /** True for an ES module, which may await at its top level. */
  readonly isModule: boolean;
  /** Id of the first site; 1 when left out. */
  readonly firstSite?: SiteId;
}

/** A text with probes in it. TypeScript and JSX stay what they are: only text was inserted. */
export interface Instrumented {
  readonly code: string;
  /** Source map of `code` as JSON, made when first asked for. */
  readonly map: string;
  readonly sites: readonly Site[];
  /** Why no probes were put in, in plain words. */
  readonly skipped?: string;
}

/**
 * Puts probes into a text: same lines, same order of evaluation, not one microtask more. A text the parser objects to, or that
 * uses names kept for probes, comes back unchanged with the reason.
 */
export function instrument(text: string, options: InstrumentOptions): Instrumented {
  const parsed = parseSource(options.path, text, { asModule: options.isModule });
  if (parsed.errors[0] !== undefined) return unchanged(text, options.path, `syntax error: ${parsed.errors[0]}`);
  const { insertions, sites, skipped } = planProbes(parsed, options);
  if (skipped !== undefined) return unchanged(text, options.path, skipped);
  return result(insertions, insertions.apply(), sites, options.path);
}

/** The insertions for a parsed text, for callers that change more about it. */
export function planProbes(
  parsed: ParsedSource,
  options: InstrumentOptions,
): { readonly insertions: Insertions; readonly sites: readonly Site[]; readonly skipped?: string } {
  const insertions = new Insertions(parsed.text);
  if (/\b__il_/.test(parsed.text)) return { insertions, sites: [], skipped: 'the text uses names that begin with __il_' };
  const found = findSites(parsed, {
    firstSite: options.firstSite ?? (1 as SiteId),
    topLevelAwait: options.isModule,
    baseName: options.path.split(/[\\/]/).at(-1) ?? options.path,
  });
  if (found.sites.length > 0) insertProbes(parsed, found, insertions);
  return { insertions, sites: found.sites };
}

function unchanged(text: string, path: string, skipped: string): Instrumented {
  const insertions = new Insertions(text);
  return { ...result(insertions, text, [], path), skipped };
}

function result(insertions: Insertions, code: string, sites: readonly Site[], path: string): Instrumented {
  let map: string | undefined;
  return {
    code,
    sites,
    get map() {
      return (map ??= insertions.map(path));
    },
  };
}
