import { accessSync, constants, statSync } from 'node:fs';
import { extname } from 'node:path';
import { reasonOf, RunError, runErrors, sourceExtensions } from './errors.ts';

/** Throws a {@link RunError} where a file cannot be run: missing, a folder, not source text, not readable. An empty file can. */
export function checkEntry(path: string): void {
  let isFolder: boolean;
  try {
    const stats = statSync(path);
    isFolder = stats.isDirectory();
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ENOENT'
      ? runErrors.entryMissing(path)
      : runErrors.entryUnreadable(path, error);
  }
  if (isFolder) throw runErrors.entryIsFolder(path);
  // A file without an extension is a script to Node, as the commands of packages are.
  const extension = extname(path);
  if (path.endsWith('.d.ts') || (extension !== '' && !(sourceExtensions as readonly string[]).includes(extension)))
    throw runErrors.entryUnsupported(path);
  try {
    accessSync(path, constants.R_OK);
  } catch (error) {
    throw runErrors.entryUnreadable(path, error);
  }
}

/** Throws a {@link RunError} where a folder to run in does not exist. */
export function checkFolder(path: string): void {
  try {
    if (statSync(path).isDirectory()) return;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      throw new RunError('cwd-missing', `The working directory ${path} cannot be used: ${reasonOf(error)}.`);
  }
  throw runErrors.cwdMissing(path);
}
