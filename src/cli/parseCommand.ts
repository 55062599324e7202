import { parseArgs, type ParseArgsConfig } from 'node:util';
import type { FindingSeverity } from '../shared/lintMessages.ts';
import { isLevel, settingLevels, type SettingLevel } from '../shared/lintSettings.ts';
import type { ClockMode } from '../shared/traceRecords.ts';
import { UsageError } from './usage.ts';

export interface RunCommand {
  readonly name: 'run';
  readonly file: string;
  readonly args: readonly string[];
  readonly output: string | undefined;
  readonly report: string | undefined;
  /** A file; `-` follows the summary on standard error. */
  readonly transcript: string | undefined;
  /** Unset: only where standard error is a terminal. */
  readonly summary: boolean | undefined;
  readonly clock: ClockMode;
  readonly call: { readonly exportName: string; readonly args: readonly unknown[] } | undefined;
  readonly nodePath: string | undefined;
  readonly nodeArgs: readonly string[];
  readonly cwd: string | undefined;
  readonly exclude: readonly string[];
  /** Whether child processes that run Node are traced too. */
  readonly followChildren: boolean;
  readonly timeoutMs: number | undefined;
  /** The trace keeps at least so much of the run's end; unset: all of it. */
  readonly keepMs: number | undefined;
  /** From how long a hold on the loop is looked at while it lasts; 0: never. */
  readonly hangMs: number | undefined;
  /** Whether instrumented texts are kept for later runs. */
  readonly cache: boolean;
}

export interface OpenCommand {
  readonly name: 'open';
  readonly trace: string;
  readonly output: string | undefined;
  readonly browser: boolean;
  readonly transcript: boolean;
}

export interface LintCommand {
  readonly name: 'lint';
  readonly paths: readonly string[];
  readonly format: 'pretty' | 'json' | 'sarif';
  readonly failOn: FindingSeverity | 'never';
  /** A file with the lint's settings; unset: the one that is found. */
  readonly config: string | undefined;
  /** Settings of rules that come before the file's. */
  readonly rules: Readonly<Record<string, SettingLevel>>;
  /** Whether files are mended before they are checked. */
  readonly fix: boolean;
}

export interface PsCommand {
  readonly name: 'ps';
  /** Only this program; all when unset. */
  readonly pid: number | undefined;
  readonly format: 'pretty' | 'json';
}

export type Command =
  | RunCommand
  | OpenCommand
  | LintCommand
  | PsCommand
  | { readonly name: 'help'; readonly topic: 'run' | 'open' | 'lint' | 'ps' | undefined }
  | { readonly name: 'version' };

/**
 * Reads a command line (without node and script). Throws {@link UsageError} with the mend.
 * Everything behind `--` belongs to the traced program, whatever it looks like.
 */
export function parseCommand(argv: readonly string[]): Command {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') return { name: 'help', topic: undefined };
  if (name === '--version' || name === '-v') return { name: 'version' };
  const end = rest.indexOf('--');
  const own = end < 0 ? rest : rest.slice(0, end);
  const passed = end < 0 ? [] : rest.slice(end + 1);
  if (name !== 'run' && name !== 'open' && name !== 'lint' && name !== 'ps') {
    throw new UsageError(
      `There is no command '${name}'. The commands are run, open, lint and ps; 'interleave --help' shows them.`,
    );
  }
  if (own.includes('--help') || own.includes('-h')) return { name: 'help', topic: name };
  switch (name) {
    case 'run':
      return parseRun(own, passed);
    case 'open':
      return parseOpen(own);
    case 'lint':
      return parseLint(own);
    case 'ps':
      return parsePs(own);
  }
}

function parseRun(own: readonly string[], passed: readonly string[]): RunCommand {
  const { values, positionals } = read('run', transcriptWithValue(own), {
    output: { type: 'string' },
    report: { type: 'string' },
    transcript: { type: 'string' },
    summary: { type: 'boolean' },
    'no-summary': { type: 'boolean' },
    clock: { type: 'string' },
    function: { type: 'string' },
    args: { type: 'string' },
    node: { type: 'string' },
    'node-arg': { type: 'string', multiple: true },
    cwd: { type: 'string' },
    exclude: { type: 'string', multiple: true },
    'no-children': { type: 'boolean' },
    timeout: { type: 'string' },
    keep: { type: 'string' },
    hang: { type: 'string' },
    'no-cache': { type: 'boolean' },
  });
  const [file, ...extra] = positionals;
  if (file === undefined)
    throw new UsageError("Name the file to trace: interleave run FILE. 'interleave run --help' shows the options.");
  if (extra.length > 0) {
    throw new UsageError(
      `'${extra[0]}' is one file too many; arguments of the program go behind --: interleave run ${file} -- ${extra.join(' ')}`,
    );
  }
  if (values.args !== undefined && values.function === undefined) {
    throw new UsageError('--args goes with --function NAME; arguments of the program go behind --.');
  }
  return {
    name: 'run',
    file,
    args: passed,
    output: values.output,
    report: values.report,
    transcript: values.transcript,
    summary: values['no-summary'] ? false : values.summary,
    clock: oneOf('--clock', values.clock ?? 'wall', ['wall', 'virtual']),
    call: values.function === undefined ? undefined : { exportName: values.function, args: jsonArray(values.args ?? '[]') },
    nodePath: values.node,
    nodeArgs: values['node-arg'] ?? [],
    cwd: values.cwd,
    exclude: values.exclude ?? [],
    followChildren: !values['no-children'],
    timeoutMs: values.timeout === undefined ? undefined : above0('--timeout', 'seconds', values.timeout) * 1000,
    keepMs: values.keep === undefined ? undefined : above0('--keep', 'minutes', values.keep) * 60_000,
    hangMs: values.hang === undefined ? undefined : Math.round(above0('--hang', 'seconds', values.hang, true) * 1000),
    cache: !values['no-cache'],
  };
}

