import { ts } from '../typescript.ts';

/** Every expression that is assigned to a name or to a member of `this`, by name; scopes are left to the reader. */
export interface Assignments {
  readonly toNames: ReadonlyMap<string, readonly Assignment[]>;
  readonly toThis: ReadonlyMap<string, readonly ts.Expression[]>;
}

export interface Assignment {
  readonly target: ts.Identifier;
  /** Members to take of the value, for `({ a: { b } } = value)`. */
  readonly path: readonly string[];
  readonly value: ts.Expression;
}

const cache = new WeakMap<ts.SourceFile, Assignments>();

/** The assignments of a file, collected once. */
export function assignmentsOf(sourceFile: ts.SourceFile): Assignments {
  const known = cache.get(sourceFile);
  if (known) return known;
  const toNames = new Map<string, Assignment[]>();
  const toThis = new Map<string, ts.Expression[]>();
  const take = (target: ts.Expression, path: readonly string[], value: ts.Expression): void => {
    if (ts.isIdentifier(target)) {
      const list = toNames.get(target.text) ?? [];
      list.push({ target, path, value });
      toNames.set(target.text, list);
    } else if (
      ts.isPropertyAccessExpression(target) &&
      target.expression.kind === ts.SyntaxKind.ThisKeyword &&
      path.length === 0
    ) {
      const list = toThis.get(target.name.text) ?? [];
      list.push(value);
      toThis.set(target.name.text, list);
    } else if (ts.isObjectLiteralExpression(target)) {
      for (const property of target.properties) {
        if (ts.isShorthandPropertyAssignment(property)) take(property.name, [...path, property.name.text], value);
        else if (ts.isPropertyAssignment(property) && ts.isIdentifier(property.name)) {
          take(property.initializer, [...path, property.name.text], value);
        }
      }
    }
  };
  const visit = (node: ts.Node): void => {
    if (ts.isBinaryExpression(node) && isAssignment(node.operatorToken.kind)) take(node.left, [], node.right);
    ts.forEachChild(node, visit);
  };
  visit(sourceFile);
  const found = { toNames, toThis };
  cache.set(sourceFile, found);
  return found;
}

function isAssignment(kind: ts.SyntaxKind): boolean {
  return (
    kind === ts.SyntaxKind.EqualsToken ||
    kind === ts.SyntaxKind.BarBarEqualsToken ||
    kind === ts.SyntaxKind.QuestionQuestionEqualsToken ||
    kind === ts.SyntaxKind.AmpersandAmpersandEqualsToken
  );
}
