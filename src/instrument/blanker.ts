import { ts } from '../source/typescript.ts';

/** What goes on from the line before when nothing ends that: the beginnings of statements and of class members that can. */
const statementThatRunsOn = /^[([`+\-/*.,<]/;
const memberThatRunsOn = /^(?:[([*]|in\b|instanceof\b)/;
const longestStart = 12;

type SkipTrivia = (text: string, pos: number) => number;

/** Writes blanks over parts of a text, keeping its length and its line breaks. */
export class Blanker {
  readonly #source: string;
  readonly #blanks: (readonly [start: number, end: number])[] = [];
  readonly #characters = new Map<number, string>();

  constructor(source: string) {
    this.#source = source;
  }

  blank(start: number, end: number): void {
    this.#blanks.push([start, end]);
  }

  /** One character of the result, whatever is blanked around it. */
  set(at: number, character: string): void {
    this.#characters.set(at, character);
  }

  /** A statement or class member. Where those around it would run on, a semicolon stays in its place, as Node's own eraser leaves it. */
  blankStatement(node: ts.Node): void {
    const start = node.getStart();
    this.blank(start, node.end);
    // `if (a) type B = 1` needs a statement.
    if (!isListed(node)) return this.set(start, ';');
    const before = this.#source.charAt(node.pos - 1);
    if (before === '' || before === ';' || before === '{') return;
    const next = this.skipTrivia(node.end);
    const runsOn = ts.isClassElement(node) ? memberThatRunsOn : statementThatRunsOn;
    if (runsOn.test(this.#source.slice(next, next + longestStart))) this.set(start, ';');
  }

  /** An item of a list with the comma after it. */
  blankWithComma(start: number, end: number): void {
    const next = this.skipTrivia(end);
    this.blank(start, this.#source.charAt(next) === ',' ? next + 1 : end);
  }

  /** The next place that is neither white space nor comment. */
  skipTrivia(at: number): number {
    return (ts as unknown as { skipTrivia: SkipTrivia }).skipTrivia(this.#source, at);
  }

  /** The token that closes a list, past a comma that may trail. */
  skipCommas(at: number): number {
    let next = this.skipTrivia(at);
    while (this.#source.charAt(next) === ',') next = this.skipTrivia(next + 1);
    return next;
  }

  apply(): string {
    const parts: string[] = [];
    let done = 0;
    for (const [start, end] of this.#blanks.sort((a, b) => a[0] - b[0] || b[1] - a[1])) {
      if (end <= done) continue;
      const from = Math.max(start, done);
      parts.push(this.#source.slice(done, from), this.#source.slice(from, end).replace(/[^\r\n\u2028\u2029]/g, ' '));
      done = end;
    }
    parts.push(this.#source.slice(done));
    if (this.#characters.size === 0) return parts.join('');
    const text = parts.join('');
    const withCharacters: string[] = [];
    let at = 0;
    for (const [position, character] of [...this.#characters].sort((a, b) => a[0] - b[0])) {
      withCharacters.push(text.slice(at, position), character);
      at = position + 1;
    }
    withCharacters.push(text.slice(at));
    return withCharacters.join('');
  }
}

function isListed({ parent }: ts.Node): boolean {
  return (
    ts.isSourceFile(parent) ||
    ts.isBlock(parent) ||
    ts.isModuleBlock(parent) ||
    ts.isCaseOrDefaultClause(parent) ||
    ts.isClassLike(parent)
  );
}
