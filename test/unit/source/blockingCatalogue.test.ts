import assert from 'node:assert/strict';
import { blockingApis, findBlockingApi, findGlobalBlockingApi } from '../../../src/source/blocking/blockingCatalogue.ts';

describe('blockingCatalogue', () => {
  it('holds every known API under an id of its own', () => {
    assert.equal(blockingApis.length, 277);
    assert.equal(new Set(blockingApis.map((api) => api.id)).size, 277);
  });

  it('finds every API by each specifier that leads to it', () => {
    for (const api of blockingApis) {
      if (api.origin === 'global') assert.equal(findGlobalBlockingApi(api.export), api, api.id);
      for (const specifier of api.specifiers) {
        if (api.export === '*') continue;
        assert.equal(findBlockingApi(specifier, api.export), api, `${specifier} ${api.export}`);
        assert.equal(findBlockingApi(specifier, `default.${api.export}`), api, `${specifier} default.${api.export}`);
      }
    }
  });

  it('follows packages that re-export a module', () => {
    assert.equal(findBlockingApi('fs-extra', 'readFileSync')?.id, 'pkg:fs-extra.readFileSync');
    assert.equal(findBlockingApi('fs-extra', 'readFileSync')?.kind, 'sync-io');
    assert.equal(findBlockingApi('graceful-fs', 'readFile'), undefined);
  });

  it('takes the module itself, globals and the global process', () => {
    assert.equal(findBlockingApi('sync-request', '')?.kind, 'sync-net');
    assert.equal(findBlockingApi('sync-request', 'default')?.kind, 'sync-net');
    assert.equal(findGlobalBlockingApi('globalThis.Atomics.wait')?.kind, 'sync-wait');
    assert.equal(findGlobalBlockingApi('process.loadEnvFile')?.id, 'node:process.loadEnvFile');
    assert.equal(findGlobalBlockingApi('Atomics.notify'), undefined);
    assert.equal(findBlockingApi('node:fs', 'readFile'), undefined);
    assert.equal(findBlockingApi('fs', 'toString'), undefined);
  });
});
