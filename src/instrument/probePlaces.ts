import type { Site } from '../shared/site.ts';
import { mayBeQuoted, someInSameCall } from '../source/syntax.ts';
import { ts } from '../source/typescript.ts';

/** True for `a?.b()` in `a?.b().c`: a call around it would end the chain too early. */
export function goesOnAsChain(node: ts.Expression): boolean {
  const { parent } = node;
  return ts.isOptionalChain(node) && ts.isOptionalChain(parent) && parent.expression === node;
}

/** What must stand around an expression for it to be one argument: `return a, b` gives `b`. */
export function asArgument(expression: ts.Expression): readonly [open: string, close: string] {
  const isSequence = ts.isBinaryExpression(expression) && expression.operatorToken.kind === ts.SyntaxKind.CommaToken;
  return isSequence ? ['(', ')'] : ['', ''];
}

/** Names and members only: reading them early changes nothing, and V8 quotes them when they turn out not to be iterable. */
export function isPlainReference(node: ts.Expression): boolean {
  if (ts.isIdentifier(node) || node.kind === ts.SyntaxKind.ThisKeyword) return true;
  return ts.isPropertyAccessExpression(node) && isPlainReference(node.expression);
}

/** The declaration of `const {a} = await …` alone in its statement, in a list of statements, where the pattern runs no code of the program's own. */
export function awaitedPattern(node: ts.VariableStatement): ts.VariableDeclaration | undefined {
  const [declaration, other] = node.declarationList.declarations;
  if (!declaration || other || ts.isIdentifier(declaration.name)) return undefined;
  if (!ts.isBlock(node.parent) && !ts.isSourceFile(node.parent) && !ts.isCaseOrDefaultClause(node.parent)) return undefined;
  const runsCode = someInSameCall(
    declaration.name,
    (inner) =>
      ts.isCallOrNewExpression(inner) ||
      ts.isTaggedTemplateExpression(inner) ||
      ts.isAwaitExpression(inner) ||
      ts.isYieldExpression(inner),
  );
  return runsCode ? undefined : declaration;
}

/** True for an await point whose probe V8 may name in the message of an error. */
export function isQuoted(node: ts.Node, { kind }: Site): boolean {
  if (kind === 'for-await') return !isPlainReference((node as ts.ForOfStatement).expression);
  return kind === 'yield-star' || ((kind === 'await' || kind === 'yield') && mayBeQuoted(node));
}
