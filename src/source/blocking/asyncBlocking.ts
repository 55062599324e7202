import { createContextFinder, type AsyncContext, type ContextFinder } from '../context/asyncContext.ts';
import { causeOfUse, ruleOf, type BlockingCause } from './blockingCause.ts';
import { blockingTagOf } from './blockingTags.ts';
import { findBlockingUses } from './blockingUses.ts';
import { createTargetFinder, type Branch, type TargetFinder } from './callTargets.ts';
import { fileRole } from '../context/fileRole.ts';
import { createReachFinder, type Reach } from './helperReach.ts';
import { readIgnoreComments, type IgnoreComments } from './ignoreComments.ts';
import { loopHoldAt } from './loopHolds.ts';
import { readOwnApis, type NamedApis, type OwnApis } from './ownApis.ts';
import { mayRunOther } from './ownCode.ts';
import type { LoadedFile } from '../project/project.ts';
import { endsProcessAfter } from './processEnd.ts';
import { resolverOf } from '../symbols/programResolver.ts';
import { starvedLoopAt } from './starvedLoops.ts';
import type { SymbolResolver } from '../symbols/symbolResolver.ts';
import { holdsTests } from '../context/testFiles.ts';
import { ts } from '../typescript.ts';
import { isStartedAsWorker } from '../context/workerFiles.ts';

/** A stretch of a text. Lines and columns count from 1, columns in UTF-16 units; the end is exclusive. */
export interface Place {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** A place in asynchronous code where something holds the event loop, there or in a synchronous helper called there. */
export interface AsyncBlocking {
  readonly cause: BlockingCause;
  readonly place: Place;
  /** The async function around it. */
  readonly within: string;
  /** The helpers on the way to the cause and the cause itself; empty where it stands at the place. */
  readonly chain: readonly { readonly path: string; readonly line: number; readonly name: string }[];
  /** True where a step of the chain is one implementation among several that may run. */
  readonly may: boolean;
}

interface Analysis {
  readonly resolver: SymbolResolver;
  readonly contexts: ContextFinder;
  readonly own: OwnApis;
  readonly targets: TargetFinder;
  readonly reachOf: (branch: Branch) => Reach | undefined;
}

const analyses = new WeakMap<ts.Program, { readonly key: string; readonly analysis: Analysis }>();

/** One per program and people's own lists. */
function analysisOf({ program, checker }: LoadedFile, named: NamedApis): Analysis {
  const key = JSON.stringify([named.blocking ?? [], named.nonblocking ?? []]);
  const known = analyses.get(program);
  if (known?.key === key) return known.analysis;
  const resolver = resolverOf(program, checker);
  const contexts = createContextFinder(resolver);
  const own = readOwnApis(named);
  const targets = createTargetFinder(resolver);
  const comments = new Map<ts.SourceFile, IgnoreComments>();
  const isIgnored = (end: BlockingCause, node: ts.Node): boolean => {
    const sourceFile = node.getSourceFile();
    const read = comments.get(sourceFile) ?? readIgnoreComments(sourceFile);
    comments.set(sourceFile, read);
    return read.isIgnored(ruleOf(end), lineOf(node));
  };
  const reachOf = createReachFinder({ resolver, contexts, targets, own, ownKey: key, isIgnored });
  const analysis = { resolver, contexts, own, targets, reachOf };
  analyses.set(program, { key, analysis });
  return analysis;
}

/**
 * Everything in a file's asynchronous code that blocks the loop, directly or through helpers, in the order of the text. Worker and
 * test files have nothing to report, and neither have functions tagged `@nonblocking`.
 * @param named functions that people say block, or do not
 */
export function findAsyncBlocking(file: LoadedFile, named: NamedApis = {}): readonly AsyncBlocking[] {
  const { sourceFile } = file;
  if (fileRole(sourceFile) !== 'program' || holdsTests(sourceFile) || isStartedAsWorker(sourceFile, file.program)) return [];
  const { resolver, contexts, own, targets, reachOf } = analysisOf(file, named);
  const found: { readonly start: number; readonly blocking: AsyncBlocking }[] = [];
  const add = (cause: BlockingCause, node: ts.Node, end: number, reach?: Reach): void => {
    if (endsProcessAfter(node)) return;
    const start = node.getStart(sourceFile);
    const place = placeOf(sourceFile, start, end);
    const chain = reach?.steps.map(toStep) ?? [];
    found.push({ start, blocking: { cause, place, within: asyncName(contexts, node), chain, may: reach?.may ?? false } });
  };
  const isAsync = (node: ts.Node): boolean => contexts.contextOf(node).kind === 'async' && !isVouchedFor(node);
  const direct = new Set<ts.Node>();
  for (const use of findBlockingUses(sourceFile, resolver, contexts, own)) {
    if (use.call) direct.add(use.call);
    if (!isVouchedFor(use.node)) add(causeOfUse(use, resolver), use.node, use.node.end);
  }
  const addReach = (node: ts.Node): void => {
    // The shorter question first: what a node runs is told by its text where that takes no types, its context may take some.
    const isLong = targets.takesTypes(node);
    if (direct.has(node) || (isLong && !isAsync(node))) return;
    const branch = targets.branchAt(node);
    const reach = branch && (isLong || isAsync(node)) ? reachOf(branch) : undefined;
    if (branch && reach) add(reach.end, branch.place, branch.place.end, reach);
  };
  const visit = (node: ts.Node, withinHold: boolean): void => {
    // A loop around a busy loop waits as long as the inner one: the outer is the one to report.
    const hold = withinHold ? undefined : holdAt(node, resolver);
    const isReported = hold !== undefined && (isAsync(node) || queuesItself(hold, contexts.contextOf(node)));
    if (isReported) add(hold, node, ts.isIterationStatement(node, false) ? headEnd(node, sourceFile) : node.end);
    if (mayRunOther(node)) addReach(node);
    ts.forEachChild(node, (child) => visit(child, withinHold || isReported));
  };
  visit(sourceFile, false);
  return found.sort((a, b) => a.start - b.start).map(({ blocking }) => blocking);
}

function holdAt(node: ts.Node, resolver: SymbolResolver): BlockingCause | undefined {
  const loop = ts.isIterationStatement(node, false) ? loopHoldAt(node, resolver) : undefined;
  if (loop) return loop;
  const starved = starvedLoopAt(node, resolver);
  return starved && { type: 'starved-loop', ...starved.by };
}

/** A function that queues itself is asynchronous from its second turn on, whoever calls it first. */
function queuesItself(hold: BlockingCause, { kind }: AsyncContext): boolean {
  return hold.type === 'starved-loop' && hold.queue !== undefined && kind === 'sync';
}

/** Within a function that its author tagged `@nonblocking`. */
function isVouchedFor(node: ts.Node): boolean {
  for (let at = ts.findAncestor(node, ts.isFunctionLike); at; at = ts.findAncestor(at.parent, ts.isFunctionLike))
    if (blockingTagOf(at)?.type === 'nonblocking') return true;
  return false;
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
