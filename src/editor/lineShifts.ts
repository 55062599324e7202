/** One replacement in a document. Lines count from 1; the range is what was replaced. */
export interface LineChange {
  readonly startLine: number;
  /** UTF-16 units from 0. */
  readonly startColumn: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly text: string;
}

/**
 * Where lines of the traced text are now, after the edits since: a line keeps its number, moves, or is gone
 * (its own text was touched).
 */
export class LineShifts {
  /** By the number in the traced text; undefined: gone. */
  readonly #now = new Map<number, number | undefined>();

  constructor(lines: Iterable<number>) {
    for (const line of lines) this.#now.set(line, line);
  }

  /** Takes up one edit. Edits of one event must come last in the document first, as the editor reports them. */
  apply(change: LineChange): void {
    const added = countBreaks(change.text) - (change.endLine - change.startLine);
    for (const [line, now] of this.#now) {
      if (now === undefined || now < change.startLine) continue;
      if (now > change.endLine) {
        this.#now.set(line, now + added);
        continue;
      }
      if (
        now === change.startLine &&
        change.startLine === change.endLine &&
        change.startColumn === 0 &&
        change.endColumn === 0 &&
        change.text.endsWith('\n')
      ) {
        // Whole lines put in above.
        this.#now.set(line, now + added);
      } else if (
        now === change.endLine &&
        change.endColumn === 0 &&
        change.startColumn === 0 &&
        (change.text === '' || change.text.endsWith('\n'))
      ) {
        // Whole lines above taken out or replaced.
        this.#now.set(line, now + added);
      } else {
        this.#now.set(line, undefined);
      }
    }
  }

  /** The line's number now; undefined when its text was touched. */
  now(line: number): number | undefined {
    return this.#now.get(line);
  }

  /** The number in the traced text of the line that is at `now`. */
  then(now: number): number | undefined {
    for (const [line, at] of this.#now) if (at === now) return line;
    return undefined;
  }
}

function countBreaks(text: string): number {
  let breaks = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 10 || (code === 13 && text.charCodeAt(i + 1) !== 10)) breaks++;
  }
  return breaks;
}
