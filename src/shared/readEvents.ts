import { wordLength } from './eventWords.ts';
import { eventKind, joinedSiteBits, joinedSites, kindBits, kindMask, operandMask } from './traceEvents.ts';

const Words = Uint32Array;

/** When an event happened, in units of 100 ns since the trace began. One object for all events of a batch. */
export interface EventTime {
  /** Where the clock was read at the event, its time; else an even division of the stretch between two readings. */
  units: number;
  /** The stretch that the event certainly lies in; both are `units` where the clock was read at it. */
  fromUnits: number;
  toUnits: number;
}

/**
 * Takes one event. `kind` and the numbers by kind: `start` task, site, parent (0 none); `suspend` task, site; `resume` task, 1 if with a
 * throw; `settle` task, 1 if it threw; `turn` turn kind, lateness; `block` site, duration, task (0 none), detail; `settleCall` site,
 * task (0 none); `dropped` how many; `callbackBegin` and `callbackEnd` site; `tracer` duration. What travels as one word is told as the events it stands for.
 */
export type TakeEvent = (kind: number, a: number, b: number, c: number, d: number) => void;

/** Reads a batch without fault. `time` is set before each event is given to `take`. Returns the last reading of the clock, in units. */
export function readEvents(words: Uint32Array, time: EventTime, take: TakeEvent): number {
  const reader = new BatchReader(words, time, take);
  reader.read();
  return reader.readUnits;
}

class BatchReader {
  readUnits = 0;
  readonly #words: Uint32Array;
  readonly #time: EventTime;
  readonly #take: TakeEvent;
  /** Tasks that run, the innermost last, and how many. In typed memory: a program may have patched what arrays do. */
  #running = new Words(256);
  #depth = 0;
  #lastTask = 0;
  #lastStopped = 0;
  /** The task of the next event, where a `task` said so. */
  #named = -1;
  /** The stretch up to the next reading: its events so far, its events, and whether the last of them was read. */
  #nth = 0;
  #count = 0;
  #lastIsRead = false;
  #untilUnits = 0;

  constructor(words: Uint32Array, time: EventTime, take: TakeEvent) {
    this.#words = words;
    this.#time = time;
    this.#take = take;
  }

  read(): void {
    const words = this.#words;
    let stretchEnd = 0;
    for (let at = 0; at < words.length;) {
      if (at >= stretchEnd) stretchEnd = this.#lookAhead(at);
      const word = words[at]!;
      const next = at + wordLength(word);
      this.#apply(word, at);
      at = next;
    }
  }

