import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import * as esbuild from 'esbuild';
import type { FileId, SiteId } from '../../../src/shared/ids.ts';
import type { TransformRequest, TransformResponse } from '../../../src/shared/instrumentMessages.ts';

const root = join(import.meta.dirname, '../../..');

/** The worker as it ships: bundled, with the compiler in a file of its own beside it. */
describe('instrument worker', () => {
  let folder: string;
  let worker: Worker;
  let requests = 0;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'interleave-worker-'));
    const common = { bundle: true, platform: 'node', format: 'cjs', target: 'node20.19', logLevel: 'silent' } as const;
    await esbuild.build({
      ...common,
      entryPoints: [join(root, 'src/instrument/worker.ts')],
      outfile: join(folder, 'worker.cjs'),
      plugins: [
        {
          name: 'apart',
          setup: (build) => build.onResolve({ filter: /^ts-morph$/ }, () => ({ path: './ts-morph.cjs', external: true })),
        },
      ],
    });
    await esbuild.build({
      ...common,
      stdin: { contents: "module.exports = require('ts-morph');", resolveDir: root },
      outfile: join(folder, 'ts-morph.cjs'),
    });
    worker = new Worker(join(folder, 'worker.cjs'));
  });
  after(async () => {
    await worker.terminate();
    rmSync(folder, { recursive: true, force: true });
  });

  async function ask(request: Partial<TransformRequest>): Promise<TransformResponse> {
    const requestId = ++requests;
    worker.postMessage({
      type: 'transform',
      path: '/nowhere/a.cjs',
      format: 'commonjs',
      file: 1 as FileId,
      firstSite: 1 as SiteId,
      probes: true,
      ...request,
      requestId,
    });
    for (;;) {
      const [text] = (await once(worker, 'message')) as [string];
      const response = JSON.parse(text) as TransformResponse;
      if (response.requestId === requestId) return response;
    }
  }

  it('answers at once for a file without async code', async () => {
    const response = await ask({ source: 'module.exports = 1;' });
    assert.ok(response.type === 'transformed');
    assert.deepEqual([response.code, response.skipped, response.format], ['module.exports = 1;', 'no async code', 'commonjs']);
    assert.match(response.sourceHash, /^[0-9a-f]{64}$/);
  });

  it('instruments, with site ids from the first asked for', async () => {
    const source = 'async function f() { await 1 }';
    const first = await ask({ source, firstSite: 5 as SiteId });
    assert.ok(first.type === 'transformed');
    assert.deepEqual(
      first.sites.map((site) => site.id),
      [5, 6],
    );
    assert.match(first.code, /__il_e\(5\)/);
    const again = await ask({ source, firstSite: 9 as SiteId });
    assert.ok(again.type === 'transformed');
    assert.match(again.code, /__il_e\(9\)/);
  });

  it('reads the file where no text is given', async () => {
    const path = join(folder, 'given.ts');
    writeFileSync(path, 'export const f = async (a: number) => await a;');
    const response = await ask({ path, format: 'unknown' });
    assert.ok(response.type === 'transformed');
    assert.equal(response.format, 'module');
    assert.equal(response.sites.length, 2);
  });

  it('answers every request, whatever it is given', async () => {
    const missing = await ask({ path: join(folder, 'missing.ts') });
    assert.ok(missing.type === 'left');
    assert.match(missing.reason, /ENOENT/);
    const wrong = await ask({ source: 'async function (' });
    assert.ok(wrong.type === 'left');
    assert.match(wrong.reason, /^syntax error: line 1/);
    const odd = await ask({ source: 5 as unknown as string, path: '/x.ts' });
    assert.equal(odd.type, 'left');
    assert.equal((await ask({ source: 'async () => {}' })).type, 'transformed');
  });
});
