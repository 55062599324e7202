import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { availableNodes, openClockBench, type ClockBench, type Outcome } from './targets.ts';
import { orderPrograms } from './orderPrograms.ts';

/** What `node:test` prints of durations. */
const durations = /(?<=duration_ms:? |\()[\d.]+(?=ms\)|$)/gm;
/** A busy machine can make the bare program miss a deadline; it is asked again before the two count as different. */
const bareRuns = 4;

function visible(outcome: Outcome): object {
  return {
    code: outcome.code,
    signal: outcome.signal,
    stdout: outcome.stdout.replace(durations, '…'),
    stderr: withoutStacks(outcome.stderr),
  };
}

/** Stacks name one more frame at their end. */
function withoutStacks(text: string): string {
  return text.replace(/^ {4}at .*\n/gm, '').replace(/program\d+/g, 'program');
}

describe('programs on the virtual clock behave as on the wall clock', () => {
  let bench: ClockBench;
  before(async () => {
    bench = await openClockBench();
  });
  after(() => bench.remove());

  for (const { path, version } of availableNodes()) {
    for (const { name, text, module, code } of orderPrograms) {
      it(`${version}: ${name}`, async () => {
        const options = { node: path, extension: module ? ('mjs' as const) : ('cjs' as const) };
        const virtual = visible(await bench.run(text, { ...options, virtual: true }));
        for (let left = bareRuns - 1; ; left--) {
          const bare = await bench.run(text, { ...options, virtual: false });
          assert.equal(bare.code, code ?? 0, bare.stderr);
          if (left > 0 && !isDeepStrictEqual(virtual, visible(bare))) continue;
          assert.deepEqual(virtual, visible(bare));
          break;
        }
      });
    }
  }
});
