import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ModuleFormat } from '../shared/instrumentMessages.ts';
import { isAmbient } from '../source/syntax.ts';
import { ts } from '../source/typescript.ts';

export interface FormatDecision {
  readonly format: 'commonjs' | 'module';
  /** True where ES module syntax is to be turned into CommonJS. */
  readonly convert: boolean;
}

/**
 * How a TypeScript or JSX file runs: by its extension, else by the nearest `package.json`, else by its own syntax, as Node
 * detects it; except that a `tsconfig.json` that asks for CommonJS gets it.
 */
export function decideFormat(
  sourceFile: ts.SourceFile,
  textLength: number,
  options: { readonly path: string; readonly tsconfigCommonjs: boolean; readonly packageType: 'commonjs' | 'module' | undefined },
): FormatDecision {
  const { path, tsconfigCommonjs, packageType } = options;
  const syntax = moduleSyntaxOf(sourceFile, textLength);
  const commonjs: FormatDecision = { format: 'commonjs', convert: syntax !== 'none' };
  if (/\.m[jt]s$/i.test(path)) return { format: 'module', convert: false };
  if (/\.c[jt]s$/i.test(path)) return commonjs;
  // JavaScript is never converted, but JSX is a text Node cannot run, so its makers expect their compiler to do it.
  if (packageType === 'module') return { format: 'module', convert: false };
  if (syntax === 'commonjs' || packageType === 'commonjs') return commonjs;
  if (syntax === 'none') return { format: 'commonjs', convert: false };
  return tsconfigCommonjs ? commonjs : { format: 'module', convert: false };
}

/** Reads `type` of the nearest `package.json`, and remembers it by folder. */
export class PackageTypes {
  readonly #byFolder = new Map<string, 'commonjs' | 'module' | undefined>();

  typeFor(path: string): 'commonjs' | 'module' | undefined {
    return this.#ofFolder(dirname(path));
  }

  /** The files that {@link typeFor} looks at, found or not. */
  inputsFor(path: string): string[] {
    const inputs: string[] = [];
    for (let folder = dirname(path); ; folder = dirname(folder)) {
      inputs.push(join(folder, 'package.json'));
      if (existsSync(join(folder, 'package.json')) || dirname(folder) === folder || folder.endsWith('node_modules'))
        return inputs;
    }
  }

  #ofFolder(folder: string): 'commonjs' | 'module' | undefined {
    if (this.#byFolder.has(folder)) return this.#byFolder.get(folder);
    let type: 'commonjs' | 'module' | undefined;
    try {
      const found: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      const value = typeof found === 'object' && found !== null && 'type' in found ? found.type : undefined;
      type = value === 'module' || value === 'commonjs' ? value : undefined;
    } catch {
      const above = dirname(folder);
      // Node looks no further than the folder that holds the packages.
      type = above === folder || folder.endsWith('node_modules') ? undefined : this.#ofFolder(above);
    }
    this.#byFolder.set(folder, type);
    return type;
  }
}

/** What kind of module a text can only be: by `import`, `export`, `import.meta` and top-level `await`; or by `export =` and `import x = require()`. */
export function moduleSyntaxOf(sourceFile: ts.SourceFile, textLength: number): 'module' | 'commonjs' | 'none' {
  let found: 'module' | 'none' = 'none';
  for (const statement of sourceFile.statements) {
    if (statement.getStart(sourceFile) >= textLength) break;
    if (ts.isExportAssignment(statement) && statement.isExportEquals) return 'commonjs';
    if (
      ts.isImportEqualsDeclaration(statement) &&
      ts.isExternalModuleReference(statement.moduleReference) &&
      !statement.isTypeOnly
    )
      return 'commonjs';
    if (isModuleStatement(statement)) found = 'module';
  }
  if (found === 'module') return found;
  return usesModuleExpressions(sourceFile, textLength) ? 'module' : 'none';
}

function isModuleStatement(statement: ts.Statement): boolean {
  if (ts.isImportDeclaration(statement)) return statement.importClause?.phaseModifier !== ts.SyntaxKind.TypeKeyword;
  if (ts.isExportDeclaration(statement)) return !statement.isTypeOnly;
  if (ts.isExportAssignment(statement)) return true;
  if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement) || isAmbient(statement)) return false;
  return (
    ts.canHaveModifiers(statement) && (statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false)
  );
}

/** `import.meta` anywhere, or an await at the top level. */
function usesModuleExpressions(sourceFile: ts.SourceFile, textLength: number): boolean {
  const visit = (node: ts.Node, top: boolean): boolean => {
    if (node.pos >= textLength) return false;
    if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword) return true;
    if (top && (ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier))) return true;
    const inner = top && !ts.isFunctionLike(node) && !ts.isClassStaticBlockDeclaration(node) && !ts.isPropertyDeclaration(node);
    return ts.forEachChild(node, (child) => visit(child, inner) || undefined) ?? false;
  };
  return /\bawait\b|\bmeta\b/.test(sourceFile.text) && visit(sourceFile, true);
}

/** The format of a JavaScript file where Node left it open. */
export function guessJavaScriptFormat(
  format: ModuleFormat,
  sourceFile: ts.SourceFile,
  textLength: number,
): 'commonjs' | 'module' {
  if (format !== 'unknown') return format;
  return moduleSyntaxOf(sourceFile, textLength) === 'module' ? 'module' : 'commonjs';
}
