import type { TextEdit } from '../../shared/lintMessages.ts';
import { busyLoopAt } from '../blocking/busyLoops.ts';
import { namesOf } from '../fileNames.ts';
import type { ImportPlan } from './fixImports.ts';
import type { SymbolResolver } from '../symbols/symbolResolver.ts';
import { unwrap } from '../symbols/symbolValue.ts';
import { isAssignmentOperator } from '../syntax.ts';
import { ts } from '../typescript.ts';

/** How many milliseconds a unit of a clock has; clocks that give pairs or bigints are left to people. */
const unitOf: Readonly<Record<string, number>> = { 'Date.now': 1, 'new Date': 1, 'performance.now': 1, 'process.uptime': 1000 };

interface Wait {
  /** Milliseconds, as text. */
  readonly duration: string;
  /** The variable that the wait is told from. */
  readonly variable: ts.VariableDeclaration;
}

/**
 * `await setTimeout(ms)` in the place of a loop that waits for a clock, where the text says for how long: a time that was read
 * right before the loop and a duration that is the same each round. A variable that only the loop needs goes with it.
 */
export function rewriteLoop(
  loop: ts.IterationStatement,
  imports: ImportPlan,
  resolver: SymbolResolver,
): readonly Omit<TextEdit, 'path'>[] | undefined {
  const unit = unitOf[busyLoopAt(loop, resolver)?.clock ?? ''];
  if (unit === undefined || !isEmpty(loop) || ts.isLabeledStatement(loop.parent)) return undefined;
  const wait = waitOf(loop, unit, resolver);
  if (!wait) return undefined;
  const sleep = imports.use('node:timers/promises', 'setTimeout');
  if (sleep === undefined) return undefined;
  const newText = `await ${sleep}(${wait.duration});`;
  const list = wait.variable.parent;
  if (ts.isForStatement(loop) && list.parent === loop) return [{ start: loop.getStart(), end: loop.end, newText }];
  const statement = list.parent;
  if (!ts.isVariableStatement(statement) || !isRightBefore(statement, loop)) return undefined;
  const isOnlyHere =
    statement.declarationList.declarations.length === 1 &&
    !statement.modifiers &&
    referencesOutside(wait.variable, loop, resolver) === 0;
  const edit = { start: loop.getStart(), end: loop.end, newText };
  if (!isOnlyHere) return [edit];
  // Comments between the two stay.
  const between = loop.getSourceFile().text.slice(statement.end, loop.getStart());
  const rest = between.length - between.trimStart().length;
  return [{ start: statement.getStart(), end: statement.end + rest, newText: '' }, edit];
}

function isEmpty(loop: ts.IterationStatement): boolean {
  const { statement } = loop;
  if (ts.isForStatement(loop) && loop.incrementor) return false;
  return ts.isEmptyStatement(statement) || (ts.isBlock(statement) && statement.statements.length === 0);
}

function isRightBefore(statement: ts.Statement, loop: ts.Statement): boolean {
  const { parent } = loop;
  if (!ts.isBlock(parent) && !ts.isSourceFile(parent) && !ts.isCaseOrDefaultClause(parent)) return false;
  return parent.statements[parent.statements.indexOf(loop) - 1] === statement;
}

function referencesOutside(declaration: ts.VariableDeclaration, loop: ts.Node, { checker }: SymbolResolver): number {
  const { name } = declaration;
  if (!ts.isIdentifier(name)) return 1;
  const symbol = checker.getSymbolAtLocation(name);
  const references = namesOf(declaration.getSourceFile()).get(name.text) ?? [];
  return references.filter((reference) => {
    if (reference === name || (reference.pos >= loop.pos && reference.end <= loop.end)) return false;
    return ts.isShorthandPropertyAssignment(reference.parent) || checker.getSymbolAtLocation(reference) === symbol;
  }).length;
}

function waitOf(loop: ts.IterationStatement, unit: number, resolver: SymbolResolver): Wait | undefined {
  const condition = ts.isForStatement(loop) ? loop.condition : (loop as ts.WhileStatement | ts.DoStatement).expression;
  const compared = condition && comparisonOf(condition);
  if (!compared) return undefined;
  const { less, more } = compared;
  // `Date.now() < end`, with `end = Date.now() + ms`.
  if (isClock(less, resolver)) {
    const variable = constantOf(more, resolver);
    const sum = variable?.initializer && unwrapDate(variable.initializer);
    if (!variable || !sum || !ts.isBinaryExpression(sum) || sum.operatorToken.kind !== ts.SyntaxKind.PlusToken) return undefined;
    if (isClock(sum.left, resolver) && isStable(sum.right, resolver)) return { duration: scaled(sum.right, unit), variable };
    if (isClock(sum.right, resolver) && isStable(sum.left, resolver)) return { duration: scaled(sum.left, unit), variable };
    return undefined;
  }
  // `Date.now() - start < ms`, with `start = Date.now()`.
  const difference = unwrap(less);
  if (!ts.isBinaryExpression(difference) || difference.operatorToken.kind !== ts.SyntaxKind.MinusToken) return undefined;
  const variable = constantOf(difference.right, resolver);
  if (!isClock(difference.left, resolver) || !variable?.initializer || !isClock(variable.initializer, resolver)) return undefined;
  return isStable(more, resolver) ? { duration: scaled(more, unit), variable } : undefined;
}

