import { isProjectCode } from '../symbols/symbolModules.ts';
import { ts } from '../typescript.ts';

/** What starts threads and is told the file that they run. */
const starts = /\b(?:Worker|Piscina|Tinypool|StaticPool|FixedThreadPool|DynamicThreadPool|workerpool\s*\.\s*pool)\s*\(/;
const starters: ReadonlySet<string> = new Set([
  'Worker',
  'Piscina',
  'Tinypool',
  'StaticPool',
  'FixedThreadPool',
  'DynamicThreadPool',
  'pool',
]);
const scriptName = /^[^\n:*?"<>|]+\.[cm]?[jt]s$/;

const perFile = new WeakMap<ts.SourceFile, readonly string[]>();
const perProgram = new WeakMap<ts.Program, ReadonlySet<string>>();

/** True for a file that the program's own code starts a thread with, by its name: `new Worker(new URL('./work.js', import.meta.url))`. */
export function isStartedAsWorker(sourceFile: ts.SourceFile, program: ts.Program): boolean {
  let started = perProgram.get(program);
  if (!started) {
    started = new Set(program.getSourceFiles().filter(isProjectCode).flatMap(startedBy));
    perProgram.set(program, started);
  }
  return started.size > 0 && started.has(withoutExtension(sourceFile.fileName));
}

/** The files that a file starts threads with, without their extensions: what is built from TypeScript goes by that of JavaScript. */
function startedBy(sourceFile: ts.SourceFile): readonly string[] {
  const known = perFile.get(sourceFile);
  if (known) return known;
  const found: string[] = [];
  perFile.set(sourceFile, found);
  if (!starts.test(sourceFile.text)) return found;
  const folder = sourceFile.fileName.slice(0, sourceFile.fileName.lastIndexOf('/'));
  const takeNames = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) && scriptName.test(node.text))
      found.push(withoutExtension(ts.sys.resolvePath(node.text.startsWith('/') ? node.text : `${folder}/${node.text}`)));
    ts.forEachChild(node, takeNames);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
      const { expression } = node;
      const name = ts.isPropertyAccessExpression(expression)
        ? expression.name.text
        : ts.isIdentifier(expression)
          ? expression.text
          : '';
      if (starters.has(name)) node.arguments?.forEach(takeNames);
    }
    ts.forEachChild(node, visit);
  };
  visit(sourceFile);
  return found;
}

function withoutExtension(path: string): string {
  return path.replace(/\.[cm]?[jt]sx?$/, '');
}
