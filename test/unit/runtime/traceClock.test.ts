import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { nodes } from '../support/nodes.ts';

/** Prints how far the clock is from Node's own, in units of 100 ns, now and after 20 ms, while Node's is not to be had as big integers. */
const program = `
import { createRequire } from 'node:module';
import { createWallClock } from './src/runtime/record/traceClock.ts';
const { internalBinding } = createRequire('/')('internal/test/binding');
const bigint = process.hrtime.bigint;
process.hrtime.bigint = () => { throw new Error('the slow clock'); };
const origin = new Float64Array([1000]);
const now = createWallClock({ binding: internalBinding, module() {} }, origin);
const apart = () => Number(bigint() / 100n) - 1000 - now();
const first = apart();
for (const from = Date.now(); Date.now() - from < 20; ) now();
console.log(first, apart());
`;

describe('the clock of a trace', () => {
  const text = buildSync({
    stdin: { contents: program, resolveDir: join(import.meta.dirname, '../../..'), loader: 'ts' },
    ...{ bundle: true, write: false, platform: 'node', format: 'cjs' },
  }).outputFiles[0]!.text;

  for (const { path, version } of nodes) {
    it(`is the quick one of Node ${version}`, () => {
      const printed = execFileSync(path, ['--expose-internals', '--no-warnings', '-e', text], { encoding: 'utf8' });
      for (const apart of printed.trim().split(' ').map(Number)) assert.ok(Math.abs(apart) < 100_000_000, printed);
    });
  }
});
