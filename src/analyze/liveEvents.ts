import type { SiteId, ThreadId } from '../shared/ids.ts';
import { noSite } from '../shared/ids.ts';
import { wordLength } from '../shared/eventWords.ts';
import { eventKind, joinedSiteBits, joinedSites, kindBits, kindMask, operandMask } from '../shared/traceEvents.ts';

/** One task that has not settled. */
export interface LiveTaskState {
  readonly id: number;
  readonly thread: ThreadId;
  readonly siteId: SiteId;
  /** Who started it, if that has not settled, and the function of that. */
  readonly parent: LiveTaskState | undefined;
  readonly parentSite: SiteId;
  readonly phase: 'running' | 'waiting';
  /** Since when. */
  readonly sinceUnits: number;
  /** Where it waits, or its slice began. */
  readonly at: SiteId;
  /** The function of the task that it started last in its last slice. */
  readonly lastStarted: SiteId;
}

/** Most tasks settle before so many more have started: until then a task lies at the place of its number modulo this. */
const ring = 1 << 14;
const running = 1;
const waiting = 2;

/**
 * Follows the events of one thread by the tasks that have not settled. A reader of its own, as it has to keep up with a program that does
 * nothing but await: of a task that never stopped nothing is noted, and where the clock was not read at an event, its time is the reading
 * before.
 */
export class LiveEvents {
  /** The last reading of the clock. */
  units = 0;
  /** Turns begun so far. */
  turns = 0;
  readonly #thread: ThreadId;
  /** Of the task at each place: its number (0: the place is free), function, and so on as in {@link LiveTaskState}. */
  #ids = new Int32Array(ring);
  #sites = new Int32Array(ring);
  #ats = new Int32Array(ring);
  #parents = new Int32Array(ring);
  #parentSites = new Int32Array(ring);
  #started = new Int32Array(ring);
  #phases = new Uint8Array(ring);
  #since = new Float64Array(ring);
  /** Places beyond the ring, by number, of tasks whose place there another one took; those that are free again, and the first never used. */
  readonly #moved = new Map<number, number>();
  readonly #free: number[] = [];
  #end = ring;
  /** Numbers of the tasks that run, the innermost last. */
  #running: number[] = [];
  /** The place of the task of the event before; -1: it has none. */
  #last = -1;
  #lastTask = 0;
  #lastStopped = 0;

  constructor(thread: ThreadId) {
    this.#thread = thread;
  }

