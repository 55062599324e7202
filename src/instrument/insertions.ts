import MagicString from 'magic-string';

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

  constructor(source: string) {
    this.#source = source;
  }

  get isEmpty(): boolean {
    return this.#list.length === 0;
  }

  put(at: number, text: string): void {
    this.#list.push({ at, text });
  }

  /** The text with everything inserted. `base` is a text of the same length to insert into, when it is not the source itself. */
  apply(base = this.#source): string {
    const sorted = this.#sorted();
    const parts: string[] = [];
    let done = 0;
    for (const { at, text } of sorted) {
      parts.push(base.slice(done, at), text);
      done = at;
    }
    parts.push(base.slice(done));
    return parts.join('');
  }

  /** A source map from the inserted text back to the source, to the word; JSON. */
  map(path: string): string {
    const text = new MagicString(this.#source);
    for (const insertion of this.#sorted()) text.appendLeft(insertion.at, insertion.text);
    return text.generateMap({ source: path, includeContent: true, hires: 'boundary' }).toString();
  }

  #sorted(): readonly Insertion[] {
    // Array.prototype.sort is stable.
    return this.#list.slice().sort((a, b) => a.at - b.at);
  }
}
