import type { FixGuard } from './fixForm.ts';
import type { SymbolResolver } from '../symbols/symbolResolver.ts';
import { ts } from '../typescript.ts';

/** True where an argument stands in the way of a fix: what the guard warns of is there, or cannot be ruled out. */
export function isGuarded(guard: FixGuard, args: readonly ts.Expression[], resolver: SymbolResolver): boolean {
  if (args.some(ts.isSpreadElement)) return true;
  switch (guard) {
    case 'descriptor':
      return args[0] !== undefined && mayBeDescriptor(args[0], resolver);
    case 'no-entry':
      return args[1] !== undefined && mayHoldOption(args[1], 'throwIfNoEntry', resolver);
  }
}

/** A number, something that `openSync` gave, or, where no type tells, something that is called like one. */
function mayBeDescriptor(argument: ts.Expression, resolver: SymbolResolver): boolean {
  const type = resolver.checker.getTypeAtLocation(argument);
  const parts = type.isUnion() ? type.types : [type];
  if (parts.some(({ flags }) => (flags & (ts.TypeFlags.NumberLike | ts.TypeFlags.Instantiable)) !== 0)) return true;
  const opened = resolver
    .resolve(argument)
    .some((value) => value.kind === 'external' && value.path.at(-1) === '()' && value.path.at(-2) === 'openSync');
  if (opened) return true;
  const isUntyped = parts.some(({ flags }) => (flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) !== 0);
  return isUntyped && /(?:^|[^a-z])fd\b|[fF]d$|(?:^|\.)(?:std(?:in|out|err))\b|[dD]escriptor/.test(argument.getText());
}

/** Whether an object may have an option: a literal tells, anything else is asked for its type. */
function mayHoldOption(argument: ts.Expression, name: string, { checker }: SymbolResolver): boolean {
  if (ts.isObjectLiteralExpression(argument)) {
    return argument.properties.some((property) => {
      if (ts.isSpreadAssignment(property)) return true;
      return !(ts.isIdentifier(property.name) || ts.isStringLiteral(property.name)) || property.name.text === name;
    });
  }
  const type = checker.getTypeAtLocation(argument);
  if ((type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) !== 0) return true;
  return checker.getPropertyOfType(type, name) !== undefined;
}
