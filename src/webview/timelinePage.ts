import { buildLayout } from '../analyze/layout.ts';
import { growingTrace, showsAnything, type GrowingTrace } from '../analyze/layoutTrace.ts';
import type { TimelineFocus, ToPage, SourcePlace } from '../shared/pageMessages.ts';
import { createChart } from './chart.ts';
import { handleKey, moveBlock, type KeyActions } from './chartKeys.ts';
import { describeSpot, sentence } from './describeSpot.ts';
import { createDetails } from './details.ts';
import { element, setShown } from './dom.ts';
import { createHelp } from './help.ts';
import { createLegend } from './legend.ts';
import { createMinimap } from './minimap.ts';
import { banners, emptyState, type RunStatus } from './notices.ts';
import type { PageHost } from './pageHost.ts';
import { laneSpot, type Spot } from './spot.ts';
import { createTextTwin } from './textTwin.ts';
import { onThemeChange, readPalette } from './theme.ts';
import { TimelineState } from './timelineState.ts';
import { createToolbar } from './toolbar.ts';
import { createTooltip } from './tooltip.ts';
import { duration } from './words.ts';

/** Laying out takes at most about this share of the page's time while a trace grows. */
const layoutShare = 1 / 8;
const leastLayoutIntervalMs = 150;
const keepStateAfterMs = 400;
/** A host that has a trace sends it at once. */
const idleAfterMs = 1500;

/** Builds the page inside an element and joins it to its host. Call once. */
export function startTimelinePage(root: HTMLElement, host: PageHost): void {
  // Before anything is measured: fonts and colours hang on it.
  root.classList.add('il-page');
  const state = new TimelineState();
  let title = 'Interleave';
  let mayReveal = false;
  let status: RunStatus = { running: true, failed: undefined, begun: false, complete: false };
  let trace: GrowingTrace = growingTrace();
  let palette = readPalette(root);

  const reveal = (place: SourcePlace): void => {
    if (mayReveal) host.post({ type: 'reveal', place });
  };
  const open = (spot: Spot): void => {
    const place = state.layout && describeSpot(state.layout, spot).place;
    if (place) reveal(place);
  };
  const live = element('div', { class: 'il-unseen', 'aria-live': 'polite', role: 'status' });
  const announce = (text: string): void => {
    live.textContent = text;
  };

  const tooltip = createTooltip();
  const chart = createChart(state, () => palette, {
    open,
    // So that the next key has something to start from.
    arrive() {
      const first = state.layout?.lanes[state.rows[0] ?? -1];
      if (!state.selected && first) state.select(laneSpot(first));
    },
    point(spot, x, y) {
      if (spot && state.layout) tooltip.show(state.layout, spot, x, y, mayReveal);
      else tooltip.hide();
    },
  });
  const minimap = createMinimap(state, () => palette);
  const legend = createLegend(state, () => palette);
  const details = createDetails(state, reveal, () => mayReveal);
  const twin = createTextTwin(state, open);
  const help = createHelp(() => chart.root.focus({ preventScroll: true }));
  const toggleTextTwin = (): void => {
    twin.setShown(!twin.shown());
    root.classList.toggle('il-with-twin', twin.shown());
    announce(twin.shown() ? 'The trace is shown as text below the timeline.' : 'The text is hidden.');
    refresh();
    keepSoon();
  };
  const showMatch = (by: number): void => {
    const { matches, selected, layout } = state;
    if (matches.length === 0) return;
    const task = selected && layout?.lanes[selected.lane]?.task;
    const at = task === undefined ? -1 : matches.indexOf(task);
    // Typing stays at a match that still fits; Enter goes on to the next.
    if (by === 0 && at >= 0) return;
    const next = at < 0 ? (by < 0 ? matches.length - 1 : 0) : (at + by + matches.length) % matches.length;
    state.selectTask(matches[next]!);
  };
  const keys: KeyActions = {
    open,
    toggleTextTwin,
    focusSearch: () => toolbar.search.focus(),
    showHelp: () => help.showModal(),
    scrollBy: (px) => chart.scrollBy(px),
  };
  const toolbar = createToolbar(state, {
    nextBlock: () => moveBlock(state, 1),
    toggleTextTwin,
    showHelp: keys.showHelp,
    showMatch,
  });
  const notices = element('div', { class: 'il-banners' });
  const empty = element('div', { class: 'il-empty-place', hidden: true });
  const stage = element('main', { class: 'il-stage' }, minimap.canvas, chart.root, empty, twin.root);
  root.replaceChildren(
    toolbar.root,
    notices,
    legend.root,
    element('div', { class: 'il-body' }, stage, details.root),
    live,
    tooltip.root,
    help,
  );
  chart.root.setAttribute(
    'aria-label',
    'Timeline. Arrow keys move, Tab steps through the selected lane, question mark lists all keys.',
  );

  chart.root.addEventListener('keydown', (event) => {
    if (event.target === chart.root && handleKey(event, state, keys)) event.preventDefault();
  });
  document.addEventListener('keydown', (event) => {
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey && document.activeElement === document.body;
    if (plain && handleKey(event, state, keys)) event.preventDefault();
  });

  let noticesShown = '';
  const refresh = (): void => {
    const model = state.layout?.model;
    toolbar.refresh(title, status, twin.shown());
    document.title = title;
    const lines = banners(model, status);
    const text = lines.map((line) => line.textContent).join('\n');
    if (text !== noticesShown) {
      noticesShown = text;
      notices.replaceChildren(...lines);
    }
    const instead = emptyState(model, status, idle);
    if (instead?.textContent !== empty.textContent) empty.replaceChildren(...(instead ? [instead] : []));
    const hasLanes = model !== undefined && showsAnything(model);
    setShown(empty, instead !== undefined);
    setShown(chart.root, hasLanes);
    setShown(minimap.canvas, hasLanes);
    setShown(legend.root, hasLanes);
    empty.classList.toggle('il-beneath', hasLanes);
  };

  let keepTimer: ReturnType<typeof setTimeout> | undefined;
  const keepSoon = (): void => {
    clearTimeout(keepTimer);
    keepTimer = setTimeout(() => host.keep(state.toPageState(twin.shown())), keepStateAfterMs);
  };
  state.subscribe((change) => {
    if (change !== 'hover' && change !== 'layout' && change !== 'search' && change !== 'range') keepSoon();
    if (change === 'selection' && state.selected && state.layout) {
      chart.scrollToLane(state.selected.lane);
      announce(sentence(describeSpot(state.layout, state.selected)));
    }
    if (change === 'range') announce(state.range ? `Range of ${duration(state.range.endUs - state.range.startUs)}` : 'No range');
    if (change === 'layout') refresh();
  });
  onThemeChange(() => {
    palette = readPalette(root);
    chart.redraw();
    minimap.redraw();
    legend.refresh();
  });

  let layoutTimer: ReturnType<typeof setTimeout> | undefined;
  let lastCostMs = 0;
  let behind = false;
  let idle = false;
  let pendingFocus: TimelineFocus | undefined;
  let pendingScroll = 0;
  const layOut = (): void => {
    clearTimeout(layoutTimer);
    layoutTimer = undefined;
    behind = false;
    const began = performance.now();
    try {
      state.setLayout(buildLayout(trace.snapshot()));
    } catch (error) {
      fail(error);
      return;
    }
    lastCostMs = performance.now() - began;
    if (pendingScroll > 0) {
      state.scrollTop = pendingScroll;
      requestAnimationFrame(() => {
        chart.root.scrollTop = pendingScroll;
        pendingScroll = 0;
      });
    }
    if (pendingFocus && applyFocus(state, pendingFocus)) pendingFocus = undefined;
  };
  const layOutSoon = (): void => {
    layoutTimer ??= setTimeout(layOut, Math.max(leastLayoutIntervalMs, lastCostMs / layoutShare));
  };
  const fail = (error: unknown): void => {
    const message = error instanceof Error ? error.message : String(error);
    status = { ...status, running: false, failed: message };
    host.post({ type: 'error', message });
    refresh();
  };

  const receive = (message: ToPage): void => {
    switch (message.type) {
      case 'hello':
        title = message.title;
        mayReveal = message.mayReveal;
        status = { ...status, running: message.state === 'running' };
        setTimeout(() => {
          idle = true;
          refresh();
        }, idleAfterMs);
        if ((message.protocol as number) !== 1) {
          fail(new Error('This page and the extension are of different versions. Reload the window.'));
          return;
        }
        break;
      case 'reset':
        title = message.title;
        trace = growingTrace();
        clearTimeout(layoutTimer);
        layoutTimer = undefined;
        status = { running: true, failed: undefined, begun: false, complete: false };
        behind = false;
        state.clear();
        // What was kept of the old trace means nothing in the new one.
        keepSoon();
        break;
      case 'trace':
        if (status.failed !== undefined) return;
        try {
          trace.push(new Uint8Array(message.bytes));
        } catch (error) {
          fail(error);
          // What came before the damage is still worth seeing.
          layOut();
          return;
        }
        behind = true;
        status = { ...status, begun: true };
        if (state.layout) layOutSoon();
        else layOut();
        return;
      case 'finished':
        status = { ...status, running: false, complete: true };
        if (behind && status.failed === undefined) layOut();
        break;
      case 'focus':
        if (!applyFocus(state, message.focus)) pendingFocus = message.focus;
        break;
      case 'failed':
        status = { ...status, running: false, failed: message.message };
        break;
    }
    refresh();
  };

  const kept = host.state();
  if (kept) state.restore(kept);
  pendingScroll = kept?.view?.scrollTop ?? 0;
  if (kept?.textTwin) toggleTextTwin();
  refresh();
  host.listen(receive);
  host.post({ type: 'ready', protocol: 1 });
}

