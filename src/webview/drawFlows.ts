import type { TimelineLayout } from '../analyze/layout.ts';
import { allFlows, flowsOfTask, wakeFlow, type Flow } from '../analyze/layoutFlows.ts';
import { rowShowing } from '../analyze/layoutRows.ts';
import { isReadyState, isWaitState } from '../analyze/layoutSegments.ts';
import { pinnedRows, rowHeight, rowTop, rulerHeight, xOfTime } from './chartGeometry.ts';
import type { ChartFrame } from './chartFrame.ts';
import { taskOfLane } from './spot.ts';
import { withAlpha } from './theme.ts';
import type { TimelineState } from './timelineState.ts';

/** More arrows than this hide what they join: then only those of one task are drawn. */
const fewFlows = 40;
const mostFlows = 2000;
/** A task with more arrows in view than this shows none of them but the one that is pointed at; a closer look has fewer. */
const mostInView = 80;

const everyFlow = new WeakMap<TimelineLayout, { readonly flows: readonly Flow[] | undefined }>();
let lastOfTask: { readonly layout: TimelineLayout; readonly task: number; readonly flows: readonly Flow[] } | undefined;

/** Arrows of the task that is pointed at or selected; without one, all of them where they are few. */
export function drawFlows(frame: ChartFrame, layout: TimelineLayout): void {
  const { state } = frame;
  const about = state.hovered ?? state.selected;
  const task = about && layout.lanes[about.lane]?.task;
  if (task === undefined) {
    let all = everyFlow.get(layout);
    if (!all) everyFlow.set(layout, (all = { flows: allFlows(layout, fewFlows) }));
    drawAll(frame, arrowsInView(frame, layout, all.flows ?? []), 0.55);
    return;
  }
  if (lastOfTask?.layout !== layout || lastOfTask.task !== task) {
    lastOfTask = { layout, task, flows: flowsOfTask(layout, task, mostFlows) };
  }
  const own = ownFlow(layout, state);
  const arrows = arrowsInView(frame, layout, lastOfTask.flows);
  if (arrows.length <= mostInView) drawAll(frame, arrows, own ? 0.4 : 0.9);
  if (own) drawAll(frame, arrowsInView(frame, layout, [own]), 1);
}

/** The arrow that ended the very wait that is pointed at. */
function ownFlow(layout: TimelineLayout, state: TimelineState): Flow | undefined {
  const spot = state.hovered ?? state.selected;
  const task = spot && taskOfLane(layout, spot.lane);
  if (!spot || !task || spot.part !== 'segment') return undefined;
  const code = spot.strip.store.state[spot.index]!;
  if (!isWaitState(code) && !isReadyState(code)) return undefined;
  return wakeFlow(layout, task.index, spot.strip.store.ref[spot.index]!);
}

interface Arrow {
  readonly flow: Flow;
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

function arrowsInView(frame: ChartFrame, layout: TimelineLayout, flows: readonly Flow[]): Arrow[] {
  const { state, geometry } = frame;
  const seen = new Set<string>();
  const arrows: Arrow[] = [];
  for (const flow of flows) {
    const x0 = xOfTime(state, geometry, flow.fromUs);
    const x1 = xOfTime(state, geometry, flow.toUs);
    if (Math.max(x0, x1) < geometry.gutter || Math.min(x0, x1) > geometry.width) continue;
    const fromRow = rowShowing(layout, state.rows, state.folded, flow.fromLane);
    const toRow = rowShowing(layout, state.rows, state.folded, flow.toLane);
    if (fromRow === undefined || toRow === undefined || fromRow === toRow) continue;
    const y0 = clampY(frame, fromRow);
    const y1 = clampY(frame, toRow);
    if (y0 === y1) continue;
    // Thousands of arrows between the same pixels are one arrow.
    const key = `${Math.round(x0 / 2)},${y0},${Math.round(x1 / 2)},${y1},${flow.type}`;
    if (seen.has(key)) continue;
    seen.add(key);
    arrows.push({ flow, x0, y0, x1, y1 });
  }
  return arrows;
}

function drawAll({ context, palette }: ChartFrame, arrows: readonly Arrow[], alpha: number): void {
  context.strokeStyle = context.fillStyle = withAlpha(palette.flow, alpha);
  context.lineWidth = 1.25;
  for (const { flow, x0, y0, x1, y1 } of arrows) {
    context.setLineDash(flow.type === 'spawn' ? [] : flow.inferred ? [2, 3] : flow.type === 'wake' ? [5, 3] : []);
    drawArrow(context, x0, y0, x1, y1);
  }
  context.setLineDash([]);
}

/** The edge of a row that faces the other end; rows out of sight stand just beyond the visible ones. */
function clampY({ state, geometry }: ChartFrame, row: number): number {
  const middle = rowTop(state, row) + rowHeight / 2;
  const top = row < pinnedRows(state) ? 0 : rulerHeight + pinnedRows(state) * rowHeight - 8;
  return Math.min(geometry.height + 8, Math.max(top, middle));
}

function drawArrow(context: CanvasRenderingContext2D, x0: number, y0: number, x1: number, y1: number): void {
  const down = y1 > y0 ? 1 : -1;
  const from = y0 + down * 9;
  const to = y1 - down * 9;
  context.beginPath();
  context.moveTo(x0, from);
  if (Math.abs(x1 - x0) < 2) context.lineTo(x1, to);
  else {
    const bend = Math.min(60, Math.max(14, Math.abs(to - from) / 2)) * down;
    context.bezierCurveTo(x0, from + bend, x1, to - bend, x1, to);
  }
  context.stroke();
  context.beginPath();
  context.moveTo(x1, to + down);
  context.lineTo(x1 - 3.5, to - down * 6);
  context.lineTo(x1 + 3.5, to - down * 6);
  context.fill();
}
