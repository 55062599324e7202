import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepCode, lacksCode, runBundle } from '../../../src/source/codeCache.ts';

describe("V8's code of a bundle", () => {
  let folder: string;
  let bundle: string;
  const codes = (): string[] => readdirSync(join(folder, 'codes')).filter((name) => name.endsWith('.code'));
  const run = (): unknown => (runBundle(bundle, join(folder, 'codes')) as { readonly square: (n: number) => number }).square(3);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'interleave-code-'));
    bundle = join(folder, 'large.cjs');
    writeFileSync(bundle, "exports.square = (n) => n * n; exports.place = __filename; exports.path = require('node:path');");
  });
  afterEach(() => {
    keepCode();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is kept once, and used from then on', () => {
    assert.equal(run(), 9);
    assert.equal(lacksCode(), true);
    keepCode();
    assert.equal(lacksCode(), false);
    assert.equal(codes().length, 1);
    assert.equal(run(), 9);
    assert.equal(lacksCode(), false);
    const { place, path } = runBundle(bundle, join(folder, 'codes')) as { readonly place: string; readonly path: object };
    assert.equal(place, bundle);
    assert.equal('join' in path, true);
  });

  it('is made again where it is damaged or cut off', () => {
    run();
    keepCode();
    const file = join(folder, 'codes', codes()[0] ?? '');
    const whole = readFileSync(file);
    const changed = Buffer.from(whole);
    changed.writeUInt8(changed.readUInt8(whole.length >> 1) ^ 1, whole.length >> 1);
    for (const bytes of [changed, whole.subarray(0, whole.length - 8), Buffer.alloc(0), Buffer.from('code')]) {
      writeFileSync(file, bytes);
      assert.equal(run(), 9);
      assert.equal(lacksCode(), true);
      keepCode();
      run();
      assert.equal(lacksCode(), false);
    }
  });

  it('of another version of the bundle is not used, and goes when it is old', () => {
    run();
    keepCode();
    const [old = ''] = codes();
    const long = new Date(Date.now() - 31 * 24 * 3600 * 1000);
    utimesSync(join(folder, 'codes', old), long, long);
    writeFileSync(bundle, 'exports.square = (n) => n ** 2 + 0 * n;');
    assert.equal(run(), 9);
    assert.equal(lacksCode(), true);
    keepCode();
    assert.equal(codes().length, 1);
    assert.notDeepEqual(codes(), [old]);
  });

  it('is done without where its folder cannot be written', () => {
    const nowhere = join(bundle, 'below-a-file');
    assert.equal((runBundle(bundle, nowhere) as { readonly square: (n: number) => number }).square(4), 16);
    keepCode();
    assert.equal(lacksCode(), false);
  });
});
