import { isFunctionNode } from '../syntax.ts';
import { ts } from '../typescript.ts';

/** What `Function.prototype.toString` gives for one function or class: a part of the text, from 0. */
export interface FunctionTextNode {
  readonly kind: ts.SyntaxKind;
  readonly start: number;
  readonly end: number;
}

/**
 * The functions, methods, accessors and classes of a JavaScript text, in the order in which they begin; what stands in a variable whose
 * name begins with `skippedNames` is left out. Where the text of each begins is told by the grammar
 * (ECMA-262, "source text matched by"): not with `export`, `default` or `static`.
 */
export function functionTextNodes(sourceFile: ts.SourceFile, skippedNames: string): FunctionTextNode[] {
  const nodes: FunctionTextNode[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.name.text.startsWith(skippedNames)) return;
    if ((isFunctionNode(node) && node.body !== undefined && !ts.isConstructorDeclaration(node)) || ts.isClassLike(node))
      nodes.push({ kind: node.kind, start: startOf(node, sourceFile), end: node.end });
    ts.forEachChild(node, visit);
  };
  visit(sourceFile);
  return nodes;
}

function startOf(node: ts.FunctionLikeDeclaration | ts.ClassLikeDeclaration, sourceFile: ts.SourceFile): number {
  const modifiers = ts.canHaveModifiers(node) ? (node.modifiers ?? []) : [];
  const own = modifiers.find(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword);
  if (own !== undefined) return own.getStart(sourceFile);
  const last = modifiers.at(-1);
  return last === undefined ? node.getStart(sourceFile) : skipTrivia(sourceFile.text, last.end);
}

function skipTrivia(text: string, at: number): number {
  return (ts as unknown as { skipTrivia: (text: string, pos: number) => number }).skipTrivia(text, at);
}
