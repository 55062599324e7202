import type { Lane, TimelineLayout } from '../analyze/layout.ts';
import { upperBound } from '../analyze/layoutHitTest.ts';
import { firstWaitState, segmentState, type Strip } from '../analyze/layoutSegments.ts';
import type { Task } from '../analyze/layoutTrace.ts';

/** Something that can be pointed at: a lane as a whole (`index` -1), or one stretch of one of its strips. */
export interface Spot {
  readonly lane: number;
  readonly part: 'lane' | 'segment' | 'mark' | 'lag';
  readonly strip: Strip;
  /** Index in the strip's store. */
  readonly index: number;
}

export function laneSpot(lane: Lane): Spot {
  return { lane: lane.index, part: 'lane', strip: lane.segments, index: -1 };
}

export function segmentSpot(lane: Lane, index: number): Spot {
  return { lane: lane.index, part: 'segment', strip: lane.segments, index };
}

export function sameSpot(a: Spot | undefined, b: Spot | undefined): boolean {
  return a === b || (!!a && !!b && a.lane === b.lane && a.part === b.part && a.strip === b.strip && a.index === b.index);
}

/** From when to when a spot lasts; undefined for a lane without any stretch. */
export function spotTimes(spot: Spot): { readonly startUs: number; readonly endUs: number } | undefined {
  const { store, from, to } = spot.strip;
  if (spot.part !== 'lane') return { startUs: store.startUs[spot.index]!, endUs: store.endUs[spot.index]! };
  if (from === to) return undefined;
  return { startUs: store.startUs[from]!, endUs: store.endUs[store.reach[to - 1]!]! };
}

export function taskOfLane(layout: TimelineLayout, lane: number): Task | undefined {
  const task = layout.lanes[lane]?.task;
  return task === undefined ? undefined : layout.model.tasks[task];
}

/** The same spot in the layout of a trace that has grown; undefined where it is gone. */
export function relocateSpot(old: TimelineLayout, layout: TimelineLayout, spot: Spot): Spot | undefined {
  const before = old.lanes[spot.lane];
  if (!before) return undefined;
  const index = before.task === undefined ? layout.loopLane.get(before.thread) : layout.laneOfTask[before.task];
  const lane = index === undefined ? undefined : layout.lanes[index];
  if (!lane) return undefined;
  if (spot.part === 'lane') return laneSpot(lane);
  const strip = spot.part === 'segment' ? lane.segments : spot.part === 'mark' ? lane.marks : lane.lag;
  const startUs = spot.strip.store.startUs[spot.index]!;
  const state = spot.strip.store.state[spot.index]!;
  for (let i = upperBound(strip.store.startUs, startUs, strip.from, strip.to) - 1; i >= strip.from; i--) {
    if (strip.store.startUs[i]! < startUs) break;
    if (sameClass(strip.store.state[i]!, state)) return { lane: lane.index, part: spot.part, strip, index: i };
  }
  return laneSpot(lane);
}

/** A wait may turn out to be of another kind once its waker is seen, a busy stretch to have held somebody up. */
function sameClass(a: number, b: number): boolean {
  return a === b || (a >= firstWaitState && b >= firstWaitState) || (isMark(a) && isMark(b));
}

function isMark(state: number): boolean {
  return state === segmentState.blockingCall || state === segmentState.longSlice || state === segmentState.busy;
}
