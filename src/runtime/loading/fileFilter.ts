import * as path from 'node:path';
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

/** Tells whether a file gets probes: the entry, and what lies inside a root and is not excluded. */
export function createFileFilter(options: FileFilterOptions): (file: string) => boolean {
  const decided = new Map<string, boolean>();
  const excluded = options.exclude.map((glob) => matchesGlob(glob));
  return (file) => {
    let decision = decided.get(file);
    if (decision === undefined) {
      decision = options.entries.includes(file) || options.roots.some((root) => isInside(root, file));
      decided.set(file, decision);
    }
    return decision;
  };

  function isInside(root: string, file: string): boolean {
    const relative = path.relative(root, file);
    if (relative === '' || relative === '..' || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative)) return false;
    const slashed = path.sep === '\\' ? relative.replaceAll('\\', '/') : relative;
    return !excluded.some((matches) => matches(slashed));
  }
}
