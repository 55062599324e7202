import { isAsyncOwner, lastName, ownerOf, type PromiseFacts } from './promiseFacts.ts';
import { listenerMethods, timerFunctions } from '../context/callbackApis.ts';
import { unwrap } from '../symbols/symbolValue.ts';
import { type FunctionWithBody, isAssignmentOperator, isFunctionNode, isFunctionWithBody, someInSameCall } from '../syntax.ts';
import { ts } from '../typescript.ts';

/** Names of what lets one in at a time. */
const guards = /lock|mutex|semaphore|exclusive|synchroni[sz]ed|serial|queue|limit|atomic|critical|sequential|transaction|once/i;
const locks = /^(?:acquire|lock|wait|obtain|enter|runExclusive)/i;
/** Methods that run a callback for many things side by side, once each. */
const manyTimes = /^(?:map|forEach|flatMap|from)$/;

/**
 * True where others may write the target while the function that writes it awaits: a variable from outside the function, one of
 * its own that a listener or timer writes, or a field. Nothing is shared under a lock, in code that runs once, and in what
 * the function itself made.
 */
export function isShared(node: ts.BinaryExpression, target: ts.Expression, facts: PromiseFacts): boolean {
  const owner = ownerOf(node);
  if (!isAsyncOwner(owner) || isGuarded(node, owner)) return false;
  const root = rootOf(target);
  if (root.kind === ts.SyntaxKind.ThisKeyword) return target !== root && thisIsShared(owner);
  if (!ts.isIdentifier(root)) return false;
  const declaration = facts.checker.getSymbolAtLocation(root)?.valueDeclaration;
  if (!declaration || declaration.getSourceFile() !== node.getSourceFile()) return false;
  if (!isVariable(declaration)) return false;
  const home = ownerOf(declaration);
  if (home === owner) return target === root && writtenByListener(root, home, facts);
  // What comes in through a parameter of an outer function is as shared as that function's callers make it.
  if (ts.isParameter(declaration)) return false;
  if (ts.isSourceFile(home)) return mayOverlap(owner, home, facts, 0);
  return overlapsWithin(owner, home, facts);
}

function rootOf(target: ts.Expression): ts.Expression {
  let at = unwrap(target);
  while (ts.isPropertyAccessExpression(at) || ts.isElementAccessExpression(at)) at = unwrap(at.expression);
  return at;
}

function isVariable(declaration: ts.Declaration): boolean {
  return ts.isVariableDeclaration(declaration) || ts.isBindingElement(declaration) || ts.isParameter(declaration);
}

/** A lock taken in the function, a callback of something that queues, a flag that turns a second call away. */
function isGuarded(node: ts.Node, owner: FunctionWithBody): boolean {
  const takesLock = (inner: ts.Node): boolean =>
    inner.pos < node.pos &&
    ((ts.isCallExpression(inner) && locks.test(lastName(inner.expression))) ||
      (ts.isVariableDeclarationList(inner) && /^(?:await )?using\b/.test(inner.getText())));
  if (someInSameCall(owner.body, takesLock) || turnsSecondAway(owner)) return true;
  for (let at: ts.Node = owner; !ts.isSourceFile(at); at = at.parent) {
    if (ts.isCallExpression(at) && guards.test(at.expression.getText())) return true;
    if (isFunctionWithBody(at) && (guards.test(at.name?.getText() ?? '') || decorated(at))) return true;
  }
  return false;
}

function decorated(node: FunctionWithBody): boolean {
  return (
    ts.canHaveDecorators(node) && (ts.getDecorators(node)?.some(({ expression }) => guards.test(expression.getText())) ?? false)
  );
}

/** `if (this.busy) return;` and then `this.busy = true;`. */
function turnsSecondAway({ body }: FunctionWithBody): boolean {
  if (!ts.isBlock(body)) return false;
  return body.statements.some((statement, index) => {
    if (!ts.isIfStatement(statement)) return false;
    const { thenStatement } = statement;
    const last = ts.isBlock(thenStatement) ? thenStatement.statements.at(-1) : thenStatement;
    if (!last || !(ts.isReturnStatement(last) || ts.isThrowStatement(last))) return false;
    const flag = statement.expression.getText().replace(/^!/, '');
    return body.statements
      .slice(index + 1)
      .some((later) =>
        someInSameCall(
          later,
          (inner) => ts.isBinaryExpression(inner) && flag.includes(inner.left.getText()) && isAssignment(inner),
        ),
      );
  });
}

function isAssignment({ operatorToken: { kind } }: ts.BinaryExpression): boolean {
  return kind === ts.SyntaxKind.EqualsToken;
}

/** An object whose method runs may be asked again, unless the method is what begins or ends its life. */
function thisIsShared(owner: FunctionWithBody): boolean {
  const holder = ts.isArrowFunction(owner) ? ts.findAncestor(owner, ts.isClassElement) : owner;
  const name = holder && 'name' in holder ? (holder.name as ts.Node | undefined)?.getText() : undefined;
  return name === undefined || !/^#?_?(?:init|initiali[sz]e|setup|start|open|connect|close|dispose|main|run)$/i.test(name);
}

