import { compileFunction, Script } from 'node:vm';
import { parseSource, type ParsedSource } from '../source/parseSource.ts';
import { ts } from '../source/typescript.ts';
import { Insertions, type Replacement } from './insertions.ts';
import { moduleError } from './moduleErrors.ts';
import type { Stripped } from './stripTypes.ts';

/** Tells why V8 would refuse a text with the insertions, if it would. `base` is a text of the same layout to put them into. */
export type CompileCheck = (insertions: Insertions, base?: string) => string | undefined;

/** The check for a parsed JavaScript text that runs in the given way. */
export function compileCheck(parsed: ParsedSource, format: 'commonjs' | 'script' | 'module'): CompileCheck {
  const { sourceFile } = parsed;
  const path = sourceFile.fileName;
  if (format === 'commonjs') return (insertions, base) => checkCommonjs(insertions.apply(base), path);
  if (format === 'script') return (insertions, base) => checkScript(insertions.apply(base), path);
  const wrong = moduleError(parsed) ?? deferredImport(sourceFile);
  if (wrong !== undefined) return () => wrong;
  const { replacements } = planModuleCheck(parsed);
  return (insertions, base) => checkModule(insertions.apply(base, replacements), path);
}

/** The check for a text whose types were erased: imports and exports may be gone from it, but not from the tree it was parsed to. */
export function compileCheckOfErased(
  parsed: ParsedSource,
  erased: Extract<Stripped, { readonly text: string }>,
  format: 'commonjs' | 'script' | 'module',
): (insertions: Insertions) => string | undefined {
  const path = parsed.sourceFile.fileName;
  const { text, semicolons } = erased;
  switch (format) {
    case 'commonjs':
      return (insertions) => checkCommonjs(insertions.apply(text), path);
    case 'script':
      return (insertions) => checkScript(insertions.apply(text), path);
    case 'module': {
      // Without these semicolons its statements would be others.
      if (semicolons.length > 0) return (insertions) => checkModuleText(insertions.apply(text), path);
      const check = compileCheck(parseAsModule(text, path), 'module');
      return (insertions) => check(insertions, text);
    }
  }
}

/** Why V8 does not accept a text as a classic script, or undefined when it does. Nothing is run. */
export function checkScript(code: string, path: string): string | undefined {
  try {
    new Script(code, { filename: path });
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

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
 * `let`, exports lose the word. Declarations sit in a block there, which treats functions as a module does. What is legal in such a
 * function and not in a module is found by {@link moduleError}.
 */
export function planModuleCheck({ sourceFile, nodes, text }: ParsedSource): ModuleCheck {
  const replacements: { start: number; end: number; text: string }[] = [];
  const replace = (start: number, end: number, by: string): void => void replacements.push({ start, end, text: by });
  for (const statement of sourceFile.statements) {
    const start = statement.getStart(sourceFile);
    if (start >= text.length) break;
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
  for (const node of nodes.metaProperties) {
    // `import.defer` and `import.source` are called, not read: V8 judges them as they are.
    if (node.keywordToken !== ts.SyntaxKind.ImportKeyword || node.name.text !== 'meta') continue;
    replace(node.getStart(sourceFile), node.end, '(0,import_meta)');
  }
  return { replacements: replacements.sort((a, b) => a.start - b.start) };
}

/** V8 takes `import defer * as name` where it takes `import.defer()`; the check by way of a script takes all imports for plain ones. */
function deferredImport(sourceFile: ts.SourceFile): string | undefined {
  const defers = sourceFile.statements.some(
    (statement) => ts.isImportDeclaration(statement) && statement.importClause?.phaseModifier === ts.SyntaxKind.DeferKeyword,
  );
  return defers ? checkScript('() => import.defer("")', sourceFile.fileName) : undefined;
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

/** Why V8 would not accept a JavaScript text as a module, or undefined when it would. */
export function checkModuleText(code: string, path: string): string | undefined {
  return compileCheck(parseAsModule(code, path), 'module')(new Insertions(code));
}

function parseAsModule(code: string, path: string): ParsedSource {
  return parseSource(path.replace(/\.[^.]*$/, '.mjs'), code, { asModule: true });
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
