import { join } from 'node:path';
import type * as vscode from 'vscode';
import { RunError } from '../run/errors.ts';
import { launchTarget } from '../run/launch.ts';
import type { RunHandle, RunResult } from '../run/launchOptions.ts';
import { TransformService } from '../run/transformService.ts';
import { emptyReason, exitText } from './statusTexts.ts';
import { errorText } from './host.ts';
import { launchPlan } from './launchPlan.ts';
import type { LiveRun } from './liveRun.ts';
import { problems, showProblem, inBackground } from './problems.ts';
import { ProgramTerminal } from './programTerminal.ts';
import { showProgress } from './runProgress.ts';
import { maxTraceBytes, runTitle, type RunStore, type RunTarget } from './runStore.ts';
import { readRunSettings } from './settings.ts';
import { checkedPath, saveAll, targetUri, withArguments, type TargetContext } from './traceTarget.ts';
import type { TraceStorage } from './traceStorage.ts';

export interface RunControllerOptions extends TargetContext {
  readonly store: RunStore;
  readonly storage: TraceStorage;
  readonly live: LiveRun;
  readonly log: vscode.LogOutputChannel;
  readonly extension: vscode.Extension<unknown>;
  /** Absolute folder for what can be made again. */
  readonly cacheFolder: string;
  readonly showTimeline: () => void;
}

interface Launched {
  readonly target: RunTarget;
  readonly timeoutSeconds: number;
  readonly handle: RunHandle;
}

/** How long the instrumenter stays loaded after a run. */
const warmMs = 5 * 60_000;

/** Starts and stops traced programs: one at a time. */
export class RunController {
  readonly #options: RunControllerOptions;
  readonly #terminal: ProgramTerminal;
  #running: RunHandle | undefined;
  #transforms: TransformService | undefined;
  #cooling: ReturnType<typeof setTimeout> | undefined;
  /** From the command to the start of the program, so that a double click starts one run. */
  #starting = false;

  constructor(options: RunControllerOptions) {
    this.#options = options;
    this.#terminal = new ProgramTerminal(options.vscode);
  }

