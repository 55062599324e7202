/**
 * Where a text was lengthened on its way to Node: three numbers an insertion, in the order of the text: line (from 1),
 * column in the original (from 0), length. Lines themselves are never added.
 */
export type InsertedColumns = readonly number[] | Uint32Array;

/**
 * The original column (from 1, as V8 counts) of a place in the lengthened text. A place inside an insertion becomes the
 * place it was inserted at.
 * @param columns the insertions of a text, as {@link InsertedColumns}; those from index `from` to before `to` are of the place's line
 */
export function originalColumn(columns: ArrayLike<number>, column: number, from = 0, to = columns.length): number {
  let inserted = 0;
  for (let i = from; i < to; i += 3) {
    const original = columns[i + 1] as number;
    const start = original + inserted;
    const length = columns[i + 2] as number;
    if (column - 1 < start) break;
    if (column - 1 < start + length) return original + 1;
    inserted += length;
  }
  return column - inserted;
}

/** The insertions as V8 counts columns where so much stands before the text on its first line. */
export function movedColumns(columns: InsertedColumns, before: number): InsertedColumns {
  if (before === 0) return columns;
  const moved = Uint32Array.from(columns);
  for (let i = 0; i < moved.length && moved[i] === 1; i += 3) moved[i + 1] = (moved[i + 1] as number) + before;
  return moved;
}
