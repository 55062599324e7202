import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Batch, ChildMessage, ScenarioResult } from './child.ts';
import type { Scenario } from './selection.ts';

/** What became of a scenario; `lost` where the process died or hung while it ran bare or instrumented. */
export type Result = { readonly scenario: Scenario } & (
  | ({ readonly type: 'ran' } & Omit<ScenarioResult, 'index'>)
  | { readonly type: 'lost'; readonly run: 'bare' | 'instrumented'; readonly reason: string }
);

export interface RunOptions {
  readonly folder: string;
  /** As {@link loadInstrumenter} takes it. */
  readonly instrumenter: string;
  readonly processes: number;
  readonly batchSize?: number;
  /** Node's own flags for the processes, beyond those needed to link modules. */
  readonly nodeFlags?: readonly string[];
  /** A scenario that says nothing for so long hangs in synchronous code. */
  readonly silenceMs?: number;
  onResult?(done: number): void;
}

const defaultSilenceMs = 60_000;
const baseFlags = ['--experimental-vm-modules', '--expose-gc', '--no-warnings', '--stack-size=900'];

/** Runs scenarios in child processes. A process that dies or hangs costs the scenario it was at; the others are run in a new one. */
export async function runAll(scenarios: readonly Scenario[], options: RunOptions): Promise<readonly Result[]> {
  const size = options.batchSize ?? 2000;
  const results: Result[] = [];
  const queue: (readonly Scenario[])[] = [];
  for (let at = 0; at < scenarios.length; at += size) queue.push(scenarios.slice(at, at + size));
  const work = async (): Promise<void> => {
    for (let batch = queue.shift(); batch; batch = queue.shift()) {
      const rest = await runBatch(batch, options, (result) => {
        results.push(result);
        options.onResult?.(results.length);
      });
      if (rest.length > 0) queue.unshift(rest);
    }
  };
  await Promise.all(Array.from({ length: options.processes }, work));
  return results;
}

/** @returns the scenarios that are still to be run */
function runBatch(
  scenarios: readonly Scenario[],
  options: RunOptions,
  onResult: (result: Result) => void,
): Promise<readonly Scenario[]> {
  return new Promise((done, failed) => {
    const child: ChildProcess = fork(join(import.meta.dirname, 'child.ts'), {
      execArgv: [...baseFlags, ...(options.nodeFlags ?? [])],
    });
    let at = 0;
    let run: 'bare' | 'instrumented' = 'bare';
    let ended = 0;
    let hung = false;
    let timer: NodeJS.Timeout | undefined;
    const watch = (silenceMs: number): void => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        hung = true;
        child.kill('SIGKILL');
      }, silenceMs);
    };
    // Loading the instrumenter takes its time.
    watch(defaultSilenceMs);
    child.on('message', (message: ChildMessage) => {
      watch(options.silenceMs ?? defaultSilenceMs);
      if (message.type === 'defect') return failed(new Error(message.message));
      at = message.index;
      if (message.type === 'begun') {
        run = message.run;
        return;
      }
      ended = message.index + 1;
      onResult({ ...message, scenario: scenarios[message.index] as Scenario, type: 'ran' });
    });
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      if (ended === scenarios.length) return done([]);
      const reason = hung ? 'hangs' : `the process ended with ${signal ?? code}`;
      onResult({ type: 'lost', run, scenario: scenarios[at] as Scenario, reason });
      done(scenarios.slice(at + 1));
    });
    child.send({ folder: options.folder, instrumenter: options.instrumenter, scenarios } satisfies Batch);
  });
}
