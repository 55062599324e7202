import { ownerOf, type PromiseFacts } from './promiseFacts.ts';
import { bodyIsSteady, type LoopNames } from './promiseLoopBody.ts';
import { callIsPlainRead } from './promiseReads.ts';
import { isArrayLike, isUnknownType } from './promiseTypes.ts';
import { holdsTests } from '../context/testFiles.ts';
import { unwrap } from '../symbols/symbolValue.ts';
import { isMemberName, someInSameCall } from '../syntax.ts';
import { ts } from '../typescript.ts';

/** A loop whose rounds only read, each waiting for the one before without need. */
export interface AwaitInLoop {
  readonly rule: 'await-in-loop';
  /** The first await of a round. */
  readonly node: ts.AwaitExpression;
}

/** People say so where the order or the pace is meant. */
const meansSequence =
  /rate.?limit|throttl|sequential|one (?:at a time|by one|after)|in (?:order|series|sequence|turn)|serial|concurren|no-await-in-loop|overload|too many|memory/i;

/** An await in a loop over a known list, where every round only reads what belongs to it and adds to a result. */
export function awaitInLoopAt(
  loop: ts.ForOfStatement | ts.ForInStatement | ts.ForStatement,
  facts: PromiseFacts,
): AwaitInLoop | undefined {
  if (ts.isForOfStatement(loop) && loop.awaitModifier) return undefined;
  const awaits = awaitsIn(loop.statement);
  const [first] = awaits;
  if (!first || holdsTests(loop.getSourceFile()) || meansSequence.test(textAround(loop))) return undefined;
  // Whoever drops what was read is after something else: a warm cache, a load on a server.
  if (awaits.some(({ parent }) => ts.isExpressionStatement(parent))) return undefined;
  const names = namesOf(loop, facts);
  if (!names || !headIsFixed(loop, facts)) return undefined;
  if (!bodyIsSteady(loop, names, facts)) return undefined;
  const reads = awaits.every(({ expression }) => callIsPlainRead(expression, facts) && names.dependsOnRound(expression));
  return reads ? { rule: 'await-in-loop', node: first } : undefined;
}

/** The loop and a few lines before it, where such words stand. */
function textAround(loop: ts.Node): string {
  const sourceFile = loop.getSourceFile();
  const starts = sourceFile.getLineStarts();
  const { line } = sourceFile.getLineAndCharacterOfPosition(loop.getStart(sourceFile));
  return sourceFile.text.slice(starts[Math.max(0, line - linesBefore)], loop.end);
}

const linesBefore = 4;

function awaitsIn(body: ts.Statement): readonly ts.AwaitExpression[] {
  const awaits: ts.AwaitExpression[] = [];
  someInSameCall(body, (node) => {
    if (ts.isAwaitExpression(node)) awaits.push(node);
    return false;
  });
  return awaits;
}

/** The names that are new in every round; undefined where the loop goes on with variables of somebody else. */
function namesOf(
  loop: ts.ForOfStatement | ts.ForInStatement | ts.ForStatement,
  { checker }: PromiseFacts,
): LoopNames | undefined {
  const { initializer } = loop;
  if (!initializer || !ts.isVariableDeclarationList(initializer)) return undefined;
  const owner = ownerOf(loop);
  const declarationOf = (node: ts.Identifier): ts.Declaration | undefined =>
    (ts.isShorthandPropertyAssignment(node.parent)
      ? checker.getShorthandAssignmentValueSymbol(node.parent)
      : checker.getSymbolAtLocation(node)
    )?.valueDeclaration;
  const isWithin = (declaration: ts.Declaration | undefined, outer: ts.Node): boolean =>
    declaration !== undefined &&
    declaration.getSourceFile() === outer.getSourceFile() &&
    declaration.pos >= outer.pos &&
    declaration.end <= outer.end;
  const ofRound = (node: ts.Identifier): boolean => isWithin(declarationOf(node), loop);
  return {
    ofRound,
    ofFunction: (node) =>
      isWithin(declarationOf(node), owner) && !ts.isSourceFile(owner) && ownerOf(declarationOf(node)!) === owner,
    dependsOnRound: (node) => someInSameCall(node, (inner) => ts.isIdentifier(inner) && !isMemberName(inner) && ofRound(inner)),
  };
}

function isJavaScript(node: ts.Node): boolean {
  return /\.[cm]?jsx?$/.test(node.getSourceFile().fileName);
}

/** True for a list that is there before the loop begins: an array, a set, a map, or numbers counted up to one that is fixed. */
function headIsFixed(loop: ts.ForOfStatement | ts.ForInStatement | ts.ForStatement, { checker }: PromiseFacts): boolean {
  if (ts.isForInStatement(loop)) return true;
  if (ts.isForOfStatement(loop)) {
    const list = unwrap(loop.expression);
    // A few things written down one by one are most often steps.
    if (ts.isArrayLiteralExpression(list)) return false;
    const type = checker.getTypeAtLocation(list);
    const name = type.getSymbol()?.name ?? '';
    // In plain JavaScript parameters have no type; what is gone through is a list nearly always.
    if (isUnknownType(type) && isJavaScript(loop)) return true;
    return isArrayLike(type, checker) || /^(?:Readonly)?(?:Set|Map)$|^(?:Map|Set)Iterator$/.test(name);
  }
  const { condition, incrementor } = loop;
  if (!condition || !ts.isBinaryExpression(condition) || !incrementor) return false;
  if (!/^(?:<|<=|>|>=)$/.test(condition.operatorToken.getText())) return false;
  if (someInSameCall(condition, (node) => ts.isCallExpression(node) || ts.isAwaitExpression(node))) return false;
  // Attempts are made one after the other until one succeeds.
  return !/attempt|retr|tries|page/i.test(loop.getText().slice(0, loop.statement.pos - loop.getStart()));
}
