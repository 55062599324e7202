import type { BlockingCost, Finding, FindingSeverity, LintOptions } from '../shared/lintMessages.ts';

/** The rules of this release; each has a page `media/rules/<rule>.md`. */
export const rules = [
  'blocking-call',
  'busy-wait',
  'atomics-wait',
  'endless-wait',
  'starved-loop',
  'floating',
  'await-in-loop',
  'lost-async-callback',
  'async-executor',
  'return-in-try',
  'unobserved-siblings',
  'late-await',
  'lost-update',
] as const;
export type RuleName = (typeof rules)[number];

/** What a finding of each cost weighs. */
export const severityByCost: Readonly<Record<BlockingCost, FindingSeverity>> = {
  unbounded: 'warning',
  cpu: 'warning',
  data: 'information',
  load: 'information',
  syscall: 'hint',
};

/** What the options make of a finding's severity; undefined where its rule is off. */
export function severityOf({ rule, severity }: Finding, { rules }: LintOptions): FindingSeverity | undefined {
  const chosen = rules?.[rule];
  return chosen === 'off' ? undefined : (chosen ?? severity);
}

/** From the lightest to the heaviest. */
export const severities: readonly FindingSeverity[] = ['hint', 'information', 'warning', 'error'];

/** True where `severity` weighs at least as much as `floor`. */
export function atLeast(severity: FindingSeverity, floor: FindingSeverity): boolean {
  return severities.indexOf(severity) >= severities.indexOf(floor);
}

/** What something weighs that may be, where it would weigh `severity` if it were certain. */
export function oneLower(severity: FindingSeverity): FindingSeverity {
  return severities[severities.indexOf(severity) - 1] ?? 'hint';
}
