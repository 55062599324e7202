import { isProjectCode } from './symbolModules.ts';
import { holdsTests } from './testFiles.ts';
import { ts } from './typescript.ts';

/** Folders whose files may be there for tests only; what they are is decided by who imports them. */
const testFolder = /\/(?:tests?|specs?|e2e|__tests__|testing)\//;

const importsByFile = new WeakMap<ts.SourceFile, readonly ts.SourceFile[]>();
const importersByProgram = new WeakMap<ts.Program, ReadonlyMap<string, readonly ts.SourceFile[]>>();

/** True for a file in a folder of tests that nobody but tests imports, directly or through others of its kind: nothing else waits while it works. */
export function servesTestsOnly(sourceFile: ts.SourceFile, program: ts.Program, checker: ts.TypeChecker): boolean {
  if (!testFolder.test(sourceFile.fileName)) return false;
  const importers = importersIn(program, checker);
  const helpers = new Set([sourceFile.fileName]);
  let isTested = false;
  // The set grows while it is gone through.
  for (const helper of helpers) {
    const list = importers.get(helper);
    if (!list) return false;
    for (const importer of list) {
      if (holdsTests(importer)) isTested = true;
      else if (testFolder.test(importer.fileName)) helpers.add(importer.fileName);
      else return false;
    }
  }
  return isTested;
}

function importersIn(program: ts.Program, checker: ts.TypeChecker): ReadonlyMap<string, readonly ts.SourceFile[]> {
  const known = importersByProgram.get(program);
  if (known) return known;
  const importers = new Map<string, ts.SourceFile[]>();
  for (const sourceFile of program.getSourceFiles()) {
    if (!isProjectCode(sourceFile)) continue;
    for (const { fileName } of importsOf(sourceFile, checker)) {
      const list = importers.get(fileName);
      if (list) list.push(sourceFile);
      else importers.set(fileName, [sourceFile]);
    }
  }
  importersByProgram.set(program, importers);
  return importers;
}

/** The project's own files that a file imports; the compiler lists the names with `require` and dynamic imports among them. */
function importsOf(sourceFile: ts.SourceFile, checker: ts.TypeChecker): readonly ts.SourceFile[] {
  const known = importsByFile.get(sourceFile);
  if (known) return known;
  const { imports = [] } = sourceFile as { readonly imports?: readonly ts.StringLiteralLike[] };
  const found = imports.flatMap((specifier) => {
    if (!specifier.text.startsWith('.') && !specifier.text.startsWith('#') && !specifier.text.startsWith('/')) return [];
    return (checker.getSymbolAtLocation(specifier)?.declarations ?? []).filter(ts.isSourceFile);
  });
  importsByFile.set(sourceFile, found);
  return found;
}
