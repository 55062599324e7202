import { handOnAnswers } from './answers.ts';
import { mentionsTag } from '../blocking/blockingTags.ts';
import { haveSameShape, isGlobalCode } from './fileShape.ts';
import { hasComputedNames, restOfNames } from './memberNames.ts';
import { changedNames, handOnIndexes } from './programIndex.ts';
import type { ts } from '../typescript.ts';

/** The files that each file imports, by name. */
type Imports = Map<ts.SourceFile, readonly string[]>;

const importsIn = new WeakMap<ts.Program, Imports>();

/**
 * Hands on what is known of an earlier program, which is not asked any more, to the one that an edit made of it, as far as it holds there:
 * not what is known of the edited file, and where that looks different to others (see {@link haveSameShape}) nothing of those that import it.
 */
export function handOnKnowledge(from: ts.Program, to: ts.Program): void {
  const changed = changedFiles(from, to);
  const imports = changed && handOnImports(from, to, changed);
  const reached = imports && filesReached(changed, imports, { from, to });
  if (reached) {
    const before = [...changed.keys()];
    const names = [...changed].flatMap(([earlier, now]) => changedNames(earlier, now));
    const hasOthers = [...changed.values(), ...before, ...reached].some((file) => mentionsTag(file) || hasComputedNames(file));
    handOnAnswers(from, to)?.drop([...before, ...reached], hasOthers ? [...names, restOfNames] : names);
  }
  handOnIndexes(from, to);
}

/** The files that differ, each with what it is now; undefined where there are others than before. Their order is the compiler's affair. */
function changedFiles(from: ts.Program, to: ts.Program): ReadonlyMap<ts.SourceFile, ts.SourceFile> | undefined {
  const before = from.getSourceFiles();
  if (before.length !== to.getSourceFiles().length) return undefined;
  const changed = new Map<ts.SourceFile, ts.SourceFile>();
  for (const file of before) {
    const now = to.getSourceFile(file.fileName);
    if (!now) return undefined;
    if (now !== file) changed.set(file, now);
  }
  return changed;
}

/** The other files for which something may be different now; undefined where that may be any. */
function filesReached(
  changed: ReadonlyMap<ts.SourceFile, ts.SourceFile>,
  imports: Imports,
  { from, to }: { readonly from: ts.Program; readonly to: ts.Program },
): ReadonlySet<ts.SourceFile> | undefined {
  const checkers = { before: from.getTypeChecker(), after: to.getTypeChecker() };
  const reshaped = [...changed].filter(([before, after]) => !haveSameShape(before, after, checkers)).map(([, after]) => after);
  const reached = reshaped.length === 0 ? new Set<ts.SourceFile>() : importersOf(reshaped, imports, to);
  // What such a file declares is seen by files that do not import it.
  if ([...changed.keys(), ...reached].some((file) => file.isDeclarationFile || isGlobalCode(file))) return undefined;
  return reached;
}

/** The files with everything that imports them, over however many steps. */
function importersOf(files: readonly ts.SourceFile[], imports: Imports, program: ts.Program): ReadonlySet<ts.SourceFile> {
  const checker = program.getTypeChecker();
  const importers = new Map<string, ts.SourceFile[]>();
  for (const file of program.getSourceFiles()) {
    let names = imports.get(file);
    if (!names) imports.set(file, (names = importsOf(file, checker)));
    for (const name of names) {
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

function importsOf(file: ts.SourceFile, checker: ts.TypeChecker): readonly string[] {
  const { imports = [] } = file as ts.SourceFile & { readonly imports?: readonly ts.StringLiteralLike[] };
  return imports.flatMap(
    (specifier) => checker.getSymbolAtLocation(specifier)?.declarations?.map((one) => one.getSourceFile().fileName) ?? [],
  );
}

function handOnImports(from: ts.Program, to: ts.Program, changed: ReadonlyMap<ts.SourceFile, ts.SourceFile>): Imports {
  const imports = importsIn.get(from) ?? new Map<ts.SourceFile, readonly string[]>();
  importsIn.delete(from);
  importsIn.set(to, imports);
  for (const file of changed.keys()) imports.delete(file);
  return imports;
}
