import { ts } from './typescript.ts';

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

/** True for `any` and `unknown`: the checker does not know, the text may. */
export function isUnknownType(type: ts.Type): boolean {
  return (type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) !== 0;
}

/** True for arrays and tuples, also where only some parts of a union are any. */
export function isArrayLike(type: ts.Type, checker: ts.TypeChecker): boolean {
  return (type.isUnion() ? type.types : [type]).some((part) => checker.isArrayType(part) || checker.isTupleType(part));
}
