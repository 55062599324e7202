import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, version } from 'node:process';
import { basename, dirname, join } from 'node:path';
import { Script } from 'node:vm';

const hashLength = 32;
/** Code of another Node, or of another version of ours, that nobody has renewed for so long goes. */
const oldestMs = 30 * 24 * 3600 * 1000;

/** Of the bundles that run without code of an earlier process. */
const unkept: (() => void)[] = [];

/** True where {@link keepCode} has something to keep. */
export function lacksCode(): boolean {
  return unkept.length > 0;
}

/** Keeps V8's code of what has run so far, for the next process. Takes a tenth of a second or two; never throws. */
export function keepCode(): void {
  for (const keep of unkept.splice(0)) keep();
}

/**
 * Runs a CommonJS bundle with the code that V8 made of it in an earlier process, which for a large one takes most of the time to load.
 * @param folder where that code is kept; another Node or another bundle has a file of its own there
 */
export function runBundle(file: string, folder: string): unknown {
  const code = join(folder, codeName(file));
  const cachedData = readCode(code);
  const source = readFileSync(file, 'utf8');
  const script = new Script(`(function (exports, require, module, __filename, __dirname) { ${source}\n})`, {
    filename: file,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  const module = { exports: {} as unknown };
  const run = script.runInThisContext() as (...args: readonly unknown[]) => void;
  run(module.exports, createRequire(file), module, file, dirname(file));
  if (cachedData === undefined || script.cachedDataRejected === true)
    unkept.push(() => writeCode(code, script.createCachedData()));
  return module.exports;
}

function codeName(file: string): string {
  const { size, mtimeMs } = statSync(file);
  const maker = createHash('sha256').update(`${file} ${size} ${mtimeMs} ${version} ${arch} ${process.versions.v8}`);
  return `${basename(file, '.cjs')}-${maker.digest('hex').slice(0, 16)}.code`;
}

/** V8 trusts what it is given: damaged code would end the process, so a hash stands before it. */
function readCode(path: string): Buffer | undefined {
  try {
    const bytes = readFileSync(path);
    const code = bytes.subarray(hashLength);
    return hashOf(code).equals(bytes.subarray(0, hashLength)) ? code : undefined;
  } catch {
    return undefined;
  }
}

function writeCode(path: string, code: Buffer): void {
  // Of one name: what a process that was killed has left is written over by the next.
  const partial = `${path}.partial`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(partial, Buffer.concat([hashOf(code), code]), { mode: 0o600 });
    renameSync(partial, path);
    removeOld(dirname(path));
  } catch {
    try {
      rmSync(partial, { force: true });
    } catch {
      // Its folder is none: nothing was written.
    }
  }
}

function removeOld(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (name.endsWith('.code') && Date.now() - statSync(path).mtimeMs > oldestMs) rmSync(path, { force: true });
  }
}

function hashOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
