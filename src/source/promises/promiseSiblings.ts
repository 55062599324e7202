import { lastName, ownerOf, type PromiseFacts } from './promiseFacts.ts';
import { unwrap } from '../symbols/symbolValue.ts';
import { isFunctionWithBody, isMemberName, someInSameCall } from '../syntax.ts';
import { ts } from '../typescript.ts';

/** A `Promise.all` that goes on while some of its promises still work. */
export interface UnobservedSiblings {
  readonly rule: 'unobserved-siblings';
  readonly node: ts.Node;
  /** `closed`: what they work with is closed or taken back; `retried`: the same work starts again beside them. */
  readonly after: 'closed' | 'retried';
  /** What is closed, as the text calls it. */
  readonly resource: string;
}

const writes =
  /^(?:write|append|save|store|insert|update|upsert|delete|remove|unlink|rm|mkdir|rename|copy|move|post|put|patch|send|publish|upload|create|set|push|migrate|sync|apply|add)(?![a-z])/;
const closes =
  /^(?:close|end|destroy|dispose|release|rollback|rollbackTransaction|disconnect|quit|terminate|rm|rmdir|unlink|remove|stop|abort)$/;

/** `await Promise.all([…])` with a handler that pulls away what the others still use, or starts them again. */
export function unobservedSiblingsAt(call: ts.CallExpression, facts: PromiseFacts): UnobservedSiblings | undefined {
  const callee = unwrap(call.expression);
  if (!ts.isPropertyAccessExpression(callee) || callee.name.text !== 'all') return undefined;
  if (!ts.isIdentifier(callee.expression) || callee.expression.text !== 'Promise') return undefined;
  if (!ts.isAwaitExpression(call.parent)) return undefined;
  const statement = tryAround(call);
  if (!statement) return undefined;
  const work = workOf(call.arguments[0]);
  if (!work.some((node) => writesSomething(node, facts))) return undefined;
  const resource = closedIn(statement, work);
  if (resource !== undefined) return { rule: 'unobserved-siblings', node: callee, after: 'closed', resource };
  return isRetried(statement) ? { rule: 'unobserved-siblings', node: callee, after: 'retried', resource: '' } : undefined;
}

function tryAround(call: ts.CallExpression): ts.TryStatement | undefined {
  const owner = ownerOf(call);
  for (let at: ts.Node = call; at !== owner; at = at.parent) {
    if (ts.isTryStatement(at.parent) && at.parent.tryBlock === at) return at.parent;
  }
  return undefined;
}

/** What runs side by side: the elements of a list, or the callback that a list is mapped with; empty where it is not at least two. */
function workOf(list: ts.Expression | undefined): readonly ts.Node[] {
  const node = list && unwrap(list);
  if (!node) return [];
  if (ts.isArrayLiteralExpression(node)) {
    const calls = node.elements.map((element) => (ts.isSpreadElement(element) ? undefined : unwrap(element)));
    const work = calls.filter((one) => one !== undefined && ts.isCallExpression(one) && !handlesItself(one));
    return work.length > 1 ? (work as ts.Node[]) : [];
  }
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression) || node.expression.name.text !== 'map') {
    return [];
  }
  const callback = node.arguments[0] && unwrap(node.arguments[0]);
  if (!callback || !isFunctionWithBody(callback)) return [];
  if (ts.isCallExpression(callback.body) && handlesItself(callback.body)) return [];
  return [callback.body];
}

function handlesItself(node: ts.CallExpression): boolean {
  return ts.isPropertyAccessExpression(node.expression) && node.expression.name.text === 'catch';
}

/** Calls with a writing name or statement, in the work itself or in the body of a function of the project it calls. */
function writesSomething(work: ts.Node, facts: PromiseFacts): boolean {
  const named = (node: ts.Node): boolean =>
    someInSameCall(
      node,
      (inner) => ts.isCallExpression(inner) && (writes.test(lastName(inner.expression)) || isGivenSql(inner, writingSql)),
    );
  return (
    named(work) ||
    someInSameCall(work, (node) => ts.isCallExpression(node) && facts.functionsBehind(node).some(({ body }) => named(body)))
  );
}

const writingSql = /^\s*(?:insert\s+into|update|delete\s+from|replace\s+into|merge\s+into|create|alter|drop|truncate)\s/i;
const closingSql = /^\s*(?:rollback|abort)\b/i;

/** `client.query('insert into …')`. */
function isGivenSql(call: ts.CallExpression, statement: RegExp): boolean {
  const [first] = call.arguments;
  if (!first) return false;
  const text = ts.isTemplateExpression(first) ? first.head.text : ts.isStringLiteralLike(first) ? first.text : '';
  return statement.test(text);
}

/** The variable or field that both the work uses and the `catch` or `finally` closes. */
function closedIn({ catchClause, finallyBlock }: ts.TryStatement, work: readonly ts.Node[]): string | undefined {
  let resource: string | undefined;
  const find = (node: ts.Node): boolean => {
    if (!ts.isCallExpression(node)) return false;
    if (!closes.test(lastName(node.expression)) && !isGivenSql(node, closingSql)) return false;
    const callee = unwrap(node.expression);
    const candidates = [...(ts.isPropertyAccessExpression(callee) ? [callee.expression] : []), ...node.arguments.slice(0, 1)];
    const closed = candidates.map((one) => unwrap(one)).find((one) => isReference(one) && work.every((each) => uses(each, one)));
    resource = closed?.getText();
    return resource !== undefined;
  };
  if (catchClause && someInSameCall(catchClause.block, find)) return resource;
  return finallyBlock && someInSameCall(finallyBlock, find) ? resource : undefined;
}

function isReference(node: ts.Expression): boolean {
  return ts.isIdentifier(node) || (ts.isPropertyAccessExpression(node) && node.expression.kind === ts.SyntaxKind.ThisKeyword);
}

function uses(node: ts.Node, reference: ts.Expression): boolean {
  const text = reference.getText();
  const visit = (at: ts.Node): boolean => {
    if (at.kind === reference.kind && at.getText() === text && !isMemberName(at)) return true;
    return ts.forEachChild(at, (child) => visit(child) || undefined) ?? false;
  };
  return visit(node);
}

/** A `try` in a loop whose `catch` lets the next round begin, and which success leaves. */
function isRetried(statement: ts.TryStatement): boolean {
  const loop = ts.findAncestor(statement, (node) => ts.isIterationStatement(node, false) || ts.isFunctionLike(node));
  if (!loop || ts.isFunctionLike(loop) || ts.isForOfStatement(loop) || !statement.catchClause) return false;
  const leaves = (node: ts.Node): boolean => ts.isReturnStatement(node) || ts.isBreakStatement(node);
  if (!someInSameCall(statement.tryBlock, leaves)) return false;
  const last = statement.catchClause.block.statements.at(-1);
  return !last || !(ts.isThrowStatement(last) || ts.isReturnStatement(last) || ts.isBreakStatement(last));
}
