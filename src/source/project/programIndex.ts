import { answersOf } from './answers.ts';
import type { ts } from '../typescript.ts';

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

interface KnownIndex {
  handOn(from: ts.Program, to: ts.Program): void;
  changedNames(before: ts.SourceFile, after: ts.SourceFile): readonly string[];
}

const all: KnownIndex[] = [];

/**
 * An index of the names in a program's files, which an edit changes for the edited file alone. Answers that ask it rest on the names
 * they ask for.
 * @param label differs from that of every other index
 * @param read what a file has, the same for the same file
 * @param isSame whether two texts of a file have the same under a name; what holds nodes differs with every text
 */
export function createProgramIndex<T>(
  label: string,
  read: ReadFile<T>,
  isSame: (before: readonly T[], after: readonly T[]) => boolean = () => false,
): (program: ts.Program) => (name: string) => readonly T[] {
  const indexes = new WeakMap<ts.Program, NameIndex<T>>();
  const current = new WeakMap<ts.Program, (name: string) => readonly T[]>();
  const groundOf = (name: string): string => `${label} ${name}`;
  all.push({
    handOn(from, to) {
      const index = indexes.get(from);
      if (!index) return;
      indexes.delete(from);
      current.delete(from);
      indexes.set(to, index);
    },
    changedNames(before, after) {
      const earlier = read(before);
      const now = read(after);
      const names = new Set([...earlier.keys(), ...now.keys()]);
      return [...names].filter((name) => !isSame(earlier.get(name) ?? [], now.get(name) ?? [])).map(groundOf);
    },
  });
  return (program) => {
    let find = current.get(program);
    if (!find) {
      const index = indexes.get(program) ?? new NameIndex(read);
      index.update(program.getSourceFiles().filter((file) => !file.isDeclarationFile));
      indexes.set(program, index);
      const answers = answersOf(program);
      const known = new Map<string, readonly T[]>();
      find = (name) => {
        answers.restOn(groundOf(name));
        let found = known.get(name);
        if (!found) known.set(name, (found = index.get(name)));
        return found;
      };
      current.set(program, find);
    }
    return find;
  };
}

/** The names under which an index has something else of a file than before its last edit, as grounds of answers. */
export function changedNames(before: ts.SourceFile, after: ts.SourceFile): readonly string[] {
  return all.flatMap((index) => index.changedNames(before, after));
}

/** Hands on the indexes of an earlier program, which is not asked any more, to the one that an edit made of it. */
export function handOnIndexes(from: ts.Program, to: ts.Program): void {
  for (const index of all) index.handOn(from, to);
}
