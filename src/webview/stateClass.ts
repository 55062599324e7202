import { isReadyState, segmentState, waitKindOf } from '../analyze/layoutSegments.ts';
import type { Spot } from './spot.ts';

/** The style of a state's coloured dot. */
export function stateClass(spot: Spot): string {
  if (spot.part === 'lane') return 'il-of-lane';
  const state = spot.strip.store.state[spot.index]!;
  const kind = waitKindOf(state);
  if (kind !== undefined) return `il-of-${kind}`;
  if (state === segmentState.running || state === segmentState.callback) return 'il-of-running';
  if (isReadyState(state)) return 'il-of-ready';
  if (state === segmentState.turn) return 'il-of-turn';
  if (state === segmentState.busy) return 'il-of-busy';
  return state === segmentState.lag ? 'il-of-lag' : 'il-of-blocking';
}
