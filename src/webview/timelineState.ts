import { ancestorsOf, foldedSummary, hasChildren, rowShowing, searchTasks, visibleRows } from '../analyze/layoutRows.ts';
import type { Lane, TimelineLayout } from '../analyze/layout.ts';
import { waitKindOf } from '../analyze/layoutSegments.ts';
import type { PageState } from '../shared/pageMessages.ts';
import { waitKinds, type WaitKind } from '../shared/waitKind.ts';
import { laneSpot, relocateSpot, sameSpot, spotTimes, type Spot } from './spot.ts';
import { clampView, panView, showStretch, wholeView, zoomView, type TimeView } from './timeView.ts';

/** What changed: readers redraw what depends on it. */
export type Change = 'layout' | 'view' | 'rows' | 'scroll' | 'selection' | 'hover' | 'filter' | 'range' | 'search';

export interface TimeRange {
  readonly startUs: number;
  readonly endUs: number;
}

/** `whole`: the view grows with the trace; `end`: its end stays in view; `none`: the person has moved. */
export type Follow = 'whole' | 'end' | 'none';

/** From this many lanes on, those that do not live in the time in view are left out: else most rows of a close look are blank. */
const manyLanes = 200;

/** What the page shows of a trace and what the person has done to it. The one place that knows; everything else draws it. */
export class TimelineState {
  layout: TimelineLayout | undefined;
  rows: Int32Array = new Int32Array(0);
  readonly folded = new Set<number>();
  readonly hiddenKinds = new Set<WaitKind>();
  view: TimeView = { startUs: 0, endUs: 1e6 };
  follow: Follow = 'whole';
  selected: Spot | undefined;
  hovered: Spot | undefined;
  range: TimeRange | undefined;
  searchText = '';
  matches: readonly number[] = [];
  matchSet: ReadonlySet<number> = new Set();
  /** Show only lanes that live in the time in view; undefined: the page decides by the number of tasks. */
  onlyInView: boolean | undefined;
  /** The critical path is drawn over the lanes. */
  showsPath = false;
  /** First row in view beneath the pinned ones, in pixels; kept by the scrolling element, mirrored here. */
  scrollTop = 0;
  readonly #listeners: ((change: Change) => void)[] = [];

  subscribe(listener: (change: Change) => void): void {
    this.#listeners.push(listener);
  }

  changed(change: Change): void {
    for (const listener of this.#listeners) listener(change);
  }

  setLayout(layout: TimelineLayout): void {
    const old = this.layout;
    this.layout = layout;
    if (old) {
      this.selected = this.selected && relocateSpot(old, layout, this.selected);
      this.hovered = undefined;
    }
    if (this.follow === 'whole') this.view = this.whole;
    else if (this.follow === 'end') this.view = this.#endView();
    this.#computeRows();
    this.#search();
    this.changed('layout');
  }

  /** Forgets the trace and everything said of its tasks; filters stay. */
  clear(): void {
    this.layout = undefined;
    this.rows = new Int32Array(0);
    this.folded.clear();
    this.selected = this.hovered = this.range = undefined;
    this.matches = [];
    this.matchSet = new Set();
    this.follow = 'whole';
    this.scrollTop = 0;
    this.changed('layout');
  }

  get endUs(): number {
    return this.layout?.endUs ?? 0;
  }

  /** From the program's first event to the end. What lies before can be reached by zooming out. */
  get whole(): TimeView {
    return wholeView(this.endUs, this.layout?.startUs);
  }

  setView(view: TimeView): void {
    this.follow = 'none';
    this.view = clampView(view, this.endUs);
    this.#viewChanged();
  }

  zoom(factor: number, atUs = this.#zoomCentre()): void {
    this.follow = 'none';
    this.view = zoomView(this.view, atUs, factor, this.endUs);
    this.#viewChanged();
  }

  pan(byUs: number): void {
    this.follow = 'none';
    this.view = panView(this.view, byUs, this.endUs);
    this.#viewChanged();
  }

  showWhole(): void {
    this.view = this.whole;
    this.follow = 'whole';
    this.#viewChanged();
  }

  showStart(): void {
    const span = this.view.endUs - this.view.startUs;
    const { startUs } = this.whole;
    this.setView({ startUs, endUs: startUs + span });
  }

  showEnd(): void {
    this.view = this.#endView();
    this.follow = 'end';
    this.#viewChanged();
  }

  get showsOnlyInView(): boolean {
    return this.onlyInView ?? (this.layout?.lanes.length ?? 0) > manyLanes;
  }

  togglePath(): void {
    this.showsPath = !this.showsPath;
    this.changed('filter');
  }

  toggleOnlyInView(): void {
    this.onlyInView = !this.showsOnlyInView;
    this.#rowsChanged();
  }

  #viewChanged(): void {
    if (this.layout && this.showsOnlyInView) {
      const before = this.rows;
      this.#computeRows();
      const { rows } = this;
      if (before.length !== rows.length || before.some((lane, row) => lane !== rows[row])) this.changed('rows');
    }
    this.changed('view');
  }

