// Runs scenarios that come over the channel, each one bare and instrumented, and sends what differs.
import { loadInstrumenter, identity, type Instrumenter } from './instrumenter.ts';
import { differences, type Changes, type Difference } from './observation.ts';
import { installRejectionWatch } from './rejectionWatch.ts';
import { runScenario } from './runScenario.ts';
import type { Scenario } from './selection.ts';

export interface Batch {
  readonly folder: string;
  readonly instrumenter: string;
  readonly scenarios: readonly Scenario[];
}

export interface ScenarioResult extends Changes {
  readonly index: number;
  readonly passed: boolean;
  readonly outcome: string;
  readonly assertions: number;
  readonly differences: readonly Difference[];
}

export type ChildMessage =
  | { readonly type: 'begun'; readonly index: number; readonly run: 'bare' | 'instrumented' }
  | ({ readonly type: 'ended' } & ScenarioResult)
  /** The runner itself failed. */
  | { readonly type: 'defect'; readonly message: string };

installRejectionWatch();

/** Fulfilled once the message is on its way: what runs next may never let go of the process. */
const send = (message: ChildMessage): Promise<void> =>
  new Promise((sent) => process.send?.(message, undefined, undefined, () => sent()));

async function runBatch({ folder, instrumenter: name, scenarios }: Batch): Promise<void> {
  const instrumenter: Instrumenter = await loadInstrumenter(name);
  const documented = new Set(instrumenter.names);
  for (const [index, scenario] of scenarios.entries()) {
    await send({ type: 'begun', index, run: 'bare' });
    const bare = await runScenario(folder, scenario, identity);
    await send({ type: 'begun', index, run: 'instrumented' });
    const other = await runScenario(folder, scenario, instrumenter);
    const { passed, outcome, assertions } = bare.observation;
    await send({
      type: 'ended',
      index,
      passed,
      outcome,
      assertions: assertions.length,
      changed: other.changed,
      ...(other.skipped === undefined ? {} : { skipped: other.skipped }),
      differences: differences(bare.observation, other.observation, documented),
    });
  }
}

process.once('message', (batch: Batch) => {
  void runBatch(batch)
    .catch((error: unknown) => {
      const stack = (error as { readonly stack?: unknown } | undefined)?.stack;
      return send({ type: 'defect', message: typeof stack === 'string' ? stack : String(error) });
    })
    .then(() => process.disconnect());
});
