import { ts } from './typescript.ts';

/** The names that the code of a file uses: for what they stand does not matter, members (`.name`, `{ name: … }`) do not count. */
export type FileNames = ReadonlyMap<string, readonly ts.Identifier[]>;

const cache = new WeakMap<ts.SourceFile, FileNames>();

/** The names of a file, collected once. */
export function namesOf(sourceFile: ts.SourceFile): FileNames {
  const known = cache.get(sourceFile);
  if (known) return known;
  const names = new Map<string, ts.Identifier[]>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && !isMember(node)) {
      const list = names.get(node.text);
      if (list) list.push(node);
      else names.set(node.text, [node]);
    }
    ts.forEachChild(node, visit);
  };
  visit(sourceFile);
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
