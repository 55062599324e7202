import { ts } from '../typescript.ts';
import type { AwaitPointInfo } from '../../shared/lintMessages.ts';
import type { SiteKind } from '../../shared/site.ts';
import { isAwaitUsingList, nameOf } from '../context/asyncContext.ts';

/** A place where a task can stop, before types are asked for. */
interface Candidate {
  readonly kind: SiteKind;
  readonly node: ts.Node;
  /** What is awaited; unset for a bare `yield`. */
  readonly operand: ts.Expression | undefined;
  /** The keyword, or keywords, of the await point. */
  readonly keywordStart: number;
  readonly keywordEnd: number;
}

const maxExpressionLength = 80;
const maxTypeLength = 120;

/**
 * What the source says of the await point at an offset. It counts as hit on its keyword, and on the awaited expression up to and
 * including the function that is called; the innermost one wins.
 */
export function awaitPointAt(sourceFile: ts.SourceFile, offset: number, checker: ts.TypeChecker): AwaitPointInfo | undefined {
  let hit: Candidate | undefined;
  const visit = (node: ts.Node): void => {
    if (offset < node.getFullStart() || offset > node.end) return;
    const candidate = candidateOf(node, sourceFile);
    if (candidate && offset >= candidate.keywordStart && offset <= hitEnd(candidate)) hit = candidate;
    ts.forEachChild(node, visit);
  };
  visit(sourceFile);
  return hit && describe(hit, sourceFile, checker);
}

function candidateOf(node: ts.Node, sourceFile: ts.SourceFile): Candidate | undefined {
  const start = node.getStart(sourceFile);
  const keyword = (kind: SiteKind, operand: ts.Expression | undefined, length: number): Candidate => ({
    kind,
    node,
    operand,
    keywordStart: start,
    keywordEnd: start + length,
  });
  if (ts.isAwaitExpression(node)) return keyword('await', node.expression, 'await'.length);
  if (ts.isForOfStatement(node) && node.awaitModifier) {
    return { kind: 'for-await', node, operand: node.expression, keywordStart: start, keywordEnd: node.awaitModifier.end };
  }
  if (ts.isYieldExpression(node) && isInAsyncGenerator(node)) {
    return keyword(node.asteriskToken ? 'yield-star' : 'yield', node.expression, 'yield'.length);
  }
  if (ts.isReturnStatement(node) && node.expression && isInAsyncGenerator(node))
    return keyword('return', node.expression, 'return'.length);
  if (isAwaitUsingList(node)) {
    const [first] = node.declarations;
    return (
      first && {
        kind: 'await-using',
        node,
        operand: first.initializer,
        keywordStart: start,
        keywordEnd: first.getStart(sourceFile) - 1,
      }
    );
  }
  return undefined;
}

/** The head of a loop or of `await using` has more in it than the expression: there only the keywords count. */
function hitEnd({ kind, operand, keywordEnd }: Candidate): number {
  if (!operand || kind === 'for-await' || kind === 'await-using' || kind === 'return') return keywordEnd;
  if (ts.isCallExpression(operand) || ts.isNewExpression(operand)) return operand.expression.end;
  return operand.end - operand.getStart() <= maxExpressionLength ? operand.end : keywordEnd;
}

function describe(candidate: Candidate, sourceFile: ts.SourceFile, checker: ts.TypeChecker): AwaitPointInfo {
  const { kind, node, operand } = candidate;
  const start = sourceFile.getLineAndCharacterOfPosition(candidate.keywordStart);
  const end = sourceFile.getLineAndCharacterOfPosition(kind === 'for-await' ? (operand ?? node).end : node.end);
  const operandType = operand && knownType(checker.getTypeAtLocation(operand), checker, node);
  const resultType = resultOf(candidate, checker);
  const owner = ownerOf(node);
  const callerGets = owner && returnType(owner, checker);
  return {
    kind,
    line: start.line + 1,
    column: start.character + 1,
    endLine: end.line + 1,
    endColumn: end.character + 1,
    expression: shorten((operand ?? node).getText(sourceFile).replace(/\s+/g, ' '), maxExpressionLength),
    ...(operandType === undefined ? {} : { operandType }),
    ...(resultType === undefined ? {} : { resultType }),
    ...(owner === undefined ? {} : { functionName: nameOf(owner) }),
    ...(callerGets === undefined ? {} : { callerGets }),
    neverSuspendsLong:
      (kind === 'await' || kind === 'return') && operand !== undefined && isPlain(checker.getTypeAtLocation(operand)),
  };
}

function resultOf({ kind, node, operand }: Candidate, checker: ts.TypeChecker): string | undefined {
  if (kind === 'for-await' && ts.isForOfStatement(node)) {
    const head = node.initializer;
    const variable = ts.isVariableDeclarationList(head) ? head.declarations[0]?.name : head;
    return variable && knownType(checker.getTypeAtLocation(variable), checker, node);
  }
  if (kind === 'await-using' || kind === 'return') return undefined;
  return operand && knownType(checker.getTypeAtLocation(node), checker, node);
}

function ownerOf(node: ts.Node): ts.FunctionLikeDeclaration | undefined {
  for (let at = node.parent; !ts.isSourceFile(at); at = at.parent) {
    if (ts.isFunctionLike(at)) return at as ts.FunctionLikeDeclaration;
  }
  return undefined;
}

function isInAsyncGenerator(node: ts.Node): boolean {
  const owner = ownerOf(node);
  return owner?.asteriskToken !== undefined && (ts.getCombinedModifierFlags(owner) & ts.ModifierFlags.Async) !== 0;
}

function returnType(owner: ts.FunctionLikeDeclaration, checker: ts.TypeChecker): string | undefined {
  const signature = checker.getSignatureFromDeclaration(owner);
  return signature && knownType(checker.getReturnTypeOfSignature(signature), checker, owner);
}

/** A type as TypeScript prints it; nothing where it says nothing. */
function knownType(type: ts.Type, checker: ts.TypeChecker, place: ts.Node): string | undefined {
  if ((type.flags & ts.TypeFlags.Any) !== 0) return undefined;
  const flags = ts.TypeFormatFlags.UseAliasDefinedOutsideCurrentScope | ts.TypeFormatFlags.OmitParameterModifiers;
  return shorten(checker.typeToString(type, place, flags), maxTypeLength);
}

/** True where no part of the type can be a promise. */
function isPlain(type: ts.Type): boolean {
  const open =
    ts.TypeFlags.Any | ts.TypeFlags.Unknown | ts.TypeFlags.TypeParameter | ts.TypeFlags.Never | ts.TypeFlags.NonPrimitive;
  const parts = type.isUnion() ? type.types : [type];
  return parts.every(
    (part) =>
      (part.flags & open) === 0 && part.getProperty('then') === undefined && (part.flags & ts.TypeFlags.Instantiable) === 0,
  );
}

function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
