import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { formatFindingsAsJson, formatFindingsAsText } from '../lint/formatFindings.ts';
import { formatFindingsAsSarif } from '../lint/formatSarif.ts';
import { displayPath, lintPaths, type LintResult } from '../lint/lintPaths.ts';
import { allRuleNames, describeRules } from '../lint/rulePages.ts';
import { atLeast } from '../lint/rules.ts';
import { LintClient, stale } from '../run/lintClient.ts';
import type { LintOptions } from '../shared/lintMessages.ts';
import { readLintSettings } from '../shared/lintSettings.ts';
import { cacheFolder } from './cacheFolder.ts';
import { fixFiles, fixSummary } from './fixFiles.ts';
import { distDir, ownVersion } from './installation.ts';
import { readLintConfig } from './lintConfig.ts';
import type { LintCommand } from './parseCommand.ts';
import { UsageError } from './usage.ts';

const rulePages = join(distDir, '..', 'media', 'rules');

/** Lints files and folders, prints the findings on standard output. Resolves to 1 where one reaches the `--fail-on` level, else to 0. */
export async function lintCommand(command: LintCommand): Promise<number> {
  const cwd = resolve('.');
  const options = lintOptions(command, cwd);
  const client = new LintClient({ workerPath: join(distDir, 'lint-worker.cjs'), codeFolder: cacheFolder() });
  try {
    if (command.fix) {
      process.stderr.write(fixSummary(await fixFiles(command.paths, { cwd, client, lint: options }), cwd));
    }
    const result = await lintPaths(command.paths, {
      cwd,
      check: async (path) => {
        const checked = await client.check(path, undefined, options);
        return checked === stale ? { findings: [] } : checked;
      },
      load: (paths) => client.load(paths),
    });
    process.stdout.write(format(result, command.format, cwd));
    // The JSON has no place for what was left out.
    if (command.format === 'json') {
      for (const { path, text } of result.notes) process.stderr.write(`${displayPath(path, cwd)}: ${text}\n`);
    }
    const { failOn } = command;
    return failOn !== 'never' && result.findings.some(({ severity }) => atLeast(severity, failOn)) ? 1 : 0;
  } finally {
    await client.dispose();
  }
}

/** What the file says, then what the command line says of single rules. */
function lintOptions({ config, rules }: LintCommand, cwd: string): LintOptions {
  const names = allRuleNames(rulePages);
  const options = readLintConfig(config, cwd, names);
  const said = readLintSettings((name) => (name === 'rules' ? rules : undefined), names);
  const [problem] = said.problems;
  if (problem) throw new UsageError(`--rule: '${problem.key.slice('rules.'.length)}' ${problem.mend}.`);
  const fromFile = Object.entries(options.rules ?? {}).filter(([rule]) => !(rule in rules));
  return { ...options, rules: { ...Object.fromEntries(fromFile), ...said.options.rules } };
}

function format(result: LintResult, as: LintCommand['format'], cwd: string): string {
  switch (as) {
    case 'json':
      return formatFindingsAsJson(result.findings, cwd);
    case 'sarif':
      return formatFindingsAsSarif(result, { cwd, version: ownVersion(), rules: describeRules(rulePages) });
    case 'pretty': {
      const color = process.stdout.isTTY && process.env.NO_COLOR === undefined;
      return formatFindingsAsText(result, { cwd, color, readText });
    }
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
