import type { TimelineLayout } from '../analyze/layout.ts';
import { isWaitState } from '../analyze/layoutSegments.ts';
import { totalsOfTask } from '../analyze/layoutTotals.ts';
import { pathOf, type PathStep } from '../analyze/layoutPath.ts';
import type { Task } from '../analyze/layoutTrace.ts';
import type { SourcePlace } from '../shared/pageMessages.ts';
import { blockName, describeSpot, describeTask, type Description } from './describeSpot.ts';
import { button, element, plural } from './dom.ts';
import { errorStackItems } from './errorStack.ts';
import { laneSpot, spotTimes, taskOfLane, type Spot } from './spot.ts';
import { stateClass } from './stateClass.ts';
import type { TimelineState } from './timelineState.ts';
import { duration, lineText, moment, siteOf, taskLabel, waitWords, wakerText } from './words.ts';

/** Lists in the panel are cut here, with the rest counted. */
const mostListed = 100;

export interface Details {
  readonly root: HTMLElement;
}

/** The panel about the selection: what it is, whose it is, and where a task's time went. */
export function createDetails(state: TimelineState, reveal: (place: SourcePlace) => void, mayOpen: () => boolean): Details {
  const root = element('aside', { class: 'il-details', 'aria-label': 'Details of the selection', hidden: true });
  const refresh = (): void => {
    const { layout, selected } = state;
    root.hidden = !layout || !selected;
    if (!layout || !selected) {
      root.replaceChildren();
      return;
    }
    const kept = root.scrollTop;
    root.replaceChildren(...content(layout, selected, state, mayOpen() ? reveal : undefined));
    root.scrollTop = kept;
  };
  state.subscribe((change) => {
    if (change === 'selection' || change === 'layout') refresh();
  });
  return { root };
}

/** Undefined where source lines cannot be opened. */
type Reveal = ((place: SourcePlace) => void) | undefined;

function content(layout: TimelineLayout, spot: Spot, state: TimelineState, reveal: Reveal): HTMLElement[] {
  const description = describeSpot(layout, spot);
  const parts = [header(description, spot, state, reveal), facts(description)];
  const task = taskOfLane(layout, spot.lane);
  if (spot.part === 'mark') parts.push(...heldUp(layout, spot, state));
  if (!task) {
    if (spot.part === 'lane') parts.push(...pathList(layout, pathOf(layout).steps, state));
    return parts;
  }
  if (spot.part !== 'lane') {
    const about = describeTask(layout, task);
    parts.push(
      section(
        'Task',
        link(about.heading, () => state.select(laneSpot(layout.lanes[spot.lane]!))),
        facts(about),
      ),
    );
  }
  parts.push(
    ...thrownAt(task, reveal),
    timeBar(task, layout),
    ...family(layout, task, state),
    ...ownPath(layout, task, state),
    waitList(layout, task, state),
  );
  return parts;
}

function header({ heading, place }: Description, spot: Spot, state: TimelineState, reveal: Reveal): HTMLElement {
  const close = button('×', 'Close the details', () => state.select(undefined), 'il-icon il-close');
  const actions = element('div', { class: 'il-actions' });
  if (place && reveal) actions.append(button('Open line', 'Open the source line (Enter)', () => reveal(place), 'il-secondary'));
  const times = spotTimes(spot);
  if (times)
    actions.append(button('Zoom to it', 'Zoom to it (Z)', () => state.zoomTo(times.startUs, times.endUs), 'il-secondary'));
  const title = element('h2', {}, element('span', { class: `il-dot ${stateClass(spot)}` }), heading);
  return element('div', { class: 'il-details-head' }, title, close, actions);
}

function facts(description: Description): HTMLElement {
  return element('dl', {}, ...description.facts.flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]));
}

function section(title: string, ...children: readonly HTMLElement[]): HTMLElement {
  return element('section', {}, element('h3', {}, title), ...children);
}

function link(text: string, follow: () => void): HTMLButtonElement {
  const made = element('button', { type: 'button', class: 'il-link' }, text);
  made.addEventListener('click', follow);
  return made;
}

