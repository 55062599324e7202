import * as module from 'node:module';
import * as path from 'node:path';
import { types } from 'node:util';

const isProxy = types.isProxy.bind(types);
const isAbsolute = path.isAbsolute.bind(path);
const relative = path.relative.bind(path);
/** A trace names so many. */
const mostNamed = 3;

/**
 * Says which modules were loaded past the hooks: by a loader that the program put in place of Node's own (`require.extensions`), or before the
 * hooks were there (`--require` in NODE_OPTIONS); undefined where there are none. Reads Node's cache of CommonJS modules once.
 * @param isOwn whether a file is the program's and would have been instrumented
 * @param root the folder that files are named from
 */
export function unseenText(
  wasSeen: (file: string) => boolean,
  isOwn: (file: string) => boolean,
  root: string,
): string | undefined {
  const cache = (module as unknown as { readonly _cache?: object })._cache;
  // A proxy is the program's own, and would notice.
  if (cache === undefined || isProxy(cache)) return undefined;
  const unseen = Object.keys(cache).filter((file) => isAbsolute(file) && !wasSeen(file) && isOwn(file));
  if (unseen.length === 0) return undefined;
  const names = unseen.slice(0, mostNamed).map((file) => relative(root, file));
  const more = unseen.length - names.length;
  const [files, were] = unseen.length === 1 ? ['', 'was'] : [more > 0 ? ` and ${more} more` : '', 'were'];
  return (
    `${names.join(', ')}${files} ${were} loaded past Interleave (by the program's own \`require.extensions\`, as older versions of ` +
    `@babel/register have, or before it by NODE_OPTIONS), which did not see the text: not instrumented`
  );
}
