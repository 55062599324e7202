import { createSymbolResolver, type SymbolResolver } from './symbolResolver.ts';
import type { ts } from '../typescript.ts';

const resolvers = new WeakMap<ts.Program, SymbolResolver>();

/** The resolver of a program, one for all rules: what one of them followed the others need not follow again. */
export function resolverOf(program: ts.Program, checker: ts.TypeChecker): SymbolResolver {
  const known = resolvers.get(program);
  if (known) return known;
  const resolver = createSymbolResolver(program, checker);
  resolvers.set(program, resolver);
  return resolver;
}
