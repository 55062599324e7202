import * as fs from 'node:fs';
import * as module from 'node:module';
import * as url from 'node:url';
import * as vm from 'node:vm';
import type { TextFormat } from '../../shared/instrumentMessages.ts';
import type { LoaderHost } from './loaderHost.ts';
import { moduleFormatOf } from './packageType.ts';
import type { SourceLoader } from './sourceLoader.ts';
import { withoutOurFrames } from '../stacks/stackFrames.ts';

const { fileURLToPath, pathToFileURL } = url;
const { readFileSync } = fs;

interface LoadResult {
  format?: string | null;
  source?: string | ArrayBuffer | NodeJS.TypedArray | null;
  responseURL?: string;
}
type Load<R> = (url: string, context?: { format?: string }) => R;
interface LoadInternals {
  defaultLoad?: Load<Promise<LoadResult>>;
  defaultLoadSync?: Load<LoadResult>;
}
interface EsmLoader {
  defaultResolve?: (
    specifier: string,
    parentURL: string | undefined,
    attributes: object,
  ) => { url: string; format?: string | null };
}
interface LoaderInternals {
  getOrInitializeCascadedLoader?: () => EsmLoader;
}
interface CommonJsModule {
  filename?: string | null;
  _compile(source: string, filename: string, format?: string): unknown;
}
interface CommonJsLoader {
  _extensions: Record<string, (module: CommonJsModule, filename: string) => unknown>;
  _resolveFilename: (request: string, parent: CommonJsModule | undefined, ...rest: unknown[]) => string;
}

const esmUnattached = 'ES modules could not be instrumented in this version of Node.';

/**
 * The hooks for a Node without `module.registerHooks`: steps of Node's own loaders are replaced in place, on the same thread.
 * (`module.register` would run hooks on a thread of its own, which delays `nextTick` behind promise jobs.)
 * Returns what could not be attached.
 */
export function installLegacyHooks(loader: SourceLoader, host: LoaderHost): string[] {
  replaceExtension(loader, host.loaderStack);
  return replaceLoad(loader, host) ? [] : [esmUnattached];
}

/** Where Node's own `Module._extensions['.js']` calls `_compile`: a stack of the program shall show that place and not ours. */
function replaceExtension(loader: SourceLoader, loaderStack: string): void {
  const prepare = (filename: string): { source: string; format: string | undefined } | undefined => {
    const file = loader.sourceFile(filename);
    if (file === undefined) return undefined;
    let source: string;
    try {
      source = readFileSync(filename, 'utf8');
    } catch {
      return undefined;
    }
    const format = moduleFormatOf(filename);
    const answer = loader.transform(file.path, source, format, file.probes);
    if (answer === undefined && file.language === 'typescript') return undefined;
    return { source: answer?.code ?? source, format: nodeFormat(answer?.format ?? format) };
  };
  const commonJs = module.Module as unknown as CommonJsLoader;
  const place = /_extensions\.\.js \((node:[^)]*):(\d+):(\d+)\)/.exec(loaderStack);
  const [, filename = 'node:internal/modules/cjs/loader', line = '2', column = '10'] = place ?? [];
  const indent = ' '.repeat(Math.max(0, Number(column) - 1 - 'module.'.length));
  const text =
    "(function (Module, prepare, original) { Module._extensions['.js'] = function (module, filename) { " +
    'const ready = prepare(filename); if (ready === undefined) return original(module, filename);\n' +
    `${indent}module._compile(ready.source, filename, ready.format);\n}; })`;
  const script = new vm.Script(text, { filename, lineOffset: Number(line) - 2 });
  const install = script.runInThisContext() as (...args: unknown[]) => void;
  install(commonJs, prepare, commonJs._extensions['.js']);
}

function replaceLoad(loader: SourceLoader, host: LoaderHost): boolean {
  // Loaded first: the two import each other.
  host.internals.module('internal/modules/esm/resolve');
  const load = host.internals.module<LoadInternals>('internal/modules/esm/load');
  if (typeof load?.defaultLoad !== 'function') return false;
  const { defaultLoad, defaultLoadSync } = load;
  const { promiseResolve, promiseThen } = host;

  const loadTypeScript = (location: string): LoadResult | undefined => {
    const file = loader.sourceFile(location);
    if (file === undefined || file.language !== 'typescript') return undefined;
    const text = loader.read(file.path);
    const answer = text && loader.transform(file.path, text.source, text.format, file.probes);
    if (answer === undefined) return undefined;
    if (answer.format === 'module') return { format: 'module', source: answer.code, responseURL: location };
    // Without a source the file goes through the CommonJS loader, where `require` is Node's own.
    return { format: 'commonjs', source: null, responseURL: location };
  };
  const instrument = (location: string, result: LoadResult): LoadResult => {
    const file = loader.sourceFile(location);
    if (file === undefined || file.language === 'typescript' || result.format !== 'module') return result;
    if (result.source === undefined || result.source === null) return result;
    const source = typeof result.source === 'string' ? result.source : host.decodeUtf8(result.source);
    const answer = loader.transform(file.path, source, 'module', file.probes);
    return answer === undefined ? result : { ...result, source: answer.code };
  };

  load.defaultLoad = function (location, context) {
    const typeScript = loadTypeScript(location);
    if (typeScript !== undefined) return promiseResolve(typeScript);
    const original = defaultLoad(location, context);
    return Reflect.apply(promiseThen, original, [(result: LoadResult) => instrument(location, result)]) as Promise<LoadResult>;
  };
  if (typeof defaultLoadSync === 'function') {
    load.defaultLoadSync = (location, context) =>
      loadTypeScript(location) ?? instrument(location, defaultLoadSync(location, context));
  }
  return true;
}

/** Finds what a TypeScript import means, by `require` and by `import`. */
export function installLegacyResolve(loader: SourceLoader, host: LoaderHost): void {
  const commonJs = module.Module as unknown as CommonJsLoader;
  const resolveFilename = commonJs._resolveFilename;
  commonJs._resolveFilename = function _resolveFilename(request, parent, ...rest) {
    const importer = parent?.filename ?? undefined;
    const mapped = loader.resolveBefore(request, importer);
    if (mapped !== undefined) return mapped;
    return withoutOurFrames(
      host.error,
      () => resolveFilename.call(this, request, parent, ...rest),
      () => loader.resolveAfter(request, importer),
    );
  };

  const esm = host.internals.module<LoaderInternals>('internal/modules/esm/loader')?.getOrInitializeCascadedLoader?.();
  const defaultResolve = esm?.defaultResolve;
  if (esm === undefined || typeof defaultResolve !== 'function') return;
  esm.defaultResolve = function (specifier, parentURL, attributes) {
    const importer = parentURL?.startsWith('file:') === true ? fileURLToPath(parentURL) : undefined;
    const mapped = loader.resolveBefore(specifier, importer);
    if (mapped !== undefined) return { url: pathToFileURL(mapped).href };
    return withoutOurFrames(
      host.error,
      () => defaultResolve.call(this, specifier, parentURL, attributes),
      () => {
        const path = specifier.startsWith('file:') ? fileURLToPath(specifier) : specifier;
        const found = loader.resolveAfter(path, importer);
        return found === undefined ? undefined : { url: pathToFileURL(found).href };
      },
    );
  };
}

function nodeFormat(format: TextFormat): string | undefined {
  return format === 'unknown' ? undefined : format;
}
