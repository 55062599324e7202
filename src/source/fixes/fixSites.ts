import type { TextEdit } from '../../shared/lintMessages.ts';
import { findAsyncBlocking, type AsyncBlocking } from '../blocking/asyncBlocking.ts';
import type { BlockingApi } from '../blocking/blockingCatalogue.ts';
import { calleeOf, isCallLike, type CallLike } from '../blocking/blockingUses.ts';
import { canAwait } from './fixAwait.ts';
import { rewriteCall } from './fixCalls.ts';
import type { FixForm } from './fixForm.ts';
import { createImportPlan, type ImportPlan } from './fixImports.ts';
import { rewriteLoop } from './fixLoops.ts';
import { commandSleep } from './fixSleeps.ts';
import type { NamedApis } from '../blocking/ownApis.ts';
import type { LoadedFile } from '../project/project.ts';
import { resolverOf } from '../symbols/programResolver.ts';
import type { SymbolResolver } from '../symbols/symbolResolver.ts';
import { ts } from '../typescript.ts';

/** Something that blocks, at the node that a fix begins with. */
export interface FixSite {
  readonly blocking: AsyncBlocking;
  readonly node: CallLike | ts.IterationStatement;
}

/** How an API is written without blocking; undefined where nothing takes its place. */
export type FormOf = (api: BlockingApi) => FixForm | undefined;

/** Everything in the asynchronous code of a file that blocks, with its nodes. */
export function findFixSites(file: LoadedFile, named: NamedApis): readonly FixSite[] {
  const byStart = new Map<number, (CallLike | ts.IterationStatement)[]>();
  const add = (node: CallLike | ts.IterationStatement, start: number): void => {
    const list = byStart.get(start);
    if (list) list.push(node);
    else byStart.set(start, [node]);
  };
  const visit = (node: ts.Node): void => {
    if (isCallLike(node)) add(node, calleeOf(node).getStart(file.sourceFile));
    else if (ts.isIterationStatement(node, false)) add(node, node.getStart(file.sourceFile));
    ts.forEachChild(node, visit);
  };
  visit(file.sourceFile);
  return findAsyncBlocking(file, named).flatMap((blocking) => {
    const { line, column, endLine, endColumn } = blocking.place;
    const start = file.sourceFile.getPositionOfLineAndCharacter(line - 1, column - 1);
    const end = file.sourceFile.getPositionOfLineAndCharacter(endLine - 1, endColumn - 1);
    const isLoop = blocking.cause.type === 'busy-loop' && blocking.chain.length === 0;
    const node = byStart.get(start)?.find((one) => (isCallLike(one) ? !isLoop && calleeOf(one).end === end : isLoop));
    return node ? [{ blocking, node }] : [];
  });
}

/**
 * The edits that settle sites where something blocks, all at once: those that have a fix where they stand.
 * @returns the edits, none overlapping, and the sites they settle
 */
export function fixInPlace(
  file: LoadedFile,
  sites: readonly FixSite[],
  formOf: FormOf,
): { readonly edits: readonly TextEdit[]; readonly settled: readonly FixSite[] } {
  const imports = createImportPlan(file.sourceFile);
  const settled: FixSite[] = [];
  const edits: TextEdit[] = [];
  for (const site of sites) {
    if (site.blocking.chain.length > 0 || !canAwait(site.node)) continue;
    const rewritten = rewriteCause(site.node, site.blocking.cause, formOf, imports, resolverOf(file.program, file.checker));
    if (!rewritten) continue;
    settled.push(site);
    edits.push(...rewritten.map((edit) => ({ path: file.path, ...edit })));
  }
  return { edits: inOrder([...edits, ...(settled.length > 0 ? imports.edits() : [])]), settled };
}

/** The edits of what blocks at a node, wherever that stands. */
export function rewriteCause(
  node: CallLike | ts.IterationStatement,
  cause: AsyncBlocking['cause'],
  formOf: FormOf,
  imports: ImportPlan,
  resolver: SymbolResolver,
): readonly Omit<TextEdit, 'path'>[] | undefined {
  if (!isCallLike(node)) return rewriteLoop(node, imports, resolver);
  const form = cause.type === 'call' ? formOf(cause.api) : undefined;
  return form && cause.type === 'call' ? rewriteCall(node, cause.api, form, imports, resolver) : undefined;
}

function inOrder(edits: readonly TextEdit[]): readonly TextEdit[] {
  return [...edits].sort((a, b) => a.start - b.start || a.end - b.end);
}

/** True where the child process that a call waits for only sleeps. */
export function isSleep({ node, blocking: { cause } }: FixSite): boolean {
  if (cause.type !== 'call' || !ts.isCallExpression(node)) return false;
  const { id } = cause.api;
  if (id === 'node:child_process.execSync') return commandSleep(node, 'exec') !== undefined;
  return id === 'node:child_process.execFileSync' && commandSleep(node, 'execFile') !== undefined;
}
