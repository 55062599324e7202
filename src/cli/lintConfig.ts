import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parse, printParseErrorCode, type ParseError } from 'jsonc-parser';
import type { LintOptions } from '../shared/lintMessages.ts';
import { lintSettingNames, readLintSettings, type LintSettingName } from '../shared/lintSettings.ts';
import { UsageError } from './usage.ts';

const configName = 'interleave.json';
const prefix = 'interleave.lint.';

/**
 * The lint's options as a file says them: the one that is named, else the nearest `interleave.json` from the working folder upwards, else
 * `.vscode/settings.json` of the working folder, else none. A file has the editor's settings under their own names (`interleave.lint.rules`) or
 * as an object `lint` (`{ "lint": { "rules": … } }`); comments and trailing commas are taken.
 * @param cwd absolute
 * @throws UsageError naming file, key and mend
 */
export function readLintConfig(named: string | undefined, cwd: string, ruleNames: readonly string[]): LintOptions {
  const found = named === undefined ? findConfig(cwd) : { path: resolve(cwd, named), text: textOfNamed(resolve(cwd, named)) };
  if (!found) return {};
  const { path, text } = found;
  const settings = settingsOf(parseConfig(path, text), path);
  const { options, problems } = readLintSettings((name) => settings.get(name)?.value, ruleNames);
  const [problem] = problems;
  if (problem) {
    const name = lintSettingNames.find((setting) => new RegExp(`^${setting}(?:[.[]|$)`).test(problem.key))!;
    const key = `${settings.get(name)?.key ?? name}${problem.key.slice(name.length)}`;
    throw new UsageError(`${path}: '${key}' ${problem.mend}.`);
  }
  return options;
}

function findConfig(cwd: string): { readonly path: string; readonly text: string } | undefined {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const path = join(folder, configName);
    const text = textOf(path);
    if (text !== undefined) return { path, text };
    if (dirname(folder) === folder) break;
  }
  const path = join(cwd, '.vscode', 'settings.json');
  const text = textOf(path);
  return text === undefined ? undefined : { path, text };
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new UsageError(`${path} cannot be read: ${(error as Error).message}`);
  }
}

function textOfNamed(path: string): string {
  const text = textOf(path);
  if (text === undefined) throw new UsageError(`${path} does not exist; --config takes a JSON file.`);
  return text;
}

function parseConfig(path: string, text: string): Record<string, unknown> {
  const errors: ParseError[] = [];
  const value: unknown = parse(text.replace(/^\uFEFF/, ' '), errors, { allowTrailingComma: true, allowEmptyContent: true });
  const [error] = errors;
  if (error) {
    const before = text.slice(0, error.offset).split('\n');
    const place = `${path}:${before.length}:${before.at(-1)!.length + 1}`;
    throw new UsageError(
      `${place}: this is not JSON (${printParseErrorCode(error.error)}). Mend it, or name another file by --config.`,
    );
  }
  if (value === undefined) return {};
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new UsageError(`${path}: this is to be an object, such as { "lint": { "rules": { "busy-wait": "off" } } }.`);
}

/** The settings of the lint by name, each with the key it was found under. What belongs to others is left alone. */
function settingsOf(
  config: Readonly<Record<string, unknown>>,
  path: string,
): ReadonlyMap<LintSettingName, { readonly key: string; readonly value: unknown }> {
  const settings = new Map<LintSettingName, { readonly key: string; readonly value: unknown }>();
  const take = (name: string, key: string, value: unknown): void => {
    const known = lintSettingNames.find((setting) => setting === name);
    if (known) settings.set(known, { key, value });
    // `enabled` is of the editor: who runs the command wants the lint.
    else if (name !== 'enabled') {
      throw new UsageError(`${path}: '${key}' does not exist; there are ${lintSettingNames.join(', ')}.`);
    }
  };
  for (const [key, value] of Object.entries(config)) {
    if (key.startsWith(prefix)) take(key.slice(prefix.length), key, value);
    else if ((lintSettingNames as readonly string[]).includes(key)) {
      throw new UsageError(`${path}: '${key}' belongs into an object 'lint': { "lint": { "${key}": … } }.`);
    }
  }
  const { lint = {} } = config;
  if (typeof lint !== 'object' || lint === null || Array.isArray(lint)) {
    throw new UsageError(`${path}: 'lint' is to be an object, such as { "lint": { "rules": { "busy-wait": "off" } } }.`);
  }
  for (const [name, value] of Object.entries(lint)) take(name, `lint.${name}`, value);
  return settings;
}