/** A variable of the function itself that a listener or timer made in it writes at times of its own. */
function writtenByListener(name: ts.Identifier, home: ts.Node, facts: PromiseFacts): boolean {
  const symbol = facts.checker.getSymbolAtLocation(name);
  const visit = (node: ts.Node, late: boolean): boolean => {
    if (late && ts.isIdentifier(node) && node.text === name.text && isWritten(node)) {
      return facts.checker.getSymbolAtLocation(node) === symbol;
    }
    const inner = late || (isFunctionNode(node) && node !== home && runsLater(node));
    return ts.forEachChild(node, (child) => visit(child, inner) || undefined) ?? false;
  };
  return visit(home, false);
}

function isWritten(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPrefixUnaryExpression(parent) || ts.isPostfixUnaryExpression(parent)) {
    return parent.operator === ts.SyntaxKind.PlusPlusToken || parent.operator === ts.SyntaxKind.MinusMinusToken;
  }
  if (!ts.isBinaryExpression(parent) || parent.left !== node) return false;
  const { kind } = parent.operatorToken;
  return isAssignmentOperator(kind);
}

function runsLater(node: ts.FunctionLikeDeclaration): boolean {
  const call = node.parent;
  if (!ts.isCallExpression(call) || (call.expression as ts.Node) === node) return false;
  const name = lastName(call.expression);
  return listenerMethods.has(name) || timerFunctions.has(name);
}

/** True where a function within `home` may run several times at once: handed to `map` or a listener, or called without waiting. */
function overlapsWithin(owner: FunctionWithBody, home: ts.Node, facts: PromiseFacts): boolean {
  for (let at: ts.Node = owner; at !== home; at = ownerOf(at)) {
    if (isFunctionWithBody(at) && startsMany(at, home, facts, 0)) return true;
  }
  return false;
}

function startsMany(node: FunctionWithBody, home: ts.Node, facts: PromiseFacts, depth: number): boolean {
  const { parent } = node;
  if (ts.isCallExpression(parent) && (parent.expression as ts.Node) !== node) {
    const name = lastName(parent.expression);
    return manyTimes.test(name) || listenerMethods.has(name) || name === 'setInterval';
  }
  return nameOf(node) !== undefined && mayOverlap(node, home, facts, depth);
}

const maxCallers = 4;

/**
 * True unless every use of a function in its file is a call that is awaited at once, in code that itself runs one at a time, and
 * nobody else can call it. `home` is the function or module that holds the variable.
 */
function mayOverlap(node: FunctionWithBody, home: ts.Node, facts: PromiseFacts, depth: number): boolean {
  if (depth >= maxCallers) return false;
  const { parent } = node;
  if (ts.isCallExpression(parent) && (parent.expression as ts.Node) !== node) return startsMany(node, home, facts, depth);
  if (ts.isParenthesizedExpression(parent)) return false;
  const name = nameOf(node);
  if (!name || isExported(name)) return true;
  const symbol = facts.checker.getSymbolAtLocation(name);
  const uses = usesOf(name, symbol, facts);
  if (uses.length === 0) return false;
  return uses.some((use) => {
    const call = use.parent;
    if (!ts.isCallExpression(call) || call.expression !== use) return true;
    const caller = ownerOf(call);
    if (ts.isSourceFile(caller)) return uses.length > 1 && !ts.isAwaitExpression(call.parent);
    if (caller === node) return !ts.isAwaitExpression(call.parent);
    const waits = ts.isAwaitExpression(call.parent) || ts.isReturnStatement(call.parent) || call.parent === caller;
    // Every call of `home` has a variable of its own.
    return !waits || (caller !== home && isFunctionWithBody(caller) && mayOverlap(caller, home, facts, depth + 1));
  });
}

function nameOf(node: FunctionWithBody): ts.Identifier | undefined {
  if (ts.isMethodDeclaration(node)) return undefined;
  if (node.name && ts.isIdentifier(node.name)) return node.name;
  const { parent } = node;
  return ts.isVariableDeclaration(parent) && ts.isIdentifier(parent.name) ? parent.name : undefined;
}

function isExported(name: ts.Identifier): boolean {
  const declaration = name.parent as ts.Declaration;
  if ((ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Export) !== 0) return true;
  return /\b(?:module\.)?exports\b|\bexport\s*(?:default\b|\{)/.test(name.getSourceFile().text) && isListed(name);
}

/** Named in `export { … }`, `export default` or `module.exports`. */
function isListed(name: ts.Identifier): boolean {
  return name
    .getSourceFile()
    .statements.some(
      (statement) =>
        (ts.isExportDeclaration(statement) ||
          ts.isExportAssignment(statement) ||
          /^(?:module\.)?exports\b/.test(statement.getText())) &&
        new RegExp(`\\b${name.text.replace(/\$/g, '\\$')}\\b`).test(statement.getText()),
    );
}

function usesOf(name: ts.Identifier, symbol: ts.Symbol | undefined, { checker }: PromiseFacts): readonly ts.Identifier[] {
  const uses: ts.Identifier[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && node !== name && node.text === name.text && checker.getSymbolAtLocation(node) === symbol) {
      uses.push(node);
    }
    ts.forEachChild(node, visit);
  };
  visit(name.getSourceFile());
  return uses;
}
