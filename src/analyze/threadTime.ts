import type { EventTime } from '../shared/readEvents.ts';
import type { ThreadState, UnreadStretch } from './taskState.ts';

/** How well times are known so far, in µs: all lie within `withinUs` but for those of the unread stretches, which are longer than a millisecond. */
export interface TimingState {
  withinUs: number;
  unread: number;
  longestUnreadUs: number;
}

/** A time that is less certain than this is marked as a bound. */
export const mostUncertainUs = 1000;

/** Whether an event lies behind the stretch under way. */
export function leavesStretch({ stretch }: ThreadState, { fromUnits, toUnits }: EventTime): boolean {
  return stretch !== undefined && (fromUnits === toUnits || stretch.fromUs !== fromUnits / 10);
}

/** Moves a thread's time on to an event; one that lies in a long stretch begins that. */
export function moveOn(thread: ThreadState, { units, fromUnits, toUnits }: EventTime, timing: TimingState): void {
  thread.beforeUs = thread.nowUs;
  // A clock that was set back would turn lengths negative.
  thread.fromUs = Math.max(thread.fromUs, fromUnits / 10);
  thread.nowUs = Math.max(thread.nowUs, units / 10);
  thread.toUs = Math.max(thread.nowUs, toUnits / 10);
  if (fromUnits === toUnits) return;
  const widthUs = (toUnits - fromUnits) / 10;
  if (widthUs <= mostUncertainUs) {
    if (widthUs > timing.withinUs) timing.withinUs = widthUs;
  } else if (!thread.stretch) {
    thread.stretch = { fromUs: fromUnits / 10, toUs: toUnits / 10, sites: new Set(), task: undefined };
    noteCandidate(thread.stretch, thread);
  }
}

/** Ends the stretch under way, at its own end. */
export function endStretch(thread: ThreadState, timing: TimingState): UnreadStretch | undefined {
  const { stretch } = thread;
  if (!stretch) return undefined;
  thread.stretch = undefined;
  timing.unread++;
  timing.longestUnreadUs = Math.max(timing.longestUnreadUs, stretch.toUs - stretch.fromUs);
  thread.fromUs = thread.nowUs = thread.toUs = Math.max(thread.nowUs, stretch.toUs);
  return stretch;
}

/** What runs now may be what took the time of a stretch. */
export function noteCandidate(stretch: UnreadStretch, { stack, callback }: ThreadState): void {
  const task = stack.at(-1);
  const site = task?.sliceFrom ?? callback?.site;
  if (site === undefined) return;
  stretch.sites.add(site);
  stretch.task = task;
}
