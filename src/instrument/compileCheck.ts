import { compileFunction, Script } from 'node:vm';
import { ts } from '../source/typescript.ts';
import type { Replacement } from './insertions.ts';

/** Why V8 does not accept a text as CommonJS, or undefined when it does. Nothing is run. */
export function checkCommonjs(code: string, path: string): string | undefined {
  try {
    compileFunction(code, ['exports', 'require', 'module', '__filename', '__dirname'], { filename: path });
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** What turns the text of an ES module into a script that is legal where the module is: for V8's early errors. */
export interface ModuleCheck {
  readonly replacements: readonly Replacement[];
}

/**
 * Node cannot compile a module without linking it, so one is checked as the body of a strict async function: imports become
 * `let`, exports lose the word. Declarations sit in a block there, which treats functions as a module does. Not seen are
 * exports of undeclared names and duplicate export names, which no edit of ours can hide.
 */
export function planModuleCheck(sourceFile: ts.SourceFile, textLength: number): ModuleCheck {
  const replacements: { start: number; end: number; text: string }[] = [];
  const replace = (start: number, end: number, text: string): void => void replacements.push({ start, end, text });
  for (const statement of sourceFile.statements) {
    const start = statement.getStart(sourceFile);
    if (start >= textLength) break;
    if (ts.isImportDeclaration(statement)) {
      const names = importedNames(statement);
      replace(start, statement.end, names.length > 0 ? `let ${names.join(',')};` : ';');
    } else if (ts.isExportDeclaration(statement)) replace(start, statement.end, ';');
    else if (ts.isExportAssignment(statement)) replace(start, statement.expression.getStart(sourceFile), '0,');
    else if (ts.canHaveModifiers(statement)) {
      const modifiers = statement.modifiers ?? [];
      const exported = modifiers.find(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
      const byDefault = modifiers.find(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword);
      const named = 'name' in statement && statement.name !== undefined;
      if (exported) replace(exported.getStart(sourceFile), (byDefault ?? exported).end, byDefault && !named ? '0,' : '');
    }
  }
  const visit = (node: ts.Node): void => {
    if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword)
      replace(node.getStart(sourceFile), node.end, 'import_meta');
    ts.forEachChild(node, visit);
  };
  if (/\bimport\s*\.\s*meta\b/.test(sourceFile.text)) visit(sourceFile);
  return { replacements: replacements.sort((a, b) => a.start - b.start) };
}

/** Why V8 would not accept a module, given the text made by the replacements of {@link planModuleCheck}. */
export function checkModule(scriptText: string, path: string): string | undefined {
  try {
    const body = scriptText.replace(/^\ufeff?#!.*/, '');
    // On the first line, so that the lines of messages are right.
    new Script(`(async function(){"use strict";{${body}\n}})`, { filename: path });
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** True where a module returns or uses `new.target` at its top level: legal in the function it is checked as, but not in a module. */
export function hasTopLevelReturn(sourceFile: ts.SourceFile): boolean {
  const visit = (node: ts.Node): boolean => {
    if (ts.isReturnStatement(node)) return true;
    if (ts.isFunctionLike(node) || ts.isClassLike(node)) return false;
    return ts.forEachChild(node, (child) => visit(child) || undefined) ?? false;
  };
  return visit(sourceFile);
}

function importedNames(node: ts.ImportDeclaration): string[] {
  const clause = node.importClause;
  if (!clause || clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return [];
  const names = clause.name ? [clause.name.text] : [];
  const { namedBindings } = clause;
  if (namedBindings && ts.isNamespaceImport(namedBindings)) names.push(namedBindings.name.text);
  else if (namedBindings) for (const element of namedBindings.elements) if (!element.isTypeOnly) names.push(element.name.text);
  return names;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
