import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { transcript } from '../../src/export/transcript.ts';
import { runScenario } from './support/runScenario.ts';

const folder = join(import.meta.dirname, 'scenarios');
/** `UPDATE_GOLDEN=1` writes what is made instead of comparing it. */
const update = process.env['UPDATE_GOLDEN'] === '1';

/** Programs whose every step is decided by themselves and the virtual clock: their whole trace is one text. */
describe('transcripts of the examples on the virtual clock', () => {
  for (const name of ['sleep-together', 'nested-groups', 'retry-backoff', 'chained-calls', 'async-generator', 'deferred']) {
    it(name, async () => {
      const { model, stdout } = await runScenario(`${name}.ts`, { clock: 'virtual' });
      const text = `${transcript(model, { normalised: true })}\noutput\n${stdout.map((line) => `  ${line}\n`).join('')}`;
      const file = join(folder, `${name}.txt`);
      if (update) writeFileSync(file, text);
      else assert.equal(text, readFileSync(file, 'utf8'));
    });
  }
});
