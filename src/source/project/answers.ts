import type { ts } from '../typescript.ts';

/** What an answer may rest on beside the file that it is about: another file, or a name in an index of the whole program. */
export type Ground = ts.SourceFile | string;

/** The answers about the nodes of one file. */
interface FileAnswers {
  readonly file: ts.SourceFile;
  /** All that one of them rests on. */
  readonly grounds: Set<Ground>;
  isVoid: boolean;
}

interface Answer {
  readonly of: FileAnswers;
  grounds: readonly Ground[];
  value: unknown;
  isVoid: boolean;
}

/** The search for an answer. */
interface Search {
  readonly file: ts.SourceFile;
  grounds?: Set<Ground>;
}

/** A question about nodes, with the answers that hold. */
export interface Question<T> {
  /** The answer about a node; undefined where there is none that holds. */
  known(node: ts.Node): T | undefined;
  /**
   * The answer about a node, found where it is not known.
   * @param isKept asked after the search, where an answer may hold for this once only
   */
  find(node: ts.Node, search: () => T, isKept?: () => boolean): T;
}

/**
 * What was found out about the nodes of a program, each answer with all that it rests on, so that an edit voids these alone: the checker
 * of the program that an edit makes types everything anew. An answer rests on the file of its node, on what was named during the search,
 * and on what the answers rest on that were asked for on the way.
 */
export class Answers {
  readonly #questions = new Map<string, Question<unknown>>();
  readonly #files = new Map<ts.SourceFile, FileAnswers>();
  /** By what they rest on, the answers about other files. */
  readonly #resting = new Map<Ground, Map<FileAnswers, Set<Answer>>>();
  /** The innermost search under way. */
  #search: Search | undefined;

  /** @param name the same for every program that asks it */
  question<T>(name: string): Question<T> {
    let question = this.#questions.get(name) as Question<T> | undefined;
    if (!question) this.#questions.set(name, (question = this.#ask<T>()));
    return question;
  }

  #ask<T>(): Question<T> {
    const answers = new WeakMap<ts.Node, Answer>();
    const known = (node: ts.Node): T | undefined => {
      const answer = answers.get(node);
      if (!answer || answer.isVoid || answer.of.isVoid) return undefined;
      if (this.#search) this.#restOnAnswer(answer);
      return answer.value as T;
    };
    const find = (node: ts.Node, search: () => T, isKept?: () => boolean): T => {
      const found = known(node);
      if (found !== undefined) return found;
      const outer = this.#search;
      const own: Search = { file: node.getSourceFile() };
      let value: T;
      this.#search = own;
      try {
        value = search();
      } finally {
        this.#search = outer;
      }
      const answer: Answer = { of: this.#answersOf(own.file), grounds: [...(own.grounds ?? [])], value, isVoid: false };
      if (!isKept || isKept()) {
        answers.set(node, answer);
        this.#note(answer);
      }
      if (outer) this.#restOnAnswer(answer);
      return value;
    };
    return { known, find };
  }

  /** Notes what the answers that are being found rest on. Without a search it does nothing. */
  restOn(ground: Ground): void {
    const search = this.#search;
    if (!search || ground === search.file) return;
    // A change of a description voids everything.
    if (typeof ground !== 'string' && ground.isDeclarationFile) return;
    (search.grounds ??= new Set()).add(ground);
  }

  restOnAll(nodes: readonly ts.Node[]): void {
    if (this.#search) for (const node of nodes) this.restOn(node.getSourceFile());
  }

  /** Voids the answers about some files, and all that rest on these or on some names. */
  drop(files: Iterable<ts.SourceFile>, names: Iterable<string>): void {
    for (const file of files) {
      const own = this.#files.get(file);
      if (own) this.#dropFile(own);
      this.#dropResting(file);
    }
    for (const name of names) this.#dropResting(name);
  }

  #dropFile(own: FileAnswers): void {
    own.isVoid = true;
    this.#files.delete(own.file);
    for (const ground of own.grounds) {
      const byFile = this.#resting.get(ground);
      for (const answer of byFile?.get(own) ?? []) empty(answer);
      byFile?.delete(own);
    }
    own.grounds.clear();
  }

  #dropResting(ground: Ground): void {
    for (const [own, answers] of this.#resting.get(ground) ?? []) {
      own.grounds.delete(ground);
      for (const answer of answers) {
        for (const other of answer.grounds) if (other !== ground) this.#resting.get(other)?.get(own)?.delete(answer);
        empty(answer);
      }
    }
    this.#resting.delete(ground);
  }

  #answersOf(file: ts.SourceFile): FileAnswers {
    let own = this.#files.get(file);
    if (!own) this.#files.set(file, (own = { file, grounds: new Set(), isVoid: false }));
    return own;
  }

  #note(answer: Answer): void {
    const { of, grounds } = answer;
    for (const ground of grounds) {
      of.grounds.add(ground);
      let byFile = this.#resting.get(ground);
      if (!byFile) this.#resting.set(ground, (byFile = new Map<FileAnswers, Set<Answer>>()));
      const answers = byFile.get(of);
      if (answers) answers.add(answer);
      else byFile.set(of, new Set([answer]));
    }
  }

  #restOnAnswer({ of, grounds }: Answer): void {
    this.restOn(of.file);
    for (const ground of grounds) this.restOn(ground);
  }
}

/** Lets go of the nodes, of texts long gone perhaps, that an answer holds: that it is void is all that is left of it. */
function empty(answer: Answer): void {
  answer.isVoid = true;
  answer.value = undefined;
  answer.grounds = [];
}

const byProgram = new WeakMap<ts.Program, Answers>();

export function answersOf(program: ts.Program): Answers {
  let answers = byProgram.get(program);
  if (!answers) byProgram.set(program, (answers = new Answers()));
  return answers;
}

/** Hands the answers about an earlier program, which is not asked any more, on to the one that an edit made of it. */
export function handOnAnswers(from: ts.Program, to: ts.Program): Answers | undefined {
  const answers = byProgram.get(from);
  byProgram.delete(from);
  if (answers) byProgram.set(to, answers);
  return answers;
}
