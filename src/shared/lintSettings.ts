import type { BlockingCost, FindingSeverity, LintOptions } from './lintMessages.ts';

/** What a rule or a cost can be set to. `default` leaves it to the rule. */
export const settingLevels = ['default', 'off', 'error', 'warning', 'information', 'hint'] as const;
export type SettingLevel = (typeof settingLevels)[number];

/** The settings below `interleave.lint.` that change what is reported. */
export const lintSettingNames = ['rules', 'severityByCost', 'blocking', 'nonblocking'] as const;
export type LintSettingName = (typeof lintSettingNames)[number];

const costs: readonly BlockingCost[] = ['syscall', 'data', 'cpu', 'unbounded', 'load'];
/** `module#export`, `module#Class.prototype.method`, or a global. */
const functionPattern = /^[^\s#]+(?:#[^\s#]+)?$/;

/** A setting that cannot be used. */
export interface SettingProblem {
  /** The setting and, within it, the key or index: `rules.busy-wait`, `blocking[0]`. */
  readonly key: string;
  /** What it should be, as the end of a sentence that begins with the key: `is to be a list of texts`. */
  readonly mend: string;
}

/**
 * The lint's options out of settings as people write them, in an editor or in a file. What cannot be used is left out and named.
 * @param get the value of a setting, undefined where it is not set
 * @param ruleNames all rules there are; unset where unknown ones are nobody's concern
 */
export function readLintSettings(
  get: (name: LintSettingName) => unknown,
  ruleNames?: readonly string[],
): { readonly options: LintOptions; readonly problems: readonly SettingProblem[] } {
  const problems: SettingProblem[] = [];
  const levelsOf = (name: LintSettingName, known: readonly string[] | undefined): Record<string, 'off' | FindingSeverity> => {
    const value = get(name) ?? {};
    if (!isObject(value)) {
      problems.push({ key: name, mend: 'is to be an object' });
      return {};
    }
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, level]) => {
        if (known && !known.includes(key)) {
          problems.push({ key: `${name}.${key}`, mend: `does not exist; there are ${listed(known)}` });
        } else if (!isLevel(level)) {
          problems.push({ key: `${name}.${key}`, mend: `is to be ${listed(settingLevels, 'or')}` });
        } else if (level !== 'default') return [[key, level] as const];
        return [];
      }),
    );
  };
  const functionsOf = (name: LintSettingName): string[] => {
    const value = get(name) ?? [];
    if (!Array.isArray(value)) {
      problems.push({ key: name, mend: 'is to be a list of functions, such as ["my-package#readAll"]' });
      return [];
    }
    return value.flatMap((item: unknown, index) => {
      if (typeof item === 'string' && functionPattern.test(item)) return [item];
      problems.push({ key: `${name}[${index}]`, mend: 'is to be a function, such as "my-package#readAll" or "globalFunction"' });
      return [];
    });
  };
  const options: LintOptions = {
    rules: levelsOf('rules', ruleNames),
    severityByCost: levelsOf('severityByCost', costs),
    blocking: functionsOf('blocking'),
    nonblocking: functionsOf('nonblocking'),
  };
  return { options, problems };
}

export function isLevel(value: unknown): value is SettingLevel {
  return (settingLevels as readonly unknown[]).includes(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listed(words: readonly string[], last = 'and'): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;
}