  #computeRows(): void {
    if (!this.layout) return;
    const { startUs, endUs } = this.view;
    const window = { startUs, endUs, keep: this.selected?.lane };
    this.rows = visibleRows(this.layout, this.folded, this.showsOnlyInView ? window : undefined);
  }

  #endView(): TimeView {
    const { endUs } = this.whole;
    return clampView({ startUs: endUs - (this.view.endUs - this.view.startUs), endUs }, this.endUs);
  }

  /** What stands out in the view, if it can be seen, else the middle. */
  #zoomCentre(): number {
    const times = this.selected && this.selected.part !== 'lane' ? spotTimes(this.selected) : undefined;
    const middle = times && (times.startUs + times.endUs) / 2;
    if (middle !== undefined && middle >= this.view.startUs && middle <= this.view.endUs) return middle;
    return (this.view.startUs + this.view.endUs) / 2;
  }

  zoomTo(startUs: number, endUs: number): void {
    const room = Math.max((endUs - startUs) * 0.1, 1);
    this.setView({ startUs: startUs - room, endUs: endUs + room });
  }

  /** Brings a stretch into view without changing the zoom, where it is not in view already. */
  reveal(spot: Spot): void {
    const times = spotTimes(spot);
    if (!times || spot.part === 'lane') return;
    const view = showStretch(this.view, times.startUs, times.endUs, this.endUs);
    if (view !== this.view) this.setView(view);
  }

  select(spot: Spot | undefined): void {
    if (sameSpot(spot, this.selected)) return;
    this.selected = spot;
    if (spot && this.layout && this.showsOnlyInView && rowShowing(this.layout, this.rows, this.folded, spot.lane) === undefined) {
      this.#computeRows();
      this.changed('rows');
    }
    this.changed('selection');
  }

  /** Selects a task's lane, unfolding what hides it. */
  selectTask(task: number): void {
    const lane = this.layout?.lanes[this.layout.laneOfTask[task] ?? -1];
    if (!lane) return;
    this.showLane(lane);
    const times = spotTimes(laneSpot(lane));
    const view = times && showStretch(this.view, times.startUs, times.endUs, this.endUs);
    if (view && view !== this.view) this.setView(view);
    this.select(laneSpot(lane));
  }

  showLane(lane: Lane): void {
    if (!this.layout || lane.task === undefined) return;
    const hiding = ancestorsOf(this.layout, lane.task).filter((above) => this.folded.has(above));
    for (const above of hiding) this.folded.delete(above);
    if (hiding.length > 0) this.#rowsChanged();
  }

  hover(spot: Spot | undefined): void {
    if (sameSpot(spot, this.hovered)) return;
    this.hovered = spot;
    this.changed('hover');
  }

  setRange(range: TimeRange | undefined): void {
    if (range === undefined && this.range === undefined) return;
    this.range = range;
    this.changed('range');
  }

  toggleFold(task: number): void {
    if (!this.folded.delete(task)) this.folded.add(task);
    this.#rowsChanged();
  }

  /** Folds every task that has children; unfolds all when none is left to fold. */
  toggleFoldAll(): void {
    if (!this.layout) return;
    const foldable = this.layout.lanes.flatMap((lane) => (lane.task !== undefined && hasChildren(lane) ? [lane.task] : []));
    const all = foldable.every((task) => this.folded.has(task));
    this.folded.clear();
    if (!all) for (const task of foldable) this.folded.add(task);
    this.#rowsChanged();
  }

  #rowsChanged(): void {
    if (!this.layout) return;
    this.#computeRows();
    const { selected } = this;
    const shown = selected && rowShowing(this.layout, this.rows, this.folded, selected.lane);
    const row = shown === undefined ? undefined : this.rows[shown];
    // What is folded away is not selected any more: the keyboard goes on from the lane that hides it.
    if (selected && row !== undefined && row !== selected.lane) this.select(laneSpot(this.layout.lanes[row]!));
    this.changed('rows');
  }

  toggleKind(kind: WaitKind): void {
    if (!this.hiddenKinds.delete(kind)) this.hiddenKinds.add(kind);
    this.changed('filter');
  }

  /** Shows one kind alone; a second time all of them. */
  onlyKind(kind: WaitKind): void {
    const alone = !this.hiddenKinds.has(kind) && this.hiddenKinds.size === waitKinds.length - 1;
    this.hiddenKinds.clear();
    if (!alone) for (const other of waitKinds) if (other !== kind) this.hiddenKinds.add(other);
    this.changed('filter');
  }

  /** Whether a state is drawn and can be pointed at. */
  readonly isShown = (state: number): boolean => {
    const kind = waitKindOf(state);
    return kind === undefined || !this.hiddenKinds.has(kind);
  };

  search(text: string): void {
    this.searchText = text;
    this.#search();
    this.changed('search');
  }

  #search(): void {
    this.matches = this.layout ? searchTasks(this.layout, this.searchText) : [];
    this.matchSet = new Set(this.matches);
  }

  /** Blocking marks of a lane; those of the whole subtree where it is folded. */
  marksOf(lane: Lane): Lane['marks'] {
    if (lane.task === undefined || !this.folded.has(lane.task) || !this.layout) return lane.marks;
    return foldedSummary(this.layout, lane).marks;
  }

  toPageState(textTwin: boolean): PageState {
    const { startUs, endUs } = this.view;
    const view = this.follow === 'whole' ? {} : { view: { startUs, endUs, scrollTop: this.scrollTop } };
    // A window's state is written to disk by the editor: a hundred thousand folded tasks do not belong there.
    return { hiddenKinds: [...this.hiddenKinds], foldedTasks: [...this.folded].slice(0, 10_000), textTwin, ...view };
  }

  restore(state: PageState): void {
    for (const kind of state.hiddenKinds) this.hiddenKinds.add(kind);
    for (const task of state.foldedTasks) this.folded.add(task);
    if (state.view) {
      this.view = { startUs: state.view.startUs, endUs: state.view.endUs };
      this.scrollTop = state.view.scrollTop;
      this.follow = 'none';
    }
  }
}
