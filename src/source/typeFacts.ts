import type { ts } from './typescript.ts';
import { haveSameShape, isGlobalCode } from './fileShape.ts';

/** What the checker says of a member's name where it is used; both unset where it does not know the member. */
export interface MemberFact {
  readonly declarations?: readonly ts.Declaration[];
  readonly valueDeclaration?: ts.Declaration;
}

interface FileFacts {
  readonly members: Map<ts.Node, MemberFact>;
  readonly answers: Map<string, Map<ts.Node, unknown>>;
}

/**
 * Answers of the checker by the nodes that were asked about. Those of files that an edit does not reach are good for the next program as
 * well, whose own checker would type everything anew.
 */
export class TypeFacts {
  readonly #checker: ts.TypeChecker;
  readonly #files = new Map<ts.SourceFile, FileFacts>();
  /** By the file that they lead to, what leads there from other files. */
  readonly #leading = new Map<ts.SourceFile, { readonly facts: FileFacts; readonly node: ts.Node }[]>();
  /** The files that a file imports, by name. */
  readonly #imports = new Map<ts.SourceFile, readonly string[]>();

  constructor(checker: ts.TypeChecker) {
    this.#checker = checker;
  }

  /** The member that a name stands for: `close` in `file.close()`. */
  memberAt(name: ts.Node): MemberFact {
    const facts = this.#factsFor(name);
    const known = facts.members.get(name);
    if (known) return known;
    const symbol = this.#checker.getSymbolAtLocation(name);
    const { declarations, valueDeclaration } = symbol ?? {};
    const fact = { ...(declarations ? { declarations } : {}), ...(valueDeclaration ? { valueDeclaration } : {}) };
    facts.members.set(name, fact);
    const own = name.getSourceFile();
    for (const file of new Set(declarations?.map((one) => one.getSourceFile())))
      if (file !== own) this.#noteWay(file, facts, name);
    return fact;
  }

  /** The answer to a question about the types at a node, which must hold no nodes, symbols or types itself. */
  answer<T extends boolean | string | null>(question: string, node: ts.Node, find: () => T): T {
    const { answers } = this.#factsFor(node);
    let known = answers.get(question);
    if (!known) answers.set(question, (known = new Map<ts.Node, unknown>()));
    const found = known.get(node) as T | undefined;
    if (found !== undefined) return found;
    const fresh = find();
    known.set(node, fresh);
    return fresh;
  }

  #factsFor(node: ts.Node): FileFacts {
    const file = node.getSourceFile();
    let facts = this.#files.get(file);
    if (!facts) this.#files.set(file, (facts = { members: new Map(), answers: new Map() }));
    return facts;
  }

  #noteWay(file: ts.SourceFile, facts: FileFacts, node: ts.Node): void {
    const list = this.#leading.get(file);
    if (list) list.push({ facts, node });
    else this.#leading.set(file, [{ facts, node }]);
  }

  /** Takes over what holds in the next program. */
  takeFrom(earlier: TypeFacts, from: ts.Program, to: ts.Program): void {
    const changed = changedFiles(from, to);
    if (!changed) return;
    for (const [file, names] of earlier.#imports) if (!changed.has(file)) this.#imports.set(file, names);
    const reshaped = [...changed].filter(([before, after]) => !haveSameShape(before, after)).map(([, after]) => after);
    const reached = reshaped.length === 0 ? new Set<ts.SourceFile>() : this.#importersOf(reshaped, to);
    // What such a file declares is seen by files that do not import it.
    if ([...changed.keys(), ...reached].some(isGlobalCode)) return;
    const kept = new Set<FileFacts>();
    for (const [file, facts] of earlier.#files) {
      if (changed.has(file) || reached.has(file)) continue;
      this.#files.set(file, facts);
      kept.add(facts);
    }
    for (const [file, ways] of earlier.#leading) {
      if (changed.has(file)) for (const { facts, node } of ways) facts.members.delete(node);
      else
        this.#leading.set(
          file,
          ways.filter(({ facts }) => kept.has(facts)),
        );
    }
  }

  /** The files with everything that imports them, over however many steps. */
  #importersOf(files: readonly ts.SourceFile[], program: ts.Program): ReadonlySet<ts.SourceFile> {
    const importers = new Map<string, ts.SourceFile[]>();
    for (const file of program.getSourceFiles()) {
      for (const name of this.#importsOf(file)) {
        const list = importers.get(name);
        if (list) list.push(file);
        else importers.set(name, [file]);
      }
    }
    const reached = new Set(files);
    // The set grows while it is gone through.
    for (const file of reached) for (const importer of importers.get(file.fileName) ?? []) reached.add(importer);
    return reached;
  }

  #importsOf(file: ts.SourceFile): readonly string[] {
    const known = this.#imports.get(file);
    if (known) return known;
    const { imports = [] } = file as ts.SourceFile & { readonly imports?: readonly ts.StringLiteralLike[] };
    const names = imports.flatMap(
      (specifier) => this.#checker.getSymbolAtLocation(specifier)?.declarations?.map((one) => one.getSourceFile().fileName) ?? [],
    );
    this.#imports.set(file, names);
    return names;
  }
}

/** The files that differ, each with what it is now; undefined where there are others than before. */
function changedFiles(from: ts.Program, to: ts.Program): ReadonlyMap<ts.SourceFile, ts.SourceFile> | undefined {
  const before = from.getSourceFiles();
  const after = to.getSourceFiles();
  if (before.length !== after.length) return undefined;
  const changed = new Map<ts.SourceFile, ts.SourceFile>();
  for (const [index, file] of before.entries()) {
    const now = after[index]!;
    if (now.fileName !== file.fileName) return undefined;
    if (now !== file) changed.set(file, now);
  }
  return changed;
}

const byProgram = new WeakMap<ts.Program, TypeFacts>();

export function typeFactsOf(program: ts.Program, checker: ts.TypeChecker): TypeFacts {
  let facts = byProgram.get(program);
  if (!facts) byProgram.set(program, (facts = new TypeFacts(checker)));
  return facts;
}

/** Hands on what is known of an earlier program to the one that an edit made of it. */
export function carryTypeFacts(from: ts.Program, to: ts.Program): void {
  const earlier = byProgram.get(from);
  if (!earlier) return;
  byProgram.delete(from);
  typeFactsOf(to, to.getTypeChecker()).takeFrom(earlier, from, to);
}
