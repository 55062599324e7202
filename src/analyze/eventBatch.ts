import { eventArity, eventKind, kindBits } from '../shared/traceEvents.ts';

const kindMask = 2 ** kindBits - 1;
const littleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** The 32-bit words of an `events` frame; undefined when its length is not a whole number of words. */
export function eventWords(payload: Uint8Array): Uint32Array | undefined {
  if (payload.byteLength % 4 !== 0) return undefined;
  const length = payload.byteLength / 4;
  if (littleEndian && payload.byteOffset % 4 === 0) return new Uint32Array(payload.buffer, payload.byteOffset, length);
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  return Uint32Array.from({ length }, (_, i) => view.getUint32(i * 4, true));
}

/** Why a batch cannot be read, in plain words; undefined when every event in it is known and whole. */
export function batchFault(words: Uint32Array): string | undefined {
  let at = 0;
  while (at < words.length) {
    const kind = words[at]! & kindMask;
    const arity = eventArity[kind];
    if (kind === 0 || arity === undefined) return `an event of an unknown kind (${kind})`;
    // 100 ns units up to 2^53: three years. More cannot be held exactly and can only be damage.
    if (kind === eventKind.time && words[at + 1]! >= 2 ** 21) return 'an impossible time';
    at += 1 + arity;
  }
  return at === words.length ? undefined : 'an event that is cut off';
}
