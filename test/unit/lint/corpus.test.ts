import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LintService } from '../../../src/lint/lintService.ts';

const fixtures = join(import.meta.dirname, '../../fixtures/lint');

/** `7 blocking-call`, one per expected or reported finding, sorted by line. */
function expected(text: string): string[] {
  return text.split('\n').flatMap((line, index) => {
    const match = /\/\/ expect: ([\w, -]+)/.exec(line);
    return match ? match[1]!.split(',').map((rule) => `${index + 1} ${rule.trim()}`) : [];
  });
}

describe('the labelled cases', () => {
  const service = new LintService();
  let requestId = 0;
  let cases = 0;

  for (const project of readdirSync(fixtures)) {
    describe(project, () => {
      for (const name of readdirSync(join(fixtures, project))) {
        if (/\.json$/.test(name)) continue;
        cases++;
        it(name, () => {
          const path = join(fixtures, project, name);
          const response = service.answer({ type: 'check', requestId: ++requestId, path });
          assert.equal(response.type, 'findings');
          const found = response.findings.map(({ line, rule }) => `${line} ${rule}`);
          assert.deepEqual(found, expected(readFileSync(path, 'utf8')));
        });
      }
    });
  }

  it('are many', () => assert.ok(cases >= 60, `only ${cases} cases`));
});
