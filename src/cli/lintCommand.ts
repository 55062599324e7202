import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { formatFindingsAsJson, formatFindingsAsText } from '../lint/formatFindings.ts';
import { lintPaths } from '../lint/lintPaths.ts';
import { LintClient, stale } from '../run/lintClient.ts';
import type { FindingSeverity } from '../shared/lintMessages.ts';
import { cacheFolder } from './cacheFolder.ts';
import { distDir } from './installation.ts';
import type { LintCommand } from './parseCommand.ts';

const rank: Readonly<Record<FindingSeverity, number>> = { warning: 3, information: 2, hint: 1 };

/** Lints files and folders, prints the findings on standard output. Resolves to 1 where one reaches the `--fail-on` level, else to 0. */
export async function lintCommand(command: LintCommand): Promise<number> {
  const cwd = resolve('.');
  const client = new LintClient({ workerPath: join(distDir, 'lint-worker.cjs'), codeFolder: cacheFolder() });
  try {
    const result = await lintPaths(command.paths, {
      cwd,
      check: async (path) => {
        const checked = await client.check(path);
        return checked === stale ? { findings: [] } : checked;
      },
      load: (paths) => client.load(paths),
    });
    if (command.format === 'json') process.stdout.write(formatFindingsAsJson(result.findings, cwd));
    else {
      const color = process.stdout.isTTY && process.env.NO_COLOR === undefined;
      process.stdout.write(formatFindingsAsText(result, { cwd, color, readText }));
    }
    if (command.failOn === 'never') return 0;
    const limit = rank[command.failOn];
    return result.findings.some((finding) => rank[finding.severity] >= limit) ? 1 : 0;
  } finally {
    await client.dispose();
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
