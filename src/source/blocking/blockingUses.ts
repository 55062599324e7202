import { ts } from '../typescript.ts';
import type { ContextFinder } from '../context/asyncContext.ts';
import { callbackTiming } from '../context/asyncContextCallee.ts';
import type { BlockingApi } from './blockingCatalogue.ts';
import { blockingMethodNames, callBlocks, lookUpBlockingApi } from './blockingLookup.ts';
import { blockingWrapper } from './packageWrappers.ts';
import { matchPattern, patternMethodNames } from './blockingPatterns.ts';
import { readOwnApis, type OwnApis } from './ownApis.ts';
import type { SymbolResolver } from '../symbols/symbolResolver.ts';
import { describedValue, unwrap, type ExternalValue, type SymbolValue } from '../symbols/symbolValue.ts';

/** A blocking API in use: called, constructed, tagged with, or handed to something that calls it. */
export interface BlockingUse {
  readonly api: BlockingApi;
  /** The API as people write it: `fs.readFileSync`, `Atomics.wait`, `execaSync`. */
  readonly name: string;
  /** What to mark: the callee, or the reference that is handed on. */
  readonly node: ts.Node;
  /** Unset for a constructor that a class inherits. */
  readonly call: CallLike | undefined;
}

export type CallLike = ts.CallExpression | ts.NewExpression | ts.TaggedTemplateExpression;

export function isCallLike(node: ts.Node): node is CallLike {
  return ts.isCallExpression(node) || ts.isNewExpression(node) || ts.isTaggedTemplateExpression(node);
}

/** The callee of a call, whichever form the call has. */
export function calleeOf(node: CallLike): ts.Expression {
  return unwrap(ts.isTaggedTemplateExpression(node) ? node.tag : node.expression);
}

/** Nobody's lists. */
const noOwnApis: OwnApis = readOwnApis({});

/** The blocking API that a call itself reaches, whatever its context. */
export function blockingCallAt(node: CallLike, resolver: SymbolResolver, own: OwnApis = noOwnApis): BlockingUse | undefined {
  const callee = calleeOf(node);
  if (callee.kind === ts.SyntaxKind.ImportKeyword) return undefined;
  const { target, args } = withoutIndirection(callee, ts.isTaggedTemplateExpression(node) ? [] : (node.arguments ?? []));
  const values = callee.kind === ts.SyntaxKind.SuperKeyword ? baseValues(node, resolver) : valuesOf(target, resolver, own);
  for (const value of values) {
    if (value.kind !== 'external') continue;
    const listed = own.find(value);
    if (listed) return { api: listed, name: nameOfApi(listed, value), node: callee, call: node };
    const known = lookUpBlockingApi(value);
    const api = known
      ? callBlocks(known, node, args, resolver)
        ? known
        : undefined
      : (matchPattern(value, args) ?? blockingWrapper(value, node.getSourceFile().fileName));
    if (api && !own.isLifted(value, api)) return { api, name: nameOfApi(api, value), node: callee, call: node };
  }
  return undefined;
}

/** `super(…)` constructs what the class extends. */
function baseValues(node: ts.Node, resolver: SymbolResolver): readonly SymbolValue[] {
  const owner = ts.findAncestor(node, ts.isClassLike);
  const base = owner && baseExpression(owner);
  return base ? resolver.resolve(base) : [];
}

/** What a class extends, as it is written. */
export function baseExpression(owner: ts.ClassLikeDeclaration): ts.Expression | undefined {
  return owner.heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword)?.types[0]?.expression;
}

/** The blocking constructor that a class without one of its own inherits. */
export function blockingBaseOf(base: ts.Expression, resolver: SymbolResolver, own: OwnApis): BlockingUse | undefined {
  for (const value of resolver.resolve(base)) {
    const api = value.kind === 'external' ? (own.find(value) ?? lookUpBlockingApi(value)) : undefined;
    if (value.kind !== 'external' || api?.detect !== 'new' || own.isLifted(value, api)) continue;
    return { api, name: nameOfApi(api, value), node: base, call: undefined };
  }
  return undefined;
}

