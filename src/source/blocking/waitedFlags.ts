import { identifiersOf } from '../identifiers.ts';
import { projectMembers } from '../project/projectMembers.ts';
import { isProjectCode } from '../symbols/symbolModules.ts';
import type { SymbolResolver } from '../symbols/symbolResolver.ts';
import { isAssignmentOperator } from '../syntax.ts';
import { ts } from '../typescript.ts';

/** A variable or property that the condition of a loop reads, with everything in the file that writes it, the loop left out. */
export interface WaitedFlag {
  readonly text: string;
  readonly isVariable: boolean;
  readonly writers: readonly ts.Node[];
}

const comparing: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.AmpersandAmpersandToken,
  ts.SyntaxKind.BarBarToken,
  ts.SyntaxKind.EqualsEqualsToken,
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
  ts.SyntaxKind.LessThanToken,
  ts.SyntaxKind.LessThanEqualsToken,
  ts.SyntaxKind.GreaterThanToken,
  ts.SyntaxKind.GreaterThanEqualsToken,
]);

/**
 * What a loop's condition reads, where that is variables and plain fields of the project's own and the loop writes none of them.
 * @returns undefined where the condition may change by itself: it calls something, reads a getter or memory that threads share, or the loop sets what it reads
 */
export function waitedFlags(
  loop: ts.IterationStatement,
  condition: ts.Expression,
  resolver: SymbolResolver,
): readonly WaitedFlag[] | undefined {
  const { checker, program } = resolver;
  const flags: WaitedFlag[] = [];
  const read = (node: ts.Expression): boolean => {
    if (ts.isParenthesizedExpression(node)) return read(node.expression);
    if (ts.isPrefixUnaryExpression(node)) return node.operator === ts.SyntaxKind.ExclamationToken && read(node.operand);
    if (ts.isBinaryExpression(node)) return comparing.has(node.operatorToken.kind) && read(node.left) && read(node.right);
    if (isConstant(node)) return true;
    if (!ts.isIdentifier(node) && !ts.isPropertyAccessExpression(node)) return false;
    const name = ts.isIdentifier(node) ? node : node.name;
    const symbol = checker.getSymbolAtLocation(name);
    if (!symbol?.declarations?.length || !symbol.declarations.every(isPlainPlace)) return false;
    if (ts.isPropertyAccessExpression(node) && !isFixed(node.expression)) return false;
    // What an interface calls a property may be a getter where it is implemented.
    if (symbol.declarations.some(ts.isPropertySignature) && projectMembers(program, checker).hasAccessor(name.text)) return false;
    const writers = writersOf(name.text, symbol, loop.getSourceFile(), checker);
    if (writers.some((writer) => isWithin(writer, loop))) return false;
    flags.push({ text: node.getText(), isVariable: ts.isIdentifier(node), writers });
    return true;
  };
  return read(condition) ? flags : undefined;
}

/** Declarations of variables, parameters and fields in the project's own text: nothing stands behind them that could change by itself. */
function isPlainPlace(node: ts.Declaration): boolean {
  if (!isProjectCode(node.getSourceFile())) return false;
  return (
    ts.isVariableDeclaration(node) ||
    ts.isParameter(node) ||
    ts.isPropertyDeclaration(node) ||
    ts.isPropertySignature(node) ||
    ts.isPropertyAssignment(node) ||
    ts.isShorthandPropertyAssignment(node) ||
    ts.isBinaryExpression(node.parent)
  );
}

function isFixed(object: ts.Expression): boolean {
  if (ts.isPropertyAccessExpression(object)) return isFixed(object.expression);
  return ts.isIdentifier(object) || object.kind === ts.SyntaxKind.ThisKeyword;
}

function isConstant(node: ts.Expression): boolean {
  if (ts.isLiteralExpression(node)) return true;
  if (ts.isIdentifier(node)) return node.text === 'undefined';
  return (
    node.kind === ts.SyntaxKind.TrueKeyword || node.kind === ts.SyntaxKind.FalseKeyword || node.kind === ts.SyntaxKind.NullKeyword
  );
}

function writersOf(text: string, symbol: ts.Symbol, sourceFile: ts.SourceFile, checker: ts.TypeChecker): readonly ts.Node[] {
  return (identifiersOf(sourceFile).get(text) ?? []).filter(
    (one) => isWritten(one) && checker.getSymbolAtLocation(one) === symbol,
  );
}

/** Whether a name is set where it stands; within a pattern counts as well. */
function isWritten(name: ts.Identifier): boolean {
  const target = ts.isPropertyAccessExpression(name.parent) && name.parent.name === name ? name.parent : name;
  const { parent } = target;
  if (ts.isBinaryExpression(parent) && parent.left === target) {
    const { kind } = parent.operatorToken;
    return isAssignmentOperator(kind);
  }
  if (ts.isPrefixUnaryExpression(parent) || ts.isPostfixUnaryExpression(parent))
    return parent.operator === ts.SyntaxKind.PlusPlusToken || parent.operator === ts.SyntaxKind.MinusMinusToken;
  return (
    ts.isArrayLiteralExpression(parent) ||
    ts.isShorthandPropertyAssignment(parent) ||
    (ts.isPropertyAssignment(parent) && parent.initializer === target) ||
    ts.isForOfStatement(parent) ||
    ts.isForInStatement(parent)
  );
}

function isWithin(node: ts.Node, outer: ts.Node): boolean {
  return node.pos >= outer.pos && node.end <= outer.end;
}
