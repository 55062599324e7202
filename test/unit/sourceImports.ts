import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';

/** One import of a source file, however it is written. */
export interface SourceImport {
  /** As written: `./x.ts`, `node:fs`, `ts-morph`. */
  readonly specifier: string;
  readonly line: number;
  /** True where the compiler erases it (`import type`). */
  readonly typeOnly: boolean;
  /** The file it names, relative to the project's root with forward slashes; unset for packages and Node's own modules. */
  readonly target: string | undefined;
}

export interface SourceFileFacts {
  /** Relative to the project's root, with forward slashes. */
  readonly path: string;
  readonly lines: number;
  readonly imports: readonly SourceImport[];
  readonly hasDefaultExport: boolean;
  /** True when the file passes on what others export: `export * from`, or nothing but imports and re-exports. */
  readonly isBarrel: boolean;
}

/** Reads every TypeScript file under `folder` (relative to `root`). */
export function readSourceFiles(root: string, folder: string): SourceFileFacts[] {
  return globSync(`${folder}/**/*.{ts,tsx,mts,cts}`, { cwd: root })
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
    .map((path) => sourceFileFacts(path, readFileSync(join(root, path), 'utf8')));
}

/** Parses one file. `path` is relative to the project's root. */
export function sourceFileFacts(path: string, text: string): SourceFileFacts {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const imports: SourceImport[] = [];
  const add = (literal: ts.Node, typeOnly: boolean): void => {
    if (!ts.isStringLiteralLike(literal)) return;
    const specifier = literal.text;
    const target = specifier.startsWith('.') ? normalize(join(dirname(path), specifier)).replaceAll('\\', '/') : undefined;
    imports.push({ specifier, line: file.getLineAndCharacterOfPosition(literal.getStart()).line + 1, typeOnly, target });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isErased(node.importClause));
    else if (ts.isExportDeclaration(node) && node.moduleSpecifier) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true);
    else if (ts.isCallExpression(node) && isLoad(node) && node.arguments[0]) add(node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return {
    path,
    lines: text.split('\n').length - (text.endsWith('\n') ? 1 : 0),
    imports,
    hasDefaultExport: file.statements.some(isDefaultExport),
    isBarrel: isBarrel(file),
  };
}

function isErased(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const bindings = clause.namedBindings;
  return !clause.name && !!bindings && ts.isNamedImports(bindings) && bindings.elements.every((element) => element.isTypeOnly);
}

/** `import('x')`, `require('x')` and `require.resolve('x')`. */
function isLoad(call: ts.CallExpression): boolean {
  const callee = call.expression;
  if (callee.kind === ts.SyntaxKind.ImportKeyword) return true;
  if (ts.isIdentifier(callee)) return callee.text === 'require';
  return ts.isPropertyAccessExpression(callee) && callee.getText() === 'require.resolve';
}

function isDefaultExport(statement: ts.Statement): boolean {
  if (ts.isExportAssignment(statement)) return true;
  if (ts.isExportDeclaration(statement) && statement.exportClause && ts.isNamedExports(statement.exportClause)) {
    return statement.exportClause.elements.some((element) => element.name.text === 'default');
  }
  return (
    ts.canHaveModifiers(statement) &&
    !!ts.getModifiers(statement)?.some((modifier) => modifier.kind === ts.SyntaxKind.DefaultKeyword)
  );
}

function isBarrel(file: ts.SourceFile): boolean {
  const exportsFrom = file.statements.filter(ts.isExportDeclaration).filter((statement) => statement.moduleSpecifier);
  if (exportsFrom.some((statement) => !statement.exportClause)) return true;
  return (
    exportsFrom.length > 0 &&
    file.statements.every((statement) => ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement))
  );
}

/** The first cycle found, as the paths along it with the first repeated at the end; undefined when there is none. */
export function findCycle(files: readonly Pick<SourceFileFacts, 'path' | 'imports'>[]): readonly string[] | undefined {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const state = new Map<string, 'open' | 'closed'>();
  const trail: string[] = [];
  const walk = (path: string): readonly string[] | undefined => {
    if (state.get(path) === 'closed') return undefined;
    if (state.get(path) === 'open') return [...trail.slice(trail.indexOf(path)), path];
    state.set(path, 'open');
    trail.push(path);
    for (const { target } of byPath.get(path)?.imports ?? []) {
      const cycle = target !== undefined && byPath.has(target) ? walk(target) : undefined;
      if (cycle) return cycle;
    }
    trail.pop();
    state.set(path, 'closed');
    return undefined;
  };
  for (const { path } of files) {
    const cycle = walk(path);
    if (cycle) return cycle;
  }
  return undefined;
}
