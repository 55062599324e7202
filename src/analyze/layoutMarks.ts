import { segmentState, SegmentWriter, type Strip } from './layoutSegments.ts';

/** The marks of a lane by what they mean, so that neither hides the other where both share a pixel. */
export interface SplitMarks {
  readonly blocking: Strip;
  readonly busy: Strip;
}

const splits = new WeakMap<Strip, SplitMarks>();

/** Parts marks into harmful and harmless ones; once per strip. `ref` of a stretch stays the index of its blocking span. */
export function splitMarks(marks: Strip): SplitMarks {
  let split = splits.get(marks);
  if (!split) {
    const { store, from, to } = marks;
    const writer = new SegmentWriter(to - from);
    const part = (busy: boolean): Strip => {
      for (let i = from; i < to; i++) {
        if ((store.state[i] === segmentState.busy) === busy)
          writer.add(store.startUs[i]!, store.endUs[i]!, store.state[i]!, store.ref[i]!);
      }
      return writer.strip();
    };
    split = { blocking: part(false), busy: part(true) };
    splits.set(marks, split);
  }
  return split;
}

export function countBusy({ store, from, to }: Strip): number {
  let count = 0;
  for (let i = from; i < to; i++) if (store.state[i] === segmentState.busy) count++;
  return count;
}
