import type { ParsedSource } from '../source/parseSource.ts';
import { isFunctionNode } from '../source/syntax.ts';
import { ts } from '../source/typescript.ts';

/**
 * The early errors of a module that its text does not have as the body of an async function: a `return` or `new.target` at the top,
 * `await` as a name in a function, a name exported twice, an export of a name that is not declared. In V8's words; undefined when
 * there is none.
 */
export function moduleError({ sourceFile, nodes, text }: ParsedSource): string | undefined {
  const statements = sourceFile.statements.filter((statement) => statement.getStart(sourceFile) < text.length);
  for (const statement of statements) {
    const found = topLevelError(statement);
    if (found !== undefined) return found;
  }
  if (nodes.awaitNames.some((name) => !isMemberName(name))) return 'SyntaxError: Unexpected reserved word';
  return exportError(statements);
}

function topLevelError(node: ts.Node): string | undefined {
  if (ts.isReturnStatement(node)) return 'SyntaxError: Illegal return statement';
  if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.NewKeyword)
    return 'SyntaxError: new.target expression is not allowed here';
  if (ts.isArrowFunction(node)) return ts.forEachChild(node, (child) => (ts.isBlock(child) ? undefined : topLevelError(child)));
  // What classes hold may name `new.target`; their own names and heritage are too rare to look into.
  if (ts.isFunctionLike(node) || ts.isClassLike(node)) return undefined;
  return ts.forEachChild(node, topLevelError);
}

/** True for a name that may be any word. */
function isMemberName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) || ts.isMetaProperty(parent)) return parent.name === node;
  if (ts.isBindingElement(parent)) return parent.propertyName === node;
  if (ts.isImportSpecifier(parent)) return parent.propertyName === node;
  if (ts.isExportSpecifier(parent))
    return parent.parent.parent.moduleSpecifier !== undefined || parent.propertyName !== undefined;
  if (ts.isNamespaceExport(parent) || ts.isJsxAttribute(parent)) return true;
  return (ts.isPropertyAssignment(parent) || ts.isClassElement(parent) || ts.isMethodDeclaration(parent)) && parent.name === node;
}

function exportError(statements: readonly ts.Statement[]): string | undefined {
  const exported = new Set<string>();
  const local: string[] = [];
  let twice: string | undefined;
  const add = (name: string): void => {
    if (exported.has(name)) twice ??= name;
    exported.add(name);
  };
  for (const statement of statements) {
    if (ts.isExportAssignment(statement)) add('default');
    else if (ts.isExportDeclaration(statement)) {
      const { exportClause, moduleSpecifier } = statement;
      if (exportClause && ts.isNamespaceExport(exportClause)) add(exportClause.name.text);
      else if (exportClause) {
        for (const element of exportClause.elements) {
          add(element.name.text);
          if (!moduleSpecifier) local.push((element.propertyName ?? element.name).text);
        }
      }
    } else if (isExported(statement)) {
      if (statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword)) add('default');
      else for (const name of declaredBy(statement)) add(name);
    }
  }
  if (twice !== undefined) return `SyntaxError: Duplicate export of '${twice}'`;
  if (local.length === 0) return undefined;
  const declared = new Set(statements.flatMap((statement) => [...declaredBy(statement), ...variablesIn(statement)]));
  const missing = local.find((name) => !declared.has(name));
  return missing === undefined ? undefined : `SyntaxError: Export '${missing}' is not defined in module`;
}

type WithModifiers = ts.Statement & { readonly modifiers?: readonly ts.ModifierLike[] };

function isExported(statement: ts.Statement): statement is WithModifiers {
  return (statement as WithModifiers).modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
}

/** The names that a statement of the top level declares, those of `var` within it left out. */
function declaredBy(statement: ts.Statement): readonly string[] {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.flatMap(({ name }) => namesOf(name));
  if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) return statement.name ? [statement.name.text] : [];
  if (!ts.isImportDeclaration(statement)) return [];
  const clause = statement.importClause;
  const names = clause?.name ? [clause.name.text] : [];
  const bindings = clause?.namedBindings;
  if (!bindings) return names;
  return [...names, ...(ts.isNamespaceImport(bindings) ? [bindings] : bindings.elements).map(({ name }) => name.text)];
}

/** The names of `var` within a statement. */
function variablesIn(node: ts.Node): readonly string[] {
  if (isFunctionNode(node) || ts.isClassLike(node)) return [];
  const found: string[] = [];
  if (ts.isVariableDeclarationList(node) && !(node.flags & ts.NodeFlags.BlockScoped))
    found.push(...node.declarations.flatMap(({ name }) => namesOf(name)));
  ts.forEachChild(node, (child) => void found.push(...variablesIn(child)));
  return found;
}

function namesOf(name: ts.BindingName): readonly string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (ts.isBindingElement(element) ? namesOf(element.name) : []));
}
