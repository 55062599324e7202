/** Everything that can keep a run from starting, in words for the user. */
export type RunErrorCode =
  | 'entry-missing'
  | 'entry-is-folder'
  | 'entry-unsupported'
  | 'entry-unreadable'
  | 'cwd-missing'
  | 'node-missing'
  | 'node-not-executable'
  | 'node-too-old'
  | 'node-unusable'
  | 'bundle-missing'
  | 'trace-unreadable'
  | 'trace-unwritable';

export class RunError extends Error {
  override readonly name = 'RunError';
  readonly code: RunErrorCode;

  constructor(code: RunErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The lowest Node version a target may have. */
export const lowestNode = { major: 20, minor: 19 } as const;
/** Extensions of files that can be traced. */
export const sourceExtensions = ['.ts', '.mts', '.cts', '.tsx', '.js', '.mjs', '.cjs', '.jsx'] as const;

export const runErrors = {
  entryMissing: (path: string) => new RunError('entry-missing', `There is no file ${path}.`),
  entryIsFolder: (path: string) => new RunError('entry-is-folder', `${path} is a folder. Name the file to run.`),
  entryUnsupported: (path: string) =>
    new RunError('entry-unsupported', `${path} is not a file Interleave can run: it must end in ${listed(sourceExtensions)}.`),
  entryUnreadable: (path: string, cause: unknown) =>
    new RunError('entry-unreadable', `${path} cannot be read: ${reasonOf(cause)}.`, { cause }),
  cwdMissing: (path: string) => new RunError('cwd-missing', `The working directory ${path} does not exist.`),
  nodeMissing: () =>
    new RunError(
      'node-missing',
      `Node was not found on the PATH. Install Node ${lowestNode.major}.${lowestNode.minor} or newer, or name its path in the settings.`,
    ),
  nodeNotExecutable: (path: string) =>
    new RunError('node-not-executable', `${path} is not a program that can be started. It was named as the Node to use.`),
  nodeTooOld: (path: string, version: string) =>
    new RunError(
      'node-too-old',
      `${path} is Node ${version.replace(/^v/, '')}. Interleave needs Node ${lowestNode.major}.${lowestNode.minor} or newer.`,
    ),
  nodeUnusable: (path: string, detail: string) =>
    new RunError(
      'node-unusable',
      `${path} did not answer as Node does when asked for its version${detail === '' ? '' : `: ${detail}`}.`,
    ),
  bundleMissing: (path: string) =>
    new RunError('bundle-missing', `Interleave is incomplete: ${path} is missing. Install it again.`),
  traceUnreadable: (path: string, cause: unknown) =>
    new RunError('trace-unreadable', `${path} cannot be read: ${reasonOf(cause)}.`, { cause }),
  traceUnwritable: (path: string, cause: unknown) =>
    new RunError('trace-unwritable', `The trace could not be written to ${path}: ${reasonOf(cause)}.`, { cause }),
} as const;

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EACCES: 'access was denied',
  EPERM: 'the system does not permit it',
  EISDIR: 'it is a folder',
  ENOTDIR: 'part of its path is not a folder',
  ENOSPC: 'the disk is full',
  EROFS: 'the disk is read-only',
  EMFILE: 'too many files are open',
};

/** The reason behind a failed file operation or start of a process, in plain words. */
export function reasonOf(cause: unknown): string {
  const { code, message } = cause as { code?: string; message?: string };
  // It becomes part of a sentence.
  return ((code === undefined ? undefined : reasons[code]) ?? message ?? String(cause)).replace(/\.$/, '');
}

function listed(words: readonly string[]): string {
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