  /** Finds the next reading, and counts the events up to it. Returns where the words after it begin. */
  #lookAhead(from: number): number {
    const words = this.#words;
    this.#nth = 0;
    this.#count = 0;
    this.#untilUnits = this.readUnits;
    this.#lastIsRead = false;
    let farUnits = 0;
    for (let at = from; at < words.length;) {
      const word = words[at]!;
      const operand = (word >>> kindBits) & operandMask;
      const kind = word & kindMask;
      const next = at + wordLength(word);
      switch (kind) {
        case eventKind.clock:
        case eventKind.bound:
          this.#untilUnits = this.readUnits + farUnits + operand;
          this.#lastIsRead = kind === eventKind.clock;
          return next;
        case eventKind.batch:
          return at === from ? next : at;
        case eventKind.far:
          farUnits = operand * (operandMask + 1);
          break;
        case eventKind.task:
          break;
        case eventKind.pass:
          this.#count += 2 * words[at + 1]!;
          break;
        case eventKind.ran:
        case eventKind.switched:
          this.#count += 2;
          break;
        // At the reading before it.
        case eventKind.turn:
        case eventKind.dropped:
          break;
        default:
          this.#count++;
      }
      at = next;
    }
    return words.length;
  }

  #apply(word: number, at: number): void {
    const words = this.#words;
    const operand = (word >>> kindBits) & operandMask;
    switch (word & kindMask) {
      case eventKind.batch:
        this.readUnits = words[at + 1]! * 2 ** 32 + words[at + 2]!;
        this.#lastTask = words[at + 3]!;
        this.#lastStopped = words[at + 4]!;
        this.#depth = 0;
        for (let i = 0; i < operand; i++) this.#push(words[at + 5 + i]!);
        return;
      case eventKind.clock:
      case eventKind.bound:
        this.readUnits = this.#untilUnits;
        return;
      case eventKind.far:
        return;
      case eventKind.task:
        this.#named = operand;
        return;
      case eventKind.start:
        return this.#start(operand);
      case eventKind.ran:
        this.#start(operand);
        return this.#stop(eventKind.settle, 0);
      case eventKind.suspend:
        return this.#stop(eventKind.suspend, operand);
      case eventKind.resume:
        return this.#goOn((this.#lastStopped + operand) & operandMask, 0);
      case eventKind.resumeThrew:
        return this.#goOn((this.#lastStopped + operand) & operandMask, 1);
      case eventKind.switched:
        this.#stop(eventKind.suspend, operand & (joinedSites - 1));
        return this.#goOn((this.#lastStopped + (word >> (kindBits + joinedSiteBits))) & operandMask, 0);
      case eventKind.pass:
        for (let n = words[at + 1]!; n > 0; n--) {
          this.#stop(eventKind.suspend, operand);
          this.#goOn(this.#lastStopped, 0);
        }
        return;
      case eventKind.settle:
        return this.#stop(eventKind.settle, operand);
      case eventKind.turn:
        this.#depth = 0;
        this.#atReading();
        return this.#take(eventKind.turn, operand, words[at + 1]!, 0, 0);
      case eventKind.dropped:
        this.#atReading();
        return this.#take(eventKind.dropped, operand, 0, 0, 0);
      case eventKind.block:
        this.#happens();
        return this.#take(eventKind.block, operand, words[at + 1]!, this.#innermost(), words[at + 2]!);
      case eventKind.settleCall:
        this.#happens();
        return this.#take(eventKind.settleCall, operand, this.#innermost(), 0, 0);
      default:
        this.#happens();
        return this.#take(word & kindMask, operand, 0, 0, 0);
    }
  }

  #innermost(): number {
    return this.#depth === 0 ? 0 : this.#running[this.#depth - 1]!;
  }

  #start(site: number): void {
    const parent = this.#innermost();
    this.#lastTask = (this.#lastTask + 1) & operandMask || 1;
    this.#push(this.#lastTask);
    this.#happens();
    this.#take(eventKind.start, this.#lastTask, site, parent, 0);
  }

  /** A suspend or settle: the task is no longer among those that run, nor is any above it. */
  #stop(kind: number, b: number): void {
    const task = this.#named >= 0 ? this.#named : this.#innermost();
    this.#named = -1;
    this.#leave(task);
    if (kind === eventKind.suspend) this.#lastStopped = task;
    this.#happens();
    this.#take(kind, task, b, 0, 0);
  }

  #goOn(task: number, threw: number): void {
    this.#leave(task);
    this.#push(task);
    this.#happens();
    this.#take(eventKind.resume, task, threw, 0, 0);
  }

  #leave(task: number): void {
    for (let place = this.#depth - 1; place >= 0; place--) {
      if (this.#running[place] !== task) continue;
      this.#depth = place;
      return;
    }
  }

  #push(task: number): void {
    if (this.#depth === this.#running.length) {
      const larger = new Words(this.#depth * 2);
      for (let i = 0; i < this.#depth; i++) larger[i] = this.#running[i]!;
      this.#running = larger;
    }
    this.#running[this.#depth++] = task;
  }

  #atReading(): void {
    const time = this.#time;
    time.units = time.fromUnits = time.toUnits = this.readUnits;
  }

  #happens(): void {
    const nth = ++this.#nth;
    const time = this.#time;
    const until = this.#untilUnits;
    if (this.#lastIsRead && nth === this.#count) {
      time.units = time.fromUnits = time.toUnits = until;
      return;
    }
    const from = this.readUnits;
    time.fromUnits = from;
    time.toUnits = until;
    time.units = from + ((until - from) * nth) / (this.#lastIsRead ? this.#count : this.#count + 1);
  }
}
