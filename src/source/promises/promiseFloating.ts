import { callText, isAsyncOwner, isHandled, isReaction, ownerOf, type PromiseFacts } from './promiseFacts.ts';
import { holdsTests, isTestFramework } from '../context/testFiles.ts';
import { unwrap } from '../symbols/symbolValue.ts';
import { type FunctionWithBody, isFunctionNode, someInSameCall } from '../syntax.ts';
import { ts } from '../typescript.ts';

/** A promise that a statement drops. */
export interface FloatingPromise {
  readonly rule: 'floating';
  readonly node: ts.Expression;
  readonly call: string;
  /** `async`: an `await` could stand here. */
  readonly place: 'async' | 'sync' | 'module';
}

/** Promises that an expression statement leaves to nobody. */
export function floatingIn(statement: ts.ExpressionStatement, facts: PromiseFacts): readonly FloatingPromise[] {
  return droppedBy(statement.expression).flatMap((expression) => floatingAt(expression, statement, facts) ?? []);
}

/** The calls whose value the statement drops. */
function droppedBy(expression: ts.Expression): readonly ts.CallExpression[] {
  const node = unwrap(expression);
  if (ts.isCallExpression(node)) return [node];
  if (ts.isConditionalExpression(node)) return [...droppedBy(node.whenTrue), ...droppedBy(node.whenFalse)];
  if (!ts.isBinaryExpression(node)) return [];
  const { kind } = node.operatorToken;
  const isChoice =
    kind === ts.SyntaxKind.AmpersandAmpersandToken ||
    kind === ts.SyntaxKind.BarBarToken ||
    kind === ts.SyntaxKind.QuestionQuestionToken;
  return isChoice ? droppedBy(node.right) : [];
}

function floatingAt(
  call: ts.CallExpression,
  statement: ts.ExpressionStatement,
  facts: PromiseFacts,
): FloatingPromise | undefined {
  const start = startOf(call);
  if (!start || start.kind === ts.SyntaxKind.SuperKeyword) return undefined;
  if (!facts.isPromise(call)) return undefined;
  // A test that fails later than it should still fails, unless it is its assertion that nobody waits for.
  if (holdsTests(statement.getSourceFile()) && !assertion.test(call.expression.getText())) return undefined;
  const owner = ownerOf(statement);
  const functions = ts.isCallExpression(start) ? facts.functionsBehind(start) : [];
  const place = ts.isSourceFile(owner) ? 'module' : isAsyncOwner(owner) ? 'async' : 'sync';
  if (ts.isCallExpression(start)) {
    if (start.expression.kind === ts.SyntaxKind.ImportKeyword && (place === 'module' || start === call)) return undefined;
    if (isTestFramework(start, facts)) return undefined;
  }
  // A module's top has nobody to hand a promise to: only the start of an own function is worth a word, and no poor man's top-level await.
  if (place === 'module' && (functions.length === 0 || start !== call || isFunctionNode(unwrap(call.expression))))
    return undefined;
  if (isLeftOnPurpose(start, statement)) return undefined;
  if (functions.some(endsProcess) || !facts.mayReject(call)) return undefined;
  return { rule: 'floating', node: call, call: callText(start), place };
}

/** Where a chain of reactions begins; undefined where one of them deals with the rejection. */
function startOf(call: ts.CallExpression): ts.Expression | undefined {
  let at: ts.Expression = call;
  while (ts.isCallExpression(at) && isReaction(at)) {
    if (isHandled(at)) return undefined;
    at = unwrap(at.expression.expression);
  }
  return at;
}

const assertion = /\b(?:rejects|doesNotReject|resolves|eventually)\b/;
const onPurpose =
  /\b(?:no await|not await|(?:don.?t|do not|need not|without) (?:a?wait|block)(?:ing)?|fire.and.forget|in the background|intentional|purposely|deliberate)/i;

/** By convention nobody waits for `dispose`; of others the author may say so in a comment. */
function isLeftOnPurpose(start: ts.Expression, statement: ts.Statement): boolean {
  if (ts.isCallExpression(start) && /(?:^|\.)dispose$/.test(start.expression.getText())) return true;
  const { text } = statement.getSourceFile();
  const end = text.indexOf('\n', statement.end);
  const around = [statement, ...conditionsAround(statement)].map((node) => text.slice(node.pos, node.getStart()));
  return onPurpose.test([...around, text.slice(statement.end, end < 0 ? undefined : end)].join('\n'));
}

/** The `if` statements that decide whether a statement runs: what is said of them is said of it. */
function conditionsAround(statement: ts.Statement): readonly ts.Node[] {
  const found: ts.Node[] = [];
  for (let at: ts.Node = statement.parent; ts.isBlock(at) || ts.isIfStatement(at); at = at.parent)
    if (ts.isIfStatement(at)) found.push(at);
  return found;
}

/** After `process.exit` nobody is left to wait. */
function endsProcess(node: FunctionWithBody): boolean {
  return someInSameCall(
    node.body,
    (inner) => ts.isCallExpression(inner) && /^process\.(?:exit|kill|abort)$/.test(inner.expression.getText()),
  );
}
