import { hasChildren, rowOfLane } from '../analyze/layoutRows.ts';
import type { Lane, TimelineLayout } from '../analyze/layout.ts';
import { describeSpot, sentence } from './describeSpot.ts';
import { button, element, plural } from './dom.ts';
import { laneSpot, sameSpot, segmentSpot, type Spot } from './spot.ts';
import type { TimelineState } from './timelineState.ts';

/** Lanes in the document at once; further ones are a page away. */
const lanesPerPage = 200;
/** Stretches spelled out over all lanes of a page; of the selected lane this many in any case. */
const stretchBudget = 600;

export interface TextTwin {
  readonly root: HTMLElement;
  setShown(shown: boolean): void;
  readonly shown: () => boolean;
}

/** The trace as a tree of sentences: the same lanes, the same stretches, the same selection. In the document even while it is not seen. */
export function createTextTwin(state: TimelineState, open: (spot: Spot) => void): TextTwin {
  const tree = element('div', { role: 'tree', 'aria-label': 'Tasks of the trace', class: 'il-tree' });
  const note = element('p', { class: 'il-twin-note' });
  const pager = element('div', { class: 'il-pager' });
  const root = element('section', { class: 'il-twin il-unseen', 'aria-label': 'The trace as text' }, note, tree, pager);
  let firstRow = 0;
  /** What each item of the tree stands for; nothing for a remark. */
  let spots: (Spot | undefined)[] = [];
  /** Lanes whose stretches are spelled out as far as they ever are. */
  const listedLanes = new Set<number>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let shown = false;

  const render = (): void => {
    clearTimeout(timer);
    const { layout, rows, selected } = state;
    if (!layout) {
      tree.replaceChildren();
      note.textContent = 'There is no trace yet.';
      pager.replaceChildren();
      return;
    }
    if (selected) firstRow = pageOf(rowOfLane(rows, selected.lane));
    if (firstRow >= rows.length) firstRow = 0;
    const lastRow = Math.min(rows.length, firstRow + lanesPerPage);
    const kept = document.activeElement instanceof HTMLElement && tree.contains(document.activeElement);
    const fragment = document.createDocumentFragment();
    spots = [];
    listedLanes.clear();
    let budget = stretchBudget;
    for (let row = firstRow; row < lastRow; row++) {
      const lane = layout.lanes[rows[row]!]!;
      budget -= addLane(layout, lane, selected?.lane === lane.index ? stretchBudget : budget, fragment);
    }
    tree.replaceChildren(fragment);
    const of = rows.length > lanesPerPage ? `Lanes ${firstRow + 1} to ${lastRow} of ${rows.length.toLocaleString('en')}. ` : '';
    note.textContent = `${of}${plural(layout.model.tasks.length, 'task')}, ${plural(layout.segmentCount, 'stretch', 'stretches')}. Enter opens the source line.`;
    const turn = (by: number) => (): void => {
      firstRow = pageOf(firstRow) + by * lanesPerPage;
      state.select(laneSpot(layout.lanes[rows[firstRow]!]!));
    };
    const buttons: HTMLElement[] = [];
    if (firstRow > 0) buttons.push(button('Earlier lanes', 'Earlier lanes', turn(-1), 'il-secondary'));
    if (lastRow < rows.length) buttons.push(button('Further lanes', 'Further lanes', turn(1), 'il-secondary'));
    pager.replaceChildren(...buttons);
    mark(kept);
  };

  const addLane = (layout: TimelineLayout, lane: Lane, budget: number, into: DocumentFragment): number => {
    const task = lane.task;
    const folded = task !== undefined && state.folded.has(task);
    const { from, to } = lane.segments;
    const listed = folded ? 0 : Math.min(to - from, Math.max(0, budget));
    const spot = laneSpot(lane);
    const hidden = folded ? `, ${plural(lane.subtreeEnd - lane.index - 1, 'task')} folded` : '';
    const text = `${task === undefined ? '' : 'Task '}${sentence(describeSpot(layout, spot))}${hidden}`;
    const expanded = hasChildren(lane) || to > from ? !folded && (listed > 0 || hasChildren(lane)) : undefined;
    into.append(item(text, lane.depth + 1, spot, expanded));
    // Marks first: they are why one looks.
    const marks = state.marksOf(lane);
    for (let i = marks.from; i < Math.min(marks.to, marks.from + 50); i++) {
      const mark: Spot = { lane: lane.index, part: 'mark', strip: marks, index: i };
      into.append(item(sentence(describeSpot(layout, mark)), lane.depth + 2, mark));
    }
    for (let i = from; i < from + listed; i++) {
      if (!state.isShown(lane.segments.store.state[i]!)) continue;
      const stretch = segmentSpot(lane, i);
      const { heading, facts } = describeSpot(layout, stretch);
      const own = facts.filter(([name]) => name !== 'Task');
      into.append(item(sentence({ heading, facts: own, place: undefined }), lane.depth + 2, stretch));
    }
    if (listed === Math.min(to - from, stretchBudget)) listedLanes.add(lane.index);
    const left = to - from - listed;
    if (left > 0 && !folded) {
      const text =
        listed > 0
          ? `${plural(left, 'further stretch', 'further stretches')} not listed`
          : `${plural(left, 'stretch', 'stretches')}: select the lane to list them`;
      into.append(item(text, lane.depth + 2, undefined));
    }
    return listed;
  };

  const item = (text: string, level: number, spot: Spot | undefined, expanded?: boolean): HTMLElement => {
    const made = element(
      'div',
      {
        role: 'treeitem',
        'aria-level': level,
        'aria-expanded': expanded === undefined ? undefined : String(expanded),
        'aria-selected': 'false',
        tabindex: -1,
      },
      text,
    );
    made.style.paddingInlineStart = `${Math.min(level, 12) * 14}px`;
    if (spot?.part === 'lane') made.classList.add('il-tree-lane');
    spots.push(spot);
    return made;
  };

  /** Shows the selection in the tree. Focus follows only where the tree has it already. */
  const mark = (focus: boolean): void => {
    for (const old of tree.querySelectorAll('[aria-selected=true], [tabindex="0"]')) {
      old.setAttribute('aria-selected', 'false');
      old.setAttribute('tabindex', '-1');
    }
    const at = state.selected ? spots.findIndex((spot) => sameSpot(spot, state.selected)) : -1;
    const chosen = tree.children[Math.max(0, at)];
    if (!(chosen instanceof HTMLElement)) return;
    if (at >= 0) chosen.setAttribute('aria-selected', 'true');
    // Unseen, the tree is read with the reader's own cursor and is no stop for Tab.
    if (shown) chosen.setAttribute('tabindex', '0');
    if (focus) chosen.focus({ preventScroll: !shown });
    else if (shown && at >= 0) chosen.scrollIntoView({ block: 'nearest' });
  };

  const indexOf = (target: EventTarget | null): number => {
    const at = target instanceof Element ? target.closest('[role=treeitem]') : null;
    return at ? Array.prototype.indexOf.call(tree.children, at) : -1;
  };
  const go = (index: number): void => {
    const spot = spots[index];
    if (!spot) return;
    const item = tree.children[index];
    if (item instanceof HTMLElement) item.focus({ preventScroll: !shown });
    state.select(spot);
    if (spot.part !== 'lane') state.reveal(spot);
  };
  tree.addEventListener('click', (event) => {
    const index = indexOf(event.target);
    const spot = spots[index];
    go(index);
    if (spot) open(spot);
  });
  tree.addEventListener('keydown', (event) => {
    const index = indexOf(event.target);
    const spot = spots[index];
    const lane = spot && state.layout?.lanes[spot.lane];
    if (!spot || !lane) return;
    const laneItem = (from: number, isIt: (other: Lane) => boolean): number =>
      spots.findLastIndex((other, at) => at <= from && other?.part === 'lane' && isIt(state.layout!.lanes[other.lane]!));
    const folded = lane.task !== undefined && state.folded.has(lane.task);
    switch (event.key) {
      case 'ArrowDown':
        go(spots.findIndex((other, at) => at > index && other));
        break;
      case 'ArrowUp':
        go(spots.findLastIndex((other, at) => at < index && other));
        break;
      case 'Home':
        go(0);
        break;
      case 'End':
        go(spots.findLastIndex((other) => other));
        break;
      case 'ArrowRight':
        if (folded) state.toggleFold(lane.task);
        else if (spot.part === 'lane') go(index + 1);
        break;
      case 'ArrowLeft':
        if (spot.part !== 'lane') go(laneItem(index, (other) => other === lane));
        else if (!folded && hasChildren(lane)) state.toggleFold(lane.task!);
        else go(laneItem(index - 1, (other) => other.depth < lane.depth));
        break;
      case 'Enter':
      case ' ':
        open(spot);
        break;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  });

  /** Spelling out hundreds of sentences waits until the hand rests. */
  const later = (): void => {
    clearTimeout(timer);
    timer = setTimeout(render, shown ? 60 : 300);
  };
  state.subscribe((change) => {
    if (change === 'layout' || change === 'rows' || change === 'filter') later();
    else if (change === 'selection') {
      const { selected } = state;
      const present = !selected || (listedLanes.has(selected.lane) && spots.some((spot) => sameSpot(spot, selected)));
      if (present) mark(tree.contains(document.activeElement));
      else render();
    }
  });

  return {
    root,
    shown: () => shown,
    setShown(next) {
      shown = next;
      root.classList.toggle('il-unseen', !next);
      mark(false);
    },
  };
}

function pageOf(row: number): number {
  return Math.floor(row / lanesPerPage) * lanesPerPage;
}
