import { blockingTagOf } from '../blocking/blockingTags.ts';
import { ts } from '../typescript.ts';

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
 * Whether the accessors of a name run anything but one another, and the names that were looked at for it: most only read a field, and
 * their names (`name`, `size`) are those of many other members, whose owners would have to be typed.
 */
export function mayRunCode(
  name: string,
  accessorsCalled: (name: string) => readonly AccessorCode[],
): { readonly runsOther: boolean; readonly names: ReadonlySet<string> } {
  const names = new Set([name]);
  // The set grows while it is gone through.
  for (const one of names) {
    for (const { runsOther, touches } of accessorsCalled(one)) {
      if (runsOther) return { runsOther, names };
      for (const touched of touches) names.add(touched);
    }
  }
  return { runsOther: false, names };
}

/** Whether the accessors of a name in two texts of a file are the same to {@link mayRunCode}. */
export function areSameCode(before: readonly AccessorCode[], after: readonly AccessorCode[]): boolean {
  const textOf = (codes: readonly AccessorCode[]): string =>
    codes.map(({ runsOther, touches }) => `${runsOther} ${[...touches].join(' ')}`).join();
  return textOf(before) === textOf(after);
}
