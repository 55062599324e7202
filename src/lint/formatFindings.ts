import type { Finding, FindingSeverity } from '../shared/lintMessages.ts';
import { displayPath, type LintResult } from './lintPaths.ts';

export interface PrettyOptions {
  /** Absolute folder that paths are shown relative to. */
  readonly cwd: string;
  readonly color: boolean;
  /** The text of a file for its code frames; undefined where it cannot be had. */
  readonly readText: (path: string) => string | undefined;
}

const escapes = { red: 31, yellow: 33, blue: 34, cyan: 36, bold: 1, dim: 2 } as const;
type Style = keyof typeof escapes;
const severityStyle: Readonly<Record<FindingSeverity, Style>> = {
  error: 'red',
  warning: 'yellow',
  information: 'blue',
  hint: 'cyan',
};
/** Longer lines of source are cut around the place. */
const maxFrameWidth = 120;

/** The findings as an array of `{ file, line, column, rule, severity, message, chain: [{ file, line, name }] }`, lines and columns from 1. */
export function formatFindingsAsJson(findings: readonly Finding[], cwd: string): string {
  const list = findings.map((finding) => ({
    file: displayPath(finding.path, cwd),
    line: finding.line,
    column: finding.column,
    rule: finding.rule,
    severity: finding.severity,
    message: finding.message,
    chain: finding.chain.map(({ path, line, name }) => ({ file: displayPath(path, cwd), line, name })),
  }));
  return `${JSON.stringify(list, undefined, 2)}\n`;
}

/** The findings for people: place, message, the line of source with the place underlined, then what was left out, then a count. */
export function formatFindingsAsText(result: LintResult, options: PrettyOptions): string {
  const paint = (style: Style, text: string): string => (options.color ? `\u001b[${escapes[style]}m${text}\u001b[0m` : text);
  const lines: string[] = [];
  const texts = new Map<string, readonly string[]>();
  const linesOf = (path: string): readonly string[] => {
    let known = texts.get(path);
    if (!known) {
      texts.clear();
      known = (options.readText(path) ?? '').split(/\r\n|[\n\r\u2028\u2029]/);
      texts.set(path, known);
    }
    return known;
  };
  for (const finding of result.findings) {
    const { severity, rule, message, line, column } = finding;
    const style = severityStyle[severity];
    lines.push(
      `${paint('bold', `${displayPath(finding.path, options.cwd)}:${line}:${column}`)} ${paint(style, severity)} ${message} ${paint('dim', rule)}`,
    );
    const source = linesOf(finding.path)[line - 1];
    if (source !== undefined && source !== '')
      lines.push(...codeFrame(source, finding).map((text, row) => (row === 0 ? text : paint(style, text))));
    for (const step of finding.chain)
      lines.push(paint('dim', `    ${displayPath(step.path, options.cwd)}:${step.line} ${step.name}`));
    lines.push('');
  }
  for (const { path, text } of result.notes) lines.push(paint('dim', `${displayPath(path, options.cwd)}: ${text}`));
  if (result.notes.length > 0) lines.push('');
  lines.push(summary(result));
  return `${lines.join('\n')}\n`;
}

function codeFrame(source: string, { line, column, endLine, endColumn }: Finding): readonly string[] {
  const gutter = `  ${line} | `;
  const end = endLine === line ? endColumn : source.length + 1;
  // A line of generated code can be megabytes long.
  const start = source.length > maxFrameWidth ? Math.max(0, Math.min(column - 21, source.length - maxFrameWidth)) : 0;
  const shown = source.slice(start, start + maxFrameWidth);
  const from = column - 1 - start;
  const length = Math.max(1, Math.min(end - column, shown.length - from));
  // Tabs keep their width in the second line, so that the mark stands under the place.
  const indent = shown.slice(0, from).replace(/[^\t]/g, ' ');
  return [`${gutter}${shown}`, `${' '.repeat(gutter.length - 2)}| ${indent}${'^'.repeat(length)}`];
}

function summary({ files, findings }: LintResult): string {
  const checked = `${files.length} ${files.length === 1 ? 'file' : 'files'} checked`;
  if (findings.length === 0) return `${checked}, nothing found.`;
  const count = (severity: FindingSeverity, one: string, many: string): string | undefined => {
    const number = findings.filter((finding) => finding.severity === severity).length;
    return number === 0 ? undefined : `${number} ${number === 1 ? one : many}`;
  };
  const counts = [
    count('error', 'error', 'errors'),
    count('warning', 'warning', 'warnings'),
    count('information', 'information', 'information'),
    count('hint', 'hint', 'hints'),
  ];
  return `${checked}: ${counts.filter((text) => text !== undefined).join(', ')}.`;
}
