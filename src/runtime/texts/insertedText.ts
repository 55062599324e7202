import { originalColumn, type InsertedColumns } from '../../shared/insertedColumns.ts';

/**
 * The text of one file as Node runs it, with what was inserted into it, and the way back from its places to those of the
 * text without the insertions. Holds no copy of that text.
 */
export class InsertedText {
  readonly #code: string;
  readonly #columns: Uint32Array;
  #places: Uint32Array | undefined;

  /** @param code the very string that Node is given, so that V8 and this class share it */
  constructor(code: string, columns: InsertedColumns) {
    this.#code = code;
    this.#columns = columns instanceof Uint32Array ? columns : Uint32Array.from(columns);
  }

  /** Lines and columns from 1, as V8 counts them. */
  originalColumn(line: number, column: number): number {
    return originalColumn(this.#columns, column, this.#firstOf(line), this.#firstOf(line + 1));
  }

  /** One line of the code, without what was inserted there. */
  originalLine(line: number, text: string): string {
    let original = '';
    let done = 0;
    let inserted = 0;
    const end = this.#firstOf(line + 1);
    for (let i = this.#firstOf(line); i < end; i += 3) {
      const start = (this.#columns[i + 1] as number) + inserted;
      const length = this.#columns[i + 2] as number;
      original += text.slice(done, start);
      done = start + length;
      inserted += length;
    }
    return original + text.slice(done);
  }

  /** A line of the code, from 1, without what was inserted there. */
  originalLineAt(line: number): string | undefined {
    const text = this.#code.split(/\r\n|[\n\r\u2028\u2029]/)[line - 1];
    return text === undefined ? undefined : this.originalLine(line, text);
  }

  /** Both from 0; a place inside an insertion becomes the place it was inserted at. */
  originalOffset(offset: number): number {
    const places = this.#insertedPlaces();
    let inserted = 0;
    for (let i = 0; i < places.length; i += 2) {
      const start = places[i] as number;
      const length = places[i + 1] as number;
      if (offset < start) break;
      if (offset < start + length) return start - inserted;
      inserted += length;
    }
    return offset - inserted;
  }

  /** A part of the code, from 0, without what was inserted there. */
  originalSlice(start: number, end: number): string {
    const places = this.#insertedPlaces();
    let original = '';
    let done = start;
    for (let i = firstEndingAfter(places, start); i < places.length; i += 2) {
      const inserted = places[i] as number;
      if (inserted >= end) break;
      if (inserted > done) original += this.#code.slice(done, inserted);
      done = inserted + (places[i + 1] as number);
    }
    return done < end ? original + this.#code.slice(done, end) : original;
  }

  /** Index of the first insertion on or after a line. */
  #firstOf(line: number): number {
    let low = 0;
    let high = this.#columns.length / 3;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#columns[middle * 3] as number) < line) low = middle + 1;
      else high = middle;
    }
    return low * 3;
  }

  /** For each insertion its place in the code, from 0, and its length. */
  #insertedPlaces(): Uint32Array {
    if (this.#places !== undefined) return this.#places;
    const columns = this.#columns;
    const places = new Uint32Array((columns.length / 3) * 2);
    const lineEnd = /\r\n|[\n\r\u2028\u2029]/g;
    let line = 1;
    let lineStart = 0;
    let inserted = 0;
    for (let i = 0, at = 0; i < columns.length; i += 3) {
      while (line < (columns[i] as number) && lineEnd.exec(this.#code) !== null) {
        line++;
        lineStart = lineEnd.lastIndex;
        inserted = 0;
      }
      places[at++] = lineStart + (columns[i + 1] as number) + inserted;
      places[at++] = columns[i + 2] as number;
      inserted += columns[i + 2] as number;
    }
    return (this.#places = places);
  }
}

/** Index of the first of the places (start, length) whose end lies after `offset`. */
function firstEndingAfter(places: Uint32Array, offset: number): number {
  let low = 0;
  let high = places.length / 2;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((places[middle * 2] as number) + (places[middle * 2 + 1] as number) <= offset) low = middle + 1;
    else high = middle;
  }
  return low * 2;
}
