/** A point of a run: how many stretches of promise jobs were counted before, and the number of the round of jobs within this one. */
export interface TickPoint {
  readonly stretch: number;
  readonly tick: number;
}

/** Rounds without anything noted after which a stretch is over. */
const idleTicks = 2000;
const idleTicksWhenDone = 64;

// Of this realm: the programs that are watched have their own.
const settled = Promise.resolve();

/**
 * Numbers the rounds of the microtask queue by a chain of promise jobs that runs beside a program: each job of the chain queues the next
 * one behind all that the program has queued by then. One await too many in the program shows as a number one higher.
 */
export class TickCounter {
  #stretch = 0;
  #tick = 0;
  #idle = 0;
  #limit = idleTicks;
  #running = false;

  get isRunning(): boolean {
    return this.#running;
  }

  /** Where the program is now. Begins a new stretch where none is under way: the program was woken by something that is no promise job. */
  note(): TickPoint {
    this.#idle = 0;
    if (!this.#running) {
      this.#running = true;
      this.#stretch++;
      this.#tick = 0;
      void settled.then(this.#step);
    }
    return { stretch: this.#stretch, tick: this.#tick };
  }

  /** The program says it is done: only what follows closely is still counted. */
  done(): void {
    this.#limit = idleTicksWhenDone;
  }

  readonly #step = (): void => {
    this.#tick++;
    this.#idle++;
    if (this.#idle > this.#limit) this.#running = false;
    else void settled.then(this.#step);
  };
}
