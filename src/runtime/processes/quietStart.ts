import * as fs from 'node:fs';
import * as path from 'node:path';
import * as process from 'node:process';
import { debugFlag, loudFlag, quietFlag } from '../../shared/targetOptions.ts';
import { findProgram } from './nodeScript.ts';

/** Our flags for a Node that is about to be started. */
export interface OwnFlags {
  readonly plain: readonly string[];
  /** With the quiet flag among them, where {@link canBeQuiet} says so; unset where nobody is asked. */
  readonly quiet?: readonly string[] | undefined;
}

interface StartEnvironment {
  readonly cwd: string;
  readonly get: (name: string) => string | undefined;
}

/** Flags may stand there that nobody sees here. */
const flagsElsewhere = /--(?:env-file|[\w-]*config-file)/;
/** What Node's test runner hands on where nobody gave it. */
const defaults = new Set([loudFlag, '--inspect-port=127.0.0.1:9229']);
/** Variables by which a shell runs a file first. */
const shellFiles = ['ENV', 'BASH_ENV'];

const { realpathSync } = fs;
const { execPath } = process;
const isAbsolute = path.isAbsolute.bind(path);
const resolve = path.resolve.bind(path);

/**
 * Whether a Node can be given the quiet flag: it is surely the one that runs here, as others may refuse it, and nobody debugs it, as
 * that needs Node's words.
 * @param words its flags, and whatever else may hold some
 */
export function canBeQuiet(program: string, words: readonly unknown[], environment: StartEnvironment): boolean {
  const given = [...words, environment.get('NODE_OPTIONS')];
  const isOpen = given.some(
    (word) => typeof word === 'string' && !defaults.has(word) && (debugFlag.test(word) || flagsElsewhere.test(word)),
  );
  return !isOpen && isThisNode(program, environment);
}

/** Whether all that a command of a shell gives to Node stands in it. @param option by which the shell was given the command */
export function saysAll(
  option: string,
  command: string,
  names: readonly (string | undefined)[],
  environment: StartEnvironment,
): boolean {
  if (/[$`]|NODE_OPTIONS/.test(command) || /[il]/.test(option)) return false;
  if (names.some((name) => name === '.' || name === 'source' || name === 'eval')) return false;
  return shellFiles.every((variable) => environment.get(variable) === undefined);
}

/** What Node's test runner wrote out would take the quiet flag back. */
export function hushed(words: readonly unknown[]): unknown[] {
  return words.map((word) => (word === loudFlag ? quietFlag : word));
}

function isThisNode(program: string, { cwd, get }: StartEnvironment): boolean {
  if (program === execPath) return true;
  const found = findProgram(program, get('PATH'), cwd);
  if (found === undefined) return false;
  try {
    return realpathSync(isAbsolute(found) ? found : resolve(cwd, found)) === execPath;
  } catch {
    return false;
  }
}
