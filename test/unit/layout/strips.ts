import fc from 'fast-check';
import { SegmentWriter, type Strip } from '../../../src/analyze/layoutSegments.ts';

export interface Stretch {
  readonly startUs: number;
  readonly lengthUs: number;
  readonly state: number;
}

/** A strip among others in one store, so that offsets are not forgotten. */
export function stripOf(stretches: readonly Stretch[]): Strip {
  const writer = new SegmentWriter(stretches.length + 2);
  writer.add(-5, 1e9, 0, 0);
  writer.strip();
  stretches.forEach(({ startUs, lengthUs, state }, ref) => writer.add(startUs, startUs + lengthUs, state, ref));
  const strip = writer.strip();
  writer.add(0, 1e9, 0, 0);
  writer.strip();
  return strip;
}

/** Few different moments, so that stretches begin and end together often. */
const time = fc.integer({ min: 0, max: 60 });
const state = fc.integer({ min: 0, max: 15 });

/** Stretches that may overlap, hide in each other, have no length and come in any order. */
export const anyStretches: fc.Arbitrary<Stretch[]> = fc.array(
  fc.record({
    startUs: time,
    lengthUs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 60 })),
    state,
  }),
  { maxLength: 60 },
);

/** One after the other with gaps in between, as a task's lane or a loop's turns have them: many, most of them short. */
export const laneStretches: fc.Arbitrary<Stretch[]> = fc
  .array(
    fc.record({
      gapUs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 50 })),
      lengthUs: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 300 })),
      state,
    }),
    {
      minLength: 64,
      maxLength: 400,
    },
  )
  .map((parts) => {
    let at = 0;
    return parts.map(({ gapUs, lengthUs, state: code }) => {
      const startUs = at + gapUs;
      at = startUs + lengthUs;
      return { startUs, lengthUs, state: code };
    });
  });
