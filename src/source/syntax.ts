import { ts } from './typescript.ts';

/** True for nodes that begin a function of their own. */
export function isFunctionNode(node: ts.Node): node is ts.FunctionLikeDeclaration {
  switch (node.kind) {
    case ts.SyntaxKind.FunctionDeclaration:
    case ts.SyntaxKind.FunctionExpression:
    case ts.SyntaxKind.ArrowFunction:
    case ts.SyntaxKind.MethodDeclaration:
    case ts.SyntaxKind.Constructor:
    case ts.SyntaxKind.GetAccessor:
    case ts.SyntaxKind.SetAccessor:
      return true;
    default:
      return false;
  }
}

export type FunctionWithBody = ts.FunctionLikeDeclaration & { readonly body: ts.ConciseBody };

export function isFunctionWithBody(node: ts.Node): node is FunctionWithBody {
  return isFunctionNode(node) && node.body !== undefined;
}

/** A function that stands where a value does. */
export function isFunctionValue(node: ts.Node): node is ts.ArrowFunction | ts.FunctionExpression {
  return ts.isArrowFunction(node) || ts.isFunctionExpression(node);
}

export function isAsyncFunction(node: ts.SignatureDeclaration): boolean {
  return ts.canHaveModifiers(node) && (node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword) ?? false);
}

export function isGeneratorFunction(node: ts.FunctionLikeDeclaration): boolean {
  return 'asteriskToken' in node && node.asteriskToken !== undefined;
}

/** True where a declaration only speaks to the type checker (`declare`). */
export function isAmbient(node: ts.Node): boolean {
  return (
    ts.canHaveModifiers(node) && (node.modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.DeclareKeyword) ?? false)
  );
}

export function isAwaitUsing(node: ts.Node): node is ts.VariableStatement {
  return ts.isVariableStatement(node) && isAwaitUsingList(node.declarationList);
}

/** `await using` is `using` and `const` at once, in flags. */
export function isAwaitUsingList(node: ts.Node): boolean {
  const all: number = ts.NodeFlags.AwaitUsing;
  return (node.flags & all) === all;
}

/**
 * True where `accept` holds for the node or one below it that runs as part of the same function call. What functions, class
 * fields and static blocks hold runs elsewhere; computed names, `extends` and decorators of a class run in place.
 */
export function someInSameCall(node: ts.Node, accept: (node: ts.Node) => boolean): boolean {
  if (accept(node)) return true;
  if (isFunctionNode(node))
    return 'name' in node && node.name !== undefined && ts.isComputedPropertyName(node.name) && someInSameCall(node.name, accept);
  if (ts.isClassStaticBlockDeclaration(node)) return false;
  if (ts.isPropertyDeclaration(node)) return ts.isComputedPropertyName(node.name) && someInSameCall(node.name, accept);
  return ts.forEachChild(node, (child) => someInSameCall(child, accept) || undefined) ?? false;
}

/** True where running the node can stop the function it belongs to. */
export function canSuspend(node: ts.Node): boolean {
  return someInSameCall(node, (inner) => {
    switch (inner.kind) {
      case ts.SyntaxKind.AwaitExpression:
      case ts.SyntaxKind.YieldExpression:
        return true;
      case ts.SyntaxKind.ForOfStatement:
        return (inner as ts.ForOfStatement).awaitModifier !== undefined;
      case ts.SyntaxKind.VariableDeclarationList:
        return isAwaitUsingList(inner);
      default:
        return false;
    }
  });
}

/** The outermost of the labels directly on a statement, or the statement. */
export function withLabels(statement: ts.Statement): ts.Statement {
  let node = statement;
  while (ts.isLabeledStatement(node.parent)) node = node.parent;
  return node;
}

/**
 * True where V8 may quote the node in the message of a `TypeError`: as what is called, constructed or read from (an `await` there
 * stands in parentheses), spread, iterated or taken apart.
 */
export function mayBeQuoted(node: ts.Node): boolean {
  const { parent } = node;
  switch (parent.kind) {
    case ts.SyntaxKind.ParenthesizedExpression:
    case ts.SyntaxKind.SpreadElement:
    case ts.SyntaxKind.YieldExpression:
      return true;
    case ts.SyntaxKind.ForOfStatement:
      return (parent as ts.ForOfStatement).expression === node;
    case ts.SyntaxKind.VariableDeclaration:
      return !ts.isIdentifier((parent as ts.VariableDeclaration).name);
    default:
      return false;
  }
}

/** True for `static` members of a class. */
export function isStatic(node: ts.Node): boolean {
  return ts.canHaveModifiers(node) && (node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword) ?? false);
}

/** `=` and those with an operator in them, `??=` as well. */
export function isAssignmentOperator(kind: ts.SyntaxKind): kind is ts.AssignmentOperator {
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
}

/** `null` or `undefined`. */
export function isNothing(node: ts.Node): boolean {
  return node.kind === ts.SyntaxKind.NullKeyword || (ts.isIdentifier(node) && node.text === 'undefined');
}

/** `b` of `a.b`. */
export function isMemberName(node: ts.Node): boolean {
  return ts.isPropertyAccessExpression(node.parent) && node.parent.name === node;
}
