import { pixelRuns, firstEndingAt } from '../analyze/layoutHitTest.ts';
import { levelsOf, pickLevel, type Level } from '../analyze/layoutLevels.ts';
import { splitMarks } from '../analyze/layoutMarks.ts';
import { firstWaitState, isReadyState, isWaitState, segmentState, waitKindOf, type Strip } from '../analyze/layoutSegments.ts';
import type { WaitKind } from '../shared/waitKind.ts';
import { waitKinds } from '../shared/waitKind.ts';
import type { Palette } from './theme.ts';
import type { TimeView } from './timeView.ts';
import { duration, waitWords } from './words.ts';

/** Where and how strips are drawn: one value per frame. */
export interface LanePen {
  readonly context: CanvasRenderingContext2D;
  readonly palette: Palette;
  readonly view: TimeView;
  /** Left edge and width of the time axis in CSS pixels. */
  readonly left: number;
  readonly width: number;
  readonly pixelRatio: number;
  readonly hiddenKinds: ReadonlySet<WaitKind>;
  /** The name of a callback of the model. */
  readonly callbackName: (index: number) => string;
}

/** To whole device pixels, so that edges are crisp. */
export function snap(value: number, pixelRatio: number): number {
  return Math.round(value * pixelRatio) / pixelRatio;
}

const barPx = 18;
const waitPx = 14;
/** Text is written into stretches at least this wide. */
const labelFromPx = 44;

/** A task's stretches, or a loop's turns and callbacks, between `top` and the bar height below. */
export function drawStrip(pen: LanePen, strip: Strip, top: number): void {
  const usPerPx = (pen.view.endUs - pen.view.startUs) / pen.width;
  const level = pickLevel(levelsOf(strip), usPerPx);
  const isTurns = strip.from < strip.to && isOfLoop(strip.store.state[strip.from]!);
  if (level) drawLevel(pen, level, top, isTurns ? segmentState.turn : segmentState.running);
  else drawStretches(pen, strip, top);
}

function isOfLoop(code: number): boolean {
  return code === segmentState.turn || code === segmentState.callback;
}

function drawStretches(pen: LanePen, strip: Strip, top: number): void {
  const { startUs, endUs, state } = strip.store;
  const { view } = pen;
  const from = firstEndingAt(strip, view.startUs);
  const boxes = new Boxes(pen);
  // Waits first: a slice of a microsecond must not vanish beneath the wait beside it.
  for (let i = from; i < strip.to && startUs[i]! <= view.endUs; i++) {
    const code = state[i]!;
    if (!isWaitState(code) || pen.hiddenKinds.has(waitKindOf(code)!)) continue;
    boxes.add(startUs[i]!, endUs[i]!, code, 0, false);
  }
  boxes.flush((code, x, width) => drawWait(pen, code, x, top, width));
  for (let i = from; i < strip.to && startUs[i]! <= view.endUs; i++) {
    const code = state[i]!;
    if (code < firstWaitState) boxes.add(startUs[i]!, endUs[i]!, code, endUs[i]! - startUs[i]!, false);
  }
  boxes.flush((code, x, width, share) => drawBusy(pen, code, x, top, width, share));
  for (let i = from; i < strip.to && startUs[i]! <= view.endUs; i++) label(pen, strip, i, top);
}

/** Running and turns stand on the ground of the lane, ready hangs from its top; as tall as their share of the time beneath. */
function drawBusy(pen: LanePen, code: number, x: number, top: number, width: number, share: number): void {
  const { context, palette } = pen;
  const full = isOfLoop(code) ? barPx - 5 : barPx;
  const height = Math.max(3, Math.round(full * share));
  if (isReadyState(code)) {
    context.fillStyle = palette.readyFill;
    context.fillRect(x, top, width, height);
    if (width >= 3 && share === 1) outline(pen, palette.ready, x, top, width, height);
    return;
  }
  context.fillStyle = code === segmentState.turn ? palette.turn : palette.running;
  context.fillRect(x, top + full - height, width, height);
}

/** A crowd of stretches is joined up to this width, so that its picture still follows time. */
const crowdPx = 4;

/**
 * Joins neighbours of one state that touch the same pixels: a fill is issued per picture and not per stretch, and a crowd of stretches
 * too short to see is drawn by its share of the time, not as if it filled it.
 */
class Boxes {
  readonly #pen: LanePen;
  readonly #usPerPx: number;
  /** Five values each: code, left, right, time in it, whether it is a crowd. */
  readonly #found: number[] = [];

  constructor(pen: LanePen) {
    this.#pen = pen;
    this.#usPerPx = (pen.view.endUs - pen.view.startUs) / pen.width;
  }

