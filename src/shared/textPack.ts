import type { SiteId } from './ids.ts';
import type { TextFormat, Transformed } from './instrumentMessages.ts';

/**
 * A pack keeps the instrumented texts of a project. The launcher writes it; the launcher and the target read it, each what it needs:
 * the mark (8 bytes), the pack's id (16 characters), the length of the head (u32 little-endian) and zeros up to {@link packHeaderBytes}; the head as JSON,
 * blanks up to a multiple of four bytes; the bodies of the entries, each from a multiple of four.
 */
export const packMark = 'ILVPACK2';
export const packIdLength = 16;
export const packHeaderBytes = 32;

/** One text and what was made of it. The lengths are in bytes; the parts stand one after the other in this order. */
export interface PackEntry {
  readonly path: string;
  readonly format: TextFormat;
  readonly probes: boolean;
  readonly firstSite: SiteId;
  readonly sites: number;
  /** Configuration files the answer depends on: places in the head's list. */
  readonly inputs: readonly number[];
  /** When the file was written last, and its size, as far as known: tells before a run which files probably changed. */
  readonly stamp: string;
  /** Runs since it was last used. */
  readonly unused: number;
  /** Behind the head. */
  readonly start: number;
  /** `InsertedColumns` as u32 little-endian. */
  readonly columns: number;
  /** The text it was made from: one that differs is another text. */
  readonly source: number;
  readonly code: number;
  /** The rest of the target's answer: JSON of {@link PackedAnswer}. */
  readonly answer: number;
  /** JSON of the file's record for the trace without `type` and `file`. */
  readonly record: number;
}

/** What of an answer is neither text nor for the trace. */
export type PackedAnswer = Omit<Transformed, 'requestId' | 'code' | 'columns' | 'sites' | 'sourceHash' | 'inputs'> & {
  readonly hasColumns: boolean;
};

export interface PackHead {
  /** Tells one build of the instrumenter from another. */
  readonly maker: string;
  /** Configuration files that were read, or looked for in vain, and the hash of each. */
  readonly inputs: readonly (readonly [path: string, hash: string])[];
  readonly entries: readonly PackEntry[];
}

/** What the target is told of the pack: read only if it still is the one the launcher knows. */
export interface PackReference {
  readonly path: string;
  readonly id: string;
  /** Configuration files that are not as they were: places in the head's list. */
  readonly changedInputs: readonly number[];
}

/** Under what an entry is looked for; then the texts decide. */
export function packKey(path: string, format: TextFormat, probes: boolean): string {
  return `${path}\0${format}\0${String(probes)}`;
}

export function entryBytes({ columns, source, code, answer, record }: PackEntry): number {
  return columns + source + code + answer + record;
}

/** Where the bodies begin. */
export function bodiesStart(headBytes: number): number {
  return packHeaderBytes + paddedTo4(headBytes);
}

export function paddedTo4(length: number): number {
  return (length + 3) & ~3;
}

/** The id and the length of the head, from the first {@link packHeaderBytes} of a file; undefined where that is no pack. */
export function readPackHeader(bytes: Uint8Array): { readonly id: string; readonly headBytes: number } | undefined {
  if (bytes.length < packHeaderBytes) return undefined;
  for (let i = 0; i < packMark.length; i++) if (bytes[i] !== packMark.charCodeAt(i)) return undefined;
  let id = '';
  for (let i = 0; i < packIdLength; i++) id += String.fromCharCode(bytes[packMark.length + i] as number);
  return { id, headBytes: new DataView(bytes.buffer, bytes.byteOffset).getUint32(packMark.length + packIdLength, true) };
}

const isLittleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/** The insertions of an entry, from the beginning of its body. */
export function readPackedColumns(body: Uint8Array, { columns }: PackEntry): Uint32Array {
  const words = new Uint32Array(columns / 4);
  new Uint8Array(words.buffer).set(body.subarray(0, columns));
  if (!isLittleEndian) {
    const view = new DataView(words.buffer);
    for (let i = 0; i < words.length; i++) words[i] = view.getUint32(i * 4, true);
  }
  return words;
}
