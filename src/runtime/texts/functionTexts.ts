/** Gives the bare text for a part of an instrumented text, by its places there from 0; undefined where it does not know. */
export type BareSlice = (start: number, end: number) => string | undefined;

/** Finds, for the text of a function that V8 took from an instrumented file, what it would be without probes. */
export interface FunctionTexts {
  /**
   * Told of every instrumented file before its text runs.
   * @param code the very string that Node is given, so that V8 and this share it
   * @param end where the code that came from the file ends; what follows is ours
   */
  add(firstSite: number, code: string, end: number, bareSlice: BareSlice): void;
  /** The bare text of a function; undefined where its file is not known. */
  bareText(text: string): string | undefined;
  /** A message of V8 that quotes the whole text of a function or its beginning, without the probes. */
  mendQuotes(message: string): string;
}

/** A call of a probe with a number for a site, or one of the program's own: whatever it is named, the site is its first number. */
const siteOfProbe = /__il_\w*\((?:__il_\w+, ?)?(\d+)/g;

/** What V8 writes around the text of a module for the function around it, after the name and the parameters. */
const wrapperStart = ') {\n';
const wrapperEnd = '\n}';

/** So many sites are tried: a number in the program's own code may look like one. */
const mostTried = 50;

export function createFunctionTexts(): FunctionTexts {
  // In the order of their first sites. Every site id belongs to one file alone, and a file's ids follow one another.
  const files: InstrumentedCode[] = [];

  function indexOf(site: number): number {
    let low = 0;
    let high = files.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((files[middle] as InstrumentedCode).firstSite <= site) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  return {
    add(firstSite, code, end, bareSlice) {
      const index = indexOf(firstSite);
      const file = new InstrumentedCode(firstSite, code, end, bareSlice);
      // Loaded again with the same text.
      if (files[index]?.firstSite === firstSite) files[index] = file;
      else files.splice(index + 1, 0, file);
    },
    bareText(text) {
      const pattern = new RegExp(siteOfProbe);
      let last: InstrumentedCode | undefined;
      for (let tried = 0; tried < mostTried; tried++) {
        const match = pattern.exec(text);
        if (match === null) return undefined;
        const site = Number(match[1]);
        const file = files[indexOf(site)];
        if (file === undefined) continue;
        const start = file.find(text, site, match.index, file !== last);
        if (start !== undefined) return file.bareSlice(start, start + text.length);
        const wrapped = file === last ? undefined : file.unwrap(text);
        if (wrapped !== undefined) return wrapped;
        last = file;
      }
      return undefined;
    },
    mendQuotes(message) {
      let mended = message;
      for (const match of message.matchAll(siteOfProbe)) {
        const site = Number(match[1]);
        const quoted = files[indexOf(site)]?.quotedIn(message, site, match.index);
        if (quoted !== undefined) mended = mended.replace(quoted.text, () => quoted.bare);
      }
      return mended;
    },
  };
}

class InstrumentedCode {
  readonly firstSite: number;
  readonly bareSlice: BareSlice;
  readonly #code: string;
  readonly #end: number;
  #siteStarts: Map<number, number> | undefined;

  constructor(firstSite: number, code: string, end: number, bareSlice: BareSlice) {
    this.firstSite = firstSite;
    this.bareSlice = bareSlice;
    this.#code = code;
    this.#end = end;
  }

  /**
   * Where the text of a function stands in the code.
   * @param site a site in it, whose probe stands at `offset` of the text
   * @param thorough look everywhere, should the site's first probe be another one
   */
  find(text: string, site: number, offset: number, thorough: boolean): number | undefined {
    const start = (this.#starts().get(site) ?? -1) - offset;
    if (start >= 0 && this.#code.startsWith(text, start)) return start;
    const found = thorough ? this.#code.indexOf(text) : -1;
    return found < 0 ? undefined : found;
  }

  /** The bare text of the function that Node wraps around a CommonJS module. */
  unwrap(text: string): string | undefined {
    const at = text.length - this.#code.length - wrapperEnd.length;
    if (at < 0 || !text.endsWith(this.#code + wrapperEnd) || !text.slice(0, at).endsWith(wrapperStart)) return undefined;
    const bare = this.bareSlice(0, this.#end);
    return bare === undefined ? undefined : text.slice(0, at) + bare + wrapperEnd;
  }

  /** What a message quotes of the code around the probe at `offset`, and the same without probes. */
  quotedIn(message: string, site: number, offset: number): { readonly text: string; readonly bare: string } | undefined {
    const place = this.#starts().get(site);
    if (place === undefined) return undefined;
    const code = this.#code;
    let before = 0;
    while (before < offset && before < place && message[offset - before - 1] === code[place - before - 1]) before++;
    let length = 0;
    while (offset + length < message.length && message[offset + length] === code[place + length]) length++;
    const bare = this.bareSlice(place - before, place + length);
    return bare === undefined ? undefined : { text: message.slice(offset - before, offset + length), bare };
  }

  /** By site: where its first probe stands. */
  #starts(): Map<number, number> {
    if (this.#siteStarts !== undefined) return this.#siteStarts;
    const starts = new Map<number, number>();
    for (const match of this.#code.matchAll(siteOfProbe)) {
      const site = Number(match[1]);
      if (site >= this.firstSite && !starts.has(site)) starts.set(site, match.index);
    }
    return (this.#siteStarts = starts);
  }
}
