import { decodedMappings, TraceMap } from '@jridgewell/trace-mapping';
import type { ts } from '../source/typescript.ts';

/** Gives the place in the original for one in a text that was made of it, both as offsets; undefined where that is not certain. */
export type OriginalPlace = (offset: number) => number | undefined;

export interface OriginalPlaces {
  readonly placeOf: OriginalPlace;
  /** For each line the line it comes from, from 1; 0 where that is unknown. Left out where lines stayed. */
  readonly lines?: readonly number[];
}

/** A text with the table of its lines. */
export type LinedText = Pick<ts.SourceFile, 'text' | 'getLineStarts' | 'getLineAndCharacterOfPosition'>;

/** `//# sourceMappingURL=data:application/json;…;base64,…`: a map that stands in the text itself. */
const inlineMap = /[@#] *sourceMappingURL=data:application\/json[^,]*;base64,([\w+/=]+)/g;

/** The last source map that stands in a text, as JSON; undefined where there is none. */
export function sourceMapIn(text: string): string | undefined {
  const encoded = [...text.matchAll(inlineMap)].at(-1)?.[1];
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString();
}

/**
 * Reads a source map so that no place is guessed: one between two places that the map knows counts only where both texts are
 * the same from the earlier of them on.
 * @param map JSON, version 3
 * @returns undefined where it is no map, or one back to several files or to another one than `baseName`
 */
export function readOriginalPlaces(
  map: string,
  made: LinedText,
  original: LinedText,
  baseName: string,
): OriginalPlaces | undefined {
  let lines: ReturnType<typeof decodedMappings>;
  try {
    const traced = new TraceMap(map);
    const [source, ...others] = traced.sources;
    if (others.length > 0 || typeof source !== 'string' || nameOf(source) !== baseName) return undefined;
    lines = decodedMappings(traced);
  } catch {
    return undefined;
  }
  const starts = original.getLineStarts();
  const placeOf: OriginalPlace = (offset) => {
    const { line, character } = made.getLineAndCharacterOfPosition(offset);
    const segment = lines[line]?.findLast(([column]) => column <= character);
    if (segment?.length !== 4 && segment?.length !== 5) return undefined;
    const [column, , originalLine, originalColumn] = segment;
    const lineStart = starts[originalLine];
    if (lineStart === undefined) return undefined;
    const further = character - column;
    const place = lineStart + originalColumn;
    const same = made.text.slice(offset - further, offset) === original.text.slice(place, place + further);
    return same ? place + further : undefined;
  };
  return {
    placeOf,
    lines: made.getLineStarts().map((_, line) => {
      const segment = lines[line]?.find(({ length }) => length > 1);
      return segment?.[2] === undefined ? 0 : segment[2] + 1;
    }),
  };
}

function nameOf(source: string): string | undefined {
  const [path = ''] = source.split(/[?#]/);
  const name = path.split(/[\\/]/).at(-1);
  try {
    return source.startsWith('file:') ? decodeURIComponent(name ?? '') : name;
  } catch {
    return name;
  }
}
