import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { scoreFile, scriptsIn, type Score } from './labelledCases.ts';
import { LintService } from '../../../src/lint/lintService.ts';

const fixtures = join(import.meta.dirname, '../../fixtures');

// Both sets were written from the rules' descriptions by somebody who had not seen the lint.
// `lintBlind` was never tuned to: what the lint gets wrong there stays on the list.
// `lintUnseen` was told with a precision of 97.9 % and a recall of 96.9 % at first sight. Seven labels were mended since,
// six for the count of findings on a line and one with the page of its rule. What the lint missed was mended in general and has
// cases of its own in `lint`: it no longer says how the lint does on code it has not seen.
for (const set of ['lintBlind', 'lintUnseen']) {
  describe(`labelled cases written blind: ${set}`, () => {
    it('are told with a precision of 97 % and a recall of 95 %', () => {
      const { files, right, wrong, missed } = scoreSet(join(fixtures, set));
      const precision = right / (right + wrong.length);
      const recall = right / (right + missed.length);
      const percent = (part: number): string => `${(part * 100).toFixed(1)} %`;
      console.log(`    ${files} files: precision ${percent(precision)}, recall ${percent(recall)}`);
      assert.ok(
        precision >= 0.97 && recall >= 0.95,
        `precision ${percent(precision)}, recall ${percent(recall)}:\n${[...wrong, '', ...missed].join('\n')}`,
      );
    }).timeout(120_000);
  });
}

function scoreSet(folder: string): Score & { readonly files: number } {
  const service = new LintService();
  const total = { files: 0, right: 0, wrong: [] as string[], missed: [] as string[] };
  let requestId = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const project = join(folder, entry.name);
    const paths = scriptsIn(project).map((name) => join(project, name));
    total.files += paths.length;
    service.answer({ type: 'load', requestId: ++requestId, paths });
    for (const path of paths) {
      const { right, wrong, missed } = scoreFile(service, path, ++requestId);
      total.right += right;
      total.wrong.push(...wrong.map((one) => `${path}:${one}`));
      total.missed.push(...missed.map((one) => `${path}:${one}`));
    }
  }
  return total;
}
