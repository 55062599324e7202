/** Parts of a millisecond: a power of two, so that times in milliseconds add and subtract exactly in a double. One part is 7.6 ns. */
export const partsPerMs = 2 ** 17;
/** From this reading of one turn on the program is taken to wait for time to pass; then a reading adds {@link busyStep}. */
const busyReads = 1_000;
/** 5 µs: a busy wait of one second ends after 200,000 readings. */
const busyStep = 655;
const nsPerPart = 1_000_000 / partsPerMs;

/**
 * Virtual time since the clock was installed: whole milliseconds, which the timers count, and parts of the current one.
 * It stands still but for readings, jumps, blocking calls, and stretches in which it keeps pace with the wall clock.
 */
export interface VirtualTime {
  /** Whole milliseconds. Brings the clock up to date; adds nothing. */
  ms(): number;
  /** Microseconds, with fractions. Brings the clock up to date; adds nothing. */
  us(): number;
  /**
   * One reading by the program, written into `into`. Each is one part (7.6 ns) later than the one before, so that a program may divide by
   * the difference, but for the first after a jump: a wait of 1,000 ms between two readings reads exactly 1,000 ms.
   */
  read(into: ClockReading): void;
  /** Moves to the same part of a later millisecond; never backwards. */
  jumpTo(ms: number): void;
  advanceNs(ns: number): void;
  /** Keeps pace with the wall clock from now until the clock is next asked, but not past `untilMs`. */
  followWall(untilMs: number): void;
  /** A turn began: readings are counted anew. */
  turnBegins(): void;
}

export interface ClockReading {
  ms: number;
  /** Less than {@link partsPerMs}. */
  parts: number;
}

export function nsOfParts(parts: number): number {
  return Math.floor(parts * nsPerPart);
}

/** `wallNs` reads the monotonic wall clock in nanoseconds. */
export function createVirtualTime(wallNs: () => number): VirtualTime {
  const { floor, max, min, round } = Math;
  let ms = 0;
  let parts = 0;
  let reads = 0;
  let movedSinceRead = true;
  let following = false;
  let followedFromNs = 0;
  let followUntilMs = Infinity;

  function advance(by: number): void {
    if (!(by > 0)) return;
    const sum = parts + by;
    ms += floor(sum / partsPerMs);
    parts = sum % partsPerMs;
  }

  function catchUp(): void {
    following = false;
    const passed = round((wallNs() - followedFromNs) / nsPerPart);
    advance(min(passed, max(0, followUntilMs - ms) * partsPerMs - parts));
  }

  return {
    ms() {
      if (following) catchUp();
      return ms;
    },
    us() {
      if (following) catchUp();
      return ms * 1_000 + (parts * 1_000) / partsPerMs;
    },
    read(into) {
      if (following) catchUp();
      if (!movedSinceRead) advance(reads < busyReads ? 1 : busyStep);
      reads++;
      movedSinceRead = false;
      into.ms = ms;
      into.parts = parts;
    },
    jumpTo(target) {
      if (following) catchUp();
      if (target <= ms) return;
      ms = target;
      movedSinceRead = true;
    },
    advanceNs(ns) {
      if (following) catchUp();
      advance(round(ns / nsPerPart));
      movedSinceRead = true;
    },
    followWall(untilMs) {
      following = true;
      followedFromNs = wallNs();
      followUntilMs = untilMs;
    },
    turnBegins() {
      reads = 0;
    },
  };
}
