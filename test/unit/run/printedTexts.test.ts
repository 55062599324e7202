import assert from 'node:assert/strict';
import { join } from 'node:path';
import { TransformService } from '../../../src/run/transformService.ts';
import { nodes } from '../support/nodes.ts';
import { buildRealDist, fixtures, makeFolder, removeFolder, runTraced, type TracedRun } from './support.ts';

const root = join(fixtures, 'printed');

for (const node of nodes) {
  describe(`functions of files that TypeScript prints, Node ${node.version}`, () => {
    let dist: string;
    let transforms: TransformService;
    before(async () => {
      dist = makeFolder();
      await buildRealDist(dist);
      transforms = new TransformService({ workerPath: join(dist, 'instrument-worker.cjs') });
    });
    after(async () => {
      await transforms.dispose();
      removeFolder(dist);
    });

    const run = (exclude: readonly string[]): Promise<TracedRun> =>
      runTraced({ entry: join(root, 'main.mjs'), root, distDir: dist, nodePath: node.path, transforms, exclude });

    it('have the text they have where no probes are put in', async () => {
      const bare = await run(['**/*.{ts,cts,tsx}']);
      const traced = await run([]);
      assert.equal(bare.stderr, '');
      assert.equal(traced.stderr, '');
      const statuses = (records: TracedRun['records']): string[] =>
        records.flatMap((record) => (record.type === 'file' && !record.path.endsWith('.mjs') ? [record.status] : []));
      assert.deepEqual(statuses(traced.records), ['instrumented', 'instrumented', 'instrumented']);
      assert.deepEqual(statuses(bare.records), ['skipped', 'skipped', 'skipped']);
      assert.match(bare.stdout, /^y: async \(\) => { await 1; }$/m);
      assert.deepEqual(traced.stdout.split('\n'), bare.stdout.split('\n'));
    });
  });
}
