import * as fs from 'node:fs';
import * as path from 'node:path';
import type { PathMapping } from '../../shared/instrumentMessages.ts';

const { statSync } = fs;

/** Which source a compiled name stands for, in the order tried. */
const sourceOfOutput: Readonly<Record<string, readonly string[]>> = {
  '.js': ['.ts', '.tsx', '.jsx'],
  '.jsx': ['.tsx'],
  '.mjs': ['.mts'],
  '.cjs': ['.cts'],
};
const omittedExtensions = ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs', '.json'];

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true;
}

/** The file that an import of an absolute path means in TypeScript, beyond what Node itself would find; undefined where there is none. */
export function findTypeScriptFile(target: string): string | undefined {
  const extension = path.extname(target);
  const stem = target.slice(0, target.length - extension.length);
  for (const replacement of sourceOfOutput[extension] ?? []) {
    if (isFile(stem + replacement)) return stem + replacement;
  }
  for (const added of omittedExtensions) if (isFile(target + added)) return target + added;
  for (const added of omittedExtensions) {
    const index = path.join(target, `index${added}`);
    if (isFile(index)) return index;
  }
  return undefined;
}

function findExactOrTypeScript(target: string): string | undefined {
  return isFile(target) ? target : findTypeScriptFile(target);
}

/** A bare import found through `paths` and `baseUrl` of the importing file's `tsconfig.json`; undefined where these do not apply. */
export function resolveMapped(specifier: string, mapping: PathMapping): string | undefined {
  if (specifier.startsWith('.') || specifier.startsWith('node:') || path.isAbsolute(specifier)) return undefined;
  // The most specific pattern wins: an exact name, else the longest text before the star.
  let best: { targets: readonly string[]; star: string; prefix: number } | undefined;
  for (const [pattern, targets] of Object.entries(mapping.paths)) {
    const at = pattern.indexOf('*');
    if (at < 0) {
      if (pattern === specifier) best = { targets, star: '', prefix: Infinity };
      continue;
    }
    const after = pattern.slice(at + 1);
    if (specifier.length < pattern.length - 1 || !specifier.startsWith(pattern.slice(0, at)) || !specifier.endsWith(after))
      continue;
    if (best === undefined || at > best.prefix) {
      best = { targets, star: specifier.slice(at, specifier.length - after.length), prefix: at };
    }
  }
  for (const target of best?.targets ?? []) {
    const found = findExactOrTypeScript(
      path.resolve(
        mapping.base,
        target.replace('*', () => best?.star ?? ''),
      ),
    );
    if (found !== undefined) return found;
  }
  return mapping.baseUrl === undefined ? undefined : findExactOrTypeScript(path.join(mapping.baseUrl, specifier));
}

/** A relative or absolute import, with a path seen from the folder of the importing file. */
export function resolveRelative(specifier: string, importer: string): string | undefined {
  if (!/^\.{0,2}\//.test(specifier) && specifier !== '.' && specifier !== '..' && !path.isAbsolute(specifier)) return undefined;
  return findTypeScriptFile(path.resolve(path.dirname(importer), specifier));
}
