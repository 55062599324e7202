import * as path from 'node:path';
import * as process from 'node:process';
import { findProgram, isNodeName, readNodeScript, type NodeScript } from './nodeScript.ts';
import { canBeQuiet, hushed, saysAll, type OwnFlags } from './quietStart.ts';
import { commandWords, shellQuoted, type CommandWord } from './shellWords.ts';

/** What Node hands to its own spawn, asynchronous or not. */
export interface SpawnRequest {
  readonly file?: unknown;
  readonly args?: unknown;
  readonly cwd?: unknown;
  readonly envPairs?: unknown;
  readonly uid?: unknown;
  readonly gid?: unknown;
}

/** The start of a process that is Node or leads to one. */
export type NodeStart =
  | {
      /** The same with further flags for Node: what to run, and its arguments from the program's name on. */
      readonly withFlags: (flags: OwnFlags) => { readonly file: string; readonly args: readonly unknown[] };
    }
  | {
      /** Why Node cannot be given flags there, in plain words. */
      readonly left: string;
    };

const windows = process.platform === 'win32';
const starters = new Set(['npm', 'npx', 'pnpm', 'pnpx', 'yarn', 'tsx', 'corepack']);
const shells = new Set(['sh', 'bash', 'dash', 'zsh', 'ksh', 'ash', 'cmd', 'powershell', 'pwsh']);
const nodeInCommand = /(?:^|[\s"'/\\;&|(])(?:node|nodejs|npm|npx|pnpm|yarn|tsx)(?:\.exe|\.cmd)?(?=$|[\s"';&|)])/i;
/** With these Node runs no program. */
const printsOnly = new Set(['-v', '--version', '-h', '--help', '--v8-options', '--completion-bash']);
/** Under these the program's own Node would not load the file, or treat it as part of what it makes. */
const refuses: readonly (readonly [flag: RegExp, reason: string])[] = [
  [/^--(?:experimental-)?permission$/, "it runs under Node's permission model"],
  [/^--experimental-policy\b/, 'it runs under a policy'],
  [/^--(?:build-snapshot|experimental-sea-config)/, 'it only builds a program'],
];
const takesValue = new Set([
  '-r',
  '--require',
  '--import',
  '-e',
  '--eval',
  '-p',
  '--print',
  '-pe',
  '-C',
  '--conditions',
  '--loader',
]);
/** Commands of a shell that no file of the same name replaces. */
const builtins = new Set([
  'echo',
  'printf',
  'test',
  '[',
  'true',
  'false',
  'cd',
  'exit',
  'export',
  'set',
  'unset',
  'kill',
  'wait',
  ':',
  '.',
]);
const byOtherMeans = 'the way it is started leaves no place for flags of Node';

const { execPath, versions } = process;
const basename = path.basename.bind(path);
const isAbsolute = path.isAbsolute.bind(path);
const resolve = path.resolve.bind(path);
const workingFolder = process.cwd.bind(process);

/** Tells whether a process about to be started is Node or leads to one; undefined of all others. */
export function findNodeStart(request: SpawnRequest): NodeStart | undefined {
  const { file, args } = request;
  if (typeof file !== 'string') return undefined;
  const words: unknown[] = Array.isArray(args) ? Array.from(args as unknown[]) : [file];
  const name = nameOf(file);
  const environment = new Environment(request);
  if (shells.has(name)) return shellStart(file, words, environment);
  if (file === execPath || isNodeName(name)) {
    if (versions['electron'] !== undefined && file === execPath && environment.get('ELECTRON_RUN_AS_NODE') === undefined)
      return undefined;
    return binaryStart(file, words, environment);
  }
  const found = windows ? file : findProgram(file, environment.get('PATH'), environment.cwd);
  const script = found === undefined || windows ? undefined : readNodeScript(found, environment.cwd);
  if (script !== undefined) return scriptStart(script, words, environment);
  return found !== undefined && starters.has(name) ? { left: byOtherMeans } : undefined;
}

function nameOf(file: string): string {
  return basename(file)
    .toLowerCase()
    .replace(/\.(exe|cmd)$/, '');
}

class Environment {
  readonly cwd: string;
  readonly #pairs: readonly unknown[];

  constructor({ cwd, envPairs }: SpawnRequest) {
    this.cwd = typeof cwd === 'string' ? resolve(workingFolder(), cwd) : workingFolder();
    this.#pairs = Array.isArray(envPairs) ? (envPairs as unknown[]) : [];
  }

  readonly get = (name: string): string | undefined => {
    for (const pair of this.#pairs)
      if (typeof pair === 'string' && pair.startsWith(`${name}=`)) return pair.slice(name.length + 1);
    return undefined;
  };
}

/** Why the flags given to Node keep it from being followed; null where it runs no program. */
function refusal(flags: readonly unknown[], environment: Environment): string | null | undefined {
  const own: string[] = [];
  for (let i = 0; i < flags.length; i++) {
    const flag = flags[i];
    if (typeof flag !== 'string' || !flag.startsWith('-') || flag === '-' || flag === '--') break;
    if (printsOnly.has(flag)) return null;
    own.push(flag);
    if (takesValue.has(flag)) i++;
  }
  own.push(...(environment.get('NODE_OPTIONS') ?? '').split(/\s+/));
  for (const [pattern, reason] of refuses) if (own.some((flag) => pattern.test(flag))) return reason;
  return undefined;
}

function binaryStart(file: string, [name, ...rest]: readonly unknown[], environment: Environment): NodeStart | undefined {
  const left = refusal(rest, environment);
  if (left === null) return undefined;
  if (left !== undefined) return { left };
  return {
    withFlags(flags) {
      const quiet = flags.quiet !== undefined && canBeQuiet(file, rest, environment) ? flags.quiet : undefined;
      return { file, args: quiet === undefined ? [name, ...flags.plain, ...rest] : [name, ...quiet, ...hushed(rest)] };
    },
  };
}

/** The system would start the program of the script's first line with the script; Node's own flags have their place before it. */
function scriptStart(script: NodeScript, [, ...rest]: readonly unknown[], environment: Environment): NodeStart {
  const left = refusal(script.flags, environment);
  if (typeof left === 'string') return { left };
  const { program, before } = script;
  return {
    withFlags: (flags) => ({
      file: program,
      args: [program, ...before, ...flagsOf(script, flags, environment), ...script.flags, script.script, ...rest],
    }),
  };
}

function flagsOf({ program, before, flags: own }: NodeScript, flags: OwnFlags, environment: Environment): readonly string[] {
  const [name = program, ...more] = before;
  // Variables that are set there may be any.
  const canHave = flags.quiet !== undefined && more.length === 0 && canBeQuiet(name, own, environment);
  return canHave ? flags.quiet : flags.plain;
}

function shellStart(file: string, words: readonly unknown[], environment: Environment): NodeStart | undefined {
  const at = words.findIndex((word, index) => index > 0 && typeof word === 'string' && /^-[a-z]*c[a-z]*$/.test(word)) + 1;
  const command = words[at];
  if (at === 0 || typeof command !== 'string') {
    return nodeInCommand.test(words.slice(1).join(' ')) ? { left: byOtherMeans } : undefined;
  }
  const option = words[at - 1] as string;
  const places = windows || showsCommands(option, command) ? undefined : placesIn(command, option, environment);
  if (places === undefined || places.length === 0) return nodeInCommand.test(command) ? { left: byOtherMeans } : undefined;
  const left = refusal(
    command.split(/\s+/).filter((word) => word.startsWith('--')),
    environment,
  );
  if (typeof left === 'string') return { left };
  return {
    withFlags(flags) {
      let text = '';
      let from = 0;
      for (const place of places) {
        text += command.slice(from, place.start) + place.with(flags);
        from = place.end;
      }
      return { file, args: words.map((word, index) => (index === at ? text + command.slice(from) : word)) };
    },
  };
}

/** A shell that prints what it runs would print our flags too. */
function showsCommands(option: string, command: string): boolean {
  return /[vx]/.test(option) || /\bset\s+-[a-z]*[vx]|\bxtrace\b|\bverbose\b|BASH_COMMAND/.test(command);
}

interface Place {
  readonly start: number;
  readonly end: number;
  readonly with: (flags: OwnFlags) => string;
}

/** Where a command of a shell names Node or a script of it; undefined for commands that are not understood. */
function placesIn(command: string, option: string, environment: Environment): Place[] | undefined {
  const words = commandWords(command);
  if (words === undefined) return undefined;
  // What the command does to them is not followed.
  const moves = words.some((word) => word.text === 'cd') || /\bPATH=/.test(command);
  const quoted = (parts: readonly string[]): string => parts.map(shellQuoted).join(' ');
  const names = words.map(({ text }) => text);
  const isPlain = saysAll(option, command, names, environment);
  const quietOf = (program: string, { quiet }: OwnFlags): readonly string[] | undefined =>
    isPlain && (!moves || isAbsolute(program)) && canBeQuiet(program, [command], environment) ? quiet : undefined;
  return words.flatMap((word): Place[] => {
    const name = expanded(word, environment);
    if (name === undefined || builtins.has(name)) return [];
    if (name === execPath || isNodeName(basename(name))) {
      if (printsOnly.has(word.next)) return [];
      return [{ start: word.end, end: word.end, with: (flags) => ` ${quoted(quietOf(name, flags) ?? flags.plain)}` }];
    }
    if (moves && !isAbsolute(name)) return [];
    const found = findProgram(name, environment.get('PATH'), environment.cwd);
    const script = found === undefined ? undefined : readNodeScript(found, environment.cwd);
    if (script === undefined) return [];
    const { program, before, flags: own, script: file } = script;
    return [
      {
        start: word.start,
        end: word.end,
        with(flags) {
          const given = isPlain && !moves ? flagsOf(script, flags, environment) : flags.plain;
          return quoted([program, ...before, ...given, ...own, file]);
        },
      },
    ];
  });
}

/** A command's name; a variable alone stands for what the environment says. */
function expanded({ text, raw }: CommandWord, environment: Environment): string | undefined {
  if (text !== undefined) return text;
  const [, plain, braced] = /^"?\$(?:(\w+)|\{(\w+)\})"?$/.exec(raw) ?? [];
  const variable = plain ?? braced;
  return variable === undefined ? undefined : environment.get(variable);
}
