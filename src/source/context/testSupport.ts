import { fileRole } from './fileRole.ts';
import type { LoadedFile } from '../project/project.ts';
import { isProjectCode } from '../symbols/symbolModules.ts';
import { ts } from '../typescript.ts';

const testFolder = /(?:^|\/)(?:tests?|e2e|__mocks__)\//;

/**
 * True for a file that holds no tests but serves nothing else: it lies in a test folder of its project, and only tests and files of
 * such folders import it. Without a test that does, nobody knows what it is for.
 */
export function isTestSupport({ sourceFile, program, checker }: LoadedFile): boolean {
  const { configFilePath } = program.getCompilerOptions();
  if (typeof configFilePath !== 'string') return false;
  const root = configFilePath.slice(0, configFilePath.lastIndexOf('/') + 1);
  const isInTestFolder = ({ fileName }: ts.SourceFile): boolean =>
    fileName.startsWith(root) && testFolder.test(fileName.slice(root.length));
  if (!isInTestFolder(sourceFile)) return false;
  const name = nameInImports(sourceFile.fileName);
  const importers = program
    .getSourceFiles()
    .filter((other) => isProjectCode(other) && other.text.includes(name) && importsFile(other, sourceFile, checker));
  const tests = importers.filter((other) => fileRole(other) === 'test');
  return tests.length > 0 && importers.every((other) => tests.includes(other) || isInTestFolder(other));
}

/** What an import of the file has to mention: its name without extension, that of its folder for an `index`. */
function nameInImports(fileName: string): string {
  const parts = fileName.replace(/\.[cm]?[jt]sx?$/, '').split('/');
  return (parts.at(-1) === 'index' ? parts.at(-2) : parts.at(-1)) ?? '';
}

function importsFile(other: ts.SourceFile, sourceFile: ts.SourceFile, checker: ts.TypeChecker): boolean {
  return other.statements.some((statement) => {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return false;
    const from = statement.moduleSpecifier && checker.getSymbolAtLocation(statement.moduleSpecifier);
    return from?.declarations?.includes(sourceFile) ?? false;
  });
}
