import * as fs from 'node:fs';
import * as path from 'node:path';

/** A file that the system runs with Node because its first line says so. */
export interface NodeScript {
  /** What that line names, as the system starts it: `/usr/bin/env` and `node`, or a Node itself. */
  readonly program: string;
  /** What stands between that and Node's own flags. */
  readonly before: readonly string[];
  /** Node's flags in the first line. */
  readonly flags: readonly string[];
  /** The script, as the system would hand it to Node. */
  readonly script: string;
}

// Kept from before the program runs: it may patch these. All else is of the loader hooks' own realm.
const { openSync, readSync, closeSync, accessSync, statSync } = fs;
const { O_RDONLY, O_NONBLOCK = 0, X_OK } = fs.constants;
const basename = path.basename.bind(path);
const isAbsolute = path.isAbsolute.bind(path);
const resolve = path.resolve.bind(path);

/** Longer first lines are cut off by the system. */
const longestLine = 255;

/** Where the system finds a program: names with a slash as they are, others in the folders of `searchPath`; undefined where it is nowhere. */
export function findProgram(name: string, searchPath: string | undefined, cwd: string): string | undefined {
  const runs = (file: string): boolean => {
    const location = isAbsolute(file) ? file : resolve(cwd, file);
    try {
      accessSync(location, X_OK);
      return statSync(location).isFile();
    } catch {
      return false;
    }
  };
  if (name.includes('/')) return runs(name) ? name : undefined;
  if (name === '' || searchPath === undefined) return undefined;
  return searchPath
    .split(':')
    .map((folder) => (folder === '' ? name : `${folder}/${name}`))
    .find(runs);
}

/** What a program found by {@link findProgram} says in its first line; undefined of all that Node does not run. */
export function readNodeScript(script: string, cwd: string): NodeScript | undefined {
  const line = firstLine(isAbsolute(script) ? script : resolve(cwd, script));
  const [, program, rest = ''] = /^#![ \t]*(\S+)[ \t]*(.*?)[ \t\r]*$/.exec(line ?? '') ?? [];
  if (program === undefined) return undefined;
  const name = basename(program);
  // What follows the program is one argument.
  if (isNodeName(name)) return { program, before: [], flags: rest === '' ? [] : [rest], script };
  if (name !== 'env') return undefined;
  if (isNodeName(rest)) return { program, before: [rest], flags: [], script };
  const words = /^-S[ \t]*([^'"\\$]+)$/.exec(rest)?.[1]?.split(/[ \t]+/) ?? [];
  const at = words.findIndex((word) => !/^\w+=/.test(word));
  if (at < 0 || !isNodeName(words[at] as string)) return undefined;
  return { program, before: words.slice(0, at + 1), flags: words.slice(at + 1), script };
}

export function isNodeName(name: string): boolean {
  return name === 'node' || name === 'nodejs';
}

function firstLine(file: string): string | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, O_RDONLY | O_NONBLOCK);
  } catch {
    return undefined;
  }
  try {
    const bytes = new Uint8Array(longestLine);
    const count = readSync(descriptor, bytes, 0, bytes.length, 0);
    let line = '';
    for (let i = 0; i < count && bytes[i] !== 10; i++) line += String.fromCharCode(bytes[i] as number);
    return line;
  } catch {
    return undefined;
  } finally {
    closeSync(descriptor);
  }
}
