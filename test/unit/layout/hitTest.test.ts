import assert from 'node:assert/strict';
import fc from 'fast-check';
import { firstEndingAt, hitTest, pixelRuns } from '../../../src/analyze/layoutHitTest.ts';
import type { Strip } from '../../../src/analyze/layoutSegments.ts';
import { anyStretches, stripOf } from './strips.ts';

/** What `hitTest` promises, word for word. */
function scan({ store, from, to }: Strip, timeUs: number, toleranceUs: number, accepts: (state: number) => boolean): number {
  let best = -1;
  let bestDistance = Infinity;
  for (let i = from; i < to; i++) {
    if (!accepts(store.state[i]!)) continue;
    const distance = Math.max(0, store.startUs[i]! - timeUs, timeUs - store.endUs[i]!);
    if (distance > toleranceUs || distance > bestDistance) continue;
    if (distance < bestDistance || distance === 0) best = i;
    bestDistance = distance;
  }
  return best;
}

function distanceOf({ store }: Strip, index: number, timeUs: number): number {
  return index < 0 ? Infinity : Math.max(0, store.startUs[index]! - timeUs, timeUs - store.endUs[index]!);
}

describe('hit test', () => {
  it('finds what a linear scan finds', () => {
    fc.assert(
      fc.property(
        anyStretches,
        fc.integer({ min: -10, max: 130 }),
        fc.integer({ min: 0, max: 6 }),
        fc.integer({ min: 1, max: 3 }),
        (stretches, time, tolerance, every) => {
          const strip = stripOf(stretches);
          const accepts = (state: number): boolean => state % every === 0;
          const found = hitTest(strip, time, tolerance, accepts);
          const wanted = scan(strip, time, tolerance, accepts);
          const distance = distanceOf(strip, wanted, time);
          assert.equal(distanceOf(strip, found, time), distance);
          if (distance === 0) assert.equal(found, wanted);
          if (found >= 0) assert.ok(accepts(strip.store.state[found]!) && found >= strip.from && found < strip.to);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('finds the first stretch that is not over', () => {
    fc.assert(
      fc.property(anyStretches, fc.integer({ min: -10, max: 130 }), (stretches, time) => {
        const strip = stripOf(stretches);
        let wanted = strip.from;
        while (wanted < strip.to && strip.store.endUs[wanted]! < time) wanted++;
        assert.equal(firstEndingAt(strip, time), wanted);
      }),
    );
  });
});

describe('pixels of marks', () => {
  it('light for every mark in view, however short, and for nothing else', () => {
    fc.assert(
      fc.property(
        anyStretches,
        fc.integer({ min: 0, max: 60 }),
        fc.integer({ min: 1, max: 120 }),
        fc.integer({ min: 1, max: 150 }),
        fc.integer({ min: 1, max: 3 }),
        (stretches, start, span, width, least) => {
          const strip = stripOf(stretches);
          const end = start + span;
          const runs = pixelRuns(strip, start, end, width, least);
          const lit = new Uint8Array(width);
          for (const { from, to } of runs) {
            assert.ok(from >= 0 && from < to && to <= width, `run ${from} to ${to} of ${width}`);
            lit.fill(1, from, to);
          }
          const { startUs, endUs } = strip.store;
          const allowed = new Uint8Array(width);
          const perPixel = span / width;
          for (let i = strip.from; i < strip.to; i++) {
            if (endUs[i]! < start || startUs[i]! > end) continue;
            const first = Math.min(width - 1, Math.max(0, Math.floor((startUs[i]! - start) / perPixel)));
            const last = Math.max(first, Math.min(width - 1, Math.ceil((endUs[i]! - start) / perPixel) - 1));
            for (let pixel = first; pixel <= last; pixel++)
              assert.equal(lit[pixel], 1, `pixel ${pixel} of the mark at ${startUs[i]}`);
            allowed.fill(1, first, Math.max(last + 1, first + least));
          }
          lit.forEach((on, pixel) => assert.ok(!on || allowed[pixel], `pixel ${pixel} is lit for nothing`));
        },
      ),
      { numRuns: 2000 },
    );
  });
});