  /** `us` of the time between start and end are of the state; `crowd` where they are several stretches already. */
  add(startUs: number, endUs: number, code: number, us: number, crowd: boolean): void {
    const { view, left, width, pixelRatio } = this.#pen;
    const x0 = snap(left + Math.max(0, (startUs - view.startUs) / this.#usPerPx), pixelRatio);
    const x1 = snap(left + Math.min(width, (endUs - view.startUs) / this.#usPerPx), pixelRatio);
    const end = Math.max(x1, x0 + 1);
    const found = this.#found;
    const at = found.length - 5;
    if (at >= 0 && found[at] === code && x0 <= found[at + 2]! && x1 - x0 < crowdPx && end - found[at + 1]! <= crowdPx) {
      found[at + 2] = Math.max(end, found[at + 2]!);
      found[at + 3]! += us;
      found[at + 4] = 1;
    } else found.push(code, x0, end, us, crowd ? 1 : 0);
  }

  flush(draw: (code: number, x: number, width: number, share: number) => void): void {
    const found = this.#found;
    for (let i = 0; i < found.length; i += 5) {
      const width = found[i + 2]! - found[i + 1]!;
      const share = found[i + 4] === 1 ? Math.min(1, found[i + 3]! / (width * this.#usPerPx)) : 1;
      draw(found[i]!, found[i + 1]!, width, share);
    }
    found.length = 0;
  }
}

function drawWait(pen: LanePen, code: number, x: number, top: number, width: number): void {
  const { context, palette } = pen;
  const kind = code - firstWaitState;
  const y = top + (barPx - waitPx) / 2;
  context.fillStyle = palette.waitFills[kind]!;
  context.fillRect(x, y, width, waitPx);
  context.fillStyle = palette.waits[kind]!;
  context.fillRect(x, y + waitPx - 2, width, 2);
  if (palette.highContrast && width >= 3) outline(pen, palette.waits[kind]!, x, y, width, waitPx);
}

function outline({ context, pixelRatio }: LanePen, colour: string, x: number, y: number, width: number, height: number): void {
  const line = 1 / pixelRatio;
  context.strokeStyle = colour;
  context.lineWidth = Math.max(1, line);
  context.strokeRect(x + 0.5, y + 0.5, width - 1, height - 1);
}

/** Merged stretches: the wait that took longest behind, the shares of running and ready as heights in front. */
function drawLevel(pen: LanePen, level: Level, top: number, busyCode: number): void {
  const { view } = pen;
  const from = levelStart(level, view.startUs);
  const boxes = new Boxes(pen);
  for (let i = from; i < level.count && level.startUs[i]! <= view.endUs; i++) {
    const code = shownWait(level, i, pen.hiddenKinds);
    if (code !== 0) boxes.add(level.startUs[i]!, level.endUs[i]!, code, 0, false);
  }
  boxes.flush((code, x, width) => drawWait(pen, code, x, top, width));
  for (const [code, us, counts] of [
    [busyCode, level.runningUs, level.busy],
    [segmentState.ready, level.readyUs, level.readyUs],
  ] as const) {
    for (let i = from; i < level.count && level.startUs[i]! <= view.endUs; i++) {
      // Under the virtual clock running takes no time, and did happen.
      if (counts[i]! > 0) boxes.add(level.startUs[i]!, level.endUs[i]!, code, us[i]!, level.merged[i]! > 1);
    }
    boxes.flush((busy, x, width, share) => drawBusy(pen, busy, x, top, width, share));
  }
}

function levelStart(level: Level, timeUs: number): number {
  let low = 0;
  let high = level.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (level.endUs[middle]! >= timeUs) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The kind to show for merged waits: the longest unless it is hidden, else one that is not; 0 for none. */
function shownWait(level: Level, index: number, hidden: ReadonlySet<WaitKind>): number {
  const code = level.waitState[index]!;
  if (code === 0 || hidden.size === 0 || !hidden.has(waitKindOf(code)!)) return code;
  const kinds = level.kinds[index]!;
  for (let kind = 0; kind < waitKinds.length; kind++) {
    if (kinds & (1 << kind) && !hidden.has(waitKinds[kind]!)) return firstWaitState + kind;
  }
  return 0;
}

/** What a stretch is and how long it took, where there is room for it. */
function label(pen: LanePen, strip: Strip, index: number, top: number): void {
  const { context, palette, view, left, width } = pen;
  const { startUs, endUs, state } = strip.store;
  const scale = width / (view.endUs - view.startUs);
  const x0 = left + Math.max(0, (startUs[index]! - view.startUs) * scale);
  const room = left + Math.min(width, (endUs[index]! - view.startUs) * scale) - x0 - 8;
  if (room < labelFromPx - 8) return;
  const code = state[index]!;
  // Marks cover turns again and again: their length is in the tooltip.
  if (code === segmentState.turn) return;
  const isCallback = code === segmentState.callback;
  const kind = waitKindOf(code);
  if (kind !== undefined && pen.hiddenKinds.has(kind)) return;
  // What is not known exactly says so: the wait before a ready stretch of at most x lasted at least y.
  const atLeast = kind !== undefined && index + 1 < strip.to && state[index + 1] === segmentState.readyAtMost;
  const bound = code === segmentState.readyAtMost ? '≤ ' : atLeast ? '≥ ' : '';
  const length = bound + duration(endUs[index]! - startUs[index]!);
  const word =
    kind !== undefined
      ? waitWords[kind]
      : isReadyState(code)
        ? 'ready'
        : isCallback
          ? pen.callbackName(strip.store.ref[index]!)
          : '';
  const text = fitting(context, word === '' ? [length] : [`${word} ${length}`, word, length], room);
  if (text === undefined) return;
  const isRunning = isCallback || code === segmentState.running;
  // Hatching runs right through letters: they stand on plain ground.
  if (isReadyState(code) || palette.highContrast) {
    context.fillStyle = isRunning ? palette.running : palette.background;
    context.fillRect(x0 + 3, top + (isCallback ? 6 : 2), context.measureText(text).width + 3, barPx - 5);
  }
  context.fillStyle = isRunning ? palette.onRunning : palette.foreground;
  context.fillText(text, x0 + 4, isCallback ? top + 5 + (barPx - 5) / 2 + 0.5 : top + barPx / 2 + 0.5);
}

function fitting(context: CanvasRenderingContext2D, texts: readonly string[], room: number): string | undefined {
  return texts.find((text) => context.measureText(text).width <= room);
}

/**
 * Blocking calls and long slices: a bar over the whole height of the row, taller than anything else, so that its shape tells it as well.
 * Those that hold up nobody are plain stretches in a colour without alarm.
 */
export function drawMarks(pen: LanePen, marks: Strip, rowTop: number, isLoop: boolean): void {
  if (marks.from === marks.to) return;
  const { palette } = pen;
  const { blocking, busy } = splitMarks(marks);
  const quiet = { fill: palette.busy, edge: palette.muted, text: palette.foreground, word: 'busy' };
  drawMarkRuns(pen, busy, rowTop + 4, isLoop ? barPx - 5 : barPx, quiet);
  const edge = palette.highContrast ? palette.foreground : undefined;
  const loud = { fill: palette.blocking, edge, text: palette.onBlocking, word: 'blocked' };
  drawMarkRuns(pen, blocking, rowTop + 1, isLoop ? 17 : 24, loud);
}

interface MarkLook {
  readonly fill: string;
  readonly edge: string | undefined;
  readonly text: string;
  readonly word: string;
}

function drawMarkRuns(pen: LanePen, marks: Strip, top: number, height: number, look: MarkLook): void {
  if (marks.from === marks.to) return;
  const { context, palette, view, left, width, pixelRatio } = pen;
  const pixels = Math.max(1, Math.round(width * pixelRatio));
  const scale = width / pixels;
  const { startUs, endUs } = marks.store;
  for (const run of pixelRuns(marks, view.startUs, view.endUs, pixels, Math.ceil(2 * pixelRatio))) {
    const x = left + run.from * scale;
    const wide = (run.to - run.from) * scale;
    // System colours of a forced palette may let through what lies beneath.
    context.fillStyle = palette.background;
    context.fillRect(x, top, wide, height);
    context.fillStyle = look.fill;
    context.fillRect(x, top, wide, height);
    if (look.edge !== undefined && wide >= 3) outline(pen, look.edge, x, top, wide, height);
    // One bar for several would look like one call: a gap where each begins, as long as there is room for gaps.
    const count = run.last - run.first + 1;
    if (count > 1 && wide / count >= 6) {
      context.fillStyle = palette.background;
      for (let i = run.first + 1; i <= run.last; i++) {
        const at = left + ((startUs[i]! - view.startUs) / (view.endUs - view.startUs)) * width;
        context.fillRect(snap(at, pixelRatio) - 1, top, 1, height);
      }
    }
    if (wide < labelFromPx) continue;
    const lengthOf = (i: number): string => duration(endUs[i]! - startUs[i]!);
    const last = count > 1 ? left + ((startUs[run.first + 1]! - view.startUs) / (view.endUs - view.startUs)) * width : x + wide;
    const texts = [`${look.word} ${lengthOf(run.first)}`, look.word, lengthOf(run.first)];
    const text = fitting(context, texts, last - x - 8);
    if (text === undefined) continue;
    context.fillStyle = look.text;
    context.fillText(text, x + 5, top + height / 2 + 0.5);
  }
}

/** A thin line of something along a row: lag on the loop's lane, the running of folded children. */
export function drawThin(pen: LanePen, strip: Strip, top: number, height: number, fill: CanvasPattern | string): void {
  if (strip.from === strip.to) return;
  const { context, view, left, width, pixelRatio } = pen;
  const pixels = Math.max(1, Math.round(width * pixelRatio));
  const scale = width / pixels;
  context.fillStyle = fill;
  for (const run of pixelRuns(strip, view.startUs, view.endUs, pixels, 1)) {
    context.fillRect(left + run.from * scale, top, (run.to - run.from) * scale, height);
  }
}
