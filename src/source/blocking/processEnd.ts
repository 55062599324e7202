import { isFunctionNode, someInSameCall } from '../syntax.ts';
import { ts } from '../typescript.ts';

/**
 * True where the program ends by `process.exit` right after a node, with no turn for anybody in between: what blocks there holds up
 * nobody who would still run.
 */
export function endsProcessAfter(node: ts.Node): boolean {
  for (let at = node; !ts.isSourceFile(at) && !isFunctionNode(at) && !ts.isIterationStatement(at, false); at = at.parent) {
    const { parent } = at;
    if (isExit(parent) && parent.expression !== at) return true;
    if (!ts.isBlock(parent) && !ts.isSourceFile(parent) && !ts.isCaseOrDefaultClause(parent)) continue;
    const following = parent.statements.slice(parent.statements.indexOf(at as ts.Statement) + 1);
    const exit = following.findIndex((one) => ts.isExpressionStatement(one) && isExit(one.expression));
    const between = exit < 0 ? following : following.slice(0, exit);
    if (between.some((one) => someInSameCall(one, leavesOrWaits))) return false;
    if (exit >= 0) return true;
  }
  return false;
}

function isExit(node: ts.Node): node is ts.CallExpression {
  return ts.isCallExpression(node) && /^process\.(?:exit|abort|reallyExit)$/.test(node.expression.getText());
}

function leavesOrWaits(node: ts.Node): boolean {
  switch (node.kind) {
    case ts.SyntaxKind.AwaitExpression:
    case ts.SyntaxKind.YieldExpression:
    case ts.SyntaxKind.ReturnStatement:
    case ts.SyntaxKind.ThrowStatement:
    case ts.SyntaxKind.BreakStatement:
    case ts.SyntaxKind.ContinueStatement:
      return true;
    default:
      return ts.isForOfStatement(node) && node.awaitModifier !== undefined;
  }
}
