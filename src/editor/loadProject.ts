import type { LintClient } from '../run/lintClient.ts';

/** Larger projects are known to the lint as far as open files import them: reading all would take long and much memory. */
const mostFiles = 500;
/** A keystroke waits for so many files to be read, at most. */
const batchSize = 10;

/**
 * Has the lint read the files of the project that a file belongs to, once for each project: what implements an interface need not be
 * imported by who calls it. True where that brought files in.
 */
export async function loadProject(lint: LintClient, path: string): Promise<boolean> {
  const files = await lint.projectFiles(path, mostFiles);
  for (let start = 0; start < files.length; start += batchSize) await lint.load(files.slice(start, start + batchSize));
  return files.length > 0;
}
