import type * as vscode from 'vscode';
import type { Translate, Vscode } from './host.ts';

/** A way out of a problem: a command behind a button. */
interface Mend {
  readonly title: string;
  readonly command: string;
  readonly args: readonly unknown[];
}

/** Something the person can mend: what happened, and what to do about it. */
export interface Problem {
  readonly severity: 'error' | 'warning' | 'information';
  readonly message: string;
  readonly mends: readonly Mend[];
}

const mend = (title: string, command: string, ...args: unknown[]): Mend => ({ title, command, args });
const setting = (t: Translate, id: string) => mend(t('Open Setting'), 'workbench.action.openSettings', id);
const log = (t: Translate) => mend(t('Show Log'), 'interleave.showLog');

/** All problems the person is told of. Defects of ours go to the log instead. */
export const problems = {
  untrusted: (t: Translate): Problem => ({
    severity: 'warning',
    message: t(
      'This workspace is not trusted, and tracing runs its code. Trust the workspace to trace; the lint and the source half of hovers work without.',
    ),
    mends: [mend(t('Manage Workspace Trust'), 'workbench.trust.manage')],
  }),
  noFile: (t: Translate): Problem => ({
    severity: 'warning',
    message: t('Open a TypeScript or JavaScript file to trace it.'),
    mends: [mend(t('Open File…'), 'workbench.action.files.openFile')],
  }),
  notOnDisk: (t: Translate, name: string): Problem => ({
    severity: 'warning',
    message: t('{0} is not a file on this machine, so Node cannot run it. Save it to disk first.', name),
    mends: [mend(t('Save As…'), 'workbench.action.files.saveAs')],
  }),
  unsupported: (t: Translate, name: string): Problem => ({
    severity: 'warning',
    message: t('{0} cannot be traced: only .ts, .mts, .cts, .tsx, .js, .mjs, .cjs and .jsx files can.', name),
    mends: [],
  }),
  notSaved: (t: Translate, name: string): Problem => ({
    severity: 'warning',
    message: t('{0} has changes that could not be saved. A run would not show the text you see; it was not started.', name),
    mends: [],
  }),
  functionGone: (t: Translate, name: string): Problem => ({
    severity: 'warning',
    message: t(
      '{0} is not an exported async function of this file (any more). Export it to trace it alone, or trace the whole file.',
      name,
    ),
    mends: [],
  }),
  cannotStart: (t: Translate, code: string, message: string): Problem => ({
    severity: 'error',
    message,
    mends: [
      ...(code.startsWith('node-')
        ? [setting(t, 'interleave.run.nodePath')]
        : code === 'cwd-missing'
          ? [setting(t, 'interleave.run.cwd')]
          : []),
      log(t),
    ],
  }),
  startFailed: (t: Translate, reason: string): Problem => ({
    severity: 'error',
    message: t('The program could not be started: {0}', reason),
    mends: [setting(t, 'interleave.run'), log(t)],
  }),
  nothingInstrumented: (t: Translate, reason: string): Problem => ({
    severity: 'warning',
    message: t('Nothing was instrumented: {0}', reason),
    mends: [...(/exclu/i.test(reason) ? [setting(t, 'interleave.run.exclude')] : []), log(t)],
  }),
  timedOut: (t: Translate, seconds: number): Problem => ({
    severity: 'warning',
    message: t(
      'The program was ended after {0} s, the limit in interleave.run.timeoutSeconds. The trace shows what happened until then.',
      seconds,
    ),
    mends: [setting(t, 'interleave.run.timeoutSeconds')],
  }),
  traceCut: (t: Translate, megabytes: number): Problem => ({
    severity: 'warning',
    message: t('The trace reached {0} MB; what the program did after that is not in it.', megabytes),
    mends: [],
  }),
  noRun: (t: Translate): Problem => ({
    severity: 'information',
    message: t('Nothing was traced yet in this window.'),
    mends: [mend(t('Trace async run'), 'interleave.traceRun')],
  }),
  cannotWrite: (t: Translate, name: string, reason: string): Problem => ({
    severity: 'error',
    message: t('{0} could not be written: {1}', name, reason),
    mends: [],
  }),
  defect: (t: Translate): Problem => ({
    severity: 'error',
    message: t('Interleave ran into a defect of its own. The log has the details.'),
    mends: [log(t)],
  }),
} as const;

/** Shows a problem with its mends as buttons; resolves when it was answered or closed. */
export async function showProblem(vscode: Vscode, problem: Problem): Promise<void> {
  const titles = problem.mends.map(({ title }) => title);
  const show = {
    error: vscode.window.showErrorMessage,
    warning: vscode.window.showWarningMessage,
    information: vscode.window.showInformationMessage,
  };
  const chosen = await show[problem.severity](problem.message, ...titles);
  const way = problem.mends.find(({ title }) => title === chosen);
  if (way) await vscode.commands.executeCommand(way.command, ...way.args);
}

/** Runs work nobody waits for: what it throws is a defect of ours and goes to the log. */
export function inBackground(log: vscode.LogOutputChannel, what: string, work: PromiseLike<unknown>): void {
  work.then(undefined, (error: unknown) => log.error(`${what}:`, error instanceof Error ? error : String(error)));
}
