import { isIdle } from './busyLoops.ts';
import { waitedFlags } from './waitedFlags.ts';
import type { SymbolResolver } from '../symbols/symbolResolver.ts';
import { ts } from '../typescript.ts';

/** A loop until something changes that only other code changes, which gets no turn before the loop ends. */
export interface EndlessWait {
  readonly node: ts.IterationStatement;
  /** What it looks at, as written: `done`, `this.ready`. */
  readonly flag: string;
}

/** The endless wait that a statement is; undefined for every loop that awaits, leaves, calls anything, or may change what it looks at. */
export function endlessWaitAt(node: ts.Node, resolver: SymbolResolver): EndlessWait | undefined {
  if (!ts.isWhileStatement(node) && !ts.isDoStatement(node) && !ts.isForStatement(node)) return undefined;
  const condition = ts.isForStatement(node) ? node.condition : node.expression;
  if (!condition || leavesIn(node.statement)) return undefined;
  if (!isIdle(node.statement, resolver)) return undefined;
  if (ts.isForStatement(node) && node.incrementor && !isIdle(node.incrementor, resolver)) return undefined;
  const flags = waitedFlags(node, condition, resolver);
  const owner = ownerOf(node);
  const changed = flags?.find(({ writers }) => writers.some((writer) => writesMeanwhile(writer, owner)));
  return changed && { node, flag: changed.text };
}

/** True for a write in a function of its own, which is what somebody waits for: not one of the loop's own function, not a constructor's first value. */
function writesMeanwhile(writer: ts.Node, owner: ts.Node | undefined): boolean {
  const writing = ownerOf(writer);
  return writing !== undefined && writing !== owner && !ts.isConstructorDeclaration(writing);
}

function ownerOf(node: ts.Node): ts.Node | undefined {
  return ts.findAncestor(node.parent, ts.isFunctionLike);
}

function leavesIn(body: ts.Node): boolean {
  if (ts.isFunctionLike(body)) return false;
  if (ts.isBreakStatement(body) || ts.isReturnStatement(body) || (ts.isContinueStatement(body) && body.label)) return true;
  return ts.forEachChild(body, (child) => leavesIn(child) || undefined) ?? false;
}
