import type { TimelineLayout } from '../analyze/layout.ts';
import { showsAnything } from '../analyze/layoutTrace.ts';
import { noAsyncCode } from '../shared/skipReasons.ts';
import { fileList, statusText, type RunStatus } from './notices.ts';
import { button, element, plural } from './dom.ts';
import type { TimelineState } from './timelineState.ts';
import { duration } from './words.ts';

export interface ToolbarActions {
  readonly nextBlock: () => void;
  readonly toggleTextTwin: () => void;
  readonly showHelp: () => void;
  readonly showMatch: (by: number) => void;
}

export interface Toolbar {
  readonly root: HTMLElement;
  readonly search: HTMLInputElement;
  refresh(title: string, status: RunStatus, textTwin: boolean): void;
}

export function createToolbar(state: TimelineState, actions: ToolbarActions): Toolbar {
  const title = element('h1', {});
  const status = element('span', { class: 'il-status' });
  const figures = element('span', { class: 'il-figures' });
  const files = element('details', { class: 'il-skipped', hidden: true });
  const blocks = button('', 'Show the next blocking call (B)', actions.nextBlock, 'il-blocks');
  blocks.hidden = true;
  const search = element('input', {
    type: 'search',
    placeholder: 'Search tasks',
    'aria-label': 'Search by task name',
    spellcheck: 'false',
  });
  const found = element('span', { class: 'il-found', 'aria-live': 'polite' });
  const twin = button('Text', 'Show the trace as text (T)', actions.toggleTextTwin, 'il-secondary');
  const inView = button(
    'In view',
    'Show only tasks that live in the time in view (V)',
    () => state.toggleOnlyInView(),
    'il-secondary',
  );
  const path = button(
    'Path',
    'Mark the critical path: what decided when the run ended (C)',
    () => state.togglePath(),
    'il-secondary',
  );
  const follow = button('Follow', 'Keep the end of the running trace in view (End)', () => state.showEnd(), 'il-secondary');
  const tools = element(
    'div',
    { class: 'il-tools', role: 'toolbar', 'aria-label': 'Timeline' },
    element('span', { class: 'il-search' }, search, found),
    follow,
    button('−', 'Zoom out (−)', () => state.zoom(1.5), 'il-icon'),
    button('+', 'Zoom in (+)', () => state.zoom(1 / 1.5), 'il-icon'),
    button('Fit', 'Show the trace from its first event to its end (0)', () => state.showWhole(), 'il-secondary'),
    button('Fold', 'Fold or unfold all tasks (Shift+F)', () => state.toggleFoldAll(), 'il-secondary'),
    path,
    inView,
    twin,
    button('?', 'Keys and mouse (?)', actions.showHelp, 'il-icon'),
  );
  const root = element(
    'header',
    { class: 'il-header' },
    element('div', { class: 'il-about' }, title, status, figures, blocks, files),
    tools,
  );

  search.addEventListener('input', () => {
    state.search(search.value);
    actions.showMatch(0);
  });
  search.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') actions.showMatch(event.shiftKey ? -1 : 1);
    else if (event.key === 'Escape' && search.value !== '') {
      search.value = '';
      state.search('');
    } else return;
    event.preventDefault();
  });

  const showFound = (): void => {
    const { matches, selected, layout } = state;
    if (state.searchText.trim() === '') {
      found.textContent = '';
      return;
    }
    const task = selected && layout?.lanes[selected.lane]?.task;
    const at = task === undefined ? -1 : matches.indexOf(task);
    found.textContent =
      matches.length === 0 ? 'none' : at >= 0 ? `${at + 1} of ${matches.length}` : plural(matches.length, 'task');
  };
  state.subscribe((change) => {
    if (change === 'search' || change === 'selection' || change === 'layout') showFound();
  });

  let listedFiles = -1;
  let running = false;
  const showFollow = (): void => {
    follow.hidden = !running || state.follow !== 'none';
  };
  state.subscribe((change) => {
    if (change === 'view' || change === 'layout') showFollow();
    if (change === 'filter' || change === 'layout') path.setAttribute('aria-pressed', String(state.showsPath));
    if (change === 'rows' || change === 'layout') inView.setAttribute('aria-pressed', String(state.showsOnlyInView));
  });
  return {
    root,
    search,
    refresh(name, run, textTwin) {
      const model = state.layout?.model;
      title.textContent = name;
      title.title = model?.run?.entry ?? name;
      status.textContent = statusText(model, run);
      status.classList.toggle('il-running', run.running && !run.failed);
      status.classList.toggle('il-bad', (model?.exit !== undefined && model.exit.code !== 0) || run.failed !== undefined);
      figures.textContent = state.layout ? figuresText(state.layout) : '';
      figures.title = state.layout ? figuresTitle(state.layout) : '';
      const harmful = model?.blocks.filter((block) => !state.layout?.harmless.has(block)) ?? [];
      const count = harmful.length;
      const blockedUs = harmful.reduce((sum, block) => sum + block.durationUs, 0);
      blocks.hidden = count === 0;
      blocks.textContent = `${plural(count, 'blocking stretch', 'blocking stretches')}, ${duration(blockedUs)}${model?.run?.clock === 'virtual' ? ' of wall time' : ''}`;
      // A file without async code is no loss.
      const skipped = model?.files.filter((file) => file.status === 'skipped' && file.reason !== noAsyncCode) ?? [];
      // With nothing else to show the page lists them itself.
      files.hidden = skipped.length === 0 || model?.tasks.length === 0;
      if (skipped.length !== listedFiles) {
        listedFiles = skipped.length;
        files.replaceChildren(
          element('summary', {}, `${plural(skipped.length, 'file')} skipped`),
          fileList(skipped, model?.run?.cwd),
        );
      }
      tools.hidden = !model || !showsAnything(model);
      twin.setAttribute('aria-pressed', String(textTwin));
      running = run.running && run.failed === undefined;
      showFollow();
    },
  };
}

function figuresTitle({ model: { overhead } }: TimelineLayout): string {
  const what = 'From the first event of the program to the last.';
  if (!overhead) return what;
  const { transformUs, writingUs } = overhead;
  return `${what} Tracing: ${duration(transformUs)} waiting for instrumented files, ${duration(writingUs)} writing events; probe calls not counted.`;
}

/** `7 tasks · 60 events · 313 ms traced`: the time from the first event to the last, not the life of the process. */
function figuresText({ model, startUs, endUs }: TimelineLayout): string {
  if (model.counts.events === 0) return '';
  const traced = model.run?.clock === 'virtual' ? 'of virtual time' : 'traced';
  return `${plural(model.tasks.length, 'task')} · ${plural(model.counts.events, 'event')} · ${duration(endUs - startUs)} ${traced}`;
}
