import type { CalleeShape } from './fixCallee.ts';
import type { CallForm } from './fixForm.ts';
import type { SymbolResolver } from '../symbols/symbolResolver.ts';
import { ts } from '../typescript.ts';

/**
 * True where the types say that the other function gives a promise of what this call gives. Packages had forms with callbacks
 * before those with promises, under the same names.
 */
export function givesPromise(
  call: ts.CallExpression,
  shape: CalleeShape,
  form: Pick<CallForm, 'member' | 'name'>,
  { checker }: SymbolResolver,
): boolean {
  const type = typeOfTwin(call, shape, form, checker);
  const given = checker.getTypeAtLocation(call);
  return (
    type?.getCallSignatures().some((signature) => {
      if (signature.parameters.length < call.arguments.length && !hasRest(signature)) return false;
      const result = signature.getReturnType();
      const awaited = checker.getAwaitedType(result);
      if (!awaited || awaited === result || (result.flags & ts.TypeFlags.Any) !== 0) return false;
      return signature.typeParameters !== undefined || isVoid(given) || checker.isTypeAssignableTo(awaited, given);
    }) ?? false
  );
}

function typeOfTwin(
  call: ts.CallExpression,
  shape: CalleeShape,
  { member, name }: Pick<CallForm, 'member' | 'name'>,
  checker: ts.TypeChecker,
): ts.Type | undefined {
  if (shape.type === 'member') {
    let type: ts.Type | undefined = checker.getTypeAtLocation(shape.object);
    for (const part of member === '' ? [] : member.split('.')) {
      const property: ts.Symbol | undefined = type && checker.getPropertyOfType(type, part);
      type = property && checker.getTypeOfSymbolAtLocation(property, call);
    }
    return type;
  }
  const module = checker.getSymbolAtLocation(shape.from.specifier);
  const twin = module && checker.getExportsOfModule(module).find((one) => one.name === name);
  return twin && checker.getTypeOfSymbolAtLocation(twin, call);
}

function hasRest({ declaration }: ts.Signature): boolean {
  const last = declaration?.parameters.at(-1);
  return last !== undefined && ts.isParameter(last) && last.dotDotDotToken !== undefined;
}

function isVoid({ flags }: ts.Type): boolean {
  return (flags & ts.TypeFlags.Void) !== 0;
}
