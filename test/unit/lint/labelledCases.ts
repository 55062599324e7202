import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import type { LintService } from '../../../src/lint/lintService.ts';

/** How the findings of labelled files compare with their labels; a finding counts where its rule and its line are right. */
export interface Score {
  right: number;
  /** `7 blocking-call`. */
  readonly wrong: string[];
  readonly missed: string[];
}

/** `7 blocking-call`, one per expected finding, sorted by line: labels are comments `// expect: rule[, rule]` at the line. */
export function expected(text: string): string[] {
  return text.split('\n').flatMap((line, index) => {
    const match = /\/\/ expect: ([\w, -]+)/.exec(line);
    return match ? match[1]!.split(',').map((rule) => `${index + 1} ${rule.trim()}`) : [];
  });
}

/** The scripts below a folder, also those of folders in it. */
export function scriptsIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.[cm]?[jt]sx?$/.test(name) && !/\.d\.[cm]?ts$/.test(name) && !name.includes('node_modules'))
    .sort();
}

/** Checks one labelled file. */
export function scoreFile(service: LintService, path: string, requestId: number): Score {
  const response = service.answer({ type: 'check', requestId, path });
  assert.equal(response.type, 'findings');
  const found = response.findings.map(({ line, rule }) => `${line} ${rule}`);
  const wanted = expected(readFileSync(path, 'utf8'));
  const wrong = beyond(found, wanted);
  return { right: found.length - wrong.length, wrong, missed: beyond(wanted, found) };
}

/** What is in `list` beyond what is in `other`, each as often as it is there more often. */
function beyond(list: readonly string[], other: readonly string[]): string[] {
  const rest = [...other];
  return list.filter((one) => {
    const at = rest.indexOf(one);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}
