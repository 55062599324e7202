import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The Node versions to test with: the one that runs the tests, those that `npm run setup` put in place, and others the machine has. */
export const nodes: readonly TestNode[] = findNodes();

interface TestNode {
  readonly path: string;
  readonly version: string;
  readonly major: number;
  /** It runs TypeScript by itself. */
  readonly typescript: boolean;
}

function findNodes(): TestNode[] {
  const program = process.platform === 'win32' ? 'node.exe' : 'node';
  const found: TestNode[] = [];
  const folders = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, program));
  for (const path of [
    process.execPath,
    process.env['INTERLEAVE_TEST_NODE'] ?? '',
    ...[22, 26].map((major) => join(import.meta.dirname, '../../../.vscode-test', `node-${major}`, 'node_modules/node/bin/node')),
    ...folders,
    '/usr/bin/node',
    '/usr/local/bin/node',
  ]) {
    if (path === '' || !existsSync(path)) continue;
    const told = execFileSync(path, ['-p', 'process.version + " " + Boolean(process.features.typescript)'], { encoding: 'utf8' });
    const [version = '', typescript] = told.trim().split(' ');
    const major = Number(version.slice(1).split('.')[0]);
    if (major < 20 || found.some((other) => other.major === major)) continue;
    found.push({ path, version, major, typescript: typescript === 'true' });
  }
  return found;
}
