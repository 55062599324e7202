import { lstatSync, mkdirSync, readdirSync, rmdirSync, rmSync, statSync } from 'node:fs';
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
  for (const name of names) if (isLeftover(name)) removeQuestions(join(folder, name));
}

/**
 * Removes the folder of the questions of a run, except those that a process below its target still has to answer: to one that comes out of
 * a long call then, a signal without a question would be somebody else's. The next launcher looks again.
 */
export function removeQuestions(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const pid = /^question-(\d+)$/.exec(name)?.[1];
    // An empty one is no question, see `sampleRequest.ts`.
    const isOpen = pid !== undefined && isAlive(Number(pid)) && (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;
    if (!isOpen) rmSync(path, { recursive: true, force: true });
  }
  try {
    rmdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error;
  }
}

/** The questions of a launcher that was killed; see `hangLook.ts`. */
function isLeftover(name: string): boolean {
  const pid = /^sample-(\d+)-/.exec(name)?.[1];
  return pid !== undefined && !isAlive(Number(pid));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
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