  /** Tasks that have not settled, in order of their numbers. */
  tasks(): LiveTaskState[] {
    const places: number[] = [];
    for (let place = 0; place < this.#end; place++) if (this.#ids[place] !== 0) places.push(place);
    places.sort((a, b) => this.#ids[a]! - this.#ids[b]!);
    const byId = new Map<number, LiveTaskState>();
    for (const place of places) {
      byId.set(this.#ids[place]!, {
        id: this.#ids[place]!,
        thread: this.#thread,
        siteId: this.#sites[place] as SiteId,
        // Who starts a task has a lower number, until these begin anew.
        parent: byId.get(this.#parents[place]!),
        parentSite: this.#parentSites[place] as SiteId,
        phase: this.#phases[place] === running ? 'running' : 'waiting',
        sinceUnits: this.#since[place]!,
        at: this.#ats[place] as SiteId,
        lastStarted: this.#started[place] as SiteId,
      });
    }
    return [...byId.values()];
  }

  /** Reads a batch without fault. */
  read(words: Uint32Array): void {
    let named = -1;
    let farUnits = 0;
    for (let at = 0; at < words.length; at += wordLength(words[at]!)) {
      const word = words[at]!;
      const operand = (word >>> kindBits) & operandMask;
      switch (word & kindMask) {
        case eventKind.batch:
          this.#begin(words, at, operand);
          break;
        case eventKind.clock:
        case eventKind.bound:
          this.units += farUnits + operand;
          farUnits = 0;
          // It tells when the event before it happened.
          if (this.#last >= 0) this.#since[this.#last] = this.units;
          this.#last = -1;
          break;
        case eventKind.far:
          farUnits = operand * (operandMask + 1);
          break;
        case eventKind.task:
          named = operand;
          break;
        case eventKind.ran:
          this.#lastTask = (this.#lastTask + 1) & operandMask || 1;
          break;
        case eventKind.start:
          this.#start(operand as SiteId);
          break;
        case eventKind.suspend:
          this.#suspend(named, operand as SiteId);
          named = -1;
          break;
        case eventKind.resume:
        case eventKind.resumeThrew:
          this.#resume((this.#lastStopped + operand) & operandMask);
          break;
        case eventKind.switched:
          this.#suspend(named, (operand & (joinedSites - 1)) as SiteId);
          named = -1;
          this.#resume((this.#lastStopped + (word >> (kindBits + joinedSiteBits))) & operandMask);
          break;
        case eventKind.pass:
          this.#suspend(-1, operand as SiteId);
          this.#resume(this.#lastStopped);
          break;
        case eventKind.settle:
          this.#settle(named);
          named = -1;
          break;
        case eventKind.turn:
          this.#running.length = 0;
          this.turns++;
          break;
      }
    }
  }

  #begin(words: Uint32Array, at: number, count: number): void {
    this.units = words[at + 1]! * 2 ** 32 + words[at + 2]!;
    this.#lastTask = words[at + 3]!;
    this.#lastStopped = words[at + 4]!;
    this.#running.length = 0;
    for (let i = 0; i < count; i++) this.#running.push(words[at + 5 + i]!);
  }

  /** The place of a task; one whose start was lost begins here. */
  #place(id: number): number {
    const place = id & (ring - 1);
    if (this.#ids[place] === id) return place;
    return this.#moved.get(id) ?? this.#newTask(id, noSite);
  }

  #newTask(id: number, site: SiteId): number {
    const place = id & (ring - 1);
    if (this.#ids[place] !== 0) this.#move(place);
    this.#ids[place] = id;
    this.#sites[place] = this.#ats[place] = site;
    this.#parents[place] = this.#parentSites[place] = this.#started[place] = 0;
    this.#phases[place] = running;
    this.#since[place] = this.units;
    this.#last = place;
    return place;
  }

  /** Makes room in the ring. */
  #move(place: number): void {
    const to = this.#free.pop() ?? this.#end++;
    if (to >= this.#ids.length) this.#grow();
    for (const list of [
      this.#ids,
      this.#sites,
      this.#ats,
      this.#parents,
      this.#parentSites,
      this.#started,
      this.#phases,
      this.#since,
    ]) {
      list[to] = list[place]!;
    }
    this.#moved.set(this.#ids[to]!, to);
  }

  #grow(): void {
    const larger = (list: Int32Array): Int32Array<ArrayBuffer> => {
      const grown = new Int32Array(list.length * 2);
      grown.set(list);
      return grown;
    };
    this.#ids = larger(this.#ids);
    this.#sites = larger(this.#sites);
    this.#ats = larger(this.#ats);
    this.#parents = larger(this.#parents);
    this.#parentSites = larger(this.#parentSites);
    this.#started = larger(this.#started);
    const phases = new Uint8Array(this.#ids.length);
    phases.set(this.#phases);
    this.#phases = phases;
    const since = new Float64Array(this.#ids.length);
    since.set(this.#since);
    this.#since = since;
  }

  #start(site: SiteId): void {
    const parent = this.#running.length === 0 ? 0 : this.#running[this.#running.length - 1]!;
    const id = (this.#lastTask = (this.#lastTask + 1) & operandMask || 1);
    let parentSite = 0;
    if (parent !== 0) {
      const of = this.#place(parent);
      this.#started[of] = site;
      parentSite = this.#sites[of]!;
    }
    const place = this.#newTask(id, site);
    this.#parents[place] = parent;
    this.#parentSites[place] = parentSite;
    this.#running.push(id);
  }

  /** Takes the task that stops off those that run, and whatever is above it; the innermost one unless named. 0: there is none. */
  #stop(named: number): number {
    const innermost = this.#running.length === 0 ? 0 : this.#running[this.#running.length - 1]!;
    if (named < 0 || innermost === named) {
      this.#running.pop();
      return innermost;
    }
    const depth = this.#running.lastIndexOf(named);
    if (depth >= 0) this.#running.length = depth;
    return named;
  }

  #suspend(named: number, site: SiteId): void {
    const id = this.#stop(named);
    if (id === 0) return;
    const place = this.#place(id);
    this.#phases[place] = waiting;
    this.#ats[place] = site;
    this.#since[place] = this.units;
    this.#last = place;
    this.#lastStopped = id;
  }

  #resume(id: number): void {
    if (this.#running.length > 0) {
      const depth = this.#running.lastIndexOf(id);
      if (depth >= 0) this.#running.length = depth;
    }
    this.#running.push(id);
    const place = this.#place(id);
    this.#phases[place] = running;
    this.#since[place] = this.units;
    this.#started[place] = 0;
    this.#last = place;
  }

  #settle(named: number): void {
    const id = this.#stop(named);
    const place = id & (ring - 1);
    this.#last = -1;
    if (id === 0) return;
    if (this.#ids[place] === id) {
      this.#ids[place] = 0;
      return;
    }
    const moved = this.#moved.get(id);
    if (moved === undefined) return;
    this.#ids[moved] = 0;
    this.#moved.delete(id);
    this.#free.push(moved);
  }
}
