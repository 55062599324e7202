import { blockingTagOf } from './blockingTags.ts';
import { ts } from './typescript.ts';

/** What the body of a getter or setter may run, by its text. */
export interface AccessorCode {
  /** A call, a loop, or whatever else is more than reading and writing members. */
  readonly runsOther: boolean;
  /** The members that it reads and writes: they may have getters and setters as well. */
  readonly touches: ReadonlySet<string>;
}

export function codeOf(accessor: ts.AccessorDeclaration, body: ts.Block): AccessorCode {
  const touches = new Set<string>();
  let runsOther = blockingTagOf(accessor) !== undefined;
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node)) touches.add(node.name.text);
    else if (isMore(node)) runsOther = true;
    if (!runsOther) ts.forEachChild(node, visit);
  };
  accessor.parameters.forEach(visit);
  visit(body);
  return { runsOther, touches };
}

function isMore(node: ts.Node): boolean {
  return (
    ts.isCallExpression(node) ||
    ts.isNewExpression(node) ||
    ts.isTaggedTemplateExpression(node) ||
    ts.isIterationStatement(node, false) ||
    ts.isBindingElement(node) ||
    ts.isSpreadElement(node) ||
    ts.isYieldExpression(node) ||
    (ts.isVariableDeclaration(node) && (!ts.isIdentifier(node.name) || (node.parent.flags & ts.NodeFlags.Using) !== 0))
  );
}

/**
 * False where the accessors of a name run nothing but one another: most only read a field, and their names (`name`, `size`) are those of
 * many other members, whose owners would have to be typed.
 */
export function mayRunCode(name: string, accessorsCalled: (name: string) => readonly AccessorCode[]): boolean {
  const names = new Set([name]);
  // The set grows while it is gone through.
  for (const one of names) {
    for (const { runsOther, touches } of accessorsCalled(one)) {
      if (runsOther) return true;
      for (const touched of touches) names.add(touched);
    }
  }
  return false;
}
