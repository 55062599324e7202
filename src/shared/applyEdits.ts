import type { TextEdit } from './lintMessages.ts';

/** A text with edits made; they do not overlap, and those at one place are made in the order they are given. */
export function applyEdits(text: string, edits: readonly Pick<TextEdit, 'start' | 'end' | 'newText'>[]): string {
  let result = '';
  let at = 0;
  for (const { start, end, newText } of [...edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (start < at) throw new Error(`Edits overlap at ${start}.`);
    result += text.slice(at, start) + newText;
    at = end;
  }
  return result + text.slice(at);
}