/** Running, ready and each kind of wait as shares of the task's life. The figures stand beside it as text. */
function timeBar(task: Task, layout: TimelineLayout): HTMLElement {
  const totals = totalsOfTask(task);
  const parts = [
    { name: 'running', className: 'il-of-running', us: totals.runningUs, bound: '' },
    { name: 'in tasks it called', className: 'il-of-nested', us: totals.nestedUs, bound: '' },
    { name: 'instrumenting files', className: 'il-of-tracer', us: totals.tracerUs, bound: '' },
    { name: 'ready, not run', className: 'il-of-ready', us: totals.readyUs, bound: totals.readyIsBound ? 'at most ' : '' },
    ...totals.byKind.map(({ kind, totalUs, count, isBound }) => ({
      name: `${waitWords[kind]} (${plural(count, 'wait')})`,
      className: `il-of-${kind}`,
      us: totalUs,
      bound: isBound ? 'at least ' : '',
    })),
  ].filter(({ us }, index) => us > 0 || index === 0);
  const wholeUs = Math.max((task.endUs ?? layout.endUs) - task.startUs, 1e-3);
  const bar = element('div', { class: 'il-bar', 'aria-hidden': 'true' });
  for (const { className, us } of parts) {
    const piece = element('span', { class: className });
    piece.style.flexGrow = String(us / wholeUs);
    bar.append(piece);
  }
  const rows = parts.map(({ name, className, us, bound }) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, element('span', { class: `il-dot ${className}` }), name),
      element('td', {}, `${bound}${duration(us)}`),
      element('td', { class: 'il-share' }, share(us / wholeUs)),
    ),
  );
  return section('Where its time went', bar, element('table', {}, element('tbody', {}, ...rows)));
}

function share(part: number): string {
  if (part > 0 && part < 0.001) return '< 0.1 %';
  return `${(Math.min(1, part) * 100).toFixed(part < 0.1 ? 1 : 0)} %`;
}

function thrownAt(task: Task, reveal: Reveal): HTMLElement[] {
  const items = errorStackItems(task, reveal);
  return items.length === 0 ? [] : [section('Thrown by', element('ul', { class: 'il-list' }, ...items))];
}

function family(layout: TimelineLayout, task: Task, state: TimelineState): HTMLElement[] {
  const parts: HTMLElement[] = [];
  const parent = task.parent === undefined ? undefined : layout.model.tasks[task.parent];
  if (parent)
    parts.push(
      section(
        'Parent',
        link(parent.label, () => state.selectTask(parent.index)),
      ),
    );
  if (task.children.length > 0)
    parts.push(section(plural(task.children.length, 'child', 'children'), taskList(layout, task.children, state)));
  return parts;
}

function taskList(layout: TimelineLayout, tasks: readonly number[], state: TimelineState): HTMLElement {
  const items = tasks.slice(0, mostListed).flatMap((index) => {
    const task = layout.model.tasks[index];
    if (!task) return [];
    const lasted = duration((task.endUs ?? layout.endUs) - task.startUs);
    return [
      element(
        'li',
        {},
        link(task.label, () => state.selectTask(index)),
        element('span', {}, task.outcome === 'unsettled' ? `${lasted}, not settled` : lasted),
      ),
    ];
  });
  return element('ul', { class: 'il-list' }, ...items, more(tasks.length));
}

function more(count: number): HTMLElement | undefined {
  return count > mostListed ? element('li', { class: 'il-more' }, `and ${plural(count - mostListed, 'other')}`) : undefined;
}

function heldUp(layout: TimelineLayout, spot: Spot, state: TimelineState): HTMLElement[] {
  const block = layout.model.blocks[spot.strip.store.ref[spot.index]!]!;
  if (block.heldUp.length === 0 || layout.harmless.has(block)) return [];
  return [
    section(
      `${plural(block.heldUp.length, 'task')} held up by ${blockName(layout, block)}`,
      taskList(layout, block.heldUp, state),
    ),
  ];
}

