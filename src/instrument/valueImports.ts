import type { Bindings } from '../source/sites/bindings.ts';
import { isAmbient } from '../source/syntax.ts';
import { ts } from '../source/typescript.ts';

/** The import bindings of a file that code uses as values; the others are there for types alone, and tsc drops them. */
export function valueImports(file: ts.SourceFile, bindings: Bindings): ReadonlySet<ts.Node> {
  const names = new Set<string>();
  for (const statement of file.statements) {
    if (!ts.isImportDeclaration(statement) || !statement.importClause) continue;
    const { name, namedBindings } = statement.importClause;
    if (name) names.add(name.text);
    if (namedBindings && ts.isNamespaceImport(namedBindings)) names.add(namedBindings.name.text);
    else if (namedBindings) for (const element of namedBindings.elements) names.add(element.name.text);
  }
  const used = new Set<ts.Node>();
  if (names.size === 0) return used;
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) {
      if (!names.has(node.text) || isOnlyName(node)) return;
      const declaration = bindings.declarationOf(node);
      if (declaration) used.add(declaration);
      return;
    }
    if (ts.isImportDeclaration(node) || isErased(node)) return;
    if (ts.isExpressionWithTypeArguments(node)) return visit(node.expression);
    if (ts.isExportDeclaration(node)) {
      if (node.moduleSpecifier || node.isTypeOnly || !node.exportClause || !ts.isNamedExports(node.exportClause)) return;
      for (const element of node.exportClause.elements) {
        const local = element.propertyName ?? element.name;
        if (!element.isTypeOnly && ts.isIdentifier(local)) visit(local);
      }
      return;
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return used;
}

/** True for syntax that leaves nothing behind in JavaScript. */
function isErased(node: ts.Node): boolean {
  if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) || ts.isTypeParameterDeclaration(node)) return true;
  if (ts.isHeritageClause(node)) return node.token === ts.SyntaxKind.ImplementsKeyword;
  if (ts.isTypeNode(node)) return !ts.isExpressionWithTypeArguments(node);
  if ((ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) || ts.isConstructorDeclaration(node)) && !node.body)
    return true;
  return isAmbient(node);
}

/** True for an identifier that names a member, not a variable. */
function isOnlyName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  if (ts.isBindingElement(parent)) return parent.propertyName === node;
  if (ts.isPropertyAssignment(parent) || ts.isMethodDeclaration(parent) || ts.isPropertyDeclaration(parent))
    return parent.name === node;
  if (ts.isGetAccessor(parent) || ts.isSetAccessor(parent)) return parent.name === node;
  return (
    ts.isLabeledStatement(parent) ||
    ts.isBreakOrContinueStatement(parent) ||
    ts.isMetaProperty(parent) ||
    ts.isJsxAttribute(parent)
  );
}

/** True where a name declared in the file stands for a type alone. */
export function isTypeOnlyName(name: ts.Identifier, bindings: Bindings): boolean {
  const declarations = bindings.declarationsOf(name);
  return declarations.length > 0 && declarations.every((declaration) => isErased(declaration) || isTypeImport(declaration));
}

function isTypeImport(declaration: ts.Node): boolean {
  if (ts.isImportSpecifier(declaration))
    return declaration.isTypeOnly || declaration.parent.parent.phaseModifier === ts.SyntaxKind.TypeKeyword;
  if (ts.isImportClause(declaration)) return declaration.phaseModifier === ts.SyntaxKind.TypeKeyword;
  return ts.isNamespaceImport(declaration) && declaration.parent.phaseModifier === ts.SyntaxKind.TypeKeyword;
}
