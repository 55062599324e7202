const littleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/** Puts words into the byte order of a trace, where this machine has another. */
export function toLittleEndian(words: Int32Array, from: number, to: number): void {
  if (littleEndian) return;
  for (let i = from; i < to; i++) {
    const word = words[i] as number;
    words[i] = ((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
  }
}
