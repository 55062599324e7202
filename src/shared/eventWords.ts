import { argumentWords, eventKind, kindBits, kindMask, mostPasses, operandMask } from './traceEvents.ts';

const littleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** The 32-bit words of an `events` frame; undefined when its length is not a whole number of words. */
export function eventWords(payload: Uint8Array): Uint32Array | undefined {
  if (payload.byteLength % 4 !== 0) return undefined;
  const length = payload.byteLength / 4;
  if (littleEndian && payload.byteOffset % 4 === 0) return new Uint32Array(payload.buffer, payload.byteOffset, length);
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  return Uint32Array.from({ length }, (_, i) => view.getUint32(i * 4, true));
}

/** How many words a word and what belongs to it take; NaN where it is of no kind. */
export function wordLength(word: number): number {
  const kind = word & kindMask;
  const length = argumentWords[kind];
  if (length === undefined || length < 0) return NaN;
  return 1 + length + (kind === eventKind.batch ? (word >>> kindBits) & operandMask : 0);
}

/** Why a batch cannot be read, in plain words; undefined when every event in it is known and whole. */
export function batchFault(words: Uint32Array): string | undefined {
  if (words.length > 0 && (words[0]! & kindMask) !== eventKind.batch) return 'a beginning that tells neither time nor tasks';
  let at = 0;
  while (at < words.length) {
    const word = words[at]!;
    const length = wordLength(word);
    if (Number.isNaN(length)) return `an event of an unknown kind (${word & kindMask})`;
    const kind = word & kindMask;
    // 100 ns units up to 2^53: three years. More cannot be held exactly and can only be damage.
    if (kind === eventKind.batch && words[at + 1]! >= 2 ** 21) return 'an impossible time';
    if (kind === eventKind.far && word >>> kindBits >= 2 ** 20) return 'an impossible time';
    if (kind === eventKind.pass && words[at + 1]! > mostPasses) return 'an impossible count';
    at += length;
  }
  return at === words.length ? undefined : 'an event that is cut off';
}
