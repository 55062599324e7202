import type { ts } from '../typescript.ts';

/** Which rules the comments of a file silence, by line. */
export interface IgnoreComments {
  isIgnored(rule: string, line: number): boolean;
}

const directive = /interleave-ignore(-next-line|-line|-file)?(?![\w-])([^\r\n]*)/g;

/**
 * Reads `// interleave-ignore-next-line rule`, `// interleave-ignore-line rule` (short: `interleave-ignore`) and `// interleave-ignore-file rule`.
 * Several rules are divided by commas or blanks, none means all, and what follows `--` is the reason. In strings the words mean nothing.
 */
export function readIgnoreComments(sourceFile: ts.SourceFile): IgnoreComments {
  const byLine = new Map<number, (readonly string[])[]>();
  const wholeFile: (readonly string[])[] = [];
  for (const match of sourceFile.text.matchAll(directive)) {
    if (!isInComment(sourceFile, match.index)) continue;
    const rules = rulesIn(match[2] ?? '');
    if (match[1] === '-file') {
      wholeFile.push(rules);
      continue;
    }
    const line = sourceFile.getLineAndCharacterOfPosition(match.index).line + (match[1] === '-next-line' ? 2 : 1);
    byLine.set(line, [...(byLine.get(line) ?? []), rules]);
  }
  const silences = (lists: readonly (readonly string[])[] | undefined, rule: string): boolean =>
    lists?.some((rules) => rules.length === 0 || rules.includes(rule)) ?? false;
  return { isIgnored: (rule, line) => silences(wholeFile, rule) || silences(byLine.get(line), rule) };
}

function rulesIn(text: string): readonly string[] {
  const [rules = ''] = text.split(/--|\*\//);
  return rules.split(/[\s,:]+/).filter((rule) => rule !== '');
}

/** Comments lie between the tokens: in the white space before the next one. */
function isInComment(sourceFile: ts.SourceFile, position: number): boolean {
  let at: ts.Node = sourceFile;
  for (;;) {
    const child: ts.Node | undefined = at
      .getChildren(sourceFile)
      .find((one) => one.getFullStart() <= position && position < one.end);
    if (!child) return true;
    if (position < child.getStart(sourceFile)) return true;
    at = child;
    if (at.getChildCount(sourceFile) === 0) return false;
  }
}