/** `--transcript` may stand alone: the next word is its file only if it names a text file or is `-`. */
function transcriptWithValue(own: readonly string[]): string[] {
  return own.map((word, i) =>
    word === '--transcript' && !/^-$|\.(txt|interleave-transcript)$/.test(own[i + 1] ?? '') ? '--transcript=-' : word,
  );
}

function parseOpen(own: readonly string[]): OpenCommand {
  const { values, positionals } = read('open', own, {
    output: { type: 'string' },
    'no-browser': { type: 'boolean' },
    transcript: { type: 'boolean' },
  });
  const [trace, ...extra] = positionals;
  if (trace === undefined || extra.length > 0) throw new UsageError('Name one trace file: interleave open TRACE.interleave');
  return { name: 'open', trace, output: values.output, browser: !values['no-browser'], transcript: values.transcript ?? false };
}

function parseLint(own: readonly string[]): LintCommand {
  const { values, positionals } = read('lint', own, {
    format: { type: 'string' },
    'fail-on': { type: 'string' },
    config: { type: 'string' },
    rule: { type: 'string', multiple: true },
    fix: { type: 'boolean' },
  });
  if (positionals.length === 0) throw new UsageError('Name files or folders to lint: interleave lint src');
  return {
    name: 'lint',
    paths: positionals,
    format: oneOf('--format', values.format ?? 'pretty', ['pretty', 'json', 'sarif']),
    failOn: oneOf('--fail-on', values['fail-on'] ?? 'warning', ['error', 'warning', 'information', 'hint', 'never']),
    config: values.config,
    rules: Object.fromEntries((values.rule ?? []).map(ruleSetting)),
    fix: values.fix ?? false,
  };
}

function ruleSetting(text: string): [rule: string, level: SettingLevel] {
  const [rule = '', level, ...rest] = text.split('=');
  if (rule !== '' && isLevel(level) && rest.length === 0) return [rule, level];
  throw new UsageError(`--rule takes NAME=LEVEL, the level ${settingLevels.join(' or ')}, not '${text}'.`);
}

function parsePs(own: readonly string[]): PsCommand {
  const { values, positionals } = read('ps', own, { format: { type: 'string' } });
  const [pid, ...extra] = positionals;
  if (extra.length > 0 || (pid !== undefined && !/^[1-9]\d*$/.test(pid))) {
    throw new UsageError(
      "Name one process by its number, or none: interleave ps 4711. 'interleave ps --help' shows the options.",
    );
  }
  return {
    name: 'ps',
    pid: pid === undefined ? undefined : Number(pid),
    format: oneOf('--format', values.format ?? 'pretty', ['pretty', 'json']),
  };
}

function read<O extends NonNullable<ParseArgsConfig['options']>>(command: string, args: readonly string[], options: O) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    // Node says more than a person needs after its first sentence or line.
    const reason = error instanceof Error ? (error.message.split(/\.?\s*\n|\. /)[0] ?? '') : String(error);
    throw new UsageError(`${reason}. 'interleave ${command} --help' shows the options.`);
  }
}

function oneOf<T extends string>(option: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) throw new UsageError(`${option} takes ${allowed.join(' or ')}, not '${value}'.`);
  return found;
}

function above0(option: string, unit: string, value: string, orNone = false): number {
  const parsed = value.trim() === '' ? NaN : Number(value);
  if (Number.isFinite(parsed) && (parsed > 0 || (orNone && parsed === 0))) return parsed;
  throw new UsageError(`${option} takes a number of ${unit} above 0${orNone ? ', or 0 for never' : ''}, not '${value}'.`);
}

function jsonArray(text: string): unknown[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`--args is not JSON: ${(error as Error).message}. Write for example --args '["a", 1]'.`);
  }
  if (!Array.isArray(parsed)) throw new UsageError(`--args takes a JSON array, one element an argument: --args '[${text}]'`);
  return parsed as unknown[];
}
