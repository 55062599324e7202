import { hasChildren, rowOfLane } from '../analyze/layoutRows.ts';
import type { Lane } from '../analyze/layout.ts';
import { firstEndingAt } from '../analyze/layoutHitTest.ts';
import { rowHeight } from './chartGeometry.ts';
import { laneSpot, segmentSpot, spotTimes, taskOfLane, type Spot } from './spot.ts';
import type { TimelineState } from './timelineState.ts';

export interface KeyActions {
  readonly open: (spot: Spot) => void;
  readonly focusSearch: () => void;
  readonly showHelp: () => void;
  readonly toggleTextTwin: () => void;
  readonly scrollBy: (px: number) => void;
}

/** Every key of the chart; the same list is the help. */
export const keyHelp: readonly (readonly [keys: string, what: string])[] = [
  ['← →', 'Move the view'],
  ['↑ ↓', 'Lane above, lane below'],
  ['Tab, Shift+Tab', 'Next, previous stretch, then the next lane'],
  ['Enter', 'Open the source line'],
  ['+ −', 'Zoom in, zoom out'],
  ['0', 'Show the trace from its first event to its end'],
  ['Z', 'Zoom to the selection or the range'],
  ['Home, End', 'Start, end of the trace'],
  ['Page Up, Page Down', 'Scroll the lanes'],
  ['Shift+← Shift+→', 'Grow a range and read its length'],
  ['F, Shift+F', 'Fold or unfold the task, all tasks'],
  ['B, Shift+B', 'Next, previous blocking call'],
  ['C', 'Mark the critical path: what decided when the run ended'],
  ['V', 'Show only tasks that live in the time in view, or all'],
  ['/', 'Search by task name'],
  ['T', 'Show the trace as text'],
  ['Escape', 'Clear range and selection; Tab then leaves the timeline'],
  ['?', 'This help'],
];

export const pointerHelp: readonly (readonly [keys: string, what: string])[] = [
  ['Wheel, pinch', 'Zoom at the pointer'],
  ['Drag', 'Move the view and the lanes'],
  ['Shift+drag', 'Measure a range'],
  ['Shift+wheel', 'Move the view'],
  ['Wheel over the names, Alt+wheel', 'Scroll the lanes'],
  ['Click', 'Select, and open the source line'],
  ['Double click', 'Zoom to a stretch'],
  ['Click on a kind of wait', 'Hide or show it; with Alt show it alone'],
];

/** Acts on a key; false where it means nothing here, so that the editor or browser may have it. */
export function handleKey(event: KeyboardEvent, state: TimelineState, actions: KeyActions): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const span = state.view.endUs - state.view.startUs;
  const step = event.shiftKey ? -1 : 1;
  switch (event.key) {
    case 'ArrowLeft':
    case 'ArrowRight': {
      const by = event.key === 'ArrowLeft' ? -1 : 1;
      if (event.shiftKey) growRange(state, by * span * 0.05);
      else state.pan(by * span * 0.1);
      return true;
    }
    case 'ArrowUp':
      return moveLane(state, -1);
    case 'ArrowDown':
      return moveLane(state, 1);
    case 'Tab':
      return moveStretch(state, step);
    case 'Enter':
      if (!state.selected) return false;
      actions.open(state.selected);
      return true;
    case '+':
    case '=':
      state.zoom(1 / 1.5);
      return true;
    case '-':
    case '_':
      state.zoom(1.5);
      return true;
    case '0':
      state.showWhole();
      return true;
    case 'z':
    case 'Z':
      return zoomToSelection(state);
    case 'Home':
      state.showStart();
      return true;
    case 'End':
      state.showEnd();
      return true;
    case 'PageUp':
    case 'PageDown':
      actions.scrollBy((event.key === 'PageUp' ? -10 : 10) * rowHeight);
      return true;
    case 'f':
      return toggleFold(state);
    case 'F':
      state.toggleFoldAll();
      return true;
    case 'b':
    case 'B':
      return moveBlock(state, step);
    case 'c':
    case 'C':
      state.togglePath();
      return true;
    case 'v':
    case 'V':
      state.toggleOnlyInView();
      return true;
    case '/':
      actions.focusSearch();
      return true;
    case 't':
    case 'T':
      actions.toggleTextTwin();
      return true;
    case '?':
      actions.showHelp();
      return true;
    case 'Escape': {
      const any = state.range !== undefined || state.selected !== undefined;
      state.setRange(undefined);
      state.select(undefined);
      return any;
    }
    default:
      return false;
  }
}

