import { identifiersOf } from './identifiers.ts';
import { ts } from './typescript.ts';

/** The names that the code of a file uses: for what they stand does not matter, members (`.name`, `{ name: … }`) do not count. */
export type FileNames = ReadonlyMap<string, readonly ts.Identifier[]>;

const cache = new WeakMap<ts.SourceFile, FileNames>();

/** The names of a file, chosen once. */
export function namesOf(sourceFile: ts.SourceFile): FileNames {
  const known = cache.get(sourceFile);
  if (known) return known;
  const names = new Map<string, readonly ts.Identifier[]>();
  for (const [text, identifiers] of identifiersOf(sourceFile)) {
    const own = identifiers.filter((node) => !isMember(node));
    if (own.length > 0) names.set(text, own);
  }
  cache.set(sourceFile, names);
  return names;
}

function isMember(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) || ts.isQualifiedName(parent))
    return (ts.isPropertyAccessExpression(parent) ? parent.name : parent.right) === node;
  if (ts.isImportSpecifier(parent) || ts.isBindingElement(parent)) return parent.propertyName === node;
  if (ts.isExportSpecifier(parent)) return parent.propertyName !== undefined && parent.name === node;
  return (
    (ts.isPropertyAssignment(parent) ||
      ts.isMethodDeclaration(parent) ||
      ts.isPropertyDeclaration(parent) ||
      ts.isPropertySignature(parent) ||
      ts.isMethodSignature(parent) ||
      ts.isEnumMember(parent) ||
      ts.isAccessor(parent)) &&
    parent.name === node
  );
}

/** How often a file declares a name, in whatever scope. */
export function declarationsOf(sourceFile: ts.SourceFile, name: string): number {
  return (namesOf(sourceFile).get(name) ?? []).filter((node) => isDeclaredName(node)).length;
}

function isDeclaredName(node: ts.Identifier): boolean {
  return (node.parent as { readonly name?: ts.Node }).name === node && !ts.isExportSpecifier(node.parent);
}
