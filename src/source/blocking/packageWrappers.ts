import type { BlockingApi } from './blockingCatalogue.ts';
import { blockingCallOf } from '../sites/blockingCalls.ts';
import { exportedFunction, packageFunctionBehind, type PackageFunction } from '../symbols/packageExports.ts';
import { readPackageFile, scriptBehind, type PackageFile } from '../symbols/packageFiles.ts';
import { isAsyncFunction, isFunctionNode, isGeneratorFunction } from '../syntax.ts';
import type { ExternalValue } from '../symbols/symbolValue.ts';
import { ts } from '../typescript.ts';

/** Functions of packages that are gone through for one export. */
const maxFunctions = 60;
const maxKnown = 500;
/** By script and export. A package that is replaced has other scripts' stamps, so the script is asked for first. */
const known = new WeakMap<ts.SourceFile, Map<string, BlockingApi | undefined>>();

const weights: Readonly<Record<BlockingApi['cost'], number>> = { syscall: 1, load: 1, data: 2, cpu: 3, unbounded: 3 };

/**
 * What an export of a package that says by its name that it blocks (`readConfigSync`) does, read from the package's own script, whether
 * there are types for it or not. Nothing else of packages is read: one name in thousands ends so.
 * @param importer the file that imports it
 * @returns undefined where the script is not there, or nothing in it is seen to block
 */
export function blockingWrapper({ specifier, path }: ExternalValue, importer: string): BlockingApi | undefined {
  const [name, ...members] = path;
  if (specifier === undefined || name === undefined || members.length > 0 || !/[a-z]Sync$/.test(name)) return undefined;
  if (specifier.startsWith('node:') || specifier.startsWith('.')) return undefined;
  const script = scriptBehind(specifier, importer);
  const file = script === undefined ? undefined : readPackageFile(script);
  if (!file) return undefined;
  const byName = known.get(file.sourceFile) ?? new Map<string, BlockingApi | undefined>();
  known.set(file.sourceFile, byName);
  const key = `${specifier} ${name}`;
  if (!byName.has(key) && byName.size < maxKnown) byName.set(key, readWrapper(file, specifier, name));
  return byName.get(key);
}

function readWrapper(file: PackageFile, specifier: string, name: string): BlockingApi | undefined {
  const start = exportedFunction(file, name);
  const worst = start && heaviestIn(start);
  if (!worst) return undefined;
  const other = name.slice(0, -'Sync'.length);
  const hasOther = exportedFunction(file, other) !== undefined;
  return {
    id: `read.${specifier}.${name}`,
    origin: 'package',
    specifiers: [specifier],
    export: name,
    kind: worst.kind,
    detect: 'call',
    blocksWhen: 'always',
    cost: worst.cost,
    severity: worst.severity,
    ...(hasOther ? { replacement: { text: other } } : {}),
    autofix: { class: hasOther ? 'mechanical' : 'none' },
  };
}

/** The heaviest blocking call that a function of a package makes, itself or through others. */
function heaviestIn(start: PackageFunction): BlockingApi | undefined {
  const waiting = [start];
  const seen = new Set<ts.Node>([start.node]);
  let worst: BlockingApi | undefined;
  for (const { file, node } of waiting) {
    if (isAsyncFunction(node) || isGeneratorFunction(node) || !node.body) continue;
    const visit = (inner: ts.Node): void => {
      if (isFunctionNode(inner) && (isAsyncFunction(inner) || !ts.isCallExpression(inner.parent))) return;
      if (ts.isCallExpression(inner) || ts.isNewExpression(inner)) {
        const api = blockingCallOf(inner, file.bindings);
        // Modules are loaded once, and random bytes by the handful take microseconds.
        const counts = api !== undefined && api.kind !== 'sync-load' && api.detect !== 'call-without-callback';
        if (counts && weights[api.cost] > (worst ? weights[worst.cost] : 0)) worst = api;
        const next = api || ts.isNewExpression(inner) ? undefined : packageFunctionBehind(inner.expression, file);
        if (next && !seen.has(next.node) && seen.size < maxFunctions) {
          seen.add(next.node);
          waiting.push(next);
        }
      }
      ts.forEachChild(inner, visit);
    };
    if (ts.isBlock(node.body)) ts.forEachChild(node.body, visit);
    else visit(node.body);
  }
  return worst;
}
