import { ts } from '../typescript.ts';

/** Bounds how many files are searched for a name. */
const maxFiles = 3000;
const maxLength = 2 * 1024 * 1024;
const extensions = ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs'];
const excluded = ['**/node_modules', '**/.*/**', '**/dist', '**/out', '**/build', '**/coverage'];

/** The scripts of a file's package that mention a name, and those that others import; absolute. Undefined where there is no package or it is too large to be searched. */
export function filesMentioning(path: string, name: string): readonly string[] | undefined {
  const root = packageRootOf(path);
  if (root === undefined) return undefined;
  const files = ts.sys.readDirectory(root, extensions, excluded, ['**/*']);
  const entries = entriesOf(ts.sys.readFile(`${root}/package.json`) ?? '');
  if (files.length > maxFiles || !entries) return undefined;
  return files.filter((file) => {
    if (/\.d\.[cm]?ts$/.test(file)) return false;
    if (entries.has(placeOf(file.slice(root.length + 1)))) return true;
    const text = ts.sys.readFile(file);
    return text !== undefined && text.length <= maxLength && text.includes(name);
  });
}

/**
 * What other packages can import from a file's package, as far as it is in the program.
 * @returns undefined where the package gives away more than can be told
 */
export function exportsOfPackage(path: string, program: ts.Program, checker: ts.TypeChecker): ReadonlySet<ts.Symbol> | undefined {
  const root = packageRootOf(path);
  const text = root === undefined ? undefined : ts.sys.readFile(`${root}/package.json`);
  if (root === undefined || text === undefined) return undefined;
  const entries = entriesOf(text);
  if (!entries) return undefined;
  const given = new Set<ts.Symbol>();
  for (const sourceFile of program.getSourceFiles()) {
    if (sourceFile.isDeclarationFile || !sourceFile.fileName.startsWith(`${root}/`)) continue;
    if (!entries.has(placeOf(sourceFile.fileName.slice(root.length + 1)))) continue;
    const module = checker.getSymbolAtLocation(sourceFile);
    // What CommonJS exports is more than the checker tells.
    if (!module) return undefined;
    for (const one of checker.getExportsOfModule(module))
      given.add(one.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(one) : one);
  }
  return given;
}

function packageRootOf(path: string): string | undefined {
  const found = ts.findConfigFile(path.slice(0, path.lastIndexOf('/')), (file) => ts.sys.fileExists(file), 'package.json');
  return found?.slice(0, found.lastIndexOf('/'));
}

/** The files that a `package.json` names for others, without folder of sources or output and without extension; `index` is one that needs no naming. */
function entriesOf(text: string): ReadonlySet<string> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { exports, main, module, types, browser } = value as Record<string, unknown>;
  const paths = new Set<string>(['index']);
  const add = (entry: unknown): void => {
    if (typeof entry === 'string') paths.add(placeOf(entry.replace(/^\.\//, '')));
    else if (typeof entry === 'object' && entry !== null) Object.values(entry).forEach(add);
  };
  [exports, main, module, types, browser].forEach(add);
  return [...paths].some((entry) => entry.includes('*')) ? undefined : paths;
}

function placeOf(path: string): string {
  return path.replace(/^(?:src|dist|lib|out|build)\//, '').replace(/(?:\.d)?\.[cm]?[jt]sx?$/, '');
}
