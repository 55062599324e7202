import { ts } from './typescript.ts';

const cache = new WeakMap<ts.SourceFile, ReadonlyMap<string, readonly ts.Identifier[]>>();

/** Every identifier of a file by its text, in the order of the file; collected once. */
export function identifiersOf(sourceFile: ts.SourceFile): ReadonlyMap<string, readonly ts.Identifier[]> {
  const known = cache.get(sourceFile);
  if (known) return known;
  const byText = new Map<string, ts.Identifier[]>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) {
      const list = byText.get(node.text);
      if (list) list.push(node);
      else byText.set(node.text, [node]);
    }
    ts.forEachChild(node, visit);
  };
  visit(sourceFile);
  cache.set(sourceFile, byText);
  return byText;
}
