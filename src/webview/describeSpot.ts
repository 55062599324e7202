import type { Lane, TimelineLayout } from '../analyze/layout.ts';
import { countBusy } from '../analyze/layoutMarks.ts';
import { isWaitState, segmentState } from '../analyze/layoutSegments.ts';
import { isMainThread, type BlockingSpan, type Callback, type Slice, type Task } from '../analyze/layoutTrace.ts';
import { totalsOfTask } from '../analyze/layoutTotals.ts';
import type { SourcePlace } from '../shared/pageMessages.ts';
import { plural } from './dom.ts';
import { taskOfLane, type Spot } from './spot.ts';
import {
  baseName,
  callbackName,
  duration,
  lineText,
  moment,
  outcomeText,
  placeOf,
  siteOf,
  siteText,
  taskLabel,
  turnWord,
  waitWords,
  wakerText,
} from './words.ts';

/** What a spot is, in words. */
export interface Description {
  readonly heading: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** Where a click leads. */
  readonly place: SourcePlace | undefined;
}

export function describeSpot(layout: TimelineLayout, spot: Spot): Description {
  const task = taskOfLane(layout, spot.lane);
  if (spot.part === 'lane') return task ? describeTask(layout, task) : describeLoop(layout, spot.lane);
  const ref = spot.strip.store.ref[spot.index]!;
  const state = spot.strip.store.state[spot.index]!;
  if (spot.part === 'mark') return describeBlock(layout, layout.model.blocks[ref]!);
  if (state === segmentState.turn || state === segmentState.lag) return describeTurn(layout, ref, state);
  if (state === segmentState.callback) return describeCallback(layout, layout.model.callbacks[ref]!);
  if (!task) return describeLoop(layout, spot.lane);
  if (state === segmentState.running) return describeSlice(layout, task, ref);
  return isWaitState(state) ? describeWait(layout, task, ref) : describeReady(layout, task, ref);
}

/** One sentence for a screen reader. */
export function sentence({ heading, facts }: Description): string {
  return [heading, ...facts.map(([name, value]) => `${name}: ${value}`)].join('. ');
}

function span(layout: TimelineLayout, startUs: number, endUs: number): string {
  return `${moment(layout, startUs)} to ${moment(layout, endUs)}`;
}

export function describeTask(layout: TimelineLayout, task: Task): Description {
  const totals = totalsOfTask(task);
  const facts: [string, string][] = [
    ['Started', moment(layout, task.startUs)],
    task.endUs === undefined ? ['Outcome', outcomeText(task)] : ['Ended', `${moment(layout, task.endUs)}, ${outcomeText(task)}`],
    [
      'Running',
      `${task.slices.some((slice) => slice.atMostUs !== undefined) ? 'about ' : ''}${duration(totals.runningUs)} in ${plural(task.slices.length, 'slice')}`,
    ],
  ];
  if (task.waits.length > 0) {
    const kinds = totals.byKind
      .map(({ kind, totalUs, isBound }) => `${waitWords[kind]} ${isBound ? 'at least ' : ''}${duration(totalUs)}`)
      .join(', ');
    facts.push(['Waiting', `${totals.readyIsBound ? 'at least ' : ''}${duration(totals.waitingUs)} (${kinds})`]);
  }
  if (totals.readyUs > 0) facts.push(['Ready, not run', `${totals.readyIsBound ? 'at most ' : ''}${duration(totals.readyUs)}`]);
  const open = task.waits.at(-1);
  if (task.outcome === 'unsettled' && open?.open) {
    facts.push(['Stands at', siteText(siteOf(layout, open.site))], ['Waits for', waitWords[open.kind]]);
  }
  const site = siteOf(layout, task.site);
  facts.push(['Source', lineText(site)]);
  const lasted = (task.endUs ?? layout.endUs) - task.startUs;
  return { heading: `${task.label} · ${duration(lasted)}`, facts, place: placeOf(site) };
}

