import * as module from 'node:module';
import * as url from 'node:url';
import type { TextFormat } from '../../shared/instrumentMessages.ts';
import type { LoaderHost } from './loaderHost.ts';
import type { SourceLoader } from './sourceLoader.ts';
import { withoutOurFrames } from '../stacks/stackFrames.ts';

const { fileURLToPath, pathToFileURL } = url;

interface LoadResult {
  format?: string | undefined;
  source?: string | ArrayBuffer | NodeJS.TypedArray | null | undefined;
  shortCircuit?: boolean;
}
interface ResolveResult {
  url: string;
  format?: string | undefined;
  shortCircuit?: boolean;
}
interface ResolveContext {
  readonly parentURL?: string | undefined;
}
export type RegisterHooks = (hooks: {
  load?: (url: string, context: { format?: string | null }, next: (url: string, context?: object) => LoadResult) => LoadResult;
  resolve?: (
    specifier: string,
    context: ResolveContext,
    next: (specifier: string, context?: object) => ResolveResult,
  ) => ResolveResult;
}) => void;

/** Node's synchronous hooks, from 22.15 on; undefined elsewhere. */
export function findRegisterHooks(): RegisterHooks | undefined {
  return (module as unknown as { registerHooks?: RegisterHooks }).registerHooks;
}

/** Instruments each file as Node loads it, by `import` or `require`. */
export function installLoadHook(registerHooks: RegisterHooks, loader: SourceLoader, host: LoaderHost): void {
  registerHooks({
    load(location, context, next) {
      const file = loader.sourceFile(location);
      if (file === undefined) return next(location, context);
      if (file.language === 'typescript') {
        // Node would strip types itself (with a warning in some versions) or not know the extension.
        const text = loader.read(file.path);
        const answer = text && loader.transform(file.path, text.source, text.format, file.probes);
        if (answer === undefined) return next(location, context);
        return { format: nodeFormat(answer.format), source: answer.code, shortCircuit: true };
      }
      const result = next(location, context);
      if (result.format !== 'module' && result.format !== 'commonjs' && result.format !== undefined && result.format !== null)
        return result;
      const source = toText(result.source, host) ?? loader.read(file.path)?.source;
      if (source === undefined) return result;
      const format = result.format ?? 'unknown';
      const answer = loader.transform(file.path, source, format, file.probes);
      if (answer === undefined) return result;
      return { ...result, format: result.format ?? nodeFormat(answer.format), source: answer.code };
    },
  });
}

/** Finds what a TypeScript import means. Installed only once such a file has been seen, so that a JavaScript program's errors keep Node's own stack. */
export function installResolveHook(registerHooks: RegisterHooks, loader: SourceLoader, host: LoaderHost): void {
  registerHooks({
    resolve(specifier, context, next) {
      const importer = context.parentURL?.startsWith('file:') === true ? fileURLToPath(context.parentURL) : undefined;
      const mapped = loader.resolveBefore(specifier, importer);
      if (mapped !== undefined) return { url: pathToFileURL(mapped).href, shortCircuit: true };
      return withoutOurFrames(
        host.error,
        () => next(specifier, context),
        () => {
          const path = specifier.startsWith('file:') ? fileURLToPath(specifier) : specifier;
          const found = loader.resolveAfter(path, importer);
          return found === undefined ? undefined : { url: pathToFileURL(found).href, shortCircuit: true };
        },
      );
    },
  });
}

function nodeFormat(format: TextFormat): string | undefined {
  return format === 'unknown' ? undefined : format;
}

function toText(source: LoadResult['source'], host: LoaderHost): string | undefined {
  if (typeof source === 'string') return source;
  return source === undefined || source === null ? undefined : host.decodeUtf8(source);
}
