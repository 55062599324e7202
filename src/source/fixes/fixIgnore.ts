import type { TextEdit } from '../../shared/lintMessages.ts';
import { ts } from '../typescript.ts';

/**
 * The comment that silences a rule on a line, above it and indented like it; beside others where one stands there already.
 * @param line from 1
 * @returns undefined where a comment cannot stand: within a template or the text of JSX
 */
export function ignoreEdit(sourceFile: ts.SourceFile, line: number, rule: string): Omit<TextEdit, 'path'> | undefined {
  const starts = sourceFile.getLineStarts();
  const start = starts[line - 1];
  if (start === undefined || isInText(sourceFile, start)) return undefined;
  const { text } = sourceFile;
  const above = line > 1 ? text.slice(starts[line - 2], start) : '';
  const known = /interleave-ignore-next-line((?:[ \t,]+[a-z][\w-]*)*)[ \t]*\r?\n$/.exec(above);
  if (known?.[1]) {
    const end = starts[line - 2]! + above.trimEnd().length;
    return { start: end, end, newText: `, ${rule}` };
  }
  // A comment between that one and the line would take its place.
  if (above.includes('interleave-ignore-next-line')) return undefined;
  const indentation = /^[ \t]*/.exec(text.slice(start))![0];
  const lineBreak = text.includes('\r\n') ? '\r\n' : '\n';
  return { start, end: start, newText: `${indentation}// interleave-ignore-next-line ${rule}${lineBreak}` };
}

function isInText(sourceFile: ts.SourceFile, position: number): boolean {
  const visit = (node: ts.Node): boolean => {
    if (position <= node.getFullStart() || position >= node.end) return false;
    const isText = ts.isTemplateLiteralToken(node) || ts.isJsxText(node) || ts.isStringLiteral(node);
    if (isText && position > (ts.isJsxText(node) ? node.pos : node.getStart(sourceFile))) return true;
    return ts.forEachChild(node, (child) => visit(child) || undefined) ?? false;
  };
  return visit(sourceFile);
}