function describeLoop(layout: TimelineLayout, index: number): Description {
  const lane = layout.lanes[index]!;
  const { from, to, store } = lane.lag;
  const busy = countBusy(lane.marks);
  const turns = countTurns(lane);
  const callbacks = lane.segments.to - lane.segments.from - turns;
  let worstUs = 0;
  for (let i = from; i < to; i++) worstUs = Math.max(worstUs, store.endUs[i]! - store.startUs[i]!);
  const facts: [string, string][] = [
    ['Turns', turns.toLocaleString('en')],
    ...(callbacks > 0 ? [['Callbacks', callbacks.toLocaleString('en')] as [string, string]] : []),
    ['Longest lag of a timer', duration(worstUs)],
    ['Blocking', String(lane.marks.to - lane.marks.from - busy)],
  ];
  if (busy > 0) facts.push(['Busy, nobody held up', String(busy)]);
  return { heading: lane.label, facts, place: undefined };
}

function countTurns({ segments: { from, to, store } }: Lane): number {
  let count = 0;
  for (let i = from; i < to; i++) if (store.state[i] === segmentState.turn) count++;
  return count;
}

function describeSlice(layout: TimelineLayout, task: Task, index: number): Description {
  const slice = task.slices[index]!;
  const from = siteOf(layout, slice.fromSite);
  const facts: [string, string][] = [
    ['Task', task.label],
    ['When', span(layout, slice.startUs, slice.endUs)],
    [slice.fromSite === task.site ? 'Started at' : 'Went on after', siteText(from)],
  ];
  const to = siteOf(layout, slice.toSite);
  if (to) facts.push(['Ran until', siteText(to)]);
  else if (task.endUs === slice.endUs) facts.push(['Then', outcomeText(task)]);
  facts.push(...elsewhere(slice));
  const length = slice.atMostUs === undefined ? duration(slice.endUs - slice.startUs) : `at most ${duration(slice.atMostUs)}`;
  return { heading: `Running · ${length}`, facts, place: placeOf(from) };
}

function describeWait(layout: TimelineLayout, task: Task, index: number): Description {
  const wait = task.waits[index]!;
  const site = siteOf(layout, wait.site);
  const word = waitWords[wait.kind];
  const facts: [string, string][] = [
    ['Task', task.label],
    ['When', wait.open ? `since ${moment(layout, wait.startUs)}` : span(layout, wait.startUs, wait.readyUs)],
    ['At', siteText(site)],
  ];
  if (wait.kindFrom === 'source') facts.push(['Waits for', `${word}, as the source says; the run did not show it`]);
  if (wait.awaited.length > 0) facts.push(['Awaited', names(layout, wait.awaited)]);
  const waker = wakerText(layout, wait.waker);
  if (wait.open) facts.push(['Woken by', 'nothing so far']);
  else if (waker !== undefined) facts.push(['Woken by', waker]);
  if (wait.threw) facts.push(['Went on', 'with an error']);
  const bound = wait.readyIsBound && wait.readyUs < wait.endUs ? 'at least ' : '';
  const length =
    wait.atMostUs === undefined ? `${bound}${duration(wait.readyUs - wait.startUs)}` : `at most ${duration(wait.atMostUs)}`;
  return { heading: `Waiting · ${word} · ${length}`, facts, place: placeOf(site) };
}

function describeReady(layout: TimelineLayout, task: Task, index: number): Description {
  const wait = task.waits[index]!;
  const site = siteOf(layout, wait.site);
  const facts: [string, string][] = [
    ['Task', task.label],
    ['When', span(layout, wait.readyUs, wait.endUs)],
    ['At', siteText(site)],
  ];
  const holders = layout.model.blocks.filter(
    (block) =>
      block.thread === task.thread &&
      block.startUs < wait.endUs &&
      block.startUs + block.durationUs > wait.readyUs &&
      block.heldUp.includes(task.index),
  );
  for (const block of holders.slice(0, 3))
    facts.push(['Held up by', `${blockName(layout, block)}, ${duration(block.durationUs)}`]);
  const tracerUs = layout.model.tracerHolds
    .filter(({ thread }) => thread === task.thread)
    .reduce((sum, hold) => sum + Math.max(0, Math.min(hold.endUs, wait.endUs) - Math.max(hold.startUs, wait.readyUs)), 0);
  if (tracerUs > 0) facts.push(['Held up by', `Interleave itself, instrumenting files, ${duration(tracerUs)}`]);
  const bound = wait.readyIsBound ? 'at most ' : '';
  return { heading: `Ready, not run · ${bound}${duration(wait.endUs - wait.readyUs)}`, facts, place: placeOf(site) };
}

