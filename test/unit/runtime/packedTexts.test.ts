import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FileId, SiteId } from '../../../src/shared/ids.ts';
import type { TransformRequest } from '../../../src/shared/instrumentMessages.ts';
import type { Site } from '../../../src/shared/site.ts';
import { TransformCache } from '../../../src/run/transformCache.ts';
import { openPackedTexts, type PackedTexts } from '../../../src/runtime/loading/packedTexts.ts';
import { makeFolder, removeFolder } from '../run/support.ts';

const decoder = new TextDecoder();
const exactDecoder = new TextDecoder('utf-8', { ignoreBOM: true });
const host = { decodeUtf8: decoder.decode.bind(decoder), decodeExact: exactDecoder.decode.bind(exactDecoder) };

describe('texts that the target takes from the pack', () => {
  let folder: string;
  beforeEach(() => (folder = makeFolder()));
  afterEach(() => removeFolder(folder));

  const open = (): TransformCache =>
    new TransformCache({ folder: join(folder, 'cache'), root: '/p', workerPath: join(folder, 'worker.cjs') });
  const packFile = (): string => join(folder, 'cache', readdirSync(join(folder, 'cache'))[0] ?? '');

  function put(cache: TransformCache, path: string, source: string, inputs: readonly string[] = []): void {
    const request: TransformRequest = {
      type: 'transform',
      requestId: 1,
      path,
      source,
      format: 'module',
      file: 1 as FileId,
      firstSite: 1 as SiteId,
      probes: true,
    };
    cache.put(request, {
      type: 'transformed',
      requestId: 1,
      code: `${source} // instrumented`,
      format: 'module',
      sites: [{ id: cache.nextSite } as unknown as Site],
      sourceHash: 'h',
      needsSourceMap: false,
      columns: [1, 2, 3, 4, 5, 70_000],
      inputs,
    });
  }

  function keep(sources: Readonly<Record<string, string>>, inputs?: readonly string[]): TransformCache {
    const cache = open();
    for (const [path, source] of Object.entries(sources)) put(cache, path, source, inputs);
    cache.save();
    return open();
  }

  const packed = (cache: TransformCache): PackedTexts => {
    assert.ok(cache.pack);
    return openPackedTexts(cache.pack, host);
  };

  it('are those made of the very same text, path, format and wish for probes', () => {
    const cache = keep({ '/p/a.mjs': 'ä 1', '/p/b.mjs': 'b' });
    const texts = packed(cache);
    const found = texts.find('/p/a.mjs', 'ä 1', 'module', true);
    assert.equal(found?.place, 0);
    assert.deepEqual([...(found.answer.columns ?? [])], [1, 2, 3, 4, 5, 70_000]);
    assert.deepEqual(
      { ...found.answer, columns: [] },
      {
        type: 'transformed',
        requestId: 0,
        code: 'ä 1 // instrumented',
        format: 'module',
        sites: [],
        sourceHash: '',
        firstSite: 1,
        needsSourceMap: false,
        columns: [],
      },
    );
    // Node read another text than the one that was kept: the file was edited, or someone's hooks changed it.
    assert.equal(texts.find('/p/a.mjs', 'ä 2', 'module', true), undefined);
    assert.equal(texts.find('/p/a.mjs', 'ä 1', 'commonjs', true), undefined);
    assert.equal(texts.find('/p/a.mjs', 'ä 1', 'module', false), undefined);
    assert.equal(texts.find('/p/c.mjs', 'b', 'module', true), undefined);
    assert.equal(texts.find('/p/b.mjs', 'b', 'module', true)?.place, 1);
  });

  it('are told of once in a trace, whoever takes them', () => {
    const cache = keep({ '/p/a.mjs': 'a' });
    const record = cache.takenRecord(0);
    assert.equal(record?.isInstrumented, true);
    assert.deepEqual(JSON.parse(decoder.decode(record.json)), {
      status: 'instrumented',
      path: '/p/a.mjs',
      sourceHash: 'h',
      sites: [{ id: 1 }],
    });
    assert.equal(cache.takenRecord(0), undefined);
    assert.equal(cache.takenRecord(1), undefined);
  });

  it('keep a byte order mark, and those with half a surrogate pair are not kept', () => {
    const texts = packed(keep({ '/p/a.mjs': '\ufeffa', '/p/b.mjs': 'b\ud800' }));
    assert.equal(texts.find('/p/a.mjs', '\ufeffa', 'module', true)?.answer.code, '\ufeffa // instrumented');
    assert.equal(texts.find('/p/a.mjs', 'a', 'module', true), undefined);
    assert.equal(texts.find('/p/b.mjs', 'b\ud800', 'module', true), undefined);
    assert.equal(texts.find('/p/b.mjs', 'b\ufffd', 'module', true), undefined);
  });

  it('are made anew where a configuration changed', () => {
    const config = join(folder, 'tsconfig.json');
    writeFileSync(config, '{}');
    keep({ '/p/a.mjs': 'a' }, [config]);
    assert.ok(packed(open()).find('/p/a.mjs', 'a', 'module', true));
    writeFileSync(config, '{ }');
    assert.equal(packed(open()).find('/p/a.mjs', 'a', 'module', true), undefined);
  });

  it('are none where another run has put its pack in the place of the one the launcher knows', () => {
    const cache = keep({ '/p/a.mjs': 'a', '/p/b.mjs': 'b'.repeat(2 ** 20) });
    const texts = packed(cache);
    assert.ok(texts.find('/p/a.mjs', 'a', 'module', true));
    const other = open();
    put(other, '/p/c.mjs', 'c');
    other.save();
    assert.equal(texts.find('/p/b.mjs', 'b'.repeat(2 ** 20), 'module', true), undefined);
    assert.equal(packed(cache).find('/p/a.mjs', 'a', 'module', true), undefined);
    // The launcher still has the old one.
    assert.equal(cache.takenRecord(1)?.isInstrumented, true);
  });

  it('are none where the pack is gone, damaged or cut off', () => {
    const cache = keep({ '/p/a.mjs': 'a' });
    const whole = readFileSync(packFile());
    for (const bytes of [whole.subarray(0, 20), whole.subarray(0, 60), whole.subarray(0, whole.length - 200), Buffer.alloc(0)]) {
      writeFileSync(packFile(), bytes);
      assert.equal(packed(cache).find('/p/a.mjs', 'a', 'module', true), undefined);
    }
    removeFolder(join(folder, 'cache'));
    assert.equal(packed(cache).find('/p/a.mjs', 'a', 'module', true), undefined);
  });
});
