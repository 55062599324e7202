import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { findings } from '../../../src/analyze/findings.ts';
import { TraceModelBuilder } from '../../../src/analyze/traceModelBuilder.ts';
import { nodes } from '../support/nodes.ts';
import { runTraced, useRealBench, writeFiles } from './support.ts';

const program = `const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
process.on('unhandledRejection', (reason) => console.log('unhandled', reason.message));
process.on('rejectionHandled', () => console.log('handled'));
async function audit(user) {
  await sleep(5);
  throw new Error('no ' + user);
}
async function handled() {
  await sleep(5);
  throw new Error('handled');
}
async function save() {
  audit('ann');
  await sleep(30);
}
async function main() {
  handled().catch(() => {});
  await save();
  // A look of the program's own at the listeners is no rejection.
  console.log(process.listenerCount('unhandledRejection'), process.emit('unhandledRejection', new Error('by hand')));
  const promise = audit('bob');
  await sleep(30);
  await promise.catch(() => console.log('late'));
}
main();
`;

describe('promises that nobody handles', () => {
  const bench = useRealBench();
  const starts = `require('node:child_process').fork(__dirname + '/program.cjs');`;
  before(() => writeFiles(join(bench.folder, 'src'), { 'program.cjs': program, 'starts.cjs': starts }));

  for (const node of nodes) {
    for (const [name, where] of [
      ['program.cjs', ''],
      ['starts.cjs', ', in a child process'],
    ] as const)
      it(`are told with the task that made them${where}, Node ${node.version}`, async () => {
        const root = join(bench.folder, 'src');
        const entry = join(root, name);
        const bare = spawnSync(node.path, [entry], { encoding: 'utf8' });
        const traced = await runTraced({ entry, root, distDir: bench.dist, nodePath: node.path, transforms: bench.transforms });
        assert.equal(traced.stdout, bare.stdout);
        assert.equal(traced.stderr, bare.stderr);
        const builder = new TraceModelBuilder();
        builder.push(traced.trace);
        const found = findings(builder.snapshot()).filter(({ rule }) => rule === 'unhandled-rejection');
        assert.equal(found.length, 2);
        assert.deepEqual(
          { line: found[0]?.line, message: found[0]?.message },
          { line: 13, message: 'audit #1 threw (Error: no ann) and nobody handled its promise' },
        );
        assert.match(found[1]?.message ?? '', /likely that of audit #2 \(Error: no bob\)/);
      });
  }
});
