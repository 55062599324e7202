import type { ChildProcess } from 'node:child_process';
import type { ExitRecord } from '../shared/traceRecords.ts';
import { descendantsOf, killAll, signalTree } from './endProcess.ts';

const steps: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGKILL'];
const stepMs = 2_000;

/**
 * Ends a program that was cancelled or ran too long: SIGINT, 2 s later SIGTERM, 2 s later SIGKILL. A program whose launcher ends
 * first is ended with it.
 */
export class ProcessStopper {
  readonly #child: ChildProcess;
  readonly #ownGroup: boolean;
  #cause: ExitRecord['cause'] = 'exited';
  #step = 0;
  #timer: NodeJS.Timeout | undefined;
  #timeout: NodeJS.Timeout | undefined;
  /** Processes below the program when it was first asked to end; without a group of its own they would be lost sight of. */
  #below: Promise<number[]> = Promise.resolve([]);
  readonly #onOwnExit = () => signalTree(this.#child, 'SIGKILL', this.#ownGroup);

  constructor(child: ChildProcess, ownGroup: boolean) {
    this.#child = child;
    this.#ownGroup = ownGroup;
    process.once('exit', this.#onOwnExit);
  }

  stopAfter(timeoutMs: number): void {
    // Longer than timers can be set for (24.8 days) means never.
    if (timeoutMs >= 2 ** 31) return;
    this.#timeout = setTimeout(() => this.#stop('timeout'), timeoutMs);
  }

  /** A further call goes on to the next signal at once. */
  cancel(): void {
    this.#stop('cancelled');
  }

  /** To be called once the program has ended: ends what it left of a run that was stopped, and tells why the run ended. */
  async finish(): Promise<ExitRecord['cause']> {
    clearTimeout(this.#timer);
    clearTimeout(this.#timeout);
    process.off('exit', this.#onOwnExit);
    this.#step = steps.length;
    if (this.#cause !== 'exited') {
      if (this.#ownGroup) signalTree(this.#child, 'SIGKILL', true);
      else killAll(await this.#below);
    }
    return this.#cause;
  }

  #stop(cause: ExitRecord['cause']): void {
    const signal = steps[this.#step];
    if (signal === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    if (this.#step === 0) {
      this.#cause = cause;
      if (!this.#ownGroup && this.#child.pid !== undefined) this.#below = descendantsOf(this.#child.pid);
    }
    this.#step++;
    signalTree(this.#child, signal, this.#ownGroup);
    clearTimeout(this.#timer);
    if (this.#step < steps.length) this.#timer = setTimeout(() => this.#stop(cause), stepMs);
  }
}
