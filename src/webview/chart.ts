import { hasChildren, rowOfLane } from '../analyze/layoutRows.ts';
import {
  contentHeight,
  gutterWidth,
  laneAtRow,
  pinnedRows,
  rowAt,
  rowHeight,
  scrollToShow,
  spotAt,
  timeAt,
  usPerPx,
  type ChartGeometry,
} from './chartGeometry.ts';
import { element } from './dom.ts';
import { drawChart, indentOf } from './drawChart.ts';
import { frameScheduler } from './frameScheduler.ts';
import { sameSpot, type Spot } from './spot.ts';
import type { Palette } from './theme.ts';
import type { TimelineState } from './timelineState.ts';

export interface ChartActions {
  /** A click or Enter on something: lead to its source line. */
  open(spot: Spot): void;
  /** The keyboard has come here. */
  arrive(): void;
  /** The pointer rests on something, at this place of the window. */
  point(spot: Spot | undefined, x: number, y: number): void;
}

export interface Chart {
  /** The focusable box around the canvas. */
  readonly root: HTMLElement;
  readonly geometry: () => ChartGeometry;
  redraw(): void;
  scrollToLane(lane: number): void;
  scrollBy(px: number): void;
}

/** A movement shorter than this is a click. */
const clickPx = 4;
/** One notch of a mouse wheel. */
const notchPx = 100;

/** The canvas with lanes, its scroll bar, and what the pointer does on it. */
export function createChart(state: TimelineState, palette: () => Palette, actions: ChartActions): Chart {
  const canvas = element('canvas', { class: 'il-canvas', 'aria-hidden': 'true' });
  const spacer = element('div', { class: 'il-spacer' });
  const root = element('div', { class: 'il-scroller', tabindex: 0, role: 'application' }, canvas, spacer);
  let geometry: ChartGeometry = { width: 0, height: 0, gutter: 0 };

  const draw = (): void => {
    const ratio = devicePixelRatio || 1;
    const width = root.clientWidth;
    const height = root.clientHeight;
    if (width === 0 || height === 0) return;
    if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
    if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    // The canvas stands before the spacer in the flow and moves with the scrolling: its height is part of the content.
    spacer.style.height = `${Math.max(0, contentHeight(state) - height)}px`;
    geometry = { width, height, gutter: gutterWidth(width) };
    const context = canvas.getContext('2d', { alpha: false });
    if (!context) return;
    drawChart({ context, state, geometry, palette: palette(), pixelRatio: ratio });
  };
  const frames = frameScheduler(draw);

  root.addEventListener('scroll', () => {
    if (state.scrollTop === root.scrollTop) return;
    state.scrollTop = root.scrollTop;
    state.changed('scroll');
  });
  new ResizeObserver(() => frames.request()).observe(root);
  state.subscribe(() => frames.request());
  // When rows come and go above, the row at the top stays where it is.
  let topLane = -1;
  state.subscribe((change) => {
    const pinned = pinnedRows(state);
    const topRow = Math.floor(state.scrollTop / rowHeight) + pinned;
    if (change === 'rows' && topLane >= 0 && state.scrollTop > 0) {
      const moved = rowOfLane(state.rows, topLane) - topRow;
      if (moved !== 0) {
        spacer.style.height = `${Math.max(0, contentHeight(state) - geometry.height)}px`;
        root.scrollTop = Math.max(0, state.scrollTop + moved * rowHeight);
        state.scrollTop = root.scrollTop;
      }
    }
    topLane = state.rows[Math.floor(state.scrollTop / rowHeight) + pinned] ?? -1;
  });
  listen(root, canvas, state, () => geometry, actions);

  return {
    root,
    geometry: () => geometry,
    redraw: () => frames.request(),
    scrollToLane(lane) {
      const top = scrollToShow(state, geometry, lane);
      if (top === state.scrollTop) return;
      // The spacer may be older than the rows: it must be tall enough before the box can scroll there.
      spacer.style.height = `${Math.max(0, contentHeight(state) - geometry.height)}px`;
      root.scrollTop = top;
      state.scrollTop = root.scrollTop;
      state.changed('scroll');
    },
    scrollBy(px) {
      root.scrollTop += px;
    },
  };
}

