import { lstatSync, mkdirSync, rmdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

const windows = process.platform === 'win32';

/** Where runs under way leave what others of the same person may look for. Not made by being asked for. */
export function runtimeFolder(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const own = env['XDG_RUNTIME_DIR'];
  if (own !== undefined && own !== '') return join(own, 'interleave');
  return join(tmpdir(), `interleave-${windows ? userInfo().username : userInfo().uid}`);
}

/** Makes the folder where it is missing. Undefined where it cannot be made, or others may write to it. */
export function openRuntimeFolder(): string | undefined {
  const folder = runtimeFolder();
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { mode, uid } = lstatSync(folder);
    return windows || ((mode & 0o170077) === 0o040000 && uid === userInfo().uid) ? folder : undefined;
  } catch {
    return undefined;
  }
}

/** Removes the folder where nobody has anything in it. */
export function closeRuntimeFolder(): void {
  try {
    rmdirSync(runtimeFolder());
  } catch {
    // Another run is on.
  }
}
