import { createContextFinder, type ContextFinder } from './asyncContext.ts';
import type { BlockingApi } from './blockingCatalogue.ts';
import { findBlockingUses } from './blockingUses.ts';
import { busyLoopAt } from './busyLoops.ts';
import { fileRole } from './fileRole.ts';
import { readIgnoreComments } from './ignoreComments.ts';
import type { LoadedFile } from './project.ts';
import { createSymbolResolver, type SymbolResolver } from './symbolResolver.ts';
import { ts } from './typescript.ts';

/** A stretch of a text. Lines and columns count from 1, columns in UTF-16 units; the end is exclusive. */
export interface Place {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** Something that holds the event loop and stands in asynchronous code. */
export type AsyncBlocking =
  | {
      readonly type: 'call';
      readonly api: BlockingApi;
      /** As people write it: `fs.readFileSync`. */
      readonly name: string;
      readonly place: Place;
    }
  | { readonly type: 'busy-loop'; readonly clock: string; readonly place: Place };

export interface BlockingReport {
  /** In the order of the text. */
  readonly found: readonly AsyncBlocking[];
  /** Whether a comment of the file silences a rule on a line. */
  isIgnored(rule: string, line: number): boolean;
}

interface Analysis {
  readonly resolver: SymbolResolver;
  readonly contexts: ContextFinder;
}

const analyses = new WeakMap<ts.Program, Analysis>();

function analysisOf({ program, checker }: LoadedFile): Analysis {
  const known = analyses.get(program);
  if (known) return known;
  const resolver = createSymbolResolver(program, checker);
  const analysis = { resolver, contexts: createContextFinder(resolver) };
  analyses.set(program, analysis);
  return analysis;
}

/** Everything in a file that blocks the loop directly in asynchronous code. Worker and test files have nothing to report. */
export function findAsyncBlocking(file: LoadedFile): BlockingReport {
  const { sourceFile } = file;
  if (fileRole(sourceFile) !== 'program') return { found: [], isIgnored: () => false };
  const { resolver, contexts } = analysisOf(file);
  const calls = findBlockingUses(sourceFile, resolver, contexts).map(({ api, name, node }) => ({
    start: node.getStart(sourceFile),
    blocking: { type: 'call', api, name, place: placeOf(sourceFile, node.getStart(sourceFile), node.end) } as const,
  }));
  const loops = busyLoopsIn(sourceFile, resolver, contexts).map(({ node, clock }) => ({
    start: node.getStart(sourceFile),
    blocking: {
      type: 'busy-loop',
      clock,
      place: placeOf(sourceFile, node.getStart(sourceFile), headEnd(node, sourceFile)),
    } as const,
  }));
  const found = [...calls, ...loops].sort((a, b) => a.start - b.start).map(({ blocking }) => blocking);
  const ignored = found.length === 0 ? undefined : readIgnoreComments(sourceFile);
  return { found, isIgnored: (rule, line) => ignored?.isIgnored(rule, line) ?? false };
}

function busyLoopsIn(sourceFile: ts.SourceFile, resolver: SymbolResolver, contexts: ContextFinder) {
  const loops: { readonly node: ts.IterationStatement; readonly clock: string }[] = [];
  const visit = (node: ts.Node): void => {
    const loop =
      ts.isIterationStatement(node, false) && contexts.contextOf(node).kind === 'async' ? busyLoopAt(node, resolver) : undefined;
    // A loop around a busy loop waits as long as the inner one: the outer is the one to report.
    if (loop) loops.push(loop);
    else ts.forEachChild(node, visit);
  };
  visit(sourceFile);
  return loops;
}

/** Where the head of a loop ends; a `do` is marked by its keyword where it spans lines. */
function headEnd(node: ts.IterationStatement, sourceFile: ts.SourceFile): number {
  if (!ts.isDoStatement(node)) return node.statement.getFullStart();
  const text = node.getText(sourceFile);
  return text.includes('\n') ? node.getStart(sourceFile) + 'do'.length : node.end;
}

function placeOf(sourceFile: ts.SourceFile, start: number, end: number): Place {
  const from = sourceFile.getLineAndCharacterOfPosition(start);
  const to = sourceFile.getLineAndCharacterOfPosition(end);
  return { line: from.line + 1, column: from.character + 1, endLine: to.line + 1, endColumn: to.character + 1 };
}
