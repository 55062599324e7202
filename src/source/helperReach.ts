import type { ContextFinder } from './asyncContext.ts';
import { nameOf } from './asyncContext.ts';
import type { BlockingApi } from './blockingCatalogue.ts';
import { blockingCallAt, calleeOf, isCallLike, type CallLike } from './blockingUses.ts';
import { busyLoopAt } from './busyLoops.ts';
import { isProjectCode } from './symbolModules.ts';
import type { SymbolResolver } from './symbolResolver.ts';
import { ts } from './typescript.ts';

/** What a call of a synchronous helper ends in, and the way there. */
export interface Reach {
  readonly end:
    | { readonly type: 'call'; readonly api: BlockingApi; readonly name: string }
    | { readonly type: 'busy-loop'; readonly clock: string };
  /** The helpers in the order of the calls, each at its declaration, then the blocking call or loop itself. */
  readonly steps: readonly { readonly node: ts.Node; readonly name: string }[];
}

/** Whether a comment in a file silences what stands at a node. */
export type IsIgnored = (end: Reach['end'], node: ts.Node) => boolean;

const weights: Readonly<Record<BlockingApi['cost'], number>> = { syscall: 1, load: 1, data: 2, cpu: 3, unbounded: 3 };
const heaviest = 3;
/** Helpers followed one into the other. */
const maxSteps = 12;

/** Follows the calls of the project's own synchronous functions to what blocks in them. One per program: it remembers functions. */
export function createReachFinder(
  resolver: SymbolResolver,
  contexts: ContextFinder,
  isIgnored: IsIgnored,
): (call: CallLike) => Reach | undefined {
  const known = new Map<ts.Node, Reach | undefined>();
  const active = new Set<ts.Node>();

  /** The heaviest hold behind a call; of equals the first. */
  function reachOfCall(call: CallLike): Reach | undefined {
    let best: Reach | undefined;
    for (const target of targetsOf(call)) best = heavier(best, reachOf(target));
    return best;
  }

  function reachOf(target: ts.FunctionLikeDeclaration | ts.ClassLikeDeclaration): Reach | undefined {
    if (known.has(target)) return known.get(target);
    if (active.has(target) || active.size >= maxSteps) return undefined;
    active.add(target);
    const inner = ts.isClassLike(target) ? reachOfConstruction(target) : reachWithin(target, (node) => runsIn(node, target));
    active.delete(target);
    const name = ts.isClassLike(target) ? `new ${target.name?.text ?? 'class'}` : nameOf(target);
    const reach = inner && { end: inner.end, steps: [{ node: target.name ?? target, name }, ...inner.steps] };
    // Within a cycle nothing found may only mean not followed to the end.
    if (reach || active.size === 0) known.set(target, reach);
    return reach;
  }

  function runsIn(node: ts.Node, owner: ts.FunctionLikeDeclaration): boolean {
    const context = contexts.contextOf(node);
    return context.kind === 'sync' && context.node === owner;
  }

  /** A constructor runs the initialisers of the fields as well. */
  function reachOfConstruction(target: ts.ClassLikeDeclaration): Reach | undefined {
    let best: Reach | undefined;
    for (const member of target.members) {
      if (ts.isConstructorDeclaration(member) && member.body)
        best = heavier(
          best,
          reachWithin(member, (node) => runsIn(node, member)),
        );
      if (ts.isPropertyDeclaration(member) && member.initializer) {
        const isFieldCode = (node: ts.Node): boolean => {
          const context = contexts.contextOf(node);
          return context.kind === 'sync' && context.node === undefined;
        };
        best = heavier(best, reachWithin(member.initializer, isFieldCode));
      }
    }
    return best;
  }

  function reachWithin(root: ts.Node, runsHere: (node: ts.Node) => boolean): Reach | undefined {
    let best: Reach | undefined;
    const visit = (node: ts.Node): void => {
      if (weightOf(best) === heaviest) return;
      if (isCallLike(node) && runsHere(node)) best = heavier(best, directReach(node) ?? reachOfCall(node));
      else if (ts.isIterationStatement(node, false) && runsHere(node)) best = heavier(best, loopReach(node));
      ts.forEachChild(node, visit);
    };
    visit(root);
    return best;
  }

  function directReach(call: CallLike): Reach | undefined {
    const use = blockingCallAt(call, resolver);
    if (!use) return undefined;
    const end = { type: 'call', api: use.api, name: use.name } as const;
    return isIgnored(end, use.node) ? undefined : { end, steps: [{ node: use.node, name: use.name }] };
  }

  function loopReach(node: ts.IterationStatement): Reach | undefined {
    const loop = busyLoopAt(node, resolver);
    if (!loop) return undefined;
    const end = { type: 'busy-loop', clock: loop.clock } as const;
    return isIgnored(end, node) ? undefined : { end, steps: [{ node, name: `loop on ${loop.clock}` }] };
  }

  /** The functions and classes of the project that a call runs. */
  function targetsOf(call: CallLike): readonly (ts.FunctionLikeDeclaration | ts.ClassLikeDeclaration)[] {
    const callee = calleeOf(call);
    if (callee.kind === ts.SyntaxKind.ImportKeyword || callee.kind === ts.SyntaxKind.SuperKeyword) return [];
    const values = resolver.resolve(callee);
    if (ts.isNewExpression(call)) return values.flatMap((value) => (value.kind === 'class' ? [value.node] : []));
    const functions = values.flatMap((value) => (value.kind === 'function' ? [value.node] : []));
    return functions.length > 0 || values.length > 0 || !ts.isPropertyAccessExpression(callee) ? functions : methodByType(callee);
  }

  /** `store.load()` where only the type of `store` is known: the method of its class. */
  function methodByType(callee: ts.PropertyAccessExpression): readonly ts.FunctionLikeDeclaration[] {
    const declaration = resolver.checker.getSymbolAtLocation(callee.name)?.valueDeclaration;
    if (!declaration || !isProjectCode(declaration.getSourceFile())) return [];
    return ts.isMethodDeclaration(declaration) && declaration.body ? [declaration] : [];
  }

  return reachOfCall;
}

function heavier(first: Reach | undefined, second: Reach | undefined): Reach | undefined {
  return weightOf(second) > weightOf(first) ? second : first;
}

function weightOf(reach: Reach | undefined): number {
  if (!reach) return 0;
  return reach.end.type === 'busy-loop' ? heaviest : weights[reach.end.api.cost];
}
