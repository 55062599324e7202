/**
 * Where a text was lengthened on its way to Node: three numbers an insertion, in the order of the text: line (from 1),
 * column in the original (from 0), length. Lines themselves are never added.
 */
export type InsertedColumns = readonly number[];

/**
 * The original column (from 1, as V8 counts) of a place in the lengthened text. A place inside an insertion becomes the
 * place it was inserted at.
 * @param insertions those of the place's line alone, as pairs of original column (from 0) and length, in order
 */
export function originalColumn(insertions: readonly number[], column: number): number {
  let inserted = 0;
  for (let i = 0; i < insertions.length; i += 2) {
    const start = (insertions[i] as number) + inserted;
    const length = insertions[i + 1] as number;
    if (column - 1 < start) break;
    if (column - 1 < start + length) return (insertions[i] as number) + 1;
    inserted += length;
  }
  return column - inserted;
}
