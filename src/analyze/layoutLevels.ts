import { firstWaitState, isReadyState, type Strip } from './layoutSegments.ts';
import { waitKinds } from '../shared/waitKind.ts';

/**
 * A strip at one coarseness: neighbours shorter than `widthUs` are merged until a merged entry is about that long, so that a
 * view draws a few entries per pixel however many stretches lie beneath. Nothing is lost in merging: the times of each
 * class add up, and `kinds` remembers every kind of wait inside.
 */
export interface Level {
  readonly widthUs: number;
  readonly count: number;
  readonly startUs: Float64Array;
  readonly endUs: Float64Array;
  /** Time running (or, on a loop lane, in a turn). */
  readonly runningUs: Float32Array;
  readonly readyUs: Float32Array;
  readonly waitingUs: Float32Array;
  /** How many stretches inside are running or turns, also such that took no time. */
  readonly busy: Int32Array;
  /** State of the kind of wait that takes most of the waiting time; 0 where nothing waits. */
  readonly waitState: Uint8Array;
  /** Bit i: something of `waitKinds[i]` is inside. */
  readonly kinds: Uint16Array;
  /** Index in the strip's store of the first stretch inside, and how many there are. */
  readonly first: Int32Array;
  readonly merged: Int32Array;
}

/** Below this many stretches a strip is drawn as it is. */
export const levelThreshold = 64;
const widthFactor = 4;
const cache = new WeakMap<Strip, readonly Level[]>();

/** Coarser and coarser pictures of a strip of a task or of turns; made at first use, empty for short strips. */
export function levelsOf(strip: Strip): readonly Level[] {
  let levels = cache.get(strip);
  if (!levels) {
    levels = buildLevels(strip);
    cache.set(strip, levels);
  }
  return levels;
}

/** The coarsest level whose entries are not wider than a pixel; undefined: draw the stretches themselves. */
export function pickLevel(levels: readonly Level[], usPerPx: number): Level | undefined {
  let picked: Level | undefined;
  for (const level of levels) {
    if (level.widthUs > usPerPx) break;
    picked = level;
  }
  return picked;
}

function buildLevels(strip: Strip): readonly Level[] {
  const count = strip.to - strip.from;
  if (count < levelThreshold) return [];
  const { startUs, endUs, reach } = strip.store;
  const spanUs = endUs[reach[strip.to - 1]!]! - startUs[strip.from]!;
  if (!(spanUs > 0)) return [];
  const levels: Level[] = [];
  let previous = asLevel(strip);
  // Up to eight stretches a pixel are drawn one by one in long strips: a finest level would double the memory they take.
  const finest = count > 100_000 ? 8 : 1;
  for (let widthUs = (spanUs / count) * finest; previous.count > 64 && widthUs < spanUs; widthUs *= widthFactor) {
    previous = merge(previous, widthUs);
    levels.push(previous);
  }
  return levels;
}

function asLevel(strip: Strip): Level {
  const count = strip.to - strip.from;
  const { startUs, endUs, state } = strip.store;
  const level = allocate(count, 0);
  for (let i = 0; i < count; i++) {
    const at = strip.from + i;
    const durationUs = endUs[at]! - startUs[at]!;
    level.startUs[i] = startUs[at]!;
    level.endUs[i] = endUs[at]!;
    level.first[i] = at;
    level.merged[i] = 1;
    const code = state[at]!;
    if (code >= firstWaitState) {
      level.waitingUs[i] = durationUs;
      level.waitState[i] = code;
      level.kinds[i] = 1 << (code - firstWaitState);
    } else if (isReadyState(code)) level.readyUs[i] = durationUs;
    else level.runningUs[i] = durationUs;
    if (code < firstWaitState && !isReadyState(code)) level.busy[i] = 1;
  }
  return level;
}

function allocate(count: number, widthUs: number): Level {
  return {
    widthUs,
    count,
    startUs: new Float64Array(count),
    endUs: new Float64Array(count),
    runningUs: new Float32Array(count),
    readyUs: new Float32Array(count),
    waitingUs: new Float32Array(count),
    busy: new Int32Array(count),
    waitState: new Uint8Array(count),
    kinds: new Uint16Array(count),
    first: new Int32Array(count),
    merged: new Int32Array(count),
  };
}

function merge(fine: Level, widthUs: number): Level {
  const out = allocate(fine.count, widthUs);
  const waitedUs = new Float64Array(waitKinds.length);
  let next = 0;
  let i = 0;
  while (i < fine.count) {
    const from = i;
    let endUs = fine.endUs[i]!;
    if (endUs - fine.startUs[i]! >= widthUs) i++;
    else {
      // A gap (an idle loop) or a stretch at least a pixel long stays visible: it ends the merged entry.
      do {
        endUs = Math.max(endUs, fine.endUs[i]!);
        i++;
      } while (
        i < fine.count &&
        endUs - fine.startUs[from]! < widthUs &&
        fine.startUs[i]! - endUs < widthUs &&
        fine.endUs[i]! - fine.startUs[i]! < widthUs
      );
    }
    out.startUs[next] = fine.startUs[from]!;
    out.endUs[next] = endUs;
    out.first[next] = fine.first[from]!;
    waitedUs.fill(0);
    for (let part = from; part < i; part++) {
      out.runningUs[next]! += fine.runningUs[part]!;
      out.readyUs[next]! += fine.readyUs[part]!;
      out.waitingUs[next]! += fine.waitingUs[part]!;
      out.busy[next]! += fine.busy[part]!;
      out.kinds[next]! |= fine.kinds[part]!;
      out.merged[next]! += fine.merged[part]!;
      const state = fine.waitState[part]!;
      // A wait of no length at all still counts, or a lane of settled awaits would show none.
      if (state >= firstWaitState) waitedUs[state - firstWaitState]! += fine.waitingUs[part]! + 1e-6;
    }
    let longest = 0;
    for (let kind = 1; kind < waitedUs.length; kind++) if (waitedUs[kind]! > waitedUs[longest]!) longest = kind;
    out.waitState[next] = waitedUs[longest]! > 0 ? firstWaitState + longest : 0;
    next++;
  }
  return shrink(out, next);
}

function shrink(level: Level, count: number): Level {
  return {
    widthUs: level.widthUs,
    count,
    startUs: level.startUs.slice(0, count),
    endUs: level.endUs.slice(0, count),
    runningUs: level.runningUs.slice(0, count),
    readyUs: level.readyUs.slice(0, count),
    waitingUs: level.waitingUs.slice(0, count),
    busy: level.busy.slice(0, count),
    waitState: level.waitState.slice(0, count),
    kinds: level.kinds.slice(0, count),
    first: level.first.slice(0, count),
    merged: level.merged.slice(0, count),
  };
}
