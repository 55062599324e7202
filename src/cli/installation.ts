import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Absolute folder of the bundles: the one this program itself was bundled into. */
export const distDir = import.meta.dirname;

/** The version in the package this program belongs to. */
export function ownVersion(): string {
  const text = readFileSync(join(distDir, '..', 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
