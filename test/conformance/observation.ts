import type { TickPoint } from './tickCounter.ts';

/** All that is compared of a run of a scenario. */
export interface Observation {
  /** True where the outcome is the one that the test demands. */
  readonly passed: boolean;
  /** How it came out, in words: `passed`, or the phase, name and message of the error. */
  readonly outcome: string;
  /** Each assertion call as `stretch.tick name`, in order; the same ones in a row are counted. */
  readonly assertions: readonly string[];
  /** Unhandled rejections, late-handled ones and uncaught errors, in order. */
  readonly rejections: readonly string[];
  /** Own property names of the global object at the end, symbols as `Symbol(…)`. */
  readonly globals: readonly string[];
  /** Names in the text that was run and not in the test's own that a script of the realm can see at the end. */
  readonly lexicals: readonly string[];
}

/** What an instrumenter did to the texts of a scenario. */
export interface Changes {
  /** True where the text of the test itself was changed. */
  readonly changed: boolean;
  /** Why it was not, where the instrumenter says so. */
  readonly skipped?: string;
}

/** `verdict`: it passes where it failed or the reverse; the others name what else differs. */
export type DifferenceKind = 'verdict' | 'outcome' | 'ticks' | 'rejections' | 'globals' | 'lexicals';

export interface Difference {
  readonly kind: DifferenceKind;
  readonly bare: string;
  readonly other: string;
}

/** What differs between two runs of a scenario. `documented` are the names that may be visible in the second. */
export function differences(bare: Observation, other: Observation, documented: ReadonlySet<string>): readonly Difference[] {
  const found: Difference[] = [];
  const compare = (kind: DifferenceKind, one: string, two: string): void => {
    if (one !== two) found.push({ kind, bare: one, other: two });
  };
  if (bare.passed !== other.passed) compare('verdict', bare.outcome, other.outcome);
  else compare('outcome', bare.outcome, other.outcome);
  compare('ticks', bare.assertions.join('\n'), other.assertions.join('\n'));
  compare('rejections', bare.rejections.join('\n'), other.rejections.join('\n'));
  compare('globals', bare.globals.join(' '), other.globals.join(' '));
  const visible = other.lexicals.filter((name) => !documented.has(name));
  compare('lexicals', bare.lexicals.join(' '), visible.join(' '));
  return found;
}

/** Collects assertion calls as text. */
export class AssertionLog {
  readonly #entries: string[] = [];
  #last = '';
  #count = 0;

  add(name: string, { stretch, tick }: TickPoint): void {
    const entry = `${stretch}.${tick} ${name}`;
    if (entry === this.#last) {
      this.#count++;
      return;
    }
    this.#close();
    this.#last = entry;
    this.#count = 1;
  }

  entries(): readonly string[] {
    this.#close();
    this.#last = '';
    return this.#entries;
  }

  #close(): void {
    if (this.#last !== '') this.#entries.push(this.#count > 1 ? `${this.#last} ×${this.#count}` : this.#last);
  }
}