/** False while the trace does not yet reach what is asked for. */
function applyFocus(state: TimelineState, focus: TimelineFocus): boolean {
  const { layout } = state;
  if (!layout) return false;
  if (focus.task !== undefined) {
    if (!layout.model.tasks[focus.task]) return false;
    state.selectTask(focus.task);
  }
  if (focus.startUs !== undefined && focus.endUs !== undefined) {
    const room = Math.max((focus.endUs - focus.startUs) * 0.5, 20);
    state.setView({ startUs: focus.startUs - room, endUs: focus.endUs + room });
    selectAt(state, focus.startUs, focus.endUs);
  } else if (focus.startUs !== undefined) {
    const span = state.view.endUs - state.view.startUs;
    state.setView({ startUs: focus.startUs - span / 2, endUs: focus.startUs + span / 2 });
  }
  return true;
}

/** Narrows a selected lane to its stretch of just these times, when it has one. */
function selectAt(state: TimelineState, startUs: number, endUs: number): void {
  const { layout, selected } = state;
  const lane = selected && layout?.lanes[selected.lane];
  if (!lane) return;
  const { store, from, to } = lane.segments;
  for (let index = from; index < to; index++) {
    if (Math.abs(store.startUs[index]! - startUs) > 0.05) continue;
    if (store.endUs[index]! - 0.05 > endUs) continue;
    state.select({ lane: lane.index, part: 'segment', strip: lane.segments, index });
    return;
  }
}
