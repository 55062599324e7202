import type { TextEdit } from '../../shared/lintMessages.ts';
import { applyEdits } from '../../shared/applyEdits.ts';
import type { LoadedFile } from '../project/project.ts';
import { ts } from '../typescript.ts';

/** Said of modules whose types are not there: where some are missing already, one more tells nothing. */
const missingTypes: ReadonlySet<number> = new Set([2307, 2580, 2591, 2792, 7016]);

/** True where a file has no syntax errors: only then do offsets of its tree mean what they seem to. */
export function parses({ program, sourceFile }: LoadedFile): boolean {
  return program.getSyntacticDiagnostics(sourceFile).length === 0;
}

/** True where the project compiles with the edits as well as without: no error in a file they touch that was not there before. */
export function compilesWith({ program }: LoadedFile, edits: readonly TextEdit[]): boolean {
  const paths = new Set(edits.map(({ path }) => path));
  const options = program.getCompilerOptions();
  const changed = new Map<string, ts.SourceFile>();
  for (const path of paths) {
    const old = program.getSourceFile(path);
    if (!old) return false;
    const text = applyEdits(
      old.text,
      edits.filter((edit) => edit.path === path),
    );
    const languageVersion = {
      languageVersion: options.target ?? ts.ScriptTarget.ESNext,
      impliedNodeFormat: old.impliedNodeFormat,
    };
    changed.set(path, ts.createSourceFile(path, text, languageVersion, true));
  }
  const next = ts.createProgram(program.getRootFileNames(), options, hostWith(program, changed), program);
  return [...changed.values()].every((sourceFile) => {
    if (next.getSyntacticDiagnostics(sourceFile).length > 0) return false;
    const before = errorsOf(program, program.getSourceFile(sourceFile.fileName)!);
    const lacksTypes = [...before.keys()].some((key) => missingTypes.has(Number(key.split(' ')[0])));
    return [...errorsOf(next, sourceFile)].every(([key, count]) => {
      return count <= (before.get(key) ?? 0) || (lacksTypes && missingTypes.has(Number(key.split(' ')[0])));
    });
  });
}

/** The files of a program, some of them changed; the libraries are where the program has them. */
function hostWith(program: ts.Program, changed: ReadonlyMap<string, ts.SourceFile>): ts.CompilerHost {
  const host = ts.createCompilerHost(program.getCompilerOptions());
  const library = program.getSourceFiles().find((one) => program.isSourceFileDefaultLibrary(one))?.fileName;
  const folder = library?.slice(0, library.lastIndexOf('/'));
  return {
    ...host,
    ...(folder === undefined
      ? {}
      : {
          getDefaultLibLocation: () => folder,
          getDefaultLibFileName: (options) => `${folder}/${ts.getDefaultLibFileName(options)}`,
        }),
    fileExists: (path) => program.getSourceFile(path) !== undefined || ts.sys.fileExists(path),
    getSourceFile: (path) => changed.get(path) ?? program.getSourceFile(path),
  };
}

/** How often each error occurs, wherever it stands. */
function errorsOf(program: ts.Program, sourceFile: ts.SourceFile): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { category, code, messageText } of program.getSemanticDiagnostics(sourceFile)) {
    if (category !== ts.DiagnosticCategory.Error) continue;
    const key = `${code} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}