/** `f.call(self, a)` and `f.apply(self, [a])` call `f`. */
function withoutIndirection(
  callee: ts.Expression,
  args: readonly ts.Expression[],
): { readonly target: ts.Expression; readonly args: readonly ts.Expression[] } {
  if (!ts.isPropertyAccessExpression(callee)) return { target: callee, args };
  if (callee.name.text === 'call') return { target: callee.expression, args: args.slice(1) };
  if (callee.name.text !== 'apply') return { target: callee, args };
  const list = args[1];
  return { target: callee.expression, args: list && ts.isArrayLiteralExpression(list) ? list.elements : [] };
}

/** What the text says; for methods of instances that the text cannot follow, what the type of the object says. */
function valuesOf(callee: ts.Expression, resolver: SymbolResolver, own: OwnApis): readonly SymbolValue[] {
  const values = resolver.resolve(callee);
  if (!ts.isPropertyAccessExpression(callee) || values.some((value) => value.kind !== 'external')) return values;
  const { text } = callee.name;
  if (!blockingMethodNames.has(text) && !patternMethodNames.has(text) && !own.methodNames.has(text)) return values;
  if (values.some((value) => value.kind === 'external' && (own.find(value) ?? lookUpBlockingApi(value)))) return values;
  if (resolver.resolve(callee.expression).some((value) => value.kind !== 'external')) return values;
  const declaration = resolver.facts.memberAt(callee.name).declarations?.[0];
  const described = declaration?.getSourceFile().isDeclarationFile ? describedValue(declaration) : undefined;
  return described?.path.includes('prototype') ? [...values, described] : values;
}

/**
 * Blocking functions among the arguments of a call that the callee will run: `files.forEach(fs.unlinkSync)`.
 * @returns each with whether it runs within the call or in a turn of its own
 */
export function blockingReferencesIn(
  node: ts.CallExpression | ts.NewExpression,
  resolver: SymbolResolver,
  own: OwnApis = noOwnApis,
): readonly { readonly use: BlockingUse; readonly timing: 'now' | 'later' }[] {
  return (node.arguments ?? []).flatMap((argument, index) => {
    const reference = unwrap(argument);
    const isBound =
      ts.isCallExpression(reference) &&
      ts.isPropertyAccessExpression(reference.expression) &&
      reference.expression.name.text === 'bind';
    if (!ts.isIdentifier(reference) && !ts.isPropertyAccessExpression(reference) && !isBound) return [];
    for (const value of resolver.resolve(reference)) {
      if (value.kind !== 'external') continue;
      const api = own.find(value) ?? lookUpBlockingApi(value) ?? blockingWrapper(value, node.getSourceFile().fileName);
      if (!api || api.detect !== 'call' || api.blocksWhen !== 'always' || own.isLifted(value, api)) continue;
      const timing = callbackTiming(node, index, resolver);
      if (timing !== 'now' && timing !== 'later') return [];
      return [{ use: { api, name: nameOfApi(api, value), node: reference, call: node }, timing }];
    }
    return [];
  });
}

/** Every blocking use of a file that stands directly in asynchronous code, in the order of the text. */
export function findBlockingUses(
  sourceFile: ts.SourceFile,
  resolver: SymbolResolver,
  contexts: ContextFinder,
  own: OwnApis = noOwnApis,
): readonly BlockingUse[] {
  const uses: BlockingUse[] = [];
  const visit = (node: ts.Node): void => {
    if (isCallLike(node)) {
      // The context is asked last: it may take types, and most calls block nothing.
      const use = blockingCallAt(node, resolver, own);
      const handed = ts.isTaggedTemplateExpression(node) ? [] : blockingReferencesIn(node, resolver, own);
      const kind = use || handed.length > 0 ? contexts.contextOf(node).kind : 'elsewhere';
      if (use && kind === 'async') uses.push(use);
      if (kind !== 'elsewhere')
        for (const { use: one, timing } of handed) if (kind === 'async' || timing === 'later') uses.push(one);
    }
    ts.forEachChild(node, visit);
  };
  visit(sourceFile);
  return uses;
}

/** A name people know the API by, whatever the source calls it. */
function nameOfApi(api: BlockingApi, value: ExternalValue): string {
  const path = api.export.replaceAll('.prototype.', '.').replaceAll('#', '.');
  if (api.origin === 'global') return path;
  const module = (value.specifier ?? 'process').replace(/^node:/, '');
  if (path === '()') return module;
  if (api.origin === 'package') return `${path} of ${module}`;
  return /^[A-Z]/.test(path) ? path : `${module}.${path}`;
}
