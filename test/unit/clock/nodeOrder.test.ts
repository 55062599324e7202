import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { nodes } from '../support/nodes.ts';
import { openClockBench, type ClockBench, type Outcome } from './targets.ts';
import { orderPrograms } from './orderPrograms.ts';

/** What `node:test` prints of durations. */
const durations = /(?<=duration_ms:? |\()[\d.]+(?=ms\)|$)/gm;
/** A busy machine can make the bare program miss a deadline; it is asked again before the two count as different. */
const bareRuns = 12;

function visible({ code, signal, stdout, stderr }: Outcome): object {
  const text = (output: string): string => output.replace(durations, '…').replace(/program\d+/g, 'program');
  return { code, signal, stdout: text(stdout), stderr: text(stderr) };
}

describe('programs on the virtual clock behave as on the wall clock', () => {
  let bench: ClockBench;
  before(async () => {
    bench = await openClockBench();
  });
  after(() => bench.remove());

  for (const { path, version } of nodes) {
    for (const { name, text, module, code } of orderPrograms) {
      it(`${version}: ${name}`, async () => {
        const options = { node: path, extension: module ? ('mjs' as const) : ('cjs' as const) };
        const runBare = async (): Promise<object> => visible(await bench.run(text, { ...options, virtual: false }));
        const [outcome, first] = await Promise.all([bench.run(text, { ...options, virtual: true }), runBare()]);
        const virtual = visible(outcome);
        let bare = first;
        for (let left = bareRuns - 1; left > 0 && !isDeepStrictEqual(virtual, bare); left--) bare = await runBare();
        assert.deepEqual(virtual, bare);
        assert.equal(outcome.code, code ?? 0);
      });
    }
  }
});