function listen(
  root: HTMLElement,
  canvas: HTMLCanvasElement,
  state: TimelineState,
  geometry: () => ChartGeometry,
  actions: ChartActions,
): void {
  let press:
    { readonly x: number; readonly y: number; readonly range: boolean; readonly fromUs: number; moved: boolean } | undefined;
  let lastX = 0;
  let lastY = 0;
  let dragged = false;
  /** What the last click hit. */
  let clicked: Spot | undefined;

  root.addEventListener('focus', () => {
    if (!press && root.matches(':focus-visible')) actions.arrive();
  });
  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || !state.layout) return;
    const fromUs = timeAt(state, geometry(), Math.max(geometry().gutter, event.offsetX));
    press = { x: event.offsetX, y: event.offsetY, range: event.shiftKey, fromUs, moved: false };
    root.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    lastX = event.offsetX;
    lastY = event.offsetY;
    event.preventDefault();
  });
  canvas.addEventListener('pointermove', (event) => {
    if (!state.layout) return;
    const { offsetX: x, offsetY: y } = event;
    if (!press) {
      const spot = spotAt(state, geometry(), x, y);
      state.hover(spot);
      canvas.style.cursor = spot === undefined ? 'default' : 'pointer';
      // Empty ground has nothing to tell; its name at the left has.
      const empty = spot?.part === 'lane' && x >= geometry().gutter;
      // The panel says already what is selected.
      const told = empty || sameSpot(spot, state.selected);
      actions.point(told ? undefined : spot, event.clientX, event.clientY);
      return;
    }
    if (!press.moved && Math.hypot(x - press.x, y - press.y) < clickPx) return;
    press.moved = true;
    actions.point(undefined, 0, 0);
    if (press.range) {
      const toUs = timeAt(state, geometry(), Math.min(geometry().width, Math.max(geometry().gutter, x)));
      state.setRange({ startUs: Math.min(press.fromUs, toUs), endUs: Math.max(press.fromUs, toUs) });
    } else {
      canvas.style.cursor = 'grabbing';
      if (x !== lastX) state.pan((lastX - x) * usPerPx(state, geometry()));
      root.scrollTop += lastY - y;
    }
    lastX = x;
    lastY = y;
  });
  canvas.addEventListener('pointerup', () => {
    dragged = press?.moved !== false;
    press = undefined;
    canvas.style.cursor = 'default';
  });
  canvas.addEventListener('click', (event) => {
    if (!dragged) click(event.offsetX, event.offsetY, event.detail > 1);
  });
  canvas.addEventListener('pointercancel', () => (press = undefined));
  canvas.addEventListener('pointerleave', () => {
    state.hover(undefined);
    actions.point(undefined, 0, 0);
  });
  // The first click may have made room for details: the second one comes where something else is by now.
  const secondClick = (event: MouseEvent): void => {
    const spot = clicked;
    if (event.detail === 1) clicked = undefined;
    if (event.detail !== 2 || !spot) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.type === 'mousedown') return;
    clicked = undefined;
    if (spot.part !== 'lane') state.zoomTo(spot.strip.store.startUs[spot.index]!, spot.strip.store.endUs[spot.index]!);
  };
  document.addEventListener('mousedown', secondClick, true);
  document.addEventListener('click', secondClick, true);

  const click = (x: number, y: number, again: boolean): void => {
    const lane = laneAtRow(state, rowAt(state, y));
    const mark = lane && indentOf(lane, geometry().gutter);
    if (lane && hasChildren(lane) && mark !== undefined && x >= mark - 4 && x <= mark + 11) {
      clicked = undefined;
      state.toggleFold(lane.task!);
      return;
    }
    if (again) return;
    const spot = (clicked = spotAt(state, geometry(), x, y));
    state.setRange(undefined);
    actions.point(undefined, 0, 0);
    state.select(spot);
    // Empty ground selects its lane and leads nowhere; names and stretches lead to their line.
    if (spot && (spot.part !== 'lane' || x < geometry().gutter)) actions.open(spot);
  };

  canvas.addEventListener(
    'wheel',
    (event) => {
      if (!state.layout) return;
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 32 : event.deltaMode === WheelEvent.DOM_DELTA_PAGE ? 400 : 1;
      const dx = event.deltaX * unit;
      const dy = event.deltaY * unit;
      const overNames = event.offsetX < geometry().gutter && !event.ctrlKey;
      // Over the names, and with Alt, the wheel scrolls the rows as anywhere else.
      if (overNames || event.altKey) {
        if (event.altKey) root.scrollTop += dy;
        else return;
      } else if (event.shiftKey || Math.abs(dx) > Math.abs(dy)) {
        state.pan((Math.abs(dx) > Math.abs(dy) ? dx : dy) * usPerPx(state, geometry()));
      } else {
        // A pinch arrives as small steps with ctrl set.
        const strength = event.ctrlKey && Math.abs(dy) < 50 ? 0.01 : Math.LN2 / (notchPx * 1.5);
        state.zoom(Math.exp(dy * strength), timeAt(state, geometry(), event.offsetX));
      }
      event.preventDefault();
    },
    { passive: false },
  );
}
