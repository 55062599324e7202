import { indexNodes, type NodeIndex } from './nodeIndex.ts';
import { ts } from './typescript.ts';

/** Octal numbers and escapes (`017`, `'\033'`) and leading zeros (`09`): legal in sloppy scripts, and V8 tells where they are not. */
const sloppyOctals: ReadonlySet<number> = new Set([1121, 1487, 1488, 1489]);

/** A text as syntax tree, with parents set. */
export interface ParsedSource {
  readonly sourceFile: ts.SourceFile;
  readonly nodes: NodeIndex;
  /** The text itself, without what was appended for the parser. */
  readonly text: string;
  /** What the parser objects to; empty for a text it accepts. */
  readonly errors: readonly string[];
}

/**
 * Parses a text. With `asModule` it is read as an ES module whatever it holds: TypeScript takes a text without import or
 * export for a script and then reads top-level `await [x]`, `await {}` and `await /re/` as an index, a block and a division.
 */
export function parseSource(path: string, text: string, options: { readonly asModule: boolean }): ParsedSource {
  const parsed = options.asModule ? `${text}\nexport {};` : text;
  const sourceFile = ts.createSourceFile(
    path,
    parsed,
    { languageVersion: ts.ScriptTarget.ESNext, jsDocParsingMode: ts.JSDocParsingMode.ParseNone },
    false,
    scriptKind(path),
  );
  const nodes = indexNodes(sourceFile);
  const diagnostics = (sourceFile as { readonly parseDiagnostics?: readonly ts.Diagnostic[] }).parseDiagnostics ?? [];
  const isJavaScript = scriptKind(path) === ts.ScriptKind.JS;
  const objections = diagnostics.filter(({ code }) => !(isJavaScript && sloppyOctals.has(code)));
  const errors = objections.map((diagnostic) => {
    const at = sourceFile.getLineAndCharacterOfPosition(Math.min(diagnostic.start ?? 0, text.length));
    return `line ${at.line + 1}: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ')}`;
  });
  const comment = isJavaScript && !options.asModule ? htmlCommentIn(sourceFile) : undefined;
  if (comment !== undefined) errors.push(`line ${sourceFile.getLineAndCharacterOfPosition(comment).line + 1}: HTML comment`);
  return { sourceFile, nodes, text, errors };
}

/** Where a script holds `<!--`: to V8 the rest of the line is a comment, to TypeScript it is `<`, `!` and `--`. */
function htmlCommentIn(sourceFile: ts.SourceFile): number | undefined {
  if (!sourceFile.text.includes('<!--')) return undefined;
  const visit = (node: ts.Node): number | undefined => {
    if (node.kind === ts.SyntaxKind.LessThanToken && sourceFile.text.startsWith('<!--', node.end - 1)) return node.end - 1;
    return ts.forEachChild(node, visit);
  };
  return visit(sourceFile);
}

/** True where the file's extension says TypeScript. */
export function isTypeScriptPath(path: string): boolean {
  return /\.[cm]?tsx?$/i.test(path);
}

function scriptKind(path: string): ts.ScriptKind {
  if (/\.tsx$/i.test(path)) return ts.ScriptKind.TSX;
  if (isTypeScriptPath(path)) return ts.ScriptKind.TS;
  return /\.jsx$/i.test(path) ? ts.ScriptKind.JSX : ts.ScriptKind.JS;
}
