import data from './blockingApis.json' with { type: 'json' };

/** What a blocking call holds the loop with. */
export type BlockingKind =
  | 'sync-io'
  | 'sync-process'
  | 'sync-cpu'
  | 'sync-wait'
  | 'sync-net'
  | 'sync-db'
  | 'sync-input'
  | 'sync-load'
  | 'internal'
  /** Somebody said so, in a setting or a tag; the note says where. */
  | 'declared';

/** One API that blocks the event loop. */
export interface BlockingApi {
  /** Unique: `node:fs.readFileSync`, `pkg:execa.execaSync`, `global.Atomics.wait`. */
  readonly id: string;
  readonly origin: 'node' | 'global' | 'package';
  /** Import specifiers that lead to it; empty for globals. */
  readonly specifiers: readonly string[];
  /** Export or member path. `X.prototype.y` is a method of instances of X; `()` the module's own value, called; `*` every export that {@link sameAs} has. */
  readonly export: string;
  readonly kind: BlockingKind;
  readonly detect: 'call' | 'new' | 'call-without-callback' | 'tagged-template' | 'call-with-number-first-argument';
  readonly blocksWhen: 'always' | 'no-callback' | 'conditional';
  /** Positions (from 0) the callback may stand at; the call blocks when none of them holds a function. */
  readonly callbackIndex?: readonly number[];
  /**
   * `syscall`: one metadata system call, microseconds on a warm local disk, unbounded on a network or stalled one; `data`: grows with
   * the bytes; `cpu`: computation by design; `unbounded`: waits for something outside the process; `load`: evaluates a module.
   */
  readonly cost: 'syscall' | 'data' | 'cpu' | 'unbounded' | 'load';
  /** Proposed for async code. */
  readonly severity: 'error' | 'warning' | 'hint';
  readonly replacement?: BlockingReplacement;
  readonly autofix: BlockingAutofix;
  /** First Node version that has it (`v10.12.0`), where known. */
  readonly since?: string;
  readonly deprecated?: boolean;
  /** Specifier of the module whose exports this package re-exports. */
  readonly sameAs?: string;
  readonly note?: string;
}

/** What to call instead: an export of a module, or a phrase. */
export interface BlockingReplacement {
  readonly module?: string;
  readonly export?: string;
  readonly form?: 'promise' | 'callback';
  /** First Node version that has the replacement. */
  readonly sinceNote?: string;
  /** The callback form, where the promise form is a method of a handle. */
  readonly callback?: string;
  readonly text?: string;
}

/** How far a call can be rewritten by itself. `mechanical`: insert `await` and rename; `adapt`: the expression changes. */
export interface BlockingAutofix {
  readonly class: 'mechanical' | 'mechanical-guarded' | 'promisify' | 'adapt' | 'manual' | 'none';
  readonly text?: string;
  readonly reason?: string;
  /** When a `mechanical-guarded` fix must not be offered. */
  readonly guard?: string;
  /** Call signatures that have no counterpart. */
  readonly overloads?: readonly string[];
  /** How the results of both forms compared when both were run. */
  readonly verified?: string;
}

/** Every known blocking API. */
export const blockingApis: readonly BlockingApi[] = data as readonly BlockingApi[];

const byModule = new Map<string, Map<string, BlockingApi>>();
const byGlobal = new Map<string, BlockingApi>();
for (const api of blockingApis) {
  if (api.origin === 'global') byGlobal.set(api.export, api);
  for (const specifier of api.specifiers) {
    let exports = byModule.get(specifier);
    if (!exports) byModule.set(specifier, (exports = new Map<string, BlockingApi>()));
    exports.set(api.export, api);
  }
}

/**
 * The blocking API behind an export of a module.
 * @param specifier as imported, with or without `node:`
 * @param exportPath `readFileSync`, `realpathSync.native`, `Dir.prototype.closeSync`; a leading `default.` counts for nothing; `` (or
 *   `default`) is the module's own value
 */
export function findBlockingApi(specifier: string, exportPath: string): BlockingApi | undefined {
  const exports = byModule.get(specifier);
  if (!exports) return undefined;
  let path = exportPath.startsWith('default.') ? exportPath.slice('default.'.length) : exportPath;
  if (path === '' || path === 'default') path = '()';
  const own = exports.get(path);
  if (own) return own;
  const all = exports.get('*');
  if (!all?.sameAs) return undefined;
  const same = byModule.get(all.sameAs)?.get(path);
  return same && { ...same, id: `${all.id.slice(0, -1)}${path}`, origin: 'package', specifiers: all.specifiers };
}

/** The blocking API behind a path from the global object, such as `Atomics.wait`, `require` or `process.loadEnvFile`; `globalThis.` and `global.` in front count for nothing. */
export function findGlobalBlockingApi(path: string): BlockingApi | undefined {
  const bare = path.replace(/^(?:(?:globalThis|global)\.)+/, '');
  if (bare.startsWith('process.')) return findBlockingApi('process', bare.slice('process.'.length));
  return byGlobal.get(bare);
}

/** True for modules that have a blocking API at all. */
export function hasBlockingApis(specifier: string): boolean {
  return byModule.has(specifier);
}

/** Random bytes by the handful, a token signed with a secret. */
const trifles: ReadonlySet<string> = new Set([
  ...['node:crypto.randomBytes', 'node:crypto.pseudoRandomBytes', 'node:crypto.randomInt'],
  ...['pkg:jsonwebtoken.sign', 'pkg:jsonwebtoken.verify'],
]);

/** Calls that the catalogue itself calls mild, such as a dialog that a page shows on purpose, and those that nearly always take microseconds. */
export function isMild({ severity, detect, id }: BlockingApi): boolean {
  return trifles.has(id) || (severity === 'hint' && (detect === 'call-without-callback' || id.startsWith('pattern.')));
}
