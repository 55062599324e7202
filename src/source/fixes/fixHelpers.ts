import type { TextEdit } from '../../shared/lintMessages.ts';
import type { AsyncBlocking } from '../blocking/asyncBlocking.ts';
import { blockingCallAt, isCallLike, type CallLike } from '../blocking/blockingUses.ts';
import { busyLoopAt } from '../blocking/busyLoops.ts';
import { awaitAround, canAwait, ownerOf, splitsUpdate } from './fixAwait.ts';
import { createImportPlan, type ImportPlan } from './fixImports.ts';
import { callsOf, nameOfHelper, type Helper } from './fixReferences.ts';
import { resolverOf } from '../symbols/programResolver.ts';
import { rewriteCause, type FixSite, type FormOf } from './fixSites.ts';
import type { LoadedFile } from '../project/project.ts';
import { isAsyncFunction } from '../syntax.ts';
import { ts } from '../typescript.ts';

/** Helpers made async, with what blocks in the first of them and all their calls awaited. */
export interface HelperFix {
  readonly edits: readonly TextEdit[];
  /** The helper that blocks itself, then its callers that have to be async too. */
  readonly helpers: readonly string[];
  readonly calls: number;
}

/** Callers that become async with a helper; beyond that it is no quick fix any more. */
const maxHelpers = 8;

/**
 * Makes the synchronous helper that blocks async, and with it all callers on the way up that are not, everywhere in the project.
 * @returns undefined where a caller cannot wait, where a helper is used other than by calls, or where callers may be unknown;
 *   `missing` names files that mention a helper and have to be loaded before anything can be told
 */
export function fixThroughHelpers(
  file: LoadedFile,
  site: FixSite,
  formOf: FormOf,
): HelperFix | { readonly missing: readonly string[] } | undefined {
  // Where other implementations may run instead, they would have to be async with it.
  if (site.blocking.may) return undefined;
  const leaf = leafOf(file, site);
  const owner = leaf && ownerOf(leaf.node);
  if (!leaf || !owner || owner === 'none' || ts.isSourceFile(owner) || isAsyncFunction(owner)) return undefined;
  if (splitsUpdate(leaf.node)) return undefined;
  const resolver = resolverOf(file.program, file.checker);
  const imports = new Map<ts.SourceFile, ImportPlan>();
  const leafFile = leaf.node.getSourceFile();
  imports.set(leafFile, createImportPlan(leafFile));
  const rewritten = rewriteCause(leaf.node, leaf.cause, formOf, imports.get(leafFile)!, resolver);
  if (!rewritten) return undefined;

  const edits: TextEdit[] = rewritten.map((edit) => ({ path: leafFile.fileName, ...edit }));
  const helpers: Helper[] = [];
  const calls = new Set<ts.CallExpression>();
  const queue: ts.FunctionLikeDeclaration[] = [owner];
  for (let next = queue.shift(); next; next = queue.shift()) {
    if (helpers.some(({ node }) => node === next)) continue;
    const found = callsOf(next, file);
    if (found === undefined || 'missing' in found) return found;
    helpers.push(found.helper);
    if (helpers.length > maxHelpers) return undefined;
    for (const call of found.calls) {
      if (calls.has(call)) continue;
      calls.add(call);
      if (splitsUpdate(call)) return undefined;
      if (canAwait(call)) continue;
      const caller = ownerOf(call);
      if (caller === 'none' || ts.isSourceFile(caller)) return undefined;
      queue.push(caller);
    }
  }
  for (const { node } of helpers) edits.push(...asyncEdits(node));
  for (const call of calls) edits.push(...awaitEdits(call));
  for (const [sourceFile, plan] of imports) edits.push(...plan.edits().map((edit) => ({ ...edit, path: sourceFile.fileName })));
  return { edits, helpers: helpers.map(({ node }) => nameOfHelper(node)), calls: calls.size };
}

/** What blocks at the end of a chain, told by its line and name; undefined where a line holds two of the same. */
function leafOf(
  file: LoadedFile,
  { blocking: { cause, chain } }: FixSite,
): { readonly node: CallLike | ts.IterationStatement; readonly cause: AsyncBlocking['cause'] } | undefined {
  const last = chain.at(-1);
  const sourceFile = last && file.program.getSourceFile(last.path);
  if (!sourceFile) return undefined;
  const start = sourceFile.getLineStarts()[last.line - 1] ?? sourceFile.end;
  const end = sourceFile.getLineStarts()[last.line] ?? sourceFile.end;
  const resolver = resolverOf(file.program, file.checker);
  const found: (CallLike | ts.IterationStatement)[] = [];
  const visit = (node: ts.Node): void => {
    if (node.end < start || node.getFullStart() >= end) return;
    const at = node.getStart(sourceFile);
    const isHere = at >= start && at < end;
    if (cause.type !== 'call') {
      if (isHere && ts.isIterationStatement(node, false) && busyLoopAt(node, resolver)) found.push(node);
    } else if (isHere && isCallLike(node) && blockingCallAt(node, resolver)?.api.id === cause.api.id) found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(sourceFile);
  const [only] = found;
  return only && found.length === 1 ? { node: only, cause } : undefined;
}

/** `async` before the function, `Promise` around the type it is said to return. */
function asyncEdits(node: Helper['node']): readonly TextEdit[] {
  const path = node.getSourceFile().fileName;
  const start = ts.isFunctionDeclaration(node)
    ? node
        .getChildren()
        .find(({ kind }) => kind === ts.SyntaxKind.FunctionKeyword)!
        .getStart()
    : (ts.isMethodDeclaration(node) ? node.name : node).getStart();
  const edits: TextEdit[] = [{ path, start, end: start, newText: 'async ' }];
  if (!node.type) return edits;
  const { type } = node;
  return [
    ...edits,
    { path, start: type.getStart(), end: type.getStart(), newText: 'Promise<' },
    { path, start: type.end, end: type.end, newText: '>' },
  ];
}

function awaitEdits(call: ts.CallExpression): readonly TextEdit[] {
  const path = call.getSourceFile().fileName;
  const { before, after } = awaitAround(call);
  const edits: TextEdit[] = [];
  if (before !== '') edits.push({ path, start: call.getStart(), end: call.getStart(), newText: before });
  if (after !== '') edits.push({ path, start: call.end, end: call.end, newText: after });
  return edits;
}
