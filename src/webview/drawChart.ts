import type { Lane, TimelineLayout } from '../analyze/layout.ts';
import { pathOf } from '../analyze/layoutPath.ts';
import { foldedSummary, hasChildren, rowOfLane } from '../analyze/layoutRows.ts';
import { pinnedRows, rowHeight, rowTop, rulerHeight, xOfTime } from './chartGeometry.ts';
import type { ChartFrame } from './chartFrame.ts';
import { drawFlows } from './drawFlows.ts';
import { drawMarks, drawStrip, drawThin, snap, type LanePen } from './drawLane.ts';
import { rulerTicks } from './ruler.ts';
import { spotTimes, type Spot } from './spot.ts';
import { withAlpha, type Palette } from './theme.ts';
import { callbackName, duration } from './words.ts';

/** Draws what is in view: rows in view times pixels across, whatever the size of the trace. */
export function drawChart(frame: ChartFrame): void {
  const { context, state, geometry, palette, pixelRatio } = frame;
  const { layout } = state;
  context.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);
  context.fillStyle = palette.background;
  context.fillRect(0, 0, geometry.width, geometry.height);
  if (!layout) return;
  context.textBaseline = 'middle';
  const ticks = rulerTicks(state.view, geometry.width - geometry.gutter, 96).map((tick) => ({
    x: snap(xOfTime(state, geometry, tick.timeUs), pixelRatio),
    label: tick.label,
  }));
  const pinned = pinnedRows(state);
  clipped(context, 0, rulerHeight + pinned * rowHeight, geometry.width, geometry.height, () => {
    const first = Math.max(pinned, Math.floor(state.scrollTop / rowHeight) + pinned);
    const last = Math.min(state.rows.length, Math.ceil((state.scrollTop + geometry.height - rulerHeight) / rowHeight));
    drawRows(frame, layout, first, last, ticks);
  });
  clipped(context, 0, rulerHeight, geometry.width, pinned * rowHeight, () => drawRows(frame, layout, 0, pinned, ticks));
  if (pinned > 0) line(frame, 0, rulerHeight + pinned * rowHeight, geometry.width, palette.grid);
  clipped(context, geometry.gutter, rulerHeight, geometry.width - geometry.gutter, geometry.height, () => {
    drawFlows(frame, layout);
    drawSelection(frame);
  });
  drawRuler(frame, ticks);
  drawRange(frame);
  context.fillStyle = palette.grid;
  context.fillRect(geometry.gutter - 1, 0, 1, geometry.height);
}

interface PlacedTick {
  readonly x: number;
  readonly label: string;
}

function drawRows(frame: ChartFrame, layout: TimelineLayout, first: number, last: number, ticks: readonly PlacedTick[]): void {
  const { context, state, geometry, palette, pixelRatio } = frame;
  const { gutter, width } = geometry;
  const axis = width - gutter;
  for (let row = first; row < last; row++) {
    const lane = layout.lanes[state.rows[row]!]!;
    drawRowGround(frame, lane, rowTop(state, row));
    // The lanes of the next thread begin.
    if (lane.kind === 'loop' && row > 0) line(frame, 0, rowTop(state, row), width, palette.grid);
  }
  context.fillStyle = withAlpha(palette.grid, 0.6);
  const top = rowTop(state, first);
  for (const { x } of ticks) if (x >= gutter) context.fillRect(x, top, 1 / pixelRatio, (last - first) * rowHeight);
  const pen: LanePen = {
    context,
    palette,
    view: state.view,
    left: gutter,
    width: axis,
    pixelRatio,
    hiddenKinds: state.hiddenKinds,
    callbackName: (index) => callbackName(layout, layout.model.callbacks[index]!),
  };
  context.font = `${palette.fontPx - 2}px ${palette.fontFamily}`;
  const path = state.showsPath ? pathOf(layout) : undefined;
  clipped(context, gutter, 0, axis, geometry.height, () => {
    for (let row = first; row < last; row++) {
      const lane = layout.lanes[state.rows[row]!]!;
      const y = rowTop(state, row);
      drawStrip(pen, lane.segments, y + 4);
      drawElsewhere(frame, layout, lane.index, y);
      if (lane.kind === 'loop') drawThin(pen, lane.lag, y + 18, 6, palette.lagFill);
      else if (state.folded.has(lane.task!)) drawThin(pen, foldedSummary(layout, lane).running, y + 22, 3, palette.running);
      const steps = path?.strips.get(lane.index);
      if (steps) drawThin(pen, steps, y, 3, palette.focus);
      drawMarks(pen, state.marksOf(lane), y, lane.kind === 'loop');
    }
  });
  context.font = `${palette.fontPx}px ${palette.fontFamily}`;
  clipped(context, 0, 0, gutter - 1, geometry.height, () => {
    for (let row = first; row < last; row++) drawName(frame, layout, layout.lanes[state.rows[row]!]!, rowTop(state, row));
  });
}

