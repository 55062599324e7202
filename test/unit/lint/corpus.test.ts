import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { LintService } from '../../../src/lint/lintService.ts';
import { rules } from '../../../src/lint/rules.ts';
import { expected, scoreFile, scriptsIn } from './labelledCases.ts';

const fixtures = join(import.meta.dirname, '../../fixtures/lint');

describe('the labelled cases', () => {
  const service = new LintService();
  let requestId = 0;
  let cases = 0;
  const score = { right: 0, wrong: 0, missed: 0 };
  const worst: string[] = [];

  for (const project of readdirSync(fixtures)) {
    describe(project, () => {
      const names = scriptsIn(join(fixtures, project));
      before(() => {
        service.answer({ type: 'load', requestId: ++requestId, paths: names.map((name) => join(fixtures, project, name)) });
      });
      for (const name of names) {
        cases++;
        it(name, () => {
          const path = join(fixtures, project, name);
          const { right, wrong, missed } = scoreFile(service, path, ++requestId);
          score.right += right;
          score.wrong += wrong.length;
          score.missed += missed.length;
          worst.push(...[...wrong, ...missed].map((one) => `${relative(fixtures, path)}:${one}`));
          assert.deepEqual({ wrong, missed }, { wrong: [], missed: [] });
        });
      }
    });
  }

  // A suite's own tests would run before those of the suites in it.
  describe('all together', () => {
    it('are many, and name rules that there are', () => {
      assert.ok(cases >= 150, `only ${cases} cases`);
      const named = new Set(
        readdirSync(fixtures).flatMap((project) =>
          scriptsIn(join(fixtures, project)).flatMap((name) =>
            expected(readFileSync(join(fixtures, project, name), 'utf8')).map((one) => one.replace(/^\d+ /, '')),
          ),
        ),
      );
      assert.deepEqual(
        [...named].filter((rule) => !rules.some((known) => known === rule)),
        [],
      );
    });

    // A finding counts where its rule and its line are right.
    it('are told with a precision of 97 % and a recall of 95 %', () => {
      const { right, wrong, missed } = score;
      const precision = right / (right + wrong);
      const recall = right / (right + missed);
      const percent = (part: number): string => `${(part * 100).toFixed(1)} %`;
      console.log(
        `    ${cases} cases: ${right} right, ${wrong} wrong, ${missed} missed; precision ${percent(precision)}, recall ${percent(recall)}`,
      );
      assert.ok(
        precision >= 0.97 && recall >= 0.95,
        `precision ${percent(precision)}, recall ${percent(recall)}:\n${worst.join('\n')}`,
      );
    });
  });
});
