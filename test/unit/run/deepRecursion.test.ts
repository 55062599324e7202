import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { TransformService } from '../../../src/run/transformService.ts';
import { nodes } from '../support/nodes.ts';
import { buildRealDist, makeFolder, removeFolder, runTraced, writeFiles } from './support.ts';

/** Calls itself for ever; tells with what it ended, and how many of the calls failed where they were made and not by what they awaited. */
const endless = `
const { inspect } = require('node:util');
const calls = [];
async function deep() { const call = deep(); calls.push(call); await call; }
deep().catch(({ name, message }) => console.log(name, message));
console.log(calls.slice(0, 1000).filter((call) => inspect(call).includes('rejected')).length <= 2);
`;

for (const node of nodes) {
  describe(`recursion without end, Node ${node.version}`, () => {
    let folder: string;
    let transforms: TransformService;
    before(async () => {
      folder = makeFolder();
      await buildRealDist(join(folder, 'dist'));
      transforms = new TransformService({ workerPath: join(folder, 'dist', 'instrument-worker.cjs') });
    });
    after(async () => {
      await transforms.dispose();
      removeFolder(folder);
    });

    it('overflows the stack at its deepest call, not at each of those that wait for it', async () => {
      const root = join(folder, 'src');
      writeFiles(root, { 'endless.cjs': endless });
      const entry = join(root, 'endless.cjs');
      const bare = spawnSync(node.path, [entry], { encoding: 'utf8' });
      const { stdout, result } = await runTraced({ entry, root, distDir: join(folder, 'dist'), nodePath: node.path, transforms });
      assert.equal(stdout, bare.stdout);
      assert.equal(stdout, 'true\nRangeError Maximum call stack size exceeded\n');
      assert.equal(result.code, 0);
    });
  });
}
