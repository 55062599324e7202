import * as module from 'node:module';
import * as path from 'node:path';
import * as url from 'node:url';
import { types } from 'node:util';
import type { NodeInternals } from '../nodeInternals.ts';

const isProxy = types.isProxy.bind(types);
const isAbsolute = path.isAbsolute.bind(path);
const relative = path.relative.bind(path);
const { fileURLToPath } = url;
/** A trace names so many. */
const mostNamed = 3;

/** Node's loader of ES modules. */
interface EsmLoader {
  /** By URL, then by kind. */
  readonly loadCache?: { forEach(take: (jobs: object, location: string) => void): void };
}

/**
 * Says which modules were loaded past the hooks: by a loader that the program put in place of Node's own (`require.extensions`), by a load hook
 * of the program's that asks no other, or before the hooks were there (`--require` in NODE_OPTIONS); undefined where there are none. Reads
 * what Node keeps of modules once.
 * @param isOwn whether a file is the program's and would have been instrumented
 * @param root the folder that files are named from
 */
export function unseenText(
  internals: NodeInternals,
  wasSeen: (file: string) => boolean,
  isOwn: (file: string) => boolean,
  root: string,
): string | undefined {
  const loaded = new Set([...requiredFiles(), ...importedFiles(internals)]);
  const unseen = [...loaded].filter((file) => !wasSeen(file) && isOwn(file));
  if (unseen.length === 0) return undefined;
  const names = unseen.slice(0, mostNamed).map((file) => relative(root, file));
  const more = unseen.length - names.length;
  const [files, were] = unseen.length === 1 ? ['', 'was'] : [more > 0 ? ` and ${more} more` : '', 'were'];
  return (
    `${names.join(', ')}${files} ${were} loaded past Interleave (by the program's own load hook or \`require.extensions\`, as older versions of ` +
    `@babel/register have, or before it by NODE_OPTIONS), which did not see the text: not instrumented`
  );
}

function requiredFiles(): string[] {
  const cache = (module as unknown as { readonly _cache?: object })._cache;
  // A proxy is the program's own, and would notice.
  return cache === undefined || isProxy(cache) ? [] : Object.keys(cache).filter((file) => isAbsolute(file));
}

/** ES modules that were compiled; of those still being loaded the hooks may not have been told. */
function importedFiles(internals: NodeInternals): string[] {
  const files: string[] = [];
  try {
    const loaders = internals.module<{ getOrInitializeCascadedLoader?(): EsmLoader }>('internal/modules/esm/loader');
    loaders?.getOrInitializeCascadedLoader?.().loadCache?.forEach((jobs, location) => {
      const isCompiled = Object.values(jobs).some((job: { readonly module?: unknown } | undefined) => job?.module !== undefined);
      if (isCompiled && location.startsWith('file:')) files.push(fileURLToPath(location));
    });
  } catch {
    // A Node that keeps them otherwise, or a URL that is no path.
  }
  return files;
}
