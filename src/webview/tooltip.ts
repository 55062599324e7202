import type { TimelineLayout } from '../analyze/layout.ts';
import { describeSpot } from './describeSpot.ts';
import { element } from './dom.ts';
import type { Spot } from './spot.ts';
import { stateClass } from './stateClass.ts';

export interface Tooltip {
  readonly root: HTMLElement;
  show(layout: TimelineLayout, spot: Spot, x: number, y: number, mayOpen: boolean): void;
  hide(): void;
}

/** Beside the pointer, kept inside the window. Screen readers hear selections through the live region instead. */
export function createTooltip(): Tooltip {
  const root = element('div', { class: 'il-tooltip', 'aria-hidden': 'true', hidden: true });
  let shown: Spot | undefined;
  return {
    root,
    show(layout, spot, x, y, mayOpen) {
      if (shown !== spot) {
        shown = spot;
        const { heading, facts, place } = describeSpot(layout, spot);
        const rows = facts.flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]);
        const swatch = element('span', { class: `il-dot ${stateClass(spot)}` });
        root.replaceChildren(element('div', { class: 'il-tooltip-head' }, swatch, heading), element('dl', {}, ...rows));
        if (place && mayOpen) root.append(element('div', { class: 'il-tooltip-hint' }, 'Click opens the line'));
      }
      root.hidden = false;
      const { width, height } = root.getBoundingClientRect();
      const left = x + 14 + width > innerWidth - 8 ? x - width - 14 : x + 14;
      const top = y + 18 + height > innerHeight - 8 ? y - height - 12 : y + 18;
      root.style.left = `${Math.max(8, left)}px`;
      root.style.top = `${Math.max(8, top)}px`;
    },
    hide() {
      shown = undefined;
      root.hidden = true;
    },
  };
}
