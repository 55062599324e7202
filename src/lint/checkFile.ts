import type { Finding, LintOptions } from '../shared/lintMessages.ts';
import type { LoadedFile } from '../source/project/project.ts';
import { readIgnoreComments } from '../source/blocking/ignoreComments.ts';
import { isTestSupport } from '../source/context/testSupport.ts';
import { blockingFindings } from './blockingFindings.ts';
import { promiseFindings } from './promiseFindings.ts';
import { severityOf } from './rules.ts';

/** A group of rules that are checked together: the findings of a file, whatever the options say of the rules and whatever comments say. */
type Check = (file: LoadedFile, options: LintOptions) => readonly Finding[];

const checks: readonly Check[] = [blockingFindings, promiseFindings];

/** The findings of a file in the order of its text, without those that a comment silences and those of rules that are off. */
export function checkFile(file: LoadedFile, options: LintOptions = {}): Finding[] {
  const found = checks.flatMap((check) => check(file, options));
  if (found.length === 0 || isTestSupport(file)) return [];
  const comments = readIgnoreComments(file.sourceFile);
  return found
    .flatMap((finding) => {
      const severity = severityOf(finding, options);
      if (severity === undefined || comments.isIgnored(finding.rule, finding.line)) return [];
      return [{ ...finding, severity }];
    })
    .sort((a, b) => a.line - b.line || a.column - b.column);
}
