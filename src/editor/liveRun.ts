import { liveReport } from '../analyze/liveReport.ts';
import { LiveTasks } from '../analyze/liveTasks.ts';
import type { RunHandle } from '../run/launchOptions.ts';
import { announceRun } from '../run/runRegistry.ts';
import type { LiveReport } from '../shared/liveReport.ts';

/** The run under way, while it runs: its live tasks, and whether its loop is held. */
export class LiveRun {
  readonly #listeners = new Set<() => void>();
  #tasks: LiveTasks | undefined;
  #handle: RunHandle | undefined;
  #withdraw = (): void => {};
  #held = false;

  /** A trace begins. */
  begin(): void {
    this.end();
    this.#tasks = new LiveTasks();
  }

  push(bytes: Uint8Array): void {
    this.#tasks?.push(bytes, performance.now());
  }

  /** The program runs; from here on others can ask too. */
  attach(handle: RunHandle): void {
    this.#handle = handle;
    if (handle.pid !== undefined)
      this.#withdraw = announceRun(() => this.#report() ?? Promise.reject(new Error('It has ended.')));
  }

  /** The loop was looked at and found held. */
  noteHang(): void {
    this.#held = true;
    this.#tell();
  }

  end(): void {
    this.#withdraw();
    this.#withdraw = () => {};
    this.#tasks = undefined;
    this.#handle = undefined;
    if (!this.#held) return;
    this.#held = false;
    this.#tell();
  }

  /** What the program is doing now; undefined while none runs. Answers also while its loop is held. */
  report(): Promise<LiveReport> | undefined {
    return this.#report();
  }

  /** What was found when the loop was last looked at; undefined where it is not held, as far as is known. */
  held(): LiveReport | undefined {
    if (!this.#held) return undefined;
    const report = this.#now();
    if (report?.hang !== undefined || report?.heldProcesses !== undefined) return report;
    this.#held = false;
    this.#tell();
    return undefined;
  }

  /** Tells when {@link held} may have changed. */
  onDidChange(listener: () => void): { dispose(): void } {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  }

  dispose(): void {
    this.#listeners.clear();
    this.end();
  }

  #report(): Promise<LiveReport> | undefined {
    const handle = this.#handle;
    if (handle?.pid === undefined) return undefined;
    return handle.flush().then(() => this.#now() ?? Promise.reject(new Error('It has ended.')));
  }

  #now(): LiveReport | undefined {
    const pid = this.#handle?.pid;
    return this.#tasks && pid !== undefined ? liveReport(this.#tasks, pid, performance.now()) : undefined;
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
