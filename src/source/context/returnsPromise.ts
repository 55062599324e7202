import type { FunctionWithBody } from '../syntax.ts';
import { ts } from '../typescript.ts';

/** Whether what a function returns may be a promise, by its types; where its text shows that it is none they are not asked, which would type its body. */
export function returnsPromise(node: FunctionWithBody, checker: ts.TypeChecker): boolean {
  if (node.asteriskToken || ts.isConstructorDeclaration(node) || showsNoPromise(node)) return false;
  const signature = checker.getSignatureFromDeclaration(node);
  if (!signature) return false;
  const type = checker.getReturnTypeOfSignature(signature);
  const parts = type.isUnion() ? type.types : [type];
  return parts.some((part) => /^(?:Promise|PromiseLike|Thenable)$/.test(part.getSymbol()?.name ?? ''));
}

function showsNoPromise(node: FunctionWithBody): boolean {
  if (node.type) return isPlainType(node.type);
  // In JavaScript a comment may declare what is returned.
  if (node.flags & ts.NodeFlags.JavaScriptFile) return false;
  // The type of a getter may be written at its setter.
  if (ts.isGetAccessor(node)) return false;
  return ts.isBlock(node.body) ? returnsOnlyPlain(node.body) : isPlainValue(node.body);
}

function isPlainType(type: ts.TypeNode): boolean {
  switch (type.kind) {
    case ts.SyntaxKind.StringKeyword:
    case ts.SyntaxKind.NumberKeyword:
    case ts.SyntaxKind.BooleanKeyword:
    case ts.SyntaxKind.BigIntKeyword:
    case ts.SyntaxKind.SymbolKeyword:
    case ts.SyntaxKind.VoidKeyword:
    case ts.SyntaxKind.UndefinedKeyword:
    case ts.SyntaxKind.NeverKeyword:
    case ts.SyntaxKind.AnyKeyword:
    case ts.SyntaxKind.UnknownKeyword:
    case ts.SyntaxKind.ObjectKeyword:
    case ts.SyntaxKind.ArrayType:
    case ts.SyntaxKind.TupleType:
    case ts.SyntaxKind.TypePredicate:
    case ts.SyntaxKind.TypeLiteral:
    case ts.SyntaxKind.FunctionType:
    case ts.SyntaxKind.LiteralType:
    case ts.SyntaxKind.TemplateLiteralType:
      return true;
    case ts.SyntaxKind.ParenthesizedType:
      return isPlainType((type as ts.ParenthesizedTypeNode).type);
    case ts.SyntaxKind.UnionType:
      return (type as ts.UnionTypeNode).types.every(isPlainType);
    default:
      return false;
  }
}

function returnsOnlyPlain(body: ts.Block): boolean {
  const returnsOther = (node: ts.Node): boolean => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node)) return false;
    if (ts.isReturnStatement(node)) return node.expression !== undefined && !isPlainValue(node.expression);
    // Expressions hold no statements of this function.
    if (ts.isExpressionStatement(node) || ts.isVariableStatement(node)) return false;
    return ts.forEachChild(node, (child) => returnsOther(child) || undefined) ?? false;
  };
  return !returnsOther(body);
}

/** A literal, a new function, the result of an operator: no promise whatever the names in it stand for. */
function isPlainValue(value: ts.Expression): boolean {
  switch (value.kind) {
    case ts.SyntaxKind.StringLiteral:
    case ts.SyntaxKind.NoSubstitutionTemplateLiteral:
    case ts.SyntaxKind.TemplateExpression:
    case ts.SyntaxKind.NumericLiteral:
    case ts.SyntaxKind.BigIntLiteral:
    case ts.SyntaxKind.RegularExpressionLiteral:
    case ts.SyntaxKind.TrueKeyword:
    case ts.SyntaxKind.FalseKeyword:
    case ts.SyntaxKind.NullKeyword:
    case ts.SyntaxKind.ObjectLiteralExpression:
    case ts.SyntaxKind.ArrayLiteralExpression:
    case ts.SyntaxKind.ArrowFunction:
    case ts.SyntaxKind.FunctionExpression:
    case ts.SyntaxKind.TypeOfExpression:
    case ts.SyntaxKind.VoidExpression:
    case ts.SyntaxKind.DeleteExpression:
    case ts.SyntaxKind.PrefixUnaryExpression:
    case ts.SyntaxKind.PostfixUnaryExpression:
      return true;
    case ts.SyntaxKind.ParenthesizedExpression:
      return isPlainValue((value as ts.ParenthesizedExpression).expression);
    case ts.SyntaxKind.ConditionalExpression: {
      const { whenTrue, whenFalse } = value as ts.ConditionalExpression;
      return isPlainValue(whenTrue) && isPlainValue(whenFalse);
    }
    case ts.SyntaxKind.BinaryExpression: {
      const { operatorToken, right } = value as ts.BinaryExpression;
      return givesPrimitive(operatorToken.kind) || (operatorToken.kind === ts.SyntaxKind.EqualsToken && isPlainValue(right));
    }
    default:
      return false;
  }
}

/** Comparisons and arithmetic. */
function givesPrimitive(kind: ts.SyntaxKind): boolean {
  switch (kind) {
    case ts.SyntaxKind.EqualsEqualsToken:
    case ts.SyntaxKind.EqualsEqualsEqualsToken:
    case ts.SyntaxKind.ExclamationEqualsToken:
    case ts.SyntaxKind.ExclamationEqualsEqualsToken:
    case ts.SyntaxKind.LessThanToken:
    case ts.SyntaxKind.LessThanEqualsToken:
    case ts.SyntaxKind.GreaterThanToken:
    case ts.SyntaxKind.GreaterThanEqualsToken:
    case ts.SyntaxKind.InstanceOfKeyword:
    case ts.SyntaxKind.InKeyword:
    case ts.SyntaxKind.PlusToken:
    case ts.SyntaxKind.MinusToken:
    case ts.SyntaxKind.AsteriskToken:
    case ts.SyntaxKind.AsteriskAsteriskToken:
    case ts.SyntaxKind.SlashToken:
    case ts.SyntaxKind.PercentToken:
    case ts.SyntaxKind.AmpersandToken:
    case ts.SyntaxKind.BarToken:
    case ts.SyntaxKind.CaretToken:
    case ts.SyntaxKind.PlusEqualsToken:
    case ts.SyntaxKind.MinusEqualsToken:
      return true;
    default:
      return false;
  }
}