function drawRowGround({ context, state, geometry, palette }: ChartFrame, lane: Lane, top: number): void {
  const selected = state.selected?.lane === lane.index;
  if (!selected && state.hovered?.lane !== lane.index) return;
  context.fillStyle = selected ? palette.selected : palette.hover;
  context.fillRect(0, top, geometry.width, rowHeight);
}

/** A lane with nothing in view points to where it lives. */
function drawElsewhere(
  { context, state, geometry, palette }: ChartFrame,
  layout: TimelineLayout,
  lane: number,
  top: number,
): void {
  const before = layout.laneEndUs[lane]! < state.view.startUs;
  const after = layout.laneStartUs[lane]! > state.view.endUs;
  if (before === after) return;
  const x = before ? geometry.gutter + 9 : geometry.width - 9;
  const middle = top + rowHeight / 2;
  context.fillStyle = palette.muted;
  context.beginPath();
  triangle(context, x, middle - 4, x, middle + 4, before ? x - 5 : x + 5, middle);
  context.fill();
}

/** Left edge of a lane's fold mark: deeper lanes stand further right, up to a limit that leaves room for names. */
export function indentOf(lane: Lane, gutter: number): number {
  return 6 + Math.min(lane.depth * (gutter < 160 ? 7 : 12), gutter * 0.35);
}

function drawName(frame: ChartFrame, layout: TimelineLayout, lane: Lane, top: number): void {
  const { context, state, geometry, palette } = frame;
  const x = indentOf(lane, geometry.gutter);
  const middle = top + rowHeight / 2;
  const task = lane.task === undefined ? undefined : layout.model.tasks[lane.task];
  if (hasChildren(lane)) {
    const folded = state.folded.has(lane.task!);
    context.fillStyle = palette.foreground;
    context.beginPath();
    if (folded) triangle(context, x + 2, middle - 4, x + 2, middle + 4, x + 7, middle);
    else triangle(context, x, middle - 2.5, x + 8, middle - 2.5, x + 4, middle + 2.5);
    context.fill();
  }
  const fold = lane.task !== undefined && hasChildren(lane) && state.folded.has(lane.task);
  const note = fold ? `+${foldedSummary(layout, lane).count}` : '';
  const end = task?.outcome === 'threw' || task?.outcome === 'unsettled';
  const noteWidth = (note === '' ? 0 : context.measureText(note).width + 8) + (end ? 18 : 0);
  const room = geometry.gutter - x - 12 - 8 - noteWidth;
  const match = lane.task !== undefined && state.matchSet.has(lane.task);
  // What tells loops apart stands at the end of their names.
  const short = lane.kind === 'loop' && context.measureText(lane.label).width > room;
  const name = shortened(
    context,
    short ? lane.label.replace(/^Event loop of (.)/, (_, first: string) => first.toUpperCase()) : lane.label,
    room,
  );
  if (match) {
    context.fillStyle = palette.match;
    context.fillRect(x + 10, top + 3, context.measureText(name).width + 4, rowHeight - 6);
    context.fillStyle = palette.focus;
    context.fillRect(x + 12, top + rowHeight - 5, context.measureText(name).width, 1);
  }
  context.fillStyle = lane.kind === 'loop' ? palette.muted : palette.foreground;
  context.fillText(name, x + 12, middle + 0.5);
  if (note !== '') {
    context.fillStyle = palette.muted;
    context.fillText(note, geometry.gutter - noteWidth, middle + 0.5);
  }
  if (end) drawOutcome(context, task.outcome === 'threw', palette, geometry.gutter - 14, middle);
}

/** A cross for a task that threw, a ring for one that has not settled. */
function drawOutcome(context: CanvasRenderingContext2D, threw: boolean, palette: Palette, x: number, y: number): void {
  context.strokeStyle = threw ? palette.error : palette.muted;
  context.lineWidth = 1.5;
  context.beginPath();
  if (threw) {
    context.moveTo(x - 3.5, y - 3.5);
    context.lineTo(x + 3.5, y + 3.5);
    context.moveTo(x + 3.5, y - 3.5);
    context.lineTo(x - 3.5, y + 3.5);
  } else context.arc(x, y, 3.5, 0, Math.PI * 2);
  context.stroke();
}

function triangle(context: CanvasRenderingContext2D, ...points: readonly number[]): void {
  for (let i = 0; i < points.length; i += 2) context.lineTo(points[i]!, points[i + 1]!);
  context.closePath();
}

/** Measuring text costs more than drawing it; names repeat from frame to frame. */
const shortNames = new Map<string, string>();

function shortened(context: CanvasRenderingContext2D, text: string, room: number): string {
  const key = `${context.font}|${Math.round(room)}|${text}`;
  const known = shortNames.get(key);
  if (known !== undefined) return known;
  let short = text;
  if (context.measureText(text).width > room) {
    let low = 0;
    let high = text.length;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (context.measureText(`${text.slice(0, middle)}…`).width <= room) low = middle;
      else high = middle - 1;
    }
    short = low === 0 ? '…' : `${text.slice(0, low)}…`;
  }
  if (shortNames.size > 5000) shortNames.clear();
  shortNames.set(key, short);
  return short;
}