  /** The command: `given` is a file (else the active one), `wish` the function of a lens. Resolves when the program has ended. */
  async trace(given: unknown, wish: unknown): Promise<void> {
    const { vscode } = this.#options;
    if (!(await this.#mayRun())) return;
    const path = await checkedPath(vscode, targetUri(vscode, given));
    if (path === undefined) return;
    const exportName = exportNameOf(wish);
    const target = exportName === undefined ? { path } : await withArguments(this.#options, path, exportName);
    if (target) await this.#start(target);
  }

  /** The last target once more, with the arguments it had. */
  async again(): Promise<void> {
    const { vscode, store, memory } = this.#options;
    if (!(await this.#mayRun())) return;
    const target = store.run?.target ?? memory.get<RunTarget>('interleave.lastTarget');
    if (!target) return showProblem(vscode, problems.noRun(vscode.l10n.t));
    if ((await checkedPath(vscode, vscode.Uri.file(target.path))) !== undefined) await this.#start(target);
  }

  /** Ends the program, if one runs; resolves when it is gone. */
  async stop(): Promise<void> {
    const running = this.#running;
    if (!running) return;
    running.cancel();
    await running.finished;
  }

  /** Ends the program for good before the window is gone: the editor waits five seconds at most. */
  async end(): Promise<void> {
    const running = this.#running;
    if (!running) return;
    running.cancel();
    // Each further call takes the next, harder step at once.
    const steps = [1000, 2000].map((ms) => setTimeout(() => running.cancel(), ms));
    await running.finished;
    steps.forEach((step) => clearTimeout(step));
  }

  dispose(): void {
    this.#running?.cancel();
    clearTimeout(this.#cooling);
    inBackground(this.#options.log, 'instrumenter', this.#transforms?.dispose() ?? Promise.resolve());
    this.#terminal.dispose();
  }

  async #mayRun(): Promise<boolean> {
    const { vscode } = this.#options;
    if (vscode.workspace.isTrusted) return true;
    await showProblem(vscode, problems.untrusted(vscode.l10n.t));
    return false;
  }

  async #start(target: RunTarget): Promise<void> {
    if (this.#starting || !(await this.#makeRoom())) return;
    this.#starting = true;
    let launched: Launched | undefined;
    try {
      if (await saveAll(this.#options.vscode, target.path)) launched = await this.#launch(target);
    } finally {
      this.#starting = false;
    }
    if (launched) await this.#follow(launched);
  }

  /** Only one program is traced at a time: asks before the running one is ended. */
  async #makeRoom(): Promise<boolean> {
    const { vscode, store } = this.#options;
    if (!this.#running) return true;
    const { t } = vscode.l10n;
    const stop = t('Stop It and Trace');
    if ((await vscode.window.showWarningMessage(t('{0} is still being traced.', store.run?.title ?? ''), stop)) !== stop)
      return false;
    await this.stop();
    return true;
  }

  async #launch(target: RunTarget): Promise<Launched | undefined> {
    const { vscode, store, memory, log, extension, live } = this.#options;
    const { t } = vscode.l10n;
    const uri = vscode.Uri.file(target.path);
    const settings = readRunSettings(vscode, uri);
    let plan;
    try {
      plan = await launchPlan({
        target,
        settings,
        workspaceFolder: vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath,
        extensionPath: extension.extensionPath,
        version: String((extension.packageJSON as { version?: unknown }).version),
        cacheFolder: this.#options.cacheFolder,
        env: process.env,
        editorBinary: { path: process.execPath, electron: process.versions['electron'] !== undefined },
      });
    } catch (error) {
      if (!(error instanceof RunError)) throw error;
      await showProblem(vscode, problems.cannotStart(t, error.code, error.message));
      return undefined;
    }
    log.info(plan.commandLine);
    await memory.update('interleave.lastTarget', target);
    store.begin(target, settings.longSliceMs);
    if (vscode.workspace.getConfiguration('interleave').get('timeline.openOnRun', true)) this.#options.showTimeline();

    const options = { ...plan.options, transforms: this.#warmTransforms(plan.options.distDir) };
    live.begin();
    const onTrace = (bytes: Uint8Array) => {
      store.append(bytes);
      live.push(bytes);
    };
    const handle = launchTarget(options, { onTrace, onHang: () => live.noteHang() });
    this.#running = handle;
    live.attach(handle);
    const { stdin, stdout, stderr } = handle;
    // A program that closes its input early is no fault of ours.
    stdin?.on('error', (error) => log.debug('stdin:', error.message));
    stdout?.on('data', (bytes: Uint8Array) => this.#terminal.output('stdout', bytes));
    stderr?.on('data', (bytes: Uint8Array) => this.#terminal.output('stderr', bytes));
    const input = { write: (text: string) => stdin?.write(text), end: () => stdin?.end(), interrupt: () => interrupt(handle) };
    this.#terminal.begin(runTitle(target), plan.commandLine, input, () => handle.cancel());
    return { target, timeoutSeconds: settings.timeoutSeconds, handle };
  }

  /** Accompanies the program to its end. */
  async #follow({ target, handle, timeoutSeconds }: Launched): Promise<void> {
    const { vscode, store, log, storage } = this.#options;
    inBackground(log, 'progress', showProgress(vscode, runTitle(target), handle));
    const result = await handle.finished;
    if (this.#running === handle) this.#running = undefined;
    this.#options.live.end();
    this.#coolDown();
    store.finish(result);
    this.#tellEnd(result, timeoutSeconds);
    const { run } = store;
    if (run) {
      await storage.save(run).catch((error: unknown) => log.warn(`The trace was not kept for a reload: ${errorText(error)}`));
    }
  }

  /** The instrumenter stays loaded between runs: starting it is most of what a short run costs. */
  #warmTransforms(distDir: string): TransformService {
    clearTimeout(this.#cooling);
    return (this.#transforms ??= new TransformService({
      workerPath: join(distDir, 'instrument-worker.cjs'),
      codeFolder: this.#options.cacheFolder,
    }));
  }

  #coolDown(): void {
    this.#cooling = setTimeout(() => {
      const { log } = this.#options;
      inBackground(log, 'instrumenter', this.#transforms?.dispose() ?? Promise.resolve());
      this.#transforms = undefined;
    }, warmMs);
  }

  #tellEnd(result: RunResult, timeoutSeconds: number): void {
    const { vscode, store, log } = this.#options;
    const { t } = vscode.l10n;
    const { run, model } = store;
    if (!run || !model) return;
    this.#terminal.end(exitText(result, t), result.cause !== 'exited' || result.code !== 0);
    for (const { path, status, reason } of model.files)
      if (status === 'skipped') log.info(`Not instrumented: ${path}: ${reason ?? ''}`);
    for (const warning of [...model.warnings]) log.warn(warning);
    if (run.damage !== undefined) log.error(`The trace could not be read: ${run.damage}`);

    const tell = (problem: Parameters<typeof showProblem>[1]) => inBackground(log, 'message', showProblem(vscode, problem));
    if (result.cause === 'spawn-failed') return tell(problems.startFailed(t, result.message ?? ''));
    if (run.damage !== undefined) return tell(problems.defect(t));
    if (result.cause === 'timeout') tell(problems.timedOut(t, timeoutSeconds));
    if (run.log.refused > 0) tell(problems.traceCut(t, Math.floor(maxTraceBytes / 1024 / 1024)));
    const reason = emptyReason(model, t);
    // A program that failed at once shows its own error in the terminal; ours would only cover it.
    if (reason !== undefined && result.cause === 'exited' && result.code === 0) tell(problems.nothingInstrumented(t, reason));
  }
}

/** What Ctrl+C in a terminal does: one SIGINT to the program and its children, which may handle it. */
function interrupt(handle: RunHandle): void {
  if (handle.pid === undefined) return;
  if (process.platform === 'win32') return handle.cancel();
  try {
    process.kill(-handle.pid, 'SIGINT');
  } catch {
    // It ended just now.
  }
}

function exportNameOf(wish: unknown): string | undefined {
  if (typeof wish !== 'object' || wish === null || !('exportName' in wish)) return undefined;
  return typeof wish.exportName === 'string' ? wish.exportName : undefined;
}
