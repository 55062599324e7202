import type { SymbolResolver } from '../symbols/symbolResolver.ts';
import { isFunctionValue } from '../syntax.ts';
import { ts } from '../typescript.ts';

/** What Node's streams ask of whoever makes one: options of their constructors, with `_` in front methods of classes that extend them. */
const handlers: ReadonlySet<string> = new Set([
  ...['construct', 'read', 'write', 'writev', 'transform', 'flush', 'final', 'destroy'],
]);
const streamClasses: ReadonlySet<string> = new Set(['Readable', 'Writable', 'Duplex', 'Transform', 'PassThrough', 'Stream']);
/** Classes of the project that extend one another before one extends a stream. */
const maxBases = 5;

/** True for a function that a stream calls whenever there is data: `new Transform({ transform(chunk, encoding, done) { … } })`. */
export function isStreamHandler(node: ts.Node, resolver: SymbolResolver): boolean {
  const member = isFunctionValue(node) ? node.parent : node;
  if (!ts.isMethodDeclaration(member) && !ts.isPropertyAssignment(member)) return false;
  const name = ts.isIdentifier(member.name) ? member.name.text : '';
  const { parent: owner } = member;
  if (ts.isObjectLiteralExpression(owner)) {
    const { parent: call } = owner;
    if (!handlers.has(name) || (!ts.isCallExpression(call) && !ts.isNewExpression(call))) return false;
    if (call.expression.kind !== ts.SyntaxKind.SuperKeyword) return isStream(call.expression, resolver);
    const around = ts.findAncestor(call, ts.isClassLike);
    return around !== undefined && extendsStream(around, resolver, 0);
  }
  return ts.isClassLike(owner) && name.startsWith('_') && handlers.has(name.slice(1)) && extendsStream(owner, resolver, 0);
}

function isStream(expression: ts.Expression, resolver: SymbolResolver): boolean {
  return resolver
    .resolve(expression)
    .some(
      (value) =>
        value.kind === 'external' &&
        /^(?:node:stream|stream|readable-stream)$/.test(value.specifier ?? '') &&
        value.path.length === 1 &&
        streamClasses.has(value.path[0]!),
    );
}

function extendsStream(owner: ts.ClassLikeDeclaration, resolver: SymbolResolver, depth: number): boolean {
  const base = owner.heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword)?.types[0]?.expression;
  if (!base || depth >= maxBases) return false;
  if (isStream(base, resolver)) return true;
  return resolver.resolve(base).some((value) => value.kind === 'class' && extendsStream(value.node, resolver, depth + 1));
}
