import { randomUUID } from 'node:crypto';
import { chmod, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { displayPath, lintPaths } from '../lint/lintPaths.ts';
import { stale, type LintClient } from '../run/lintClient.ts';
import type { LintOptions } from '../shared/lintMessages.ts';
import { applyEdits } from '../shared/applyEdits.ts';

export interface FixOptions {
  /** Absolute folder that relative paths start from. */
  readonly cwd: string;
  readonly client: Pick<LintClient, 'fixAll' | 'load' | 'close'>;
  readonly lint: LintOptions;
}

export interface FixResult {
  /** How many findings were settled. */
  readonly fixed: number;
  /** Absolute paths of the files that were written. */
  readonly files: readonly string[];
  /** Files that were left as they are, and why, in plain words. */
  readonly notes: readonly { readonly path: string; readonly text: string }[];
}

/** A fix can bring about what another one mends; so often at most. */
const maxRounds = 10;

/**
 * Applies all safe fixes to files and to every script in folders, each file written in one step or not at all. Files with syntax
 * errors, in `node_modules`, not in UTF-8, and those that change meanwhile are left alone.
 */
export async function fixFiles(paths: readonly string[], { cwd, client, lint }: FixOptions): Promise<FixResult> {
  const files: string[] = [];
  const notes: { path: string; text: string }[] = [];
  let fixed = 0;
  await lintPaths(paths, {
    cwd,
    load: (batch) => client.load(batch),
    check: async (path) => {
      try {
        const count = await fixFile(path, client, lint);
        if (count > 0) files.push(path);
        fixed += count;
      } catch (error) {
        notes.push({ path, text: `Not fixed: ${error instanceof Error ? error.message : String(error)}` });
      }
      return { findings: [] };
    },
  });
  return { fixed, files, notes };
}

/** What was fixed, as people read it. */
export function fixSummary({ fixed, files, notes }: FixResult, cwd: string): string {
  const count = (number: number, one: string): string => `${number} ${one}${number === 1 ? '' : 's'}`;
  const done =
    fixed === 0 ? 'Nothing that could be fixed.' : `Fixed ${count(fixed, 'finding')} in ${count(files.length, 'file')}.`;
  return [...notes.map(({ path, text }) => `${displayPath(path, cwd)}: ${text}`), done].map((line) => `${line}\n`).join('');
}

async function fixFile(path: string, client: FixOptions['client'], options: LintOptions): Promise<number> {
  const target = await realpath(path);
  if (/[\\/]node_modules[\\/]/.test(target)) return 0;
  const before = await readFile(target, 'utf8');
  // Bytes that are no UTF-8 would be lost in writing.
  if (before.includes('\uFFFD')) return 0;
  const mark = before.startsWith('\uFEFF') ? '\uFEFF' : '';
  let text = before.slice(mark.length);
  let fixed = 0;
  try {
    for (let round = 0; round < maxRounds; round++) {
      const fix = await client.fixAll(path, text, options);
      if (fix === stale || fix === undefined) break;
      text = applyEdits(text, fix.edits);
      fixed += fix.findings;
    }
    if (fixed > 0) await replaceFile(target, before, mark + text);
  } finally {
    await client.close(path);
  }
  return fixed;
}

async function replaceFile(path: string, before: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(temporary, text, { flag: 'wx' });
    await chmod(temporary, (await stat(path)).mode);
    if ((await readFile(path, 'utf8')) !== before) throw new Error('the file changed meanwhile.');
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
