import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ByteLog } from '../../../src/editor/byteLog.ts';

describe('the bytes of a run', () => {
  it('can be read from any place, whatever chunks they came in', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 600_000 }), { maxLength: 4 }), fc.nat(), fc.nat(), (sizes, from, count) => {
        const log = new ByteLog(1e9);
        const total = sizes.reduce((sum, size) => sum + size, 0);
        const all = new Uint8Array(total).map((_, i) => i * 7);
        let at = 0;
        for (const size of sizes) {
          assert.ok(log.append(all.subarray(at, at + size)));
          at += size;
        }
        assert.equal(log.length, total);
        const start = from % (total + 1);
        const size = count % (total + 1);
        assert.deepEqual(Buffer.from(log.read(start, size)), Buffer.from(all.subarray(start, start + size)));
      }),
      { numRuns: 20 },
    );
  });

  it('are bounded, and what is refused is counted', () => {
    const log = new ByteLog(10);
    assert.equal(log.append(new Uint8Array(8)), true);
    assert.equal(log.append(new Uint8Array(3)), false);
    assert.equal(log.append(new Uint8Array(1)), false, 'a later small chunk would leave a hole');
    assert.equal(log.length, 8);
    assert.equal(log.refused, 4);
  });
});
