import { ts } from '../typescript.ts';
import { blockingApis, findBlockingApi, findGlobalBlockingApi, type BlockingApi } from './blockingCatalogue.ts';
import type { SymbolResolver } from '../symbols/symbolResolver.ts';
import type { ExternalValue } from '../symbols/symbolValue.ts';

/** APIs whose own call is cheap and whose result blocks when it is called. */
const blocksThroughResult: ReadonlySet<string> = new Set([
  ...['pkg:prompt-sync.()', 'pkg:synckit.createSyncFn', 'pkg:make-synchronous.()', 'pkg:cosmiconfig.cosmiconfigSync'],
]);
/** Loading a module is start-up work wherever it stands: named nowhere. */
const neverReported: ReadonlySet<string> = new Set(['global.require']);

/** Methods of instances: `Dir.prototype.readSync`, `AdmZip#extractAllTo`, `Statement.all`. */
const methodsByModule = new Map<string, Map<string, BlockingApi>>();
for (const api of blockingApis) {
  const isMethod = /\.prototype\.|#|^[A-Z]\w*\./.test(api.export) && api.origin !== 'global';
  if (!isMethod) continue;
  const name = api.export.split(/[.#]/).at(-1)!;
  for (const specifier of api.specifiers) {
    const methods = methodsByModule.get(specifier) ?? new Map<string, BlockingApi>();
    if (!methods.has(name)) methods.set(name, api);
    methodsByModule.set(specifier, methods);
  }
}
/** Names that are worth asking the type of the object for. */
export const blockingMethodNames: ReadonlySet<string> = new Set(
  [...methodsByModule.values()].flatMap((methods) => [...methods.keys()]),
);

/** The blocking API that calling (or constructing, or tagging with) an external value reaches. */
export function lookUpBlockingApi(value: ExternalValue): BlockingApi | undefined {
  const api =
    value.specifier === undefined ? findGlobalBlockingApi(value.path.join('.')) : lookUpInModule(value.specifier, value.path);
  return api && !neverReported.has(api.id) ? api : undefined;
}

function lookUpInModule(specifier: string, path: readonly string[]): BlockingApi | undefined {
  const direct = lookUpDirect(specifier, path);
  if (direct) return direct;
  const root = packageRoot(specifier);
  return root === specifier ? undefined : lookUpDirect(root, path);
}

function lookUpDirect(specifier: string, path: readonly string[]): BlockingApi | undefined {
  const name = path.at(-1) ?? '';
  if (name === '()' || (path.at(-2) === '()' && (name === 'search' || name === 'load'))) {
    const maker = findBlockingApi(specifier, path.slice(0, path.lastIndexOf('()')).join('.'));
    return maker && blocksThroughResult.has(maker.id) ? maker : undefined;
  }
  const own = findBlockingApi(specifier, path.join('.')) ?? findBlockingApi(specifier, [ownName(specifier), ...path].join('.'));
  if (own) return blocksThroughResult.has(own.id) ? undefined : own;
  return path.includes('prototype') || path.includes('()') ? methodsByModule.get(specifier)?.get(name) : undefined;
}

/** `execa.sync` is the `sync` of what `import execa from 'execa'` gives. */
function ownName(specifier: string): string {
  return specifier.slice(specifier.lastIndexOf('/') + 1);
}

/** `fs-extra/esm` is part of `fs-extra`; `fs/promises` is no part of `fs`. */
function packageRoot(specifier: string): string {
  const parts = specifier.split('/');
  const root = specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0]!;
  return root === specifier || /^(?:node:|fs$|path$|stream$|timers$|util$|dns$|readline$|assert$|inspector$)/.test(root)
    ? specifier
    : root;
}

type CallLike = ts.CallExpression | ts.NewExpression | ts.TaggedTemplateExpression;

/**
 * Whether this very call blocks: constructed or called as the API demands, with the option that makes it wait, without the
 * callback that makes it not wait. What cannot be told counts as not blocking.
 */
export function callBlocks(api: BlockingApi, node: CallLike, args: readonly ts.Expression[], resolver: SymbolResolver): boolean {
  if (api.detect === 'tagged-template') return true;
  const constructs =
    ts.isNewExpression(node) || (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.SuperKeyword);
  if (api.detect === 'new' && !constructs) return false;
  if (ts.isTaggedTemplateExpression(node)) return false;
  if (api.detect === 'call-without-callback') {
    return (api.callbackIndex ?? []).every((index) => isNoFunction(args[index], resolver)) && !args.some(ts.isSpreadElement);
  }
  if (api.detect === 'call-with-number-first-argument') return args[0] !== undefined && isNumber(args[0], resolver);
  return api.blocksWhen !== 'conditional' || conditionHolds(api, args, resolver);
}

function conditionHolds(api: BlockingApi, args: readonly ts.Expression[], resolver: SymbolResolver): boolean {
  if (api.id.startsWith('pkg:tar.')) return args.some((arg) => hasOption(arg, 'sync'));
  const hasNoCallback = args.every((arg) => !ts.isSpreadElement(arg) && isNoFunction(arg, resolver));
  return hasNoCallback && !args.some((arg) => hasOption(arg, 'async'));
}

/** True where an object literal sets the option to `true`. */
export function hasOption(argument: ts.Expression, name: string, value = ts.SyntaxKind.TrueKeyword): boolean {
  if (!ts.isObjectLiteralExpression(argument)) return false;
  return argument.properties.some(
    (property) =>
      ts.isPropertyAssignment(property) &&
      ts.isIdentifier(property.name) &&
      property.name.text === name &&
      property.initializer.kind === value,
  );
}

/** True for an absent argument and for one that is known to be no function. */
function isNoFunction(argument: ts.Expression | undefined, resolver: SymbolResolver): boolean {
  if (!argument) return true;
  if (ts.isArrowFunction(argument) || ts.isFunctionExpression(argument)) return false;
  if (resolver.resolve(argument).some(({ kind }) => kind === 'function')) return false;
  const type = resolver.checker.getTypeAtLocation(argument);
  if ((type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) !== 0) return false;
  const parts = type.isUnion() ? type.types : [type];
  return parts.every((part) => part.getCallSignatures().length === 0);
}

function isNumber(argument: ts.Expression, { checker }: SymbolResolver): boolean {
  return (checker.getTypeAtLocation(argument).flags & ts.TypeFlags.NumberLike) !== 0;
}
