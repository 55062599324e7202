import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LintService } from '../../../src/lint/lintService.ts';
import { applyEdits } from '../../../src/shared/applyEdits.ts';
import type { Finding, LintFix } from '../../../src/shared/lintMessages.ts';

const folder = join(import.meta.dirname, '../../fixtures/lint');

describe('fixes of the labelled cases', () => {
  const service = new LintService();
  const paths = globSync('**/*.{ts,tsx,mts,cts,js,mjs,cjs,jsx}', { cwd: folder }).map((name) => join(folder, name));

  function findings(path: string, text: string): readonly Finding[] {
    const response = service.answer({ type: 'check', requestId: 1, path, text });
    assert.equal(response.type, 'findings');
    return response.findings;
  }
  function fix(path: string, text: string, want: 'each' | 'all-safe'): readonly LintFix[] {
    const response = service.answer({ type: 'fixes', requestId: 1, path, text, want });
    assert.equal(response.type, 'fixes');
    return response.fixes;
  }

  it('settle what they say, bring about nothing, and applied twice change nothing more', function () {
    this.timeout(300_000);
    service.answer({ type: 'load', requestId: 1, paths });
    let fixed = 0;
    for (const path of paths) {
      const text = readFileSync(path, 'utf8');
      const [all] = fix(path, text, 'all-safe');
      if (!all) continue;
      assert.ok(
        all.edits.every((edit) => edit.path === path),
        path,
      );
      const after = applyEdits(text, all.edits);
      const left = findings(path, after);
      assert.equal(left.length, findings(path, text).length - all.findings, path);
      assert.deepEqual(fix(path, after, 'all-safe'), [], path);
      fixed += all.findings;
      service.answer({ type: 'close', requestId: 1, path });
    }
    assert.ok(fixed >= 35, `${fixed} were fixed`);
  });

  it('are each one finding less', function () {
    this.timeout(300_000);
    let fixed = 0;
    for (const path of paths) {
      const text = readFileSync(path, 'utf8');
      const before = findings(path, text);
      const single = fix(path, text, 'each').filter(({ edits }) => edits.every((edit) => edit.path === path));
      // Two a file tell enough for the time they take.
      for (const { title, edits } of single.slice(0, 2)) {
        const after = findings(path, applyEdits(text, edits));
        assert.ok(after.length < before.length, `${path}: ${title}`);
        fixed++;
      }
      service.answer({ type: 'close', requestId: 1, path });
    }
    assert.ok(fixed >= 40, `${fixed} were tried`);
  });
});
