import { createContextFinder, type ContextFinder } from './asyncContext.ts';
import type { BlockingApi } from './blockingCatalogue.ts';
import { findBlockingUses, isCallLike, calleeOf, type CallLike } from './blockingUses.ts';
import { busyLoopAt } from './busyLoops.ts';
import { fileRole } from './fileRole.ts';
import { createReachFinder, type Reach } from './helperReach.ts';
import { readIgnoreComments, type IgnoreComments } from './ignoreComments.ts';
import type { LoadedFile } from './project.ts';
import { resolverOf } from './programResolver.ts';
import type { SymbolResolver } from './symbolResolver.ts';
import { ts } from './typescript.ts';

/** A stretch of a text. Lines and columns count from 1, columns in UTF-16 units; the end is exclusive. */
export interface Place {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** What holds the event loop. */
export type BlockingCause =
  /** `name` is the API as people write it: `fs.readFileSync`. */
  | { readonly type: 'call'; readonly api: BlockingApi; readonly name: string }
  | { readonly type: 'busy-loop'; readonly clock: string };

/** A place in asynchronous code where something holds the event loop, there or in a synchronous helper called there. */
export interface AsyncBlocking {
  readonly cause: BlockingCause;
  readonly place: Place;
  /** The async function around it. */
  readonly within: string;
  /** The helpers on the way to the cause and the cause itself; empty where it stands at the place. */
  readonly chain: readonly { readonly path: string; readonly line: number; readonly name: string }[];
}

/** The rule that a cause belongs to. */
export function ruleOf(cause: BlockingCause): 'blocking-call' | 'busy-wait' | 'atomics-wait' {
  if (cause.type === 'busy-loop') return 'busy-wait';
  return cause.api.id === 'global.Atomics.wait' ? 'atomics-wait' : 'blocking-call';
}

interface Analysis {
  readonly resolver: SymbolResolver;
  readonly contexts: ContextFinder;
  readonly reachOf: (call: CallLike) => Reach | undefined;
}

const analyses = new WeakMap<ts.Program, Analysis>();

function analysisOf({ program, checker }: LoadedFile): Analysis {
  const known = analyses.get(program);
  if (known) return known;
  const resolver = resolverOf(program, checker);
  const contexts = createContextFinder(resolver);
  const comments = new Map<ts.SourceFile, IgnoreComments>();
  const isIgnored = (end: BlockingCause, node: ts.Node): boolean => {
    const sourceFile = node.getSourceFile();
    const known = comments.get(sourceFile) ?? readIgnoreComments(sourceFile);
    comments.set(sourceFile, known);
    return known.isIgnored(ruleOf(end), lineOf(node));
  };
  const analysis = { resolver, contexts, reachOf: createReachFinder(resolver, contexts, isIgnored) };
  analyses.set(program, analysis);
  return analysis;
}

/** Everything in a file's asynchronous code that blocks the loop, directly or through helpers, in the order of the text. Worker and test files have nothing to report. */
export function findAsyncBlocking(file: LoadedFile): readonly AsyncBlocking[] {
  const { sourceFile } = file;
  if (fileRole(sourceFile) !== 'program') return [];
  const { resolver, contexts, reachOf } = analysisOf(file);
  const uses = findBlockingUses(sourceFile, resolver, contexts);
  const direct = new Set<ts.Node>(uses.map(({ call }) => call));
  const found: { readonly start: number; readonly blocking: AsyncBlocking }[] = [];
  const add = (cause: BlockingCause, node: ts.Node, end: number, chain: AsyncBlocking['chain']): void => {
    const start = node.getStart(sourceFile);
    found.push({ start, blocking: { cause, place: placeOf(sourceFile, start, end), within: asyncName(contexts, node), chain } });
  };
  for (const { api, name, node } of uses) add({ type: 'call', api, name }, node, node.end, []);
  for (const { node, clock } of busyLoopsIn(sourceFile, resolver, contexts)) {
    add({ type: 'busy-loop', clock }, node, headEnd(node, sourceFile), []);
  }
  const visit = (node: ts.Node): void => {
    if (isCallLike(node) && !direct.has(node) && contexts.contextOf(node).kind === 'async') {
      const reach = reachOf(node);
      const callee = calleeOf(node);
      if (reach) add(reach.end, callee, callee.end, reach.steps.map(toStep));
    }
    ts.forEachChild(node, visit);
  };
  visit(sourceFile);
  return found.sort((a, b) => a.start - b.start).map(({ blocking }) => blocking);
}

function asyncName(contexts: ContextFinder, node: ts.Node): string {
  const context = contexts.contextOf(node);
  return context.kind === 'async' ? context.name : 'callback';
}

function toStep({ node, name }: Reach['steps'][number]): AsyncBlocking['chain'][number] {
  return { path: node.getSourceFile().fileName, line: lineOf(node), name };
}

function lineOf(node: ts.Node): number {
  const sourceFile = node.getSourceFile();
  return sourceFile.getLineAndCharacterOfPosition(node.getStart(sourceFile)).line + 1;
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

/** The place of a stretch given by offsets in the text. */
export function placeOf(sourceFile: ts.SourceFile, start: number, end: number): Place {
  const from = sourceFile.getLineAndCharacterOfPosition(start);
  const to = sourceFile.getLineAndCharacterOfPosition(end);
  return { line: from.line + 1, column: from.character + 1, endLine: to.line + 1, endColumn: to.character + 1 };
}
