import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Where the system wants programs to keep what they can make again; an absolute folder that need not exist. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env, platform: NodeJS.Platform = process.platform): string {
  if (platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'interleave', 'cache');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'interleave');
  // XDG Base Directory Specification: a relative path is invalid and to be ignored.
  const given = env['XDG_CACHE_HOME'];
  return join(given !== undefined && isAbsolute(given) ? given : join(homedir(), '.cache'), 'interleave');
}
