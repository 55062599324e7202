import assert from 'node:assert/strict';
import fc from 'fast-check';
import { levelsOf, levelThreshold, pickLevel } from '../../../src/analyze/layoutLevels.ts';
import { firstWaitState, isReadyState } from '../../../src/analyze/layoutSegments.ts';
import { laneStretches, stripOf } from './strips.ts';

const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0);

describe('levels of detail', () => {
  it('merge without losing time, kinds or stretches', () => {
    fc.assert(
      fc.property(laneStretches, (stretches) => {
        const strip = stripOf(stretches);
        const total = (wanted: (state: number) => boolean): number =>
          sum(stretches.filter(({ state }) => wanted(state)).map(({ lengthUs }) => lengthUs));
        const kinds = stretches.reduce(
          (mask, { state }) => (state >= firstWaitState ? mask | (1 << (state - firstWaitState)) : mask),
          0,
        );
        for (const level of levelsOf(strip)) {
          assert.equal(sum(level.merged), stretches.length);
          assert.equal(
            sum(level.waitingUs),
            total((state) => state >= firstWaitState),
          );
          assert.equal(sum(level.readyUs), total(isReadyState));
          assert.equal(
            sum(level.runningUs),
            total((state) => state < firstWaitState && !isReadyState(state)),
          );
          assert.equal(
            Array.from(level.kinds).reduce((a, b) => a | b, 0),
            kinds,
          );
          let next = strip.from;
          for (let i = 0; i < level.count; i++) {
            assert.equal(level.first[i], next);
            next += level.merged[i]!;
            assert.equal(level.startUs[i], strip.store.startUs[level.first[i]!]);
            assert.equal(level.endUs[i], strip.store.endUs[next - 1]);
            if (level.merged[i]! > 1)
              assert.ok(level.endUs[i]! - level.startUs[i]! <= 3 * level.widthUs, 'merged no further than about a pixel');
            assert.equal(level.waitState[i]! >= firstWaitState, level.kinds[i] !== 0);
          }
        }
      }),
    );
  });

  it('take the coarsest that is not wider than a pixel', () => {
    const strip = stripOf(Array.from({ length: 4096 }, (_, i) => ({ startUs: i * 2, lengthUs: 1, state: i % 2 })));
    const levels = levelsOf(strip);
    assert.ok(levels.length >= 3);
    assert.equal(pickLevel(levels, levels[0]!.widthUs / 2), undefined);
    for (const level of levels) assert.equal(pickLevel(levels, level.widthUs * 1.5), level);
    assert.ok(levels.at(-1)!.count <= 128);
  });

  it('leave short strips as they are', () => {
    assert.deepEqual(
      levelsOf(stripOf(Array.from({ length: levelThreshold - 1 }, (_, i) => ({ startUs: i, lengthUs: 1, state: 0 })))),
      [],
    );
  });
});
