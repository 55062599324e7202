import { segmentState, waitState } from '../analyze/layoutSegments.ts';
import { waitKinds } from '../shared/waitKind.ts';
import { element, plural } from './dom.ts';
import { overview } from './minimap.ts';
import { swatchFill, type Palette } from './theme.ts';
import type { TimelineState } from './timelineState.ts';
import { duration, waitWords } from './words.ts';

export interface Legend {
  readonly root: HTMLElement;
  refresh(): void;
}

/** Name, and the states drawn alike; the first gives the look. */
const states: readonly (readonly [name: string, ...codes: number[]])[] = [
  ['running', segmentState.running, segmentState.callback],
  ['ready, not run', segmentState.ready, segmentState.readyAtMost],
  ['blocking', segmentState.blockingCall, segmentState.longSlice],
  ['busy, nobody held up', segmentState.busy],
  ['loop turn', segmentState.turn],
  ['loop lag', segmentState.lag],
];

/** What the colours mean; the kinds of wait are switches. Only what occurs in the trace is listed. */
export function createLegend(state: TimelineState, palette: () => Palette): Legend {
  const root = element('div', {
    class: 'il-legend',
    role: 'group',
    'aria-label': 'Legend. The kinds of wait are switches that hide and show them.',
  });
  root.hidden = true;
  let listed = '';
  const refresh = (): void => {
    const { layout } = state;
    if (!layout) return;
    const { counts, totalsUs } = overview(layout);
    const kinds = waitKinds.filter((kind) => counts[waitState(kind)]! > 0 || state.hiddenKinds.has(kind));
    const drawn = states.filter(([, ...codes]) => codes.some((code) => counts[code]! > 0));
    const list = `${drawn.map(([name]) => name).join()}|${kinds.join()}`;
    if (list !== listed) {
      listed = list;
      const chips = kinds.map((kind) => {
        const chip = element(
          'button',
          { type: 'button', class: 'il-chip', 'data-kind': kind },
          element('canvas', {}),
          element('span', {}, waitWords[kind]),
        );
        chip.addEventListener('click', (event) => (event.altKey ? state.onlyKind(kind) : state.toggleKind(kind)));
        return chip;
      });
      const items = drawn.map(([name, code = 0]) =>
        element('span', { class: 'il-key', 'data-state': code }, element('canvas', {}), element('span', {}, name)),
      );
      const title = kinds.length > 0 ? element('span', { class: 'il-legend-title' }, 'waiting for') : undefined;
      root.replaceChildren(...items, ...(title ? [title] : []), ...chips);
    }
    for (const chip of root.querySelectorAll<HTMLElement>('[data-kind]')) {
      const kind = waitKinds.find((one) => one === chip.dataset['kind'])!;
      const code = waitState(kind);
      const shown = !state.hiddenKinds.has(kind);
      chip.setAttribute('aria-pressed', String(shown));
      chip.title = `${plural(counts[code]!, 'wait')}, ${duration(totalsUs[code]!)} in all. Click ${shown ? 'hides' : 'shows'} them, Alt+click shows this kind alone.`;
      paint(chip.querySelector('canvas')!, (context, width, height) => {
        const waits = palette();
        const index = waitKinds.indexOf(kind);
        context.fillStyle = waits.waitFills[index]!;
        context.fillRect(0, 2, width, height - 4);
        context.fillStyle = waits.waits[index]!;
        context.fillRect(0, height - 4, width, 2);
      });
    }
    for (const item of root.querySelectorAll<HTMLElement>('[data-state]')) {
      const code = Number(item.dataset['state']);
      paint(item.querySelector('canvas')!, (context, width, height) => {
        context.fillStyle = swatchFill(palette(), code);
        const thin = code === segmentState.lag ? 4 : 0;
        context.fillRect(0, thin, width, height - 2 * thin);
        if (code !== segmentState.busy) return;
        context.strokeStyle = palette().muted;
        context.strokeRect(0.5, 0.5, width - 1, height - 1);
      });
    }
  };
  state.subscribe((change) => {
    if (change === 'layout' || change === 'filter') refresh();
  });
  return { root, refresh };
}

function paint(
  canvas: HTMLCanvasElement,
  draw: (context: CanvasRenderingContext2D, width: number, height: number) => void,
): void {
  const ratio = devicePixelRatio || 1;
  canvas.width = Math.round(16 * ratio);
  canvas.height = Math.round(14 * ratio);
  const context = canvas.getContext('2d');
  if (!context) return;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  draw(context, 16, 14);
}
