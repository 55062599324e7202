import { criticalPath, type PathStep } from './criticalPath.ts';
import type { TimelineLayout } from './layout.ts';
import { segmentState, SegmentWriter, waitState, type Strip } from './layoutSegments.ts';
import type { TraceModel } from './model.ts';

export type { PathStep } from './criticalPath.ts';

/** The chain of slices and waits that decided when the run ended, ready to be drawn. */
export interface LayoutPath {
  readonly steps: readonly PathStep[];
  /** By lane: the steps in it. `ref` of a stretch is the index of its step. */
  readonly strips: ReadonlyMap<number, Strip>;
}

const paths = new WeakMap<TraceModel, LayoutPath>();

/** Walks the trace back from its end; once per model, at first use. */
export function pathOf(layout: TimelineLayout): LayoutPath {
  let known = paths.get(layout.model);
  if (!known) {
    const steps = criticalPath(layout.model);
    const byLane = new Map<number, number[]>();
    steps.forEach((step, index) => {
      const lane = layout.laneOfTask[step.task]!;
      const indexes = byLane.get(lane);
      if (indexes) indexes.push(index);
      else byLane.set(lane, [index]);
    });
    const writer = new SegmentWriter(steps.length);
    const strips = new Map<number, Strip>();
    for (const [lane, indexes] of byLane) {
      for (const index of indexes) {
        const step = steps[index]!;
        writer.add(step.startUs, step.endUs, step.type === 'slice' ? segmentState.running : waitState(step.kind), index);
      }
      strips.set(lane, writer.strip());
    }
    known = { steps, strips };
    paths.set(layout.model, known);
  }
  return known;
}
