import type { SiteId } from '../shared/ids.ts';
import { insertionMark } from '../shared/insertionMark.ts';
import type { Site } from '../shared/site.ts';
import { findSites } from '../source/sites/findSites.ts';
import { isTypeScriptPath, parseSource, type ParsedSource } from '../source/parseSource.ts';
import { compileCheck, compileCheckOfErased, type CompileCheck } from './compileCheck.ts';
import { Insertions } from './insertions.ts';
import { insertProbes } from './insertProbes.ts';
import { stripTypes } from './stripTypes.ts';

export interface InstrumentOptions {
  /** Absolute path; its extension decides the language. */
  readonly path: string;
  /** True for an ES module, which may await at its top level. */
  readonly isModule: boolean;
  /** Id of the first site; 1 when left out. */
  readonly firstSite?: SiteId;
  /** True: each insertion stands between two {@link insertionMark}s, where the text itself has none. */
  readonly marks?: boolean;
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
 * Puts probes into a text: same lines, same order of evaluation, not one microtask more. A text that V8 or the parser objects to,
 * one that probes do not fit, and one that uses names kept for probes come back unchanged with the reason.
 */
export function instrument(text: string, options: InstrumentOptions): Instrumented {
  const { path, isModule } = options;
  const parsed = parseSource(path, text, { asModule: isModule });
  if (parsed.errors[0] !== undefined) return unchanged(text, path, `syntax error: ${parsed.errors[0]}`);
  const checks = (isModule ? (['module'] as const) : (['script', 'commonjs'] as const)).map((format) => checkOf(parsed, format));
  const bare = new Insertions(text);
  const accepting = checks.filter((check) => check(bare) === undefined);
  if (accepting.length === 0) return unchanged(text, path, checks[0]?.(bare) ?? '');
  const { insertions, sites, skipped } = planProbes(parsed, options);
  if (skipped !== undefined) return unchanged(text, path, skipped);
  for (const check of accepting) {
    const broken = check(insertions);
    if (broken !== undefined) return unchanged(text, path, `probes did not fit the text (${broken})`);
  }
  return result(insertions, insertions.apply(), sites, path);
}

/** Without settings types are erased as tsc would do by default. What takes more than erasing is checked by the parser alone. */
function checkOf(parsed: ParsedSource, format: 'script' | 'commonjs' | 'module'): CompileCheck {
  const { fileName } = parsed.sourceFile;
  if (!isTypeScriptPath(fileName) && !/\.jsx$/i.test(fileName)) return compileCheck(parsed, format);
  const stripped = stripTypes(parsed, { verbatimModuleSyntax: false, useDefineForClassFields: true });
  if ('unsupported' in stripped || stripped.semicolons.length > 0) return () => undefined;
  return compileCheckOfErased(parsed, stripped, format);
}

/** The insertions for a parsed text, for callers that change more about it. */
export function planProbes(
  parsed: ParsedSource,
  options: InstrumentOptions,
): { readonly insertions: Insertions; readonly sites: readonly Site[]; readonly skipped?: string } {
  const mark = options.marks === true && !parsed.text.includes(insertionMark) ? insertionMark : '';
  const insertions = new Insertions(parsed.text, mark);
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