/** The two sides of a comparison that holds as long as one is below the other. */
function comparisonOf(condition: ts.Expression): { readonly less: ts.Expression; readonly more: ts.Expression } | undefined {
  const node = unwrap(condition);
  if (!ts.isBinaryExpression(node)) return undefined;
  switch (node.operatorToken.kind) {
    case ts.SyntaxKind.LessThanToken:
    case ts.SyntaxKind.LessThanEqualsToken:
      return { less: node.left, more: node.right };
    case ts.SyntaxKind.GreaterThanToken:
    case ts.SyntaxKind.GreaterThanEqualsToken:
      return { less: node.right, more: node.left };
    default:
      return undefined;
  }
}

/** An expression that is a reading of a clock as a number, or that becomes one where it is calculated with. */
function isClock(expression: ts.Expression, resolver: SymbolResolver): boolean {
  const node = unwrap(expression);
  if (ts.isPrefixUnaryExpression(node)) return node.operator === ts.SyntaxKind.PlusToken && isClock(node.operand, resolver);
  if (ts.isNewExpression(node)) return isGlobal(node.expression, 'Date', resolver) && (node.arguments?.length ?? 0) === 0;
  if (!ts.isCallExpression(node) || node.arguments.length > 0) return false;
  const callee = unwrap(node.expression);
  if (!ts.isPropertyAccessExpression(callee)) return false;
  if (/^(?:getTime|valueOf)$/.test(callee.name.text))
    return ts.isNewExpression(unwrap(callee.expression)) && isClock(callee.expression, resolver);
  return ['Date.now', 'performance.now', 'process.uptime'].includes(callee.getText());
}

function isGlobal(expression: ts.Expression, name: string, resolver: SymbolResolver): boolean {
  return resolver
    .resolve(expression)
    .some((value) => value.kind === 'external' && value.specifier === undefined && value.path.join('.') === name);
}

/** `new Date(Date.now() + ms)` is compared as the number within. */
function unwrapDate(expression: ts.Expression): ts.Expression {
  const node = unwrap(expression);
  const [only] = ts.isNewExpression(node) && node.arguments?.length === 1 ? node.arguments : [];
  return only && ts.isNewExpression(node) && node.expression.getText() === 'Date' ? unwrap(only) : node;
}

/** The variable behind a name that nothing sets after its declaration. */
function constantOf(expression: ts.Expression, { checker }: SymbolResolver): ts.VariableDeclaration | undefined {
  const name = unwrap(expression);
  if (!ts.isIdentifier(name)) return undefined;
  const symbol = checker.getSymbolAtLocation(name);
  const declaration = symbol?.valueDeclaration;
  if (!declaration || !ts.isVariableDeclaration(declaration) || declaration.getSourceFile() !== name.getSourceFile())
    return undefined;
  if (declaration.parent.flags & ts.NodeFlags.Const) return declaration;
  const references = namesOf(name.getSourceFile()).get(name.text) ?? [];
  return references.some((reference) => isWritten(reference) && checker.getSymbolAtLocation(reference) === symbol)
    ? undefined
    : declaration;
}

function isWritten({ parent }: ts.Identifier): boolean {
  if (ts.isBinaryExpression(parent)) {
    const { kind } = parent.operatorToken;
    return isAssignmentOperator(kind);
  }
  return ts.isPrefixUnaryExpression(parent) || ts.isPostfixUnaryExpression(parent);
}

/** A number that is the same each time it is read within a loop that does nothing. */
function isStable(expression: ts.Expression, resolver: SymbolResolver): boolean {
  const node = unwrap(expression);
  if (ts.isNumericLiteral(node)) return true;
  const type = resolver.checker.getTypeAtLocation(node);
  if ((type.flags & (ts.TypeFlags.NumberLike | ts.TypeFlags.Any)) === 0) return false;
  if (ts.isIdentifier(node)) return true;
  if (ts.isPropertyAccessExpression(node))
    return ts.isIdentifier(node.expression) || node.expression.kind === ts.SyntaxKind.ThisKeyword;
  return ts.isBinaryExpression(node) && isArithmetic(node) && isStable(node.left, resolver) && isStable(node.right, resolver);
}

function isArithmetic({ operatorToken: { kind } }: ts.BinaryExpression): boolean {
  return (
    kind === ts.SyntaxKind.PlusToken ||
    kind === ts.SyntaxKind.MinusToken ||
    kind === ts.SyntaxKind.AsteriskToken ||
    kind === ts.SyntaxKind.SlashToken
  );
}

/** A duration in milliseconds. */
function scaled(duration: ts.Expression, unit: number): string {
  const text = duration.getText();
  if (unit === 1) return text;
  const value = Number(text);
  if (Number.isFinite(value)) return String(value * unit);
  return `${ts.isIdentifier(duration) || ts.isParenthesizedExpression(duration) ? text : `(${text})`} * ${unit}`;
}
