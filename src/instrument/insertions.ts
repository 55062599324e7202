import MagicString from 'magic-string';
import type { InsertedColumns } from '../shared/insertedColumns.ts';

/** A part of a text and what to put for it. */
export interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

interface Insertion {
  readonly at: number;
  readonly text: string;
}

/**
 * Texts put between the characters of a source. What is put at one place stays in the order it was put there; as the tree is
 * walked in source order, that is the right nesting.
 */
export class Insertions {
  readonly #source: string;
  readonly #list: Insertion[] = [];
  readonly #mark: string;
  #isSorted = true;

  /** @param mark white space to stand before and after each insertion, so that it can be told from the source */
  constructor(source: string, mark = '') {
    this.#source = source;
    this.#mark = mark;
  }

  get isEmpty(): boolean {
    return this.#list.length === 0;
  }

  put(at: number, text: string): void {
    const last = this.#list.at(-1);
    if (last !== undefined && last.at > at) this.#isSorted = false;
    this.#list.push({ at, text: this.#mark === '' ? text : this.#mark + text + this.#mark });
  }

  /**
   * The text with everything inserted.
   * @param base a text of the same length to insert into, when it is not the source itself
   * @param replacements parts of the text to put something else for, in order; what is inserted within them is dropped
   */
  apply(base = this.#source, replacements: readonly Replacement[] = []): string {
    if (this.isEmpty && replacements.length === 0) return base;
    const parts: string[] = [];
    let done = 0;
    let next = 0;
    const copyTo = (end: number): void => {
      for (let cut = replacements[next]; cut && cut.start < end; cut = replacements[++next]) {
        parts.push(base.slice(done, cut.start), cut.text);
        done = cut.end;
      }
      if (end > done) parts.push(base.slice(done, end));
      done = Math.max(done, end);
    };
    for (const { at, text } of this.#sorted()) {
      copyTo(at);
      if (at >= done) parts.push(text);
    }
    copyTo(base.length);
    return parts.join('');
  }

  /** Where lines were lengthened, for a text of the same layout as the source. */
  columns(): InsertedColumns {
    const columns: number[] = [];
    let line = 1;
    let lineStart = 0;
    let scanned = 0;
    for (const { at, text } of this.#sorted()) {
      for (; scanned < at; scanned++) {
        if (!endsLine(this.#source, scanned)) continue;
        line++;
        lineStart = scanned + 1;
      }
      columns.push(line, at - lineStart, text.length);
    }
    return columns;
  }

  /** A source map from the inserted text back to the source, to the word; JSON. */
  map(path: string): string {
    const text = new MagicString(this.#source);
    for (const insertion of this.#sorted()) text.appendLeft(insertion.at, insertion.text);
    return text.generateMap({ source: path, includeContent: true, hires: 'boundary' }).toString();
  }

  #sorted(): readonly Insertion[] {
    // Array.prototype.sort is stable, and nearly all is put in the order of the source.
    if (!this.#isSorted) this.#list.sort((a, b) => a.at - b.at);
    this.#isSorted = true;
    return this.#list;
  }
}

/** V8 counts a line after LF, after CR without LF, and after the two separators of Unicode. */
function endsLine(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code === 10 || code === 0x2028 || code === 0x2029) return true;
  return code === 13 && text.charCodeAt(at + 1) !== 10;
}
