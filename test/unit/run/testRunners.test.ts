import assert from 'node:assert/strict';
import { join } from 'node:path';
import { TraceModelBuilder } from '../../../src/analyze/traceModelBuilder.ts';
import type { TraceModel } from '../../../src/analyze/model.ts';
import { launchTarget } from '../../../src/run/launch.ts';
import { nodes } from '../support/nodes.ts';
import { useRealDist } from './support.ts';

const files = {
  'package.json': '{}',
  'a.test.mjs': `import { test } from 'node:test';
    import { work } from './work.mjs';
    test('works', async () => { await work(); });`,
  'b.test.mjs': `import { test } from 'node:test';
    import { work } from './work.mjs';
    test('fails', async () => { await work(); throw new Error('on purpose'); });`,
  'work.mjs': 'export async function work() { await new Promise((done) => setTimeout(done, 5)); }',
  'node_modules/vitest/dist/workers/forks.js': '',
  'node_modules/jest-runtime/build/index.js': '',
  'node_modules/collect-v8-coverage/index.js': '',
  'measures.cjs': "require('collect-v8-coverage');",
  'evaluates.cjs': `require('vitest/dist/workers/forks.js');
    require('jest-runtime/build/index.js');
    if (process.argv[2] === undefined) require('node:child_process').fork(__filename, ['child']);`,
};

interface Told {
  readonly model: TraceModel;
  readonly notices: readonly string[];
  readonly code: number | null;
}

for (const node of nodes) {
  describe(`test runners, Node ${node.version}`, () => {
    const places = useRealDist(files);

    async function trace(entry: string, more: { readonly args?: string[]; readonly nodeArgs?: string[] }): Promise<Told> {
      const builder = new TraceModelBuilder();
      const notices: string[] = [];
      const run = launchTarget(
        {
          entry: join(places.folder, entry),
          root: places.folder,
          cwd: places.folder,
          distDir: places.dist,
          nodePath: node.path,
          stdio: 'pipe',
          ...more,
        },
        { onTrace: (bytes) => builder.push(bytes), onNotice: (text) => void notices.push(text) },
      );
      run.stdout?.resume();
      run.stderr?.resume();
      const { code } = await run.finished;
      return { model: builder.snapshot(), notices, code };
    }

    it('node --test: each file in a process of its own', async () => {
      const { model, code } = await trace('a.test.mjs', { nodeArgs: ['--test'], args: ['b.test.mjs'] });
      assert.equal(code, 1);
      assert.deepEqual(model.processes.map(({ name }) => name).sort(), ['a.test.mjs', 'b.test.mjs']);
      const lanes = model.tasks.filter(({ name }) => name === 'work').map(({ thread }) => thread);
      assert.deepEqual(lanes.sort(), model.processes.map(({ thread }) => thread).sort());
      assert.deepEqual(model.warnings, []);
    });

    it('that make the text they run themselves: the run says so, once', async () => {
      const { model, notices } = await trace('evaluates.cjs', {});
      assert.equal(notices.length, 2);
      assert.match(notices[0]!, /^vitest makes the text .* not instrumented, unless /);
      assert.match(notices[1]!, /^jest makes the text .* not instrumented$/);
      assert.deepEqual(model.notices, notices);
      for (const text of notices) assert.ok(model.warnings.includes(text));
    });

    it('whose coverage V8 measures: the run says that their texts stay as they are', async () => {
      const { notices } = await trace('measures.cjs', {});
      assert.equal(notices.length, 1);
      assert.match(notices[0]!, /^jest makes the text .* coverage is measured by V8/);
    });
  });
}
