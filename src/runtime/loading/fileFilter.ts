import * as path from 'node:path';
import { defaultExclude } from '../../shared/targetOptions.ts';
import { matchesGlob } from './globs.ts';

export type SourceLanguage = 'javascript' | 'typescript';

/** What Node cannot run as it is counts as TypeScript (`.jsx` too). */
const languages: Readonly<Record<string, SourceLanguage>> = {
  // A script without an extension, as the commands of packages are.
  '': 'javascript',
  '.js': 'javascript',
  '.mjs': 'javascript',
  '.cjs': 'javascript',
  '.ts': 'typescript',
  '.mts': 'typescript',
  '.cts': 'typescript',
  '.tsx': 'typescript',
  '.jsx': 'typescript',
};

/** The language of a file by its extension; undefined for what is no source text. */
export function languageOf(file: string): SourceLanguage | undefined {
  if (file.endsWith('.d.ts')) return undefined;
  return languages[path.extname(file)];
}

export interface FileFilterOptions {
  readonly roots: readonly string[];
  readonly exclude: readonly string[];
  readonly entries: readonly string[];
}

/** Tells whether a file gets probes: what lies inside a root and is not excluded, and the entry, unless a glob of the person's own excludes it. */
export function createFileFilter(options: FileFilterOptions): (file: string) => boolean {
  const decided = new Map<string, boolean>();
  const excluded = options.exclude.map((glob) => matchesGlob(glob));
  const excludedByName = excluded.filter((_, n) => !defaultExclude.includes(options.exclude[n] as string));
  return (file) => {
    let decision = decided.get(file);
    if (decision === undefined) {
      const isEntry = options.entries.includes(file);
      const globs = isEntry ? excludedByName : excluded;
      const inside = options.roots.map((root) => placeIn(root, file)).filter((place) => place !== undefined);
      const isNamed = (place: string): boolean => globs.some((matches) => matches(place));
      decision = isEntry ? !inside.some(isNamed) : inside.some((place) => !isNamed(place));
      decided.set(file, decision);
    }
    return decision;
  };
}

/** The path from a folder down to a file, with slashes; undefined where it does not lie within. */
function placeIn(root: string, file: string): string | undefined {
  const relative = path.relative(root, file);
  if (relative === '' || relative === '..' || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative)) return undefined;
  return path.sep === '\\' ? relative.replaceAll('\\', '/') : relative;
}
