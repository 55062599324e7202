import type { ts } from './typescript.ts';

type ReadFile<T> = (sourceFile: ts.SourceFile) => ReadonlyMap<string, readonly T[]>;

/** What the files of a program have under names, by name. */
class NameIndex<T> {
  readonly #read: ReadFile<T>;
  readonly #byName = new Map<string, Map<ts.SourceFile, readonly T[]>>();
  /** Each with its place among the files. */
  #files = new Map<ts.SourceFile, number>();

  constructor(read: ReadFile<T>) {
    this.#read = read;
  }

  /** Takes in new files and drops those that are no longer there. */
  update(files: readonly ts.SourceFile[]): void {
    const earlier = this.#files;
    this.#files = new Map(files.map((file, place) => [file, place]));
    for (const file of earlier.keys()) {
      if (!this.#files.has(file)) for (const name of this.#read(file).keys()) this.#byName.get(name)?.delete(file);
    }
    for (const file of files) {
      if (earlier.has(file)) continue;
      for (const [name, values] of this.#read(file)) {
        const found = this.#byName.get(name);
        if (found) found.set(file, values);
        else this.#byName.set(name, new Map([[file, values]]));
      }
    }
  }

  /** In the order of the files. */
  get(name: string): readonly T[] {
    const found = [...(this.#byName.get(name) ?? [])];
    if (found.length > 1) found.sort(([a], [b]) => this.#files.get(a)! - this.#files.get(b)!);
    return found.flatMap(([, values]) => values);
  }
}

const carriers: ((from: ts.Program, to: ts.Program) => void)[] = [];

/**
 * An index of the names in a program's files, which an edit changes for the edited file alone.
 * @param read what a file has, the same for the same file
 */
export function createProgramIndex<T>(read: ReadFile<T>): (program: ts.Program) => (name: string) => readonly T[] {
  const indexes = new WeakMap<ts.Program, NameIndex<T>>();
  const current = new WeakMap<ts.Program, (name: string) => readonly T[]>();
  carriers.push((from, to) => {
    const index = indexes.get(from);
    if (!index) return;
    indexes.delete(from);
    current.delete(from);
    indexes.set(to, index);
  });
  return (program) => {
    let find = current.get(program);
    if (!find) {
      const index = indexes.get(program) ?? new NameIndex(read);
      index.update(program.getSourceFiles().filter((file) => !file.isDeclarationFile));
      indexes.set(program, index);
      const known = new Map<string, readonly T[]>();
      find = (name) => {
        let found = known.get(name);
        if (!found) known.set(name, (found = index.get(name)));
        return found;
      };
      current.set(program, find);
    }
    return find;
  };
}

/** Hands on the indexes of an earlier program, which is not asked any more, to the one that an edit made of it. */
export function carryIndexes(from: ts.Program, to: ts.Program): void {
  for (const carry of carriers) carry(from, to);
}
