import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { findNodeBinary, isSupportedNode } from '../../../src/run/nodeBinary.ts';
import { makeFolder, removeFolder, writeFiles } from './support.ts';

describe('finding Node', () => {
  let folder: string;
  before(() => {
    folder = makeFolder();
    // Programs that answer as a Node of some version would.
    writeFiles(folder, {
      'old/node': '#!/bin/sh\necho v18.20.1\n',
      'new/node': '#!/bin/sh\necho v22.15.0\n',
      'electron/code': '#!/bin/sh\nif [ "$ELECTRON_RUN_AS_NODE" = 1 ]; then echo v22.20.0; else echo window; fi\n',
      'odd/node': '#!/bin/sh\necho hello\n',
      'failing/node': '#!/bin/sh\nexit 3\n',
      'plain/node': 'not executable',
    });
    for (const name of ['old/node', 'new/node', 'electron/code', 'odd/node', 'failing/node'])
      chmodSync(join(folder, name), 0o755);
  });
  after(() => removeFolder(folder));

  const path = (...names: string[]): NodeJS.ProcessEnv => ({ PATH: names.map((name) => join(folder, name)).join(delimiter) });

  it('takes the setting, a path or a name, and nothing else', async () => {
    const found = await findNodeBinary({ setting: process.execPath, env: path('new') });
    assert.deepEqual(found, { path: process.execPath, version: process.version, env: {}, source: 'setting' });
    assert.equal((await findNodeBinary({ setting: 'node', env: path('new') })).path, join(folder, 'new', 'node'));
    await assert.rejects(findNodeBinary({ setting: join(folder, 'none'), env: path('new') }), {
      code: 'node-not-executable',
      message: /none is not a program that can be started/,
    });
    await assert.rejects(findNodeBinary({ setting: join(folder, 'plain/node'), env: path('new') }), {
      code: 'node-not-executable',
    });
    await assert.rejects(findNodeBinary({ setting: join(folder, 'old/node'), env: path('new') }), {
      code: 'node-too-old',
      message: `${join(folder, 'old/node')} is Node 18.20.1. Interleave needs Node 20.19 or newer.`,
    });
    await assert.rejects(findNodeBinary({ setting: join(folder, 'odd/node'), env: {} }), { code: 'node-unusable' });
    await assert.rejects(findNodeBinary({ setting: join(folder, 'failing/node'), env: {} }), {
      code: 'node-unusable',
      message: /exit code 3/,
    });
  });

  it('takes the first on the PATH', async () => {
    const found = await findNodeBinary({ env: path('nowhere', 'new', 'old') });
    assert.deepEqual(found, { path: join(folder, 'new', 'node'), version: 'v22.15.0', env: {}, source: 'path' });
  });

  it('falls back to an editor that can act as Node', async () => {
    const fallback = { path: join(folder, 'electron/code'), electron: true };
    const expected = { path: fallback.path, version: 'v22.20.0', env: { ELECTRON_RUN_AS_NODE: '1' }, source: 'fallback' };
    assert.deepEqual(await findNodeBinary({ env: {}, fallback }), expected);
    assert.deepEqual(await findNodeBinary({ env: path('old'), fallback }), expected);
  });

  it('says what is missing', async () => {
    await assert.rejects(findNodeBinary({ env: { PATH: dirname(folder) } }), {
      code: 'node-missing',
      message: /^Node was not found on the PATH\. Install Node 20\.19 or newer/,
    });
    await assert.rejects(findNodeBinary({ env: path('old') }), { code: 'node-too-old' });
  });

  it('knows the versions', () => {
    const supported = ['v20.19.0', 'v22.0.0', 'v26.1.0', '20.20.2'];
    assert.deepEqual([...supported, 'v20.18.9', 'v18.99.0', 'v8.0.0', 'nonsense', ''].filter(isSupportedNode), supported);
  });
});
