import type { Finding, FindingSeverity } from '../shared/lintMessages.ts';
import { findAsyncBlocking, type AsyncBlocking } from '../source/asyncBlocking.ts';
import type { BlockingApi } from '../source/blockingCatalogue.ts';
import type { LoadedFile } from '../source/project.ts';
import { findingText } from './findingText.ts';
import { severityByCost, type RuleName } from './rules.ts';

/** The findings of a file in the order of its text, without those that a comment silences. */
export function checkFile(file: LoadedFile): Finding[] {
  const report = findAsyncBlocking(file);
  return report.found.flatMap((blocking) => {
    const rule = ruleOf(blocking);
    if (report.isIgnored(rule, blocking.place.line)) return [];
    return [
      { rule, severity: severityOf(blocking), message: findingText(blocking), path: file.path, ...blocking.place, chain: [] },
    ];
  });
}

function ruleOf(blocking: AsyncBlocking): RuleName {
  if (blocking.type === 'busy-loop') return 'busy-wait';
  return blocking.api.id === 'global.Atomics.wait' ? 'atomics-wait' : 'blocking-call';
}

function severityOf(blocking: AsyncBlocking): FindingSeverity {
  if (blocking.type === 'busy-loop') return 'warning';
  return isMild(blocking.api) ? 'hint' : severityByCost[blocking.api.cost];
}

/** Calls that the catalogue itself calls mild: random bytes by the handful, a dialog that a page shows on purpose. */
function isMild({ severity, detect, id }: BlockingApi): boolean {
  return severity === 'hint' && (detect === 'call-without-callback' || id.startsWith('pattern.'));
}
