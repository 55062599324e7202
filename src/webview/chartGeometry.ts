import { rowOfLane } from '../analyze/layoutRows.ts';
import type { Lane } from '../analyze/layout.ts';
import { hitTest } from '../analyze/layoutHitTest.ts';
import { laneSpot, type Spot } from './spot.ts';
import type { TimelineState } from './timelineState.ts';

export const rowHeight = 26;
export const rulerHeight = 26;
/** A stretch can be pointed at from this far beside it. */
const nearPx = 4;

/** Sizes in CSS pixels of the chart as it is now. */
export interface ChartGeometry {
  readonly width: number;
  readonly height: number;
  /** Width of the column of names. */
  readonly gutter: number;
}

export function gutterWidth(width: number): number {
  return Math.round(Math.min(260, Math.max(110, width * 0.24)));
}

/** The loop's lane stays in place above the lanes that scroll. */
export function pinnedRows(state: TimelineState): number {
  const first = state.layout?.lanes[0];
  return first?.kind === 'loop' && state.rows.length > 1 ? 1 : 0;
}

export function contentHeight(state: TimelineState): number {
  return rulerHeight + state.rows.length * rowHeight + 12;
}

export function timeAt(state: TimelineState, geometry: ChartGeometry, x: number): number {
  const { startUs, endUs } = state.view;
  return startUs + ((x - geometry.gutter) / Math.max(1, geometry.width - geometry.gutter)) * (endUs - startUs);
}

export function xOfTime(state: TimelineState, geometry: ChartGeometry, timeUs: number): number {
  const { startUs, endUs } = state.view;
  return geometry.gutter + ((timeUs - startUs) / (endUs - startUs)) * (geometry.width - geometry.gutter);
}

export function usPerPx(state: TimelineState, geometry: ChartGeometry): number {
  return (state.view.endUs - state.view.startUs) / Math.max(1, geometry.width - geometry.gutter);
}

/** Top of a row in the chart, scrolled. */
export function rowTop(state: TimelineState, row: number): number {
  const scrolled = row < pinnedRows(state) ? 0 : state.scrollTop;
  return rulerHeight + row * rowHeight - scrolled;
}

/** The row at a height of the chart; undefined above and below the rows. */
export function rowAt(state: TimelineState, y: number): number | undefined {
  if (y < rulerHeight) return undefined;
  const pinned = pinnedRows(state);
  const fixed = Math.floor((y - rulerHeight) / rowHeight);
  const row = fixed < pinned ? fixed : Math.floor((y - rulerHeight + state.scrollTop) / rowHeight);
  return row < state.rows.length ? row : undefined;
}

export function laneAtRow(state: TimelineState, row: number | undefined): Lane | undefined {
  const index = row === undefined ? undefined : state.rows[row];
  return index === undefined ? undefined : state.layout?.lanes[index];
}

/** What is at a point: in the column of names a lane; else a blocking mark before a lag before a stretch; else the lane. */
export function spotAt(state: TimelineState, geometry: ChartGeometry, x: number, y: number): Spot | undefined {
  const row = rowAt(state, y);
  const lane = laneAtRow(state, row);
  if (!lane || row === undefined) return undefined;
  if (x < geometry.gutter) return laneSpot(lane);
  const timeUs = timeAt(state, geometry, x);
  const nearUs = usPerPx(state, geometry) * nearPx;
  const marks = state.marksOf(lane);
  const mark = hitTest(marks, timeUs, nearUs);
  if (mark >= 0) return { lane: lane.index, part: 'mark', strip: marks, index: mark };
  if (lane.kind === 'loop' && y - rowTop(state, row) > rowHeight * 0.66) {
    const lag = hitTest(lane.lag, timeUs, nearUs);
    if (lag >= 0) return { lane: lane.index, part: 'lag', strip: lane.lag, index: lag };
  }
  const segment = hitTest(lane.segments, timeUs, nearUs, state.isShown);
  if (segment >= 0) return { lane: lane.index, part: 'segment', strip: lane.segments, index: segment };
  return laneSpot(lane);
}

/** How far to scroll so that a lane's row is seen: the present place where it is already. */
export function scrollToShow(state: TimelineState, geometry: ChartGeometry, lane: number): number {
  const row = rowOfLane(state.rows, lane);
  const pinned = pinnedRows(state);
  if (row < pinned) return state.scrollTop;
  const top = (row - pinned) * rowHeight;
  const bottom = rulerHeight + (row + 1) * rowHeight + 8 - geometry.height;
  return Math.max(0, Math.max(Math.min(state.scrollTop, top), bottom));
}
