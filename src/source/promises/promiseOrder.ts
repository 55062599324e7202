import { callText, isAsyncOwner, lastName, ownerOf, type PromiseFacts } from './promiseFacts.ts';
import { holdsTests } from '../context/testFiles.ts';
import { unwrap } from '../symbols/symbolValue.ts';
import { isGeneratorFunction, someInSameCall } from '../syntax.ts';
import { ts } from '../typescript.ts';

/** A promise returned out of a `try` before it is settled. */
export interface ReturnInTry {
  readonly rule: 'return-in-try';
  readonly node: ts.Expression;
  readonly call: string;
  /** What it gets past: the `catch` was meant for its error, the `finally` for the time after it. */
  readonly block: 'catch' | 'finally';
}

/** A promise that has no handler while something else is awaited. */
export interface LateAwait {
  readonly rule: 'late-await';
  readonly node: ts.Expression;
  readonly name: string;
  readonly call: string;
  /** The line of the await in between, from 1. */
  readonly otherLine: number;
}

/** `return p` within a `try` of an async function. */
export function returnInTryAt(statement: ts.ReturnStatement, facts: PromiseFacts): readonly ReturnInTry[] {
  if (!statement.expression) return [];
  const block = blockPassed(statement);
  if (!block) return [];
  const owner = ownerOf(statement);
  // An async generator awaits what it returns.
  if (!isAsyncOwner(owner) || isGeneratorFunction(owner)) return [];
  return returnedBy(statement.expression)
    .filter((node) => facts.isPromise(node) && facts.mayReject(node))
    .map((node) => ({ rule: 'return-in-try', node, call: callText(node), block }));
}

function returnedBy(expression: ts.Expression): readonly ts.Expression[] {
  const node = unwrap(expression);
  return ts.isConditionalExpression(node) ? [...returnedBy(node.whenTrue), ...returnedBy(node.whenFalse)] : [node];
}

/** The part of the nearest `try` that a returned promise gets past; undefined where there is none that does anything about it. */
function blockPassed(statement: ts.ReturnStatement): 'catch' | 'finally' | undefined {
  const owner = ownerOf(statement);
  for (let at: ts.Node = statement; at !== owner; at = at.parent) {
    const { parent } = at;
    if (!ts.isTryStatement(parent)) continue;
    if (parent.finallyBlock === at) return undefined;
    if (parent.tryBlock === at && parent.catchClause && !onlyRethrows(parent.catchClause)) return 'catch';
    if (parent.finallyBlock && parent.finallyBlock.statements.length > 0) return 'finally';
  }
  return undefined;
}

function onlyRethrows({ variableDeclaration, block }: ts.CatchClause): boolean {
  const [only] = block.statements;
  if (block.statements.length !== 1 || !only || !ts.isThrowStatement(only) || !variableDeclaration) return false;
  return ts.isIdentifier(only.expression) && only.expression.text === variableDeclaration.name.getText();
}

/** Calls that begin to listen for something that the code after them brings about. */
const listensFor =
  /^(?:wait|once|next|when|until|expect|on[A-Z]|listen|observe|subscribe|watch|poll|ready|race|timeout|delay|sleep)/;

/** `const p = call()`, then an await of something else, then the first that is done with `p`. */
export function lateAwaitAt(statement: ts.VariableStatement, facts: PromiseFacts): readonly LateAwait[] {
  const list = statement.parent;
  if (!ts.isBlock(list) && !ts.isSourceFile(list)) return [];
  const candidates = statement.declarationList.declarations.filter(
    ({ initializer }) => initializer && ts.isCallExpression(unwrap(initializer)),
  );
  if (candidates.length === 0 || holdsTests(statement.getSourceFile())) return [];
  return candidates.flatMap((declaration) => {
    const { name, initializer } = declaration;
    if (!ts.isIdentifier(name) || !initializer) return [];
    const call = unwrap(initializer) as ts.CallExpression;
    const other = awaitBeforeUse(declaration, name, list.statements.slice(list.statements.indexOf(statement) + 1), facts);
    if (!other || listensFor.test(lastName(call.expression))) return [];
    if (!facts.isPromise(call) || !facts.mayReject(call)) return [];
    const { line } = other.getSourceFile().getLineAndCharacterOfPosition(other.getStart());
    return [{ rule: 'late-await', node: name, name: name.text, call: callText(call), otherLine: line + 1 }];
  });
}

/** The first await after the declaration, where one comes before anything that mentions the variable, and an await of it follows. */
function awaitBeforeUse(
  declaration: ts.VariableDeclaration,
  name: ts.Identifier,
  following: readonly ts.Statement[],
  facts: PromiseFacts,
): ts.Node | undefined {
  const siblings = (declaration.parent as ts.VariableDeclarationList).declarations;
  if (siblings.slice(siblings.indexOf(declaration) + 1).some((one) => mentions(one, name.text))) return undefined;
  let other: ts.Node | undefined;
  for (const statement of following) {
    if (mentions(statement, name.text)) {
      // The statement may be the first of all to wait: `await Promise.all([p, q])`, or attach a handler.
      return other && awaitsIt(statement, name, facts) ? other : undefined;
    }
    other ??= firstAwait(statement, facts);
  }
  return undefined;
}

function mentions(node: ts.Node, name: string): boolean {
  if (ts.isIdentifier(node) && node.text === name && !(ts.isPropertyAccessExpression(node.parent) && node.parent.name === node))
    return true;
  return ts.forEachChild(node, (child) => mentions(child, name) || undefined) ?? false;
}

function awaitsIt(statement: ts.Statement, name: ts.Identifier, { checker }: PromiseFacts): boolean {
  const symbol = checker.getSymbolAtLocation(name);
  return someInSameCall(
    statement,
    (node) => ts.isIdentifier(node) && node.text === name.text && checker.getSymbolAtLocation(node) === symbol,
  );
}

function firstAwait(statement: ts.Statement, facts: PromiseFacts): ts.Node | undefined {
  let found: ts.Node | undefined;
  someInSameCall(statement, (node) => {
    if (!ts.isAwaitExpression(node) && !(ts.isForOfStatement(node) && node.awaitModifier)) return false;
    // An await of no promise is over within a microtask.
    if (ts.isAwaitExpression(node) && !mayTakeTime(node.expression, facts)) return false;
    found = node;
    return true;
  });
  return found;
}

function mayTakeTime(expression: ts.Expression, { checker }: PromiseFacts): boolean {
  const type = checker.getTypeAtLocation(unwrap(expression));
  return (
    (type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) !== 0 || type.getProperty('then') !== undefined || type.isUnion()
  );
}
