import { readdir, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import type { Finding } from '../shared/lintMessages.ts';

export interface LintPathsOptions {
  /** Absolute folder that relative paths start from. */
  readonly cwd: string;
  /** Checks one file (absolute path); in the command line the lint worker does. */
  readonly check: (path: string) => Promise<{ readonly findings: readonly Finding[]; readonly note?: string }>;
  /** Told of the files before the first is checked. */
  readonly load?: (paths: readonly string[]) => Promise<void>;
}

export interface LintResult {
  /** Absolute paths of the files that were checked, sorted. */
  readonly files: readonly string[];
  /** By file in the order of `files`, then by line. */
  readonly findings: readonly Finding[];
  /** Files and paths that were left out, and why, in plain words. */
  readonly notes: readonly { readonly path: string; readonly text: string }[];
}

const scripts = /\.[cm]?[jt]sx?$/;
const descriptions = /\.d\.(?:[^.]+\.)?[cm]?ts$/;
const skippedFolders: ReadonlySet<string> = new Set(['node_modules', 'bower_components', 'jspm_packages']);
/** Files of one program: bounds the memory that one of them takes. */
const batchSize = 1000;

/**
 * Checks files, and every script in folders; `node_modules`, hidden folders and description files (`.d.ts`) are left out of folders.
 * A path that does not exist becomes a note, and so does a file that fails: the others are checked all the same.
 */
export async function lintPaths(paths: readonly string[], options: LintPathsOptions): Promise<LintResult> {
  const notes: { path: string; text: string }[] = [];
  const wanted = new Set<string>();
  for (const path of paths) await collect(resolve(options.cwd, path), wanted, notes);
  const candidates = [...wanted].sort();
  const files: string[] = [];
  const findings: Finding[] = [];
  for (let start = 0; start < candidates.length; start += batchSize) {
    const batch = candidates.slice(start, start + batchSize);
    await options.load?.(batch);
    for (const path of batch) {
      try {
        const { findings: found, note } = await options.check(path);
        findings.push(...found);
        if (note !== undefined) notes.push({ path, text: note });
        files.push(path);
      } catch (error) {
        notes.push({ path, text: error instanceof Error ? error.message : String(error) });
      }
    }
  }
  return { files, findings, notes };
}

async function collect(path: string, into: Set<string>, notes: { path: string; text: string }[]): Promise<void> {
  let isFolder: boolean;
  try {
    isFolder = (await stat(path)).isDirectory();
  } catch {
    notes.push({ path, text: 'There is no such file or folder.' });
    return;
  }
  if (!isFolder) {
    if (!scripts.test(path)) notes.push({ path, text: 'Not a JavaScript or TypeScript file.' });
    else into.add(path);
    return;
  }
  let entries;
  try {
    entries = await readdir(path, { withFileTypes: true });
  } catch (error) {
    notes.push({ path, text: `The folder cannot be read: ${error instanceof Error ? error.message : String(error)}` });
    return;
  }
  for (const entry of entries) {
    const inner = join(path, entry.name);
    // Links to folders are not followed: they lead in circles or to what is found at its own place.
    if (entry.isDirectory() && !skippedFolders.has(entry.name) && !entry.name.startsWith('.')) await collect(inner, into, notes);
    else if (entry.isFile() && scripts.test(entry.name) && !descriptions.test(entry.name)) into.add(inner);
  }
}

/** A path as people read it: relative to a folder where it lies within, with forward slashes. */
export function displayPath(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return (short.startsWith('..') ? path : short).split(sep).join('/');
}
