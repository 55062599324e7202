import { ts } from './typescript.ts';

/** Nodes of a file that are asked for by kind, so that nobody has to walk over all of it again. In the order of the source. */
export interface NodeIndex {
  /** Where a value is called, handed on or given a name: calls, `new`, assignments, variables and properties of object literals. */
  readonly flow: readonly ts.Node[];
  /** `import.meta` and `new.target`. */
  readonly metaProperties: readonly ts.MetaProperty[];
  /** Where `await` is a name. */
  readonly awaitNames: readonly ts.Identifier[];
}

/** One walk over a tree whose parents are not yet set: sets them. */
export function indexNodes(sourceFile: ts.SourceFile): NodeIndex {
  const flow: ts.Node[] = [];
  const metaProperties: ts.MetaProperty[] = [];
  const awaitNames: ts.Identifier[] = [];
  let parent: ts.Node = sourceFile;
  const visit = (node: ts.Node): void => {
    (node as { parent: ts.Node }).parent = parent;
    // Tokens and names have nothing below them.
    if (node.kind < ts.SyntaxKind.FirstNode) {
      if (ts.isIdentifier(node) && (node.escapedText as string) === 'await') awaitNames.push(node);
      return;
    }
    switch (node.kind) {
      case ts.SyntaxKind.CallExpression:
      case ts.SyntaxKind.NewExpression:
      case ts.SyntaxKind.VariableDeclaration:
      case ts.SyntaxKind.PropertyAssignment:
      case ts.SyntaxKind.ShorthandPropertyAssignment:
        flow.push(node);
        break;
      case ts.SyntaxKind.BinaryExpression:
        if ((node as ts.BinaryExpression).operatorToken.kind === ts.SyntaxKind.EqualsToken) flow.push(node);
        break;
      case ts.SyntaxKind.MetaProperty:
        metaProperties.push(node as ts.MetaProperty);
        break;
      default:
    }
    const outer = parent;
    parent = node;
    ts.forEachChild(node, visit);
    parent = outer;
  };
  ts.forEachChild(sourceFile, visit);
  return { flow, metaProperties, awaitNames };
}