/** The part of the critical path that a task is. */
function ownPath(layout: TimelineLayout, task: Task, state: TimelineState): HTMLElement[] {
  return pathList(
    layout,
    pathOf(layout).steps.filter((step) => step.task === task.index),
    state,
  );
}

/** Steps shorter than this part of the run are left out of the list, and counted. */
const leastOfRun = 0.01;

function pathList(layout: TimelineLayout, steps: readonly PathStep[], state: TimelineState): HTMLElement[] {
  if (steps.length === 0) return [];
  const long = steps.filter((step) => step.endUs - step.startUs >= (layout.endUs - layout.startUs) * leastOfRun);
  const items = long.slice(0, mostListed).map((step) => {
    const word = step.type === 'slice' ? 'running' : waitWords[step.kind];
    const show = (): void => {
      state.selectTask(step.task);
      state.zoomTo(step.startUs, step.endUs);
    };
    const dot = element('span', { class: `il-dot il-of-${step.type === 'slice' ? 'running' : step.kind}` });
    const note = `${taskLabel(layout, step.task)}, ${moment(layout, step.startUs)}, ${lineText(siteOf(layout, step.site))}`;
    return element(
      'li',
      { class: 'il-wait' },
      dot,
      link(`${word} ${duration(step.endUs - step.startUs)}`, show),
      element('small', {}, note),
    );
  });
  const lengthOf = (some: readonly PathStep[]): number => some.reduce((sum, step) => sum + step.endUs - step.startUs, 0);
  const totalUs = lengthOf(steps);
  const short = steps.length - items.length;
  const shortUs = totalUs - lengthOf(long.slice(0, mostListed));
  if (short > 0) {
    const text = `${plural(short, 'shorter step')}, ${duration(shortUs)} in all`;
    items.push(element('li', { class: 'il-more' }, items.length > 0 ? `and ${text}` : text));
  }
  return [section(`On the critical path: ${duration(totalUs)}`, element('ul', { class: 'il-list' }, ...items))];
}

/** Longest first: the waits that cost most are the ones looked for. */
function waitList(layout: TimelineLayout, task: Task, state: TimelineState): HTMLElement {
  const order = task.waits.map((_, index) => index);
  order.sort((a, b) => task.waits[b]!.endUs - task.waits[b]!.startUs - (task.waits[a]!.endUs - task.waits[a]!.startUs) || a - b);
  const items = order.slice(0, mostListed).map((index) => {
    const wait = task.waits[index]!;
    const site = siteOf(layout, wait.site);
    const bound = wait.readyIsBound && wait.readyUs < wait.endUs ? 'at least ' : '';
    const length =
      wait.atMostUs === undefined ? `${bound}${duration(wait.readyUs - wait.startUs)}` : `at most ${duration(wait.atMostUs)}`;
    const text = `${waitWords[wait.kind]} ${length}`;
    const select = link(text, () => selectWait(layout, task, index, state));
    const waker = wait.open ? 'still waiting' : wakerText(layout, wait.waker);
    const note = `${moment(layout, wait.startUs)}, ${lineText(site)}${waker === undefined ? '' : `, woken by ${waker}`}`;
    return element(
      'li',
      { class: 'il-wait' },
      element('span', { class: `il-dot il-of-${wait.kind}` }),
      select,
      element('small', {}, note),
    );
  });
  if (items.length === 0) return section('Waits', element('p', { class: 'il-more' }, 'It never waited.'));
  return section(
    items.length === 1 ? '1 wait' : `${plural(task.waits.length, 'wait')}, longest first`,
    element('ul', { class: 'il-list' }, ...items, more(task.waits.length)),
  );
}

function selectWait(layout: TimelineLayout, task: Task, wait: number, state: TimelineState): void {
  const lane = layout.lanes[layout.laneOfTask[task.index]!]!;
  const { store, from, to } = lane.segments;
  for (let index = from; index < to; index++) {
    if (store.ref[index] !== wait || !isWaitState(store.state[index]!)) continue;
    const spot: Spot = { lane: lane.index, part: 'segment', strip: lane.segments, index };
    state.showLane(lane);
    state.select(spot);
    state.reveal(spot);
    return;
  }
}
