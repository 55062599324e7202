import { spawn } from 'node:child_process';

/** Opens a file with the person's browser. Resolves to false where no opener answers; never throws, never keeps the process alive. */
export async function openInBrowser(path: string): Promise<boolean> {
  const [command, args] = opener(path);
  return await new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'ignore', detached: true });
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}

function opener(path: string): [string, string[]] {
  switch (process.platform) {
    case 'darwin':
      return ['open', [path]];
    case 'win32':
      return ['explorer.exe', [path]];
    default:
      return ['xdg-open', [path]];
  }
}