function drawRuler(frame: ChartFrame, ticks: readonly PlacedTick[]): void {
  const { context, state, geometry, palette, pixelRatio } = frame;
  context.fillStyle = palette.panel;
  context.fillRect(0, 0, geometry.width, rulerHeight);
  const range = rangeLabel(frame);
  context.font = `${palette.fontPx - 2}px ${palette.fontFamily}`;
  context.fillStyle = palette.muted;
  const inView = duration(state.view.endUs - state.view.startUs);
  const isVirtual = state.layout?.model.run?.clock === 'virtual';
  const texts = isVirtual ? [`${inView} of virtual time in view`, `${inView} virtual`, inView] : [`${inView} in view`, inView];
  const fitting = texts.find((text) => context.measureText(text).width <= geometry.gutter - 18);
  if (fitting !== undefined) context.fillText(fitting, 12, rulerHeight / 2 + 0.5);
  for (const { x, label } of ticks) {
    if (x < geometry.gutter) continue;
    context.fillRect(x, rulerHeight - 6, 1 / pixelRatio, 6);
    const end = x + 4 + context.measureText(label).width;
    const covered = range && x < range.x + range.width && end > range.x;
    if (end < geometry.width && !covered) context.fillText(label, x + 4, rulerHeight / 2);
  }
  context.fillStyle = palette.grid;
  context.fillRect(0, rulerHeight - 1, geometry.width, 1);
}

interface RangeLabel {
  readonly left: number;
  readonly right: number;
  readonly text: string;
  readonly x: number;
  readonly width: number;
}

/** Where the measured range and its length stand; undefined where none is in view. Leaves its font set. */
function rangeLabel({ context, state, geometry, palette }: ChartFrame): RangeLabel | undefined {
  const { range } = state;
  if (!range) return undefined;
  const left = Math.max(geometry.gutter, xOfTime(state, geometry, range.startUs));
  const right = Math.min(geometry.width, xOfTime(state, geometry, range.endUs));
  if (right < geometry.gutter || left > geometry.width) return undefined;
  const text = duration(range.endUs - range.startUs);
  context.font = `600 ${palette.fontPx - 1}px ${palette.fontFamily}`;
  const width = context.measureText(text).width + 12;
  const x = Math.min(geometry.width - width, Math.max(geometry.gutter, (left + right - width) / 2));
  return { left, right, text, x, width };
}

function drawSelection(frame: ChartFrame): void {
  const { state, palette } = frame;
  if (state.hovered && state.hovered.part !== 'lane') frameSpot(frame, state.hovered, palette.foreground, 1);
  if (state.selected && state.selected.part !== 'lane') frameSpot(frame, state.selected, palette.focus, 2);
}

function frameSpot({ context, state, geometry }: ChartFrame, spot: Spot, colour: string, lineWidth: number): void {
  const row = rowOfLane(state.rows, spot.lane);
  const times = spotTimes(spot);
  if (state.rows[row] !== spot.lane || !times) return;
  const left = Math.max(geometry.gutter - 4, xOfTime(state, geometry, times.startUs));
  const right = Math.min(geometry.width + 4, xOfTime(state, geometry, times.endUs));
  if (right < geometry.gutter || left > geometry.width) return;
  const top = rowTop(state, row);
  if (row >= pinnedRows(state) && top + rowHeight <= rulerHeight + pinnedRows(state) * rowHeight) return;
  context.strokeStyle = colour;
  context.lineWidth = lineWidth;
  context.strokeRect(left - 1, top + 1.5, Math.max(3, right - left) + 2, rowHeight - 3);
}

function drawRange(frame: ChartFrame): void {
  const { context, geometry, palette } = frame;
  const range = rangeLabel(frame);
  if (!range) return;
  const { left, right, text, x, width } = range;
  context.fillStyle = palette.range;
  context.fillRect(left, rulerHeight, right - left, geometry.height - rulerHeight);
  context.fillStyle = palette.focus;
  context.fillRect(left, 0, 1, geometry.height);
  context.fillRect(right - 1, 0, 1, geometry.height);
  context.fillStyle = palette.panel;
  context.fillRect(x, 3, width, rulerHeight - 7);
  context.strokeStyle = palette.focus;
  context.lineWidth = 1;
  context.strokeRect(x + 0.5, 3.5, width - 1, rulerHeight - 8);
  context.fillStyle = palette.foreground;
  context.fillText(text, x + 6, rulerHeight / 2);
}

function line({ context, pixelRatio }: ChartFrame, x: number, y: number, width: number, colour: string): void {
  context.fillStyle = colour;
  context.fillRect(x, snap(y, pixelRatio), width, 1 / pixelRatio);
}

function clipped(context: CanvasRenderingContext2D, x: number, y: number, width: number, height: number, draw: () => void): void {
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  draw();
  context.restore();
}
