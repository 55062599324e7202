import assert from 'node:assert/strict';
import type { LintService } from '../../../src/lint/lintService.ts';
import { applyEdits } from '../../../src/shared/applyEdits.ts';
import type { LintFix } from '../../../src/shared/lintMessages.ts';

/** The fixes of a text as if it stood in a file. */
export function fixesOf(service: LintService, path: string, text: string): readonly LintFix[] {
  const response = service.answer({ type: 'fixes', requestId: 1, path, text, want: 'each' });
  assert.equal(response.type, 'fixes');
  return response.fixes;
}

/** Those that rewrite, each as its title and what the whole text becomes. */
export function rewrites(service: LintService, path: string, text: string): { readonly title: string; readonly after: string }[] {
  return fixesOf(service, path, text)
    .filter(({ kind }) => kind === 'rewrite')
    .map(({ title, edits }) => ({ title, after: applyEdits(text, edits) }));
}

/** The text with all safe fixes applied, until there are none. */
export function fixAll(service: LintService, path: string, text: string): string {
  let current = text;
  for (let round = 0; ; round++) {
    assert.ok(round < 10, 'the fixes come to no end');
    const response = service.answer({ type: 'fixes', requestId: 1, path, text: current, want: 'all-safe' });
    assert.equal(response.type, 'fixes');
    const [fix] = response.fixes;
    if (!fix) return current;
    const next = applyEdits(current, fix.edits);
    assert.notEqual(next, current);
    current = next;
  }
}