/** What of a stretch is no time of its own. */
function elsewhere({ nestedUs, tracerUs }: Pick<Slice, 'nestedUs' | 'tracerUs'>): [string, string][] {
  const facts: [string, string][] = [];
  if (nestedUs > 0) facts.push(['Of it in tasks it called', duration(nestedUs)]);
  if (tracerUs > 0) facts.push(['Of it Interleave’s own work (instrumenting files)', duration(tracerUs)]);
  return facts;
}

function describeTurn(layout: TimelineLayout, index: number, state: number): Description {
  const turn = layout.model.turns[index]!;
  if (state === segmentState.lag) {
    const facts: [string, string][] = [
      ['Due', moment(layout, turn.startUs - turn.lateUs)],
      ['Started', moment(layout, turn.startUs)],
    ];
    return { heading: `Loop lag · ${duration(turn.lateUs)}`, facts, place: undefined };
  }
  const facts: [string, string][] = [
    ['Begun by', turnWord(turn.kind)],
    ['When', span(layout, turn.startUs, turn.endUs)],
  ];
  if (turn.lateUs > 0) facts.push(['Started late by', duration(turn.lateUs)]);
  return { heading: `Turn · ${duration(turn.endUs - turn.startUs)}`, facts, place: undefined };
}

function describeCallback(layout: TimelineLayout, callback: Callback): Description {
  const site = siteOf(layout, callback.site);
  const facts: [string, string][] = [
    ['When', span(layout, callback.startUs, callback.endUs)],
    ['Source', lineText(site)],
  ];
  facts.push(...elsewhere(callback));
  return {
    heading: `${callbackName(layout, callback)} · ${duration(callback.endUs - callback.startUs)}`,
    facts,
    place: placeOf(site),
  };
}

function describeBlock(layout: TimelineLayout, block: BlockingSpan): Description {
  const site = siteOf(layout, block.site);
  const virtual = layout.model.run?.clock === 'virtual';
  const isCallback = site?.kind === 'callback';
  const facts: [string, string][] = [[block.cause === 'call' ? 'Call' : isCallback ? 'Callback' : 'Began at', siteText(site)]];
  if (block.heldAt !== undefined)
    facts.push(['Held at', `${block.heldAt.name} (${baseName(block.heldAt.path)}:${block.heldAt.line})`]);
  if (block.detail !== undefined) facts.push(['Given', block.detail]);
  facts.push(['When', virtual ? moment(layout, block.startUs) : span(layout, block.startUs, block.startUs + block.durationUs)]);
  if (block.task !== undefined) facts.push(['In task', taskLabel(layout, block.task)]);
  const harmless = layout.harmless.has(block);
  facts.push(['Held up', heldUpText(layout, block, harmless)]);
  if (harmless)
    facts.push([
      'Why no alarm',
      isMainThread(layout.model, block.thread) ? 'the program was starting' : 'a worker thread may be busy',
    ]);
  const wall = virtual ? ' of wall time' : '';
  return {
    heading: `${harmless ? 'Busy' : block.cause === 'call' ? 'Blocking call' : isCallback ? 'Long callback' : 'Long slice'} · ${block.atMost ? 'at most ' : block.atLeast ? 'at least ' : ''}${duration(block.durationUs)}${wall}`,
    facts,
    place: placeOf(site),
  };
}

function heldUpText(layout: TimelineLayout, { heldUp }: BlockingSpan, harmless: boolean): string {
  if (heldUp.length === 0) return 'no task';
  return harmless ? `only its own callers, ${names(layout, heldUp)}` : names(layout, heldUp);
}

export function blockName(layout: TimelineLayout, block: BlockingSpan): string {
  return siteText(siteOf(layout, block.site));
}

/** Names of tasks, the first few of many. */
function names(layout: TimelineLayout, tasks: readonly number[]): string {
  const shown = tasks.slice(0, 5).map((task) => taskLabel(layout, task));
  return tasks.length > 5 ? `${shown.join(', ')} and ${tasks.length - 5} more` : shown.join(', ');
}
