import type { Finding, FindingSeverity } from '../shared/lintMessages.ts';
import { findAsyncBlocking, ruleOf, type BlockingCause } from '../source/asyncBlocking.ts';
import type { BlockingApi } from '../source/blockingCatalogue.ts';
import type { LoadedFile } from '../source/project.ts';
import { findingText } from './findingText.ts';
import { severityByCost, type RuleName } from './rules.ts';

/** The findings of a file in the order of its text, without those that a comment silences. */
export function checkFile(file: LoadedFile): Finding[] {
  const report = findAsyncBlocking(file);
  return report.found.flatMap((blocking) => {
    const rule: RuleName = ruleOf(blocking.cause);
    if (report.isIgnored(rule, blocking.place.line)) return [];
    const { cause, place, chain } = blocking;
    return [{ rule, severity: severityOf(cause), message: findingText(blocking), path: file.path, ...place, chain }];
  });
}

function severityOf(cause: BlockingCause): FindingSeverity {
  if (cause.type === 'busy-loop') return 'warning';
  return isMild(cause.api) ? 'hint' : severityByCost[cause.api.cost];
}

/** Calls that the catalogue itself calls mild: random bytes by the handful, a dialog that a page shows on purpose. */
function isMild({ severity, detect, id }: BlockingApi): boolean {
  return severity === 'hint' && (detect === 'call-without-callback' || id.startsWith('pattern.'));
}
