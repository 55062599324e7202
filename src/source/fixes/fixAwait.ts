import { isAssignmentOperator, isAsyncFunction, isFunctionNode } from '../syntax.ts';
import { ts } from '../typescript.ts';

/** The function that a node runs in; undefined at the top level of a file, `none` where no function stops (fields, static blocks, parameters, class heads). */
export function ownerOf(node: ts.Node): ts.FunctionLikeDeclaration | ts.SourceFile | 'none' {
  let from = node;
  for (let at = node.parent; ; from = at, at = at.parent) {
    if (ts.isSourceFile(at)) return at;
    if (ts.isParameter(at) || ts.isPropertyDeclaration(at) || ts.isClassStaticBlockDeclaration(at) || ts.isDecorator(at))
      return 'none';
    if (ts.isComputedPropertyName(at) || ts.isHeritageClause(at)) return 'none';
    if (isFunctionNode(at)) return from === at.body ? at : 'none';
  }
}

/** True where an `await` put around the node is legal and stops the function that the node runs in. */
export function canAwait(node: ts.Node): boolean {
  const owner = ownerOf(node);
  if (owner === 'none') return false;
  return ts.isSourceFile(owner) ? hasTopLevelAwait(owner) : isAsyncFunction(owner);
}

/** Whether a module may await at its top level is a matter of settings; one that does so already may. */
function hasTopLevelAwait(sourceFile: ts.SourceFile): boolean {
  const visit = (node: ts.Node): boolean => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node)) return false;
    return ts.isAwaitExpression(node) || (ts.forEachChild(node, (child) => visit(child) || undefined) ?? false);
  };
  return ts.isExternalModule(sourceFile) && visit(sourceFile);
}

/** What goes before and behind an expression so that it is awaited in its place. */
export interface Wrapping {
  readonly before: string;
  readonly after: string;
}

/**
 * The `await` around an expression, with parentheses where the place binds tighter and with a semicolon where a line would
 * otherwise go on with them.
 * @param member what to take of the awaited value (`stdout`), if not all of it
 */
export function awaitAround(node: ts.Expression, member?: string): Wrapping {
  if (member !== undefined) return { before: `${semicolonBefore(node)}(await `, after: `).${member}` };
  if (isAwaited(node)) return { before: '', after: '' };
  if (!bindsTighter(node)) return { before: 'await ', after: '' };
  return { before: `${semicolonBefore(node)}(await `, after: ')' };
}

function isAwaited(node: ts.Expression): boolean {
  let at: ts.Node = node.parent;
  while (ts.isParenthesizedExpression(at)) at = at.parent;
  return ts.isAwaitExpression(at);
}

/** True where the parent would take only the beginning of `await x`, or takes no `await` at all. */
function bindsTighter(node: ts.Expression): boolean {
  const { parent } = node;
  if (
    ts.isPropertyAccessExpression(parent) ||
    ts.isElementAccessExpression(parent) ||
    ts.isCallExpression(parent) ||
    ts.isNewExpression(parent)
  ) {
    return parent.expression === node;
  }
  if (ts.isTaggedTemplateExpression(parent)) return parent.tag === node;
  if (ts.isBinaryExpression(parent))
    return parent.operatorToken.kind === ts.SyntaxKind.AsteriskAsteriskToken && parent.left === node;
  return ts.isNonNullExpression(parent) || ts.isExpressionWithTypeArguments(parent);
}

/** `;` where the expression begins a line whose predecessor has no end of its own. */
function semicolonBefore(node: ts.Expression): string {
  const start = node.getStart();
  let statement: ts.Node = node;
  while (!ts.isStatement(statement)) {
    statement = statement.parent;
    if (ts.isFunctionLike(statement)) return '';
  }
  if (!ts.isExpressionStatement(statement) || statement.getStart() !== start) return '';
  const { parent } = statement;
  if (!ts.isBlock(parent) && !ts.isSourceFile(parent) && !ts.isCaseOrDefaultClause(parent) && !ts.isModuleBlock(parent))
    return '';
  const before = parent.statements[parent.statements.indexOf(statement) - 1];
  return before === undefined || endsItself(before) ? '' : ';';
}

function endsItself(statement: ts.Statement): boolean {
  if (statement.getText().endsWith(';')) return true;
  if (ts.isIfStatement(statement)) return endsItself(statement.elseStatement ?? statement.thenStatement);
  if (ts.isLabeledStatement(statement)) return endsItself(statement.statement);
  if (ts.isIterationStatement(statement, false) && !ts.isDoStatement(statement)) return endsItself(statement.statement);
  return (
    ts.isBlock(statement) ||
    ts.isTryStatement(statement) ||
    ts.isSwitchStatement(statement) ||
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement)
  );
}

/**
 * True where an `await` in the place of the node opens a gap in the middle of an update that was in one piece: `this.size += …`
 * reads before and writes after it, and what others add meanwhile is lost.
 */
export function splitsUpdate(node: ts.Node): boolean {
  const owner = ownerOf(node);
  for (let at = node; !ts.isStatement(at) && at !== owner && !ts.isSourceFile(at); at = at.parent) {
    const { parent } = at;
    if (!ts.isBinaryExpression(parent) || parent.right !== at) continue;
    const { kind } = parent.operatorToken;
    if (!isAssignmentOperator(kind)) continue;
    if (isLocal(parent.left, owner)) continue;
    if (kind !== ts.SyntaxKind.EqualsToken || mentions(parent.right, parent.left.getText())) return true;
  }
  return false;
}

function isLocal(target: ts.Expression, owner: ts.Node | 'none'): boolean {
  if (!ts.isIdentifier(target) || owner === 'none') return false;
  let declared = false;
  const visit = (node: ts.Node): void => {
    if ((ts.isVariableDeclaration(node) || ts.isParameter(node)) && ts.isIdentifier(node.name) && node.name.text === target.text)
      declared = true;
    if (!declared) ts.forEachChild(node, visit);
  };
  visit(owner);
  return declared;
}

function mentions(node: ts.Node, text: string): boolean {
  return node.getText() === text || (ts.forEachChild(node, (child) => mentions(child, text) || undefined) ?? false);
}
