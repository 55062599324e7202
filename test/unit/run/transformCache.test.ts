import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { FileId, SiteId } from '../../../src/shared/ids.ts';
import type { TransformRequest, TransformResponse } from '../../../src/shared/instrumentMessages.ts';
import type { Site } from '../../../src/shared/site.ts';
import { TransformCache } from '../../../src/run/transformCache.ts';
import { TransformService } from '../../../src/run/transformService.ts';
import { buildRealDist, makeFolder, removeFolder, runTraced, writeFiles } from './support.ts';

describe('cache of instrumented texts', () => {
  let folder: string;
  let worker: string;
  beforeEach(() => {
    folder = makeFolder();
    worker = join(folder, 'worker.cjs');
    writeFileSync(worker, '1');
  });
  afterEach(() => removeFolder(folder));

  const open = (root = '/p'): TransformCache => new TransformCache({ folder: join(folder, 'cache'), root, workerPath: worker });
  const request = (path: string, source: string, requestId = 1): TransformRequest => ({
    type: 'transform',
    requestId,
    path,
    source,
    format: 'module',
    file: 1 as FileId,
    firstSite: 1 as SiteId,
    probes: true,
  });
  /** What the instrumenter might have made: as many sites as asked for. */
  function made(cache: TransformCache, sites: number, inputs: readonly string[] = []): TransformResponse {
    const firstSite = cache.nextSite;
    return {
      type: 'transformed',
      requestId: 1,
      code: `code from ${firstSite}`,
      format: 'module',
      sites: Array.from({ length: sites }, (_, i) => ({ id: firstSite + i }) as unknown as Site),
      sourceHash: 'h',
      needsSourceMap: false,
      inputs,
    };
  }
  const put = (cache: TransformCache, path: string, source: string, sites: number, inputs?: readonly string[]): void =>
    cache.put(request(path, source), made(cache, sites, inputs));
  const codeOf = (cache: TransformCache, path: string, source: string): string | undefined =>
    cache.get(request(path, source, 7))?.code;

  it('gives in a later run what an earlier one made, with the request it answers', () => {
    const first = open();
    assert.equal(first.isWarm, false);
    put(first, '/p/a.mjs', 'ä', 3);
    put(first, '/p/b.mjs', 'b', 2);
    first.save();
    const second = open();
    assert.equal(second.isWarm, true);
    const answer = second.get(request('/p/b.mjs', 'b', 7));
    assert.deepEqual([answer?.requestId, answer?.code, answer?.sites.map(({ id }) => Number(id))], [7, 'code from 4', [4, 5]]);
    assert.equal(codeOf(second, '/p/a.mjs', 'ä'), 'code from 1');
    assert.equal(codeOf(second, '/p/a.mjs', 'changed'), undefined);
    assert.equal(codeOf(second, '/p/c.mjs', 'b'), undefined);
    assert.equal(open('/other').isWarm, false);
  });

  it('gives new texts site ids that no text of the project has', () => {
    const first = open();
    put(first, '/p/a.mjs', 'a', 3);
    first.save();
    const second = open();
    assert.equal(second.nextSite, 4);
    put(second, '/p/b.mjs', 'b', 2);
    second.save();
    assert.equal(open().nextSite, 6);
  });

  it('gives no text whose site ids another text of the run has', () => {
    const one = open();
    const other = open();
    put(one, '/p/a.mjs', 'a', 3);
    put(other, '/p/b.mjs', 'b', 3);
    one.save();
    const third = open();
    other.save();
    // Two runs at the same time: the later one wins, and what it did not know is made again.
    assert.equal(codeOf(third, '/p/a.mjs', 'a'), 'code from 1');
    put(third, '/p/c.mjs', 'c', 1);
    assert.equal(third.nextSite, 5);
    const clash = open();
    put(clash, '/p/d.mjs', 'd', 1);
    assert.equal(codeOf(clash, '/p/b.mjs', 'b'), 'code from 1');
    assert.equal(codeOf(clash, '/p/b.mjs', 'b'), undefined, 'its ids are taken now');
  });

  it('makes texts again whose configuration changed, came or went', () => {
    const config = join(folder, 'tsconfig.json');
    const first = open();
    put(first, '/p/a.ts', 'a', 1, [config]);
    first.save();
    assert.ok(codeOf(open(), '/p/a.ts', 'a'));
    writeFileSync(config, '{}');
    assert.equal(codeOf(open(), '/p/a.ts', 'a'), undefined);
  });

  it('forgets what another build of the instrumenter made', () => {
    const first = open();
    put(first, '/p/a.mjs', 'a', 1);
    first.save();
    utimesSync(worker, new Date(), new Date(statSync(worker).mtimeMs + 5000));
    assert.equal(open().isWarm, false);
  });

  it('is empty where its file is damaged, cut off or cannot be written, and leaves nothing behind', () => {
    const first = open();
    put(first, '/p/a.mjs', 'a', 1);
    first.save();
    const [name] = readdirSync(join(folder, 'cache'));
    const file = join(folder, 'cache', name ?? '');
    const whole = readFileSync(file);
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.from('{'),
      whole.subarray(0, whole.length - 3),
      Buffer.from('null\n'),
      Buffer.from('{"format":1}\n'),
    ]) {
      writeFileSync(file, bytes);
      const damaged = open();
      assert.equal(codeOf(damaged, '/p/a.mjs', 'a'), undefined);
      put(damaged, '/p/a.mjs', 'a', 1);
      damaged.save();
      assert.equal(codeOf(open(), '/p/a.mjs', 'a'), 'code from 1');
    }
    assert.deepEqual(readdirSync(join(folder, 'cache')), [name]);
    const nowhere = new TransformCache({ folder: join(worker, 'below-a-file'), root: '/p', workerPath: worker });
    put(nowhere, '/p/a.mjs', 'a', 1);
    nowhere.save();
  });

  it('drops texts that many runs had no use for', () => {
    const first = open();
    put(first, '/p/old.mjs', 'old', 1);
    first.save();
    for (let run = 0; run < 21; run++) {
      const next = open();
      put(next, '/p/a.mjs', `version ${run}`, 1);
      next.save();
    }
    assert.equal(codeOf(open(), '/p/old.mjs', 'old'), undefined);
    assert.ok(codeOf(open(), '/p/a.mjs', 'version 20'));
  });

  it('knows before a run which files were written since the last one, and forgets it where nothing changed in them', () => {
    const file = join(folder, 'a.mjs');
    writeFileSync(file, 'a');
    const first = open();
    put(first, file, 'a', 1);
    put(first, '/p/gone.mjs', 'gone', 1);
    first.save();
    assert.equal(open().looksChanged(), false);
    utimesSync(file, new Date(), new Date(Date.now() + 5000));
    const second = open();
    assert.equal(second.looksChanged(), true);
    assert.equal(codeOf(second, file, 'a'), 'code from 1');
    second.save();
    assert.equal(open().looksChanged(), false);
    writeFileSync(file, 'longer');
    const third = open();
    assert.equal(third.looksChanged(), true);
    put(third, file, 'longer', 1);
    third.save();
    assert.equal(open().looksChanged(), false);
  });

  it('keeps no answer that was a failure', () => {
    const first = open();
    first.put(request('/p/a.mjs', 'a'), { type: 'left', requestId: 1, reason: 'it took longer than 60 s', sourceHash: '' });
    first.save();
    assert.equal(open().isWarm, false);
  });

  it('lets a second run do without the instrumenter, with the same trace', async () => {
    const dist = join(folder, 'dist');
    await buildRealDist(dist);
    const root = join(folder, 'src');
    writeFiles(root, {
      'package.json': '{"type":"module"}',
      'main.ts': `import { helper } from './helper.ts';\nenum Kind { One = 1 }\nconsole.log(await helper(Kind.One as number));\n`,
      'helper.ts': `export async function helper(n: number): Promise<number> { await null; return n; }\n`,
    });
    const asked: string[] = [];
    const transforms = new TransformService({ workerPath: join(dist, 'instrument-worker.cjs') });
    const watched = {
      transform: (question: TransformRequest) => {
        asked.push(question.path);
        return transforms.transform(question);
      },
    } as TransformService;
    const run = () =>
      runTraced({
        entry: join(root, 'main.ts'),
        root,
        distDir: dist,
        transforms: watched,
        cacheFolder: join(folder, 'cache'),
      });
    try {
      const first = await run();
      assert.equal(first.stdout, '1\n', first.stderr);
      assert.equal(asked.length, 2);
      const second = await run();
      assert.equal(second.stdout, '1\n', second.stderr);
      assert.equal(asked.length, 2, 'nothing was asked for');
      assert.deepEqual(second.events, first.events);
      const files = (traced: typeof first) => traced.records.filter(({ type }) => type === 'file');
      assert.deepEqual(files(second), files(first));
      writeFiles(root, {
        'helper.ts': `export async function helper(n: number): Promise<number> { await null; return n + 1; }\n`,
      });
      const third = await run();
      assert.equal(third.stdout, '2\n', third.stderr);
      assert.deepEqual(asked.slice(2), [join(root, 'helper.ts')]);
      writeFiles(root, { 'tsconfig.json': '{"compilerOptions":{"experimentalDecorators":true}}' });
      await run();
      assert.equal(asked.length, 5, 'both again');
    } finally {
      await transforms.dispose();
    }
  });

  it('tells once of a text that several threads of a second run take, and makes anew what was cut off', async () => {
    const dist = join(folder, 'dist');
    await buildRealDist(dist);
    const root = join(folder, 'src');
    writeFiles(root, {
      'package.json': '{"type":"module"}',
      'main.mjs':
        "import { once } from 'node:events';\nimport { Worker } from 'node:worker_threads';\nimport { helper } from './helper.mjs';\n" +
        "console.log(await helper(1));\nawait once(new Worker(new URL('./thread.mjs', import.meta.url)), 'exit');\n",
      'thread.mjs': "import { helper } from './helper.mjs';\nconsole.log(await helper(2));\n",
      'helper.mjs': '\ufeffexport async function helper(n) { await null; return `${n} ${helper}`; }\n',
    });
    const cacheFolder = join(folder, 'cache');
    const run = () => runTraced({ entry: join(root, 'main.mjs'), root, distDir: dist, cacheFolder });
    const filesOf = ({ records }: Awaited<ReturnType<typeof run>>) =>
      records.flatMap((record) => (record.type === 'file' ? [{ ...record, path: relative(root, record.path) }] : []));
    const expected = '1 async function helper(n) { await null; return `${n} ${helper}`; }\n';
    const first = await run();
    assert.equal(first.stdout, expected + expected.replace('1', '2'), first.stderr);
    assert.deepEqual(
      filesOf(first).map(({ path }) => path),
      ['main.mjs', 'helper.mjs', 'thread.mjs'],
    );
    const second = await run();
    assert.equal(second.stdout, first.stdout, second.stderr);
    assert.deepEqual(filesOf(second), filesOf(first));
    assert.equal(second.result.counts.files, 3);
    for (const name of readdirSync(cacheFolder).filter((file) => file.endsWith('.pack')))
      writeFileSync(join(cacheFolder, name), readFileSync(join(cacheFolder, name)).subarray(0, 400));
    const third = await run();
    assert.equal(third.stdout, first.stdout, third.stderr);
    assert.deepEqual(filesOf(third), filesOf(first));
  });
});
