import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** How one suite ended. */
export interface SuiteCounts {
  readonly suite: string;
  readonly passed: number;
  readonly failed: number;
  readonly durationMs: number;
}

/** What test runs leave behind for people to look at: screenshots, logs, counts. Ignored by git. */
export const artifactsFolder = resolve(import.meta.dirname, '../test-artifacts');
const countsFolder = join(artifactsFolder, 'counts');

/** Prints the counts as one line of JSON and leaves them in the artifacts folder, where {@link totalCounts} finds them. */
export async function reportCounts(counts: SuiteCounts): Promise<void> {
  await mkdir(countsFolder, { recursive: true });
  const line = JSON.stringify(counts);
  await writeFile(join(countsFolder, `${counts.suite}.json`), `${line}\n`);
  console.log(line);
}

/** The sum over every suite that left its counts. */
export async function totalCounts(): Promise<{ readonly passed: number; readonly failed: number }> {
  let passed = 0;
  let failed = 0;
  for (const name of await readdir(countsFolder).catch(() => [])) {
    const counts = JSON.parse(await readFile(join(countsFolder, name), 'utf8')) as SuiteCounts;
    passed += counts.passed;
    failed += counts.failed;
  }
  return { passed, failed };
}
