import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { nodes } from '../support/nodes.ts';
import { runTraced, useRealBench, writeFiles } from './support.ts';

/**
 * Calls itself for ever; tells with what it ended and where that was, and whether hardly any of the calls failed where they were made and
 * not by what they awaited: a probe that reads the clock takes as much stack as some of them. That Node has to tell of a rejection on the
 * last bytes of the stack ends the bare program with 1, too, once in about 1,000 runs.
 */
const endless = `
const { inspect } = require('node:util');
const calls = [];
async function deep() { const call = deep(); calls.push(call); await call; }
process.on('unhandledRejection', () => {});
deep().catch(({ name, message, stack }) => {
  console.log(name, message);
  const [, ...frames] = stack.split('\\n');
  console.log(frames.length >= 5, frames.filter((frame) => !/ at (deep|Array\\.push) /.test(frame)));
});
console.log(calls.slice(0, 1000).filter((call) => inspect(call).includes('rejected')).length <= 5);
`;

for (const node of nodes) {
  describe(`recursion without end, Node ${node.version}`, () => {
    const bench = useRealBench();

    it('overflows the stack at its deepest call, not at each of those that wait for it', async () => {
      const root = join(bench.folder, 'src');
      writeFiles(root, { 'endless.cjs': endless });
      const entry = join(root, 'endless.cjs');
      const bare = spawnSync(node.path, [entry], { encoding: 'utf8' });
      const { stdout, result } = await runTraced({
        entry,
        root,
        distDir: bench.dist,
        nodePath: node.path,
        transforms: bench.transforms,
      });
      assert.equal(stdout, bare.stdout);
      assert.equal(stdout, 'true\nRangeError Maximum call stack size exceeded\ntrue []\n');
      assert.equal(result.code, 0);
    });
  });
}
