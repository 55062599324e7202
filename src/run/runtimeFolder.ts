import { lstatSync, mkdirSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

const windows = process.platform === 'win32';

/** Where runs under way leave what others of the same person may look for. Not made by being asked for. */
export function runtimeFolder(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const own = env['XDG_RUNTIME_DIR'];
  if (own !== undefined && own !== '') return join(own, 'interleave');
  return join(tmpdir(), `interleave-${windows ? userInfo().username : userInfo().uid}`);
}

/** Makes the folder where it is missing, and takes away what launchers that were killed have left in it. Undefined where it cannot be made, or others may write to it. */
export function openRuntimeFolder(): string | undefined {
  const folder = runtimeFolder();
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { mode, uid } = lstatSync(folder);
    if (!windows && ((mode & 0o170077) !== 0o040000 || uid !== userInfo().uid)) return undefined;
    removeLeftovers(folder, readdirSync(folder));
    return folder;
  } catch {
    return undefined;
  }
}

/** Removes those of the names in the folder that launchers have left that are gone. Throws where that is not permitted. */
export function removeLeftovers(folder: string, names: readonly string[]): void {
  for (const name of names) if (isLeftover(name)) rmSync(join(folder, name), { recursive: true, force: true });
}

/** The questions of a launcher that was killed; see `hangLook.ts`. */
function isLeftover(name: string): boolean {
  const pid = /^sample-(\d+)-/.exec(name)?.[1];
  if (pid === undefined) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
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
