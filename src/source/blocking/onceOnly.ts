import { unwrap } from '../symbols/symbolValue.ts';
import { isAssignmentOperator, isFunctionNode, isNothing, isStatic } from '../syntax.ts';
import { ts } from '../typescript.ts';

/**
 * True for what runs once in a program's life, however often its function is called: the making of a value that a variable of the
 * module or a static field keeps (`instance ??= new Store()`, `if (!config) config = read()`), unless other code empties it again.
 */
export function runsOnce(node: ts.Node): boolean {
  for (let at = node; !ts.isSourceFile(at.parent) && !isFunctionNode(at); at = at.parent) {
    const kept = keptBy(at, at.parent);
    if (kept && isLasting(kept) && isOnlyFilledIn(kept, node)) return true;
  }
  return false;
}

/** What keeps the value that is made at `part`, where the parent lets that happen only while it is empty. */
function keptBy(part: ts.Node, parent: ts.Node): ts.Expression | undefined {
  if (ts.isBinaryExpression(parent) && parent.right === part) {
    const { kind } = parent.operatorToken;
    if (kind === ts.SyntaxKind.QuestionQuestionEqualsToken || kind === ts.SyntaxKind.BarBarEqualsToken)
      return unwrap(parent.left);
    if (kind !== ts.SyntaxKind.BarBarToken && kind !== ts.SyntaxKind.QuestionQuestionToken) return undefined;
    return assignsTo(parent.left, part) ? unwrap(parent.left) : undefined;
  }
  if (ts.isIfStatement(parent) && parent.thenStatement === part) {
    const tested = emptyWhereTrue(parent.expression);
    return tested && assignsTo(tested, part) ? tested : undefined;
  }
  return ts.isBlock(parent) && isFunctionNode(parent.parent) ? keptSinceReturn(part, parent) : undefined;
}

/** `if (config) return config;`, then the statement and others that make it. */
function keptSinceReturn(part: ts.Node, block: ts.Block): ts.Expression | undefined {
  const index = block.statements.indexOf(part as ts.Statement);
  for (const earlier of block.statements.slice(0, index)) {
    if (!ts.isIfStatement(earlier) || earlier.elseStatement) continue;
    const [only] = ts.isBlock(earlier.thenStatement) ? earlier.thenStatement.statements : [earlier.thenStatement];
    const tested = only && ts.isReturnStatement(only) ? filledWhereTrue(earlier.expression) : undefined;
    if (tested && block.statements.slice(index).some((statement) => assignsTo(tested, statement))) return tested;
  }
  return undefined;
}

function emptyWhereTrue(condition: ts.Expression): ts.Expression | undefined {
  const node = unwrap(condition);
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) return unwrap(node.operand);
  return comparedToNothing(node, /^={2,3}$/);
}

function filledWhereTrue(condition: ts.Expression): ts.Expression | undefined {
  const node = unwrap(condition);
  return comparedToNothing(node, /^!={1,2}$/) ?? (isPlace(node) ? node : undefined);
}

function comparedToNothing(node: ts.Expression, operator: RegExp): ts.Expression | undefined {
  if (!ts.isBinaryExpression(node) || !operator.test(node.operatorToken.getText())) return undefined;
  return isNothing(node.right) ? unwrap(node.left) : undefined;
}

function isPlace(node: ts.Expression): boolean {
  return ts.isIdentifier(node) || ts.isPropertyAccessExpression(node);
}

function assignsTo(target: ts.Expression, within: ts.Node): boolean {
  return assignmentsIn(within, unwrap(target).getText()).length > 0;
}

/** Plain assignments to what goes by a text, also within functions. */
function assignmentsIn(within: ts.Node, text: string): readonly ts.BinaryExpression[] {
  const found: ts.BinaryExpression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isBinaryExpression(node) && isAssignmentOperator(node.operatorToken.kind) && unwrap(node.left).getText() === text)
      found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(within);
  return found;
}

/** A variable of the module, or a static field named by its class or by `this` of a static method. */
function isLasting(place: ts.Expression): boolean {
  if (ts.isIdentifier(place)) return declaresAtTop(place);
  if (!ts.isPropertyAccessExpression(place)) return false;
  const owner = ts.findAncestor(place, ts.isClassLike);
  const field = owner?.members.find((member) => member.name?.getText() === place.name.text);
  if (!owner || !field || !ts.isPropertyDeclaration(field) || !isStatic(field)) return false;
  if (ts.isIdentifier(place.expression)) return place.expression.text === owner.name?.text;
  const method = ts.findAncestor(place, ts.isClassElement);
  return place.expression.kind === ts.SyntaxKind.ThisKeyword && method !== undefined && isStatic(method);
}

function declaresAtTop({ text, parent }: ts.Identifier): boolean {
  const names = (list: ts.VariableDeclarationList): boolean => list.declarations.some(({ name }) => name.getText() === text);
  // A variable of the same name further in is another one.
  for (let at: ts.Node = parent; !ts.isSourceFile(at); at = at.parent) {
    if (isFunctionNode(at) && at.parameters.some(({ name }) => name.getText() === text)) return false;
    if (ts.isBlock(at) && at.statements.some((one) => ts.isVariableStatement(one) && names(one.declarationList))) return false;
  }
  return parent.getSourceFile().statements.some((one) => ts.isVariableStatement(one) && names(one.declarationList));
}

/** True where nothing outside the function sets the place anew. */
function isOnlyFilledIn(place: ts.Expression, node: ts.Node): boolean {
  const owner = ts.findAncestor(node, isFunctionNode);
  const sourceFile = node.getSourceFile();
  return (
    owner !== undefined && assignmentsIn(sourceFile, place.getText()).length === assignmentsIn(owner, place.getText()).length
  );
}
