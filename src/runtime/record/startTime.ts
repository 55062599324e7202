import { turnKinds } from '../../shared/waitKind.ts';
import type { Recorder } from './recorderTypes.ts';
import type { SharedState } from './sharedState.ts';

export const mainTurn = turnKinds.indexOf('main');

/** Lets the trace begin when the program does, and not while its files are still being instrumented. */
export interface StartTime {
  readonly beforeTransform: () => void;
  readonly afterTransform: () => void;
  /** Another process is about to learn the moment: it moves no more. */
  readonly fix: () => void;
}

/** Loading that pauses for longer than this (50 ms, in units of 100 ns) is loading no more: the program's own code ran. */
const longestPause = 500_000;

/**
 * Node's start and the first instrumenting are no time of the program: until its first event each file loaded moves the moment that
 * counts as 0. For the main thread, before any other can have read that moment.
 */
export function createStartTime(shared: SharedState, recorder: Recorder): StartTime {
  let loading = true;
  let lastLoaded: number | undefined;
  return {
    beforeTransform() {
      const paused = lastLoaded !== undefined && recorder.now() - lastLoaded > longestPause;
      if (paused || recorder.hasEvents()) loading = false;
    },
    afterTransform() {
      if (!loading) return;
      shared.origin[0] = (shared.origin[0] as number) + recorder.now();
      lastLoaded = recorder.now();
      recorder.restart();
      recorder.turn(mainTurn, 0);
    },
    fix: () => void (loading = false),
  };
}
