import { overviewOf, type Overview } from '../analyze/layoutOverview.ts';
import type { TimelineLayout } from '../analyze/layout.ts';
import { element } from './dom.ts';
import { frameScheduler } from './frameScheduler.ts';
import { withAlpha, type Palette } from './theme.ts';
import type { TimelineState } from './timelineState.ts';

const columns = 1024;
const overviews = new WeakMap<TimelineLayout, Overview>();

/** The whole trace in figures; made once per layout. */
export function overview(layout: TimelineLayout): Overview {
  let known = overviews.get(layout);
  if (!known) overviews.set(layout, (known = overviewOf(layout, columns)));
  return known;
}

export interface Minimap {
  readonly canvas: HTMLCanvasElement;
  redraw(): void;
}

/** The whole trace in a strip, with a window for what is in view that can be moved and stretched with the pointer. */
export function createMinimap(state: TimelineState, palette: () => Palette): Minimap {
  const canvas = element('canvas', { class: 'il-minimap', 'aria-hidden': 'true' });
  const frames = frameScheduler(() => draw(canvas, state, palette()));
  new ResizeObserver(() => frames.request()).observe(canvas);
  state.subscribe((change) => {
    if (change === 'layout' || change === 'view' || change === 'range') frames.request();
  });
  listen(canvas, state);
  return { canvas, redraw: () => frames.request() };
}

function listen(canvas: HTMLCanvasElement, state: TimelineState): void {
  let drag: { readonly edge: 'start' | 'end' | 'middle'; readonly grabUs: number } | undefined;
  const timeOf = (event: PointerEvent): number => {
    const whole = state.whole;
    return whole.startUs + (event.offsetX / Math.max(1, canvas.clientWidth)) * (whole.endUs - whole.startUs);
  };
  const edgeAt = (event: PointerEvent): 'start' | 'end' | 'middle' | undefined => {
    const whole = state.whole;
    const near = ((whole.endUs - whole.startUs) / Math.max(1, canvas.clientWidth)) * 5;
    const at = timeOf(event);
    if (Math.abs(at - state.view.startUs) < near) return 'start';
    if (Math.abs(at - state.view.endUs) < near) return 'end';
    return at > state.view.startUs && at < state.view.endUs ? 'middle' : undefined;
  };
  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || !state.layout) return;
    canvas.setPointerCapture(event.pointerId);
    const at = timeOf(event);
    const edge = edgeAt(event);
    const span = state.view.endUs - state.view.startUs;
    if (edge === undefined) state.setView({ startUs: at - span / 2, endUs: at + span / 2 });
    drag = { edge: edge ?? 'middle', grabUs: at - state.view.startUs };
  });
  canvas.addEventListener('pointermove', (event) => {
    const edge = edgeAt(event);
    canvas.style.cursor = edge === 'start' || edge === 'end' ? 'ew-resize' : edge === 'middle' ? 'grab' : 'pointer';
    if (!drag) return;
    const at = timeOf(event);
    const { startUs, endUs } = state.view;
    if (drag.edge === 'middle') state.setView({ startUs: at - drag.grabUs, endUs: at - drag.grabUs + (endUs - startUs) });
    else if (drag.edge === 'start' && at < endUs) state.setView({ startUs: at, endUs });
    else if (drag.edge === 'end' && at > startUs) state.setView({ startUs, endUs: at });
  });
  for (const type of ['pointerup', 'pointercancel'] as const) canvas.addEventListener(type, () => (drag = undefined));
}

function draw(canvas: HTMLCanvasElement, state: TimelineState, palette: Palette): void {
  const ratio = devicePixelRatio || 1;
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  if (width === 0 || height === 0) return;
  if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
  if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
  const context = canvas.getContext('2d');
  if (!context) return;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = palette.panel;
  context.fillRect(0, 0, width, height);
  if (!state.layout) return;
  const whole = state.whole;
  const scale = width / (whole.endUs - whole.startUs);
  const left = (state.layout.startUs - whole.startUs) * scale;
  drawColumns(context, overview(state.layout), palette, left, width - 2 * left, height);
  const from = Math.max(0, (state.view.startUs - whole.startUs) * scale);
  const to = Math.min(width, (state.view.endUs - whole.startUs) * scale);
  if (to - from < width - 1) {
    context.fillStyle = withAlpha(palette.background, 0.72);
    context.fillRect(0, 0, from, height);
    context.fillRect(to, 0, width - to, height);
    context.strokeStyle = palette.focus;
    context.lineWidth = 1;
    context.strokeRect(from + 0.5, 0.5, Math.max(3, to - from) - 1, height - 1);
    context.fillStyle = palette.focus;
    for (const x of [from, Math.max(from + 3, to) - 3]) context.fillRect(x, height / 2 - 7, 3, 14);
  }
}

function drawColumns(
  context: CanvasRenderingContext2D,
  data: Overview,
  palette: Palette,
  left: number,
  width: number,
  height: number,
): void {
  let most = 1;
  for (const alive of data.alive) most = Math.max(most, alive);
  const base = height - 2;
  // Whole pixels, or neighbouring columns would shine through each other's edges.
  const x = (column: number): number => Math.floor(left + (column * width) / data.columns);
  const bar = (column: number, top: number, tall: number, least: number): void =>
    context.fillRect(x(column), top, Math.max(least, x(column + 1) - x(column)), tall);
  context.fillStyle = withAlpha(palette.muted, 0.3);
  for (let i = 0; i < data.columns; i++) {
    const tall = (data.alive[i]! / most) * (height - 8);
    if (tall > 0 && x(i) < x(i + 1)) bar(i, base - tall, tall, 0);
  }
  context.fillStyle = palette.running;
  for (let i = 0; i < data.columns; i++) {
    const tall = data.running[i]! > 0 ? Math.max(1.5, data.running[i]! * (height - 8)) : 0;
    if (tall > 0) bar(i, base - tall, tall, 1);
  }
  context.fillStyle = palette.blocking;
  for (let i = 0; i < data.columns; i++) if (data.blocked[i]) bar(i, 0, 5, 2);
}
