import * as fs from 'node:fs';
import * as path from 'node:path';
import type { ModuleFormat } from '../../shared/instrumentMessages.ts';

const { readFileSync } = fs;
const { parse } = JSON;
const typeOfFolder = new Map<string, ModuleFormat>();

/** The format Node would give a source file by its extension and the nearest `package.json`; `unknown` where only its text can tell. */
export function moduleFormatOf(file: string): ModuleFormat {
  const extension = path.extname(file);
  if (extension === '.mts' || extension === '.mjs') return 'module';
  if (extension === '.cts' || extension === '.cjs') return 'commonjs';
  return packageTypeOf(path.dirname(file));
}

function packageTypeOf(folder: string): ModuleFormat {
  const known = typeOfFolder.get(folder);
  if (known !== undefined) return known;
  const found = readPackageType(folder);
  const parent = path.dirname(folder);
  let type: ModuleFormat = 'unknown';
  if (found !== undefined) type = found;
  else if (parent !== folder && path.basename(folder) !== 'node_modules') type = packageTypeOf(parent);
  typeOfFolder.set(folder, type);
  return type;
}

function readPackageType(folder: string): ModuleFormat | undefined {
  let text: string;
  try {
    text = readFileSync(path.join(folder, 'package.json'), 'utf8');
  } catch {
    return undefined;
  }
  try {
    const { type } = parse(text) as { type?: unknown };
    return type === 'module' || type === 'commonjs' ? type : 'unknown';
  } catch {
    return 'unknown';
  }
}
