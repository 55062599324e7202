import { ts } from '../typescript.ts';

/**
 * True where every part of the type is a promise (`undefined` and `null` aside, for optional calls). Thenables that only have a
 * `then`, as query builders do, are none: they may do nothing before somebody awaits them.
 */
export function isPromiseType(type: ts.Type, checker: ts.TypeChecker): boolean {
  const parts = (type.isUnion() ? type.types : [type]).filter((part) => (part.flags & nothing) === 0);
  return parts.length > 0 && parts.every((part) => isPromisePart(part, checker, 0));
}

const nothing = ts.TypeFlags.Undefined | ts.TypeFlags.Null;
const maxBases = 3;

function isPromisePart(type: ts.Type, checker: ts.TypeChecker, depth: number): boolean {
  if (type.isIntersection()) return type.types.some((part) => isPromisePart(part, checker, depth));
  if (type.getSymbol()?.name === 'Promise') return true;
  if (depth >= maxBases) return false;
  const declared = (type as ts.TypeReference).target ?? type;
  return declared.isClassOrInterface() && checker.getBaseTypes(declared).some((base) => isPromisePart(base, checker, depth + 1));
}

/**
 * True where a call gives no promise whichever of its callee's signatures is meant and whatever their type parameters stand for: to find
 * that out the checker would type all arguments, callbacks with their bodies among them.
 */
export function callsNoPromise(call: ts.CallExpression, checker: ts.TypeChecker): boolean {
  const { kind } = call.expression;
  if (kind === ts.SyntaxKind.SuperKeyword || kind === ts.SyntaxKind.ImportKeyword) return false;
  const signatures = checker.getTypeAtLocation(call.expression).getCallSignatures();
  return (
    signatures.length > 0 &&
    signatures.every((signature) => {
      const type = checker.getReturnTypeOfSignature(signature);
      return isSettledType(type) && !isPromiseType(type, checker);
    })
  );
}

/** False for what only becomes a type where it is used: type parameters and what is made of them. */
function isSettledType(type: ts.Type): boolean {
  if (type.isUnionOrIntersection()) return type.types.every(isSettledType);
  const isOpen = (type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown | ts.TypeFlags.Instantiable)) !== 0;
  const isMapped =
    (type.flags & ts.TypeFlags.Object) !== 0 && ((type as ts.ObjectType).objectFlags & ts.ObjectFlags.Mapped) !== 0;
  return !isOpen && !isMapped;
}

/** True for `any` and `unknown`: the checker does not know, the text may. */
export function isUnknownType(type: ts.Type): boolean {
  return (type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) !== 0;
}

/** True for arrays and tuples, also where only some parts of a union are any. */
export function isArrayLike(type: ts.Type, checker: ts.TypeChecker): boolean {
  return (type.isUnion() ? type.types : [type]).some((part) => checker.isArrayType(part) || checker.isTupleType(part));
}