function moveLane(state: TimelineState, by: number): boolean {
  const { layout, rows, selected } = state;
  if (!layout || rows.length === 0) return false;
  const row = selected ? Math.min(rows.length - 1, Math.max(0, rowOfLane(rows, selected.lane) + by)) : 0;
  state.select(laneSpot(layout.lanes[rows[row]!]!));
  return true;
}

/** Steps through a lane's stretches in view order, then on to the next lane; false at the ends and without a selection: focus moves on. */
function moveStretch(state: TimelineState, by: number): boolean {
  const { layout, rows, selected } = state;
  if (!layout || !selected) return false;
  const lane = layout.lanes[selected.lane]!;
  const { from, to } = lane.segments;
  const shown = (index: number): boolean => state.isShown(lane.segments.store.state[index]!);
  let next = selected.index + by;
  if (selected.part === 'lane') next = by > 0 ? firstInView(state, lane) : from - 1;
  else if (selected.part !== 'segment') {
    const at = firstEndingAt(lane.segments, spotTimes(selected)!.startUs);
    next = by > 0 ? at : at - 1;
  }
  while (next >= from && next < to && !shown(next)) next += by;
  if (next >= from && next < to) {
    const spot = segmentSpot(lane, next);
    state.select(spot);
    state.reveal(spot);
    return true;
  }
  if (by < 0 && selected.part !== 'lane') {
    state.select(laneSpot(lane));
    return true;
  }
  const row = rowOfLane(rows, lane.index) + by;
  if (row < 0 || row >= rows.length) return false;
  state.select(laneSpot(layout.lanes[rows[row]!]!));
  return true;
}

function firstInView(state: TimelineState, lane: Lane): number {
  const first = firstEndingAt(lane.segments, state.view.startUs);
  return first < lane.segments.to && lane.segments.store.startUs[first]! <= state.view.endUs ? first : lane.segments.from;
}

function growRange(state: TimelineState, byUs: number): void {
  const selected = state.selected && state.selected.part !== 'lane' ? spotTimes(state.selected) : undefined;
  const middle = (state.view.startUs + state.view.endUs) / 2;
  const range = state.range ?? selected ?? { startUs: middle, endUs: middle };
  const endUs = Math.min(state.endUs, Math.max(range.startUs, range.endUs + byUs));
  state.setRange({ startUs: Math.max(0, range.startUs), endUs });
}

function zoomToSelection(state: TimelineState): boolean {
  const times = state.range ?? (state.selected && spotTimes(state.selected));
  if (!times) return false;
  state.zoomTo(times.startUs, times.endUs);
  return true;
}

/** Folds the selected task, or the one it belongs to where it has no children itself. */
function toggleFold(state: TimelineState): boolean {
  const { layout, selected } = state;
  if (!layout || !selected) return false;
  const lane = layout.lanes[selected.lane]!;
  const task = hasChildren(lane) ? lane.task : taskOfLane(layout, lane.index)?.parent;
  if (task === undefined) return false;
  state.toggleFold(task);
  return true;
}

/** Selects the next blocking mark after the selection, over all lanes, in order of time. */
export function moveBlock(state: TimelineState, by: number): boolean {
  const { layout, selected } = state;
  if (!layout) return false;
  const order = layout.model.blocks
    .flatMap((block, index) => (layout.harmless.has(block) ? [] : [index]))
    .sort((a, b) => layout.model.blocks[a]!.startUs - layout.model.blocks[b]!.startUs);
  if (order.length === 0) return false;
  const found = selected?.part === 'mark' ? order.indexOf(selected.strip.store.ref[selected.index]!) : -1;
  const current = found < 0 && by < 0 ? order.length : found;
  const block = order[(current + by + order.length) % order.length]!;
  const { task, thread } = layout.model.blocks[block]!;
  const lane = layout.lanes[(task === undefined ? layout.loopLane.get(thread) : layout.laneOfTask[task]) ?? -1];
  if (!lane) return false;
  state.showLane(lane);
  const { store, from, to } = lane.marks;
  for (let index = from; index < to; index++) {
    if (store.ref[index] !== block) continue;
    const spot: Spot = { lane: lane.index, part: 'mark', strip: lane.marks, index };
    state.select(spot);
    state.reveal(spot);
    return true;
  }
  return false;
}
