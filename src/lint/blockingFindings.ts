import type { Finding, FindingSeverity, LintOptions } from '../shared/lintMessages.ts';
import { findAsyncBlocking } from '../source/blocking/asyncBlocking.ts';
import { isMild } from '../source/blocking/blockingCatalogue.ts';
import { ruleOf, type BlockingCause } from '../source/blocking/blockingCause.ts';
import type { LoadedFile } from '../source/project/project.ts';
import { findingText } from './findingText.ts';
import { oneLower, severityByCost, type RuleName } from './rules.ts';

/** The rules `blocking-call`, `busy-wait`, `atomics-wait`, `endless-wait` and `starved-loop`. */
export function blockingFindings(file: LoadedFile, options: LintOptions): readonly Finding[] {
  return findAsyncBlocking(file, options).flatMap((blocking) => {
    const { cause, place, chain, may } = blocking;
    const rule: RuleName = ruleOf(cause);
    const weight = severityOfCause(cause, options);
    if (weight === 'off') return [];
    const severity = may ? oneLower(weight) : weight;
    return [{ rule, severity, message: findingText(blocking), path: file.path, ...place, chain }];
  });
}

function severityOfCause(cause: BlockingCause, options: LintOptions): FindingSeverity | 'off' {
  if (cause.type !== 'call' || cause.sleep) return 'warning';
  if (isMild(cause.api)) return 'hint';
  return options.severityByCost?.[cause.api.cost] ?? severityByCost[cause.api.cost];
}
