import type { ContextFinder } from '../context/asyncContext.ts';
import { nameOf } from '../context/asyncContext.ts';
import type { BlockingApi } from './blockingCatalogue.ts';
import { blockingTagOf, taggedApi } from './blockingTags.ts';
import { blockingBaseOf, blockingCallAt, blockingReferencesIn, isCallLike, type BlockingUse } from './blockingUses.ts';
import { causeOfUse, type BlockingCause } from './blockingCause.ts';
import type { Branch, Runnable, Target, TargetFinder } from './callTargets.ts';
import { loopHoldAt } from './loopHolds.ts';
import { runsOnce } from './onceOnly.ts';
import type { OwnApis } from './ownApis.ts';
import { inheritedConstructor, visitOwnCode } from './ownCode.ts';
import { choiceAmong, widen, type Choice } from './reachChoice.ts';
import type { SymbolResolver } from '../symbols/symbolResolver.ts';
import { ts } from '../typescript.ts';

/** What a call of a synchronous helper ends in, and the way there. */
export interface Reach {
  readonly end: BlockingCause;
  /** The helpers in the order of the calls, each at its declaration, then the blocking call or loop itself. */
  readonly steps: readonly Step[];
  /** True where one of the steps is an implementation among others. */
  readonly may: boolean;
}

interface Step {
  readonly node: ts.Node;
  readonly name: string;
}

/** Whether a comment in a file silences what stands at a node. */
export type IsIgnored = (end: BlockingCause, node: ts.Node) => boolean;

/** What the reach is found with. */
export interface ReachParts {
  readonly resolver: SymbolResolver;
  readonly contexts: ContextFinder;
  readonly targets: TargetFinder;
  readonly own: OwnApis;
  /** Names these lists among others. */
  readonly ownKey: string;
  readonly isIgnored: IsIgnored;
}

interface Exit {
  readonly end: BlockingCause;
  /** Unset where the function itself is what blocks. */
  readonly step?: Step;
}

/** What a function does when it is called. */
interface Code {
  readonly exits: readonly Exit[];
  /** The places that run other functions, each with those that may run there. */
  readonly branches: readonly (readonly Target[])[];
}

/** One function of the call graph. */
interface Vertex {
  readonly node: Runnable;
  readonly exits: readonly Exit[];
  readonly edges: Edge[];
  /** Twice the weight of the heaviest hold behind it, and one more where the way there is certain; 0 where there is none. */
  level: number;
  /** Calls to it on the shortest way. */
  distance: number;
}

interface Edge {
  readonly to: Vertex;
  readonly certain: boolean;
  /** Set where it depends on the others that may run there whether the way counts. */
  readonly choice?: Choice | undefined;
}

const weights: Readonly<Record<BlockingApi['cost'], number>> = { syscall: 1, load: 1, data: 2, cpu: 3, unbounded: 3 };
const heaviest = 3;

/**
 * Follows the calls of the project's own synchronous functions to what blocks in them: to the heaviest hold, by the shortest way,
 * preferring ways that are certain; through members with several implementations where enough of these block. The graph grows by what is asked for and each function is read once; what a function reaches does
 * not depend on who asks first, also within cycles. One per program.
 */
export function createReachFinder(parts: ReachParts): (branch: Branch) => Reach | undefined {
  const { resolver, contexts, targets, own, ownKey, isIgnored } = parts;
  const codes = resolver.answers.question<Code>(`code ${ownKey}`);
  const vertices = new Map<Runnable, Vertex>();

  function reachOf({ targets }: Branch): Reach | undefined {
    let best: { readonly vertex: Vertex; readonly level: number } | undefined;
    const edges = edgesTo(targets, vertexOf);
    for (const { choice } of edges) if (choice) widen(choice);
    for (const edge of edges) {
      const level = levelThrough(edge);
      if (level > (best?.level ?? 0) || (best && level === best.level && edge.to.distance < best.vertex.distance))
        best = { vertex: edge.to, level };
    }
    return best && { ...wayFrom(best.vertex), may: best.level % 2 === 0 };
  }

  function vertexOf(node: Runnable): Vertex {
    const known = vertices.get(node);
    if (known) return known;
    const fresh: Vertex[] = [];
    const waiting: Code['branches'][] = [];
    const enter = (one: Runnable): Vertex => {
      const entered = vertices.get(one);
      if (entered) return entered;
      const { exits, branches } = codes.find(one, () => readCode(one));
      const vertex: Vertex = { node: one, exits, edges: [], level: 0, distance: 0 };
      vertices.set(one, vertex);
      fresh.push(vertex);
      waiting.push(branches);
      return vertex;
    };
    const first = enter(node);
    // The list grows while it is gone through.
    for (const [index, { edges }] of fresh.entries()) for (const branch of waiting[index]!) edges.push(...edgesTo(branch, enter));
    settle(fresh);
    return first;
  }

  function readCode(node: Runnable): Code {
    const exits: Exit[] = [];
    const branches: (readonly Target[])[] = [];
    const tag = blockingTagOf(node);
    if (tag) {
      if (tag.type === 'blocking') {
        const name = nameOfRunnable(node);
        exits.push({ end: { type: 'call', api: taggedApi(name, tag.cost), name } });
      }
      return { exits, branches };
    }
    const addUse = (use: BlockingUse, runsHere: () => boolean): void => {
      const end = causeOfUse(use, resolver);
      if (runsOnce(use.node)) return;
      if (runsHere() && !isIgnored(end, use.node)) exits.push({ end, step: { node: use.node, name: use.name } });
    };
    const base = inheritedConstructor(node);
    if (base) {
      for (const value of resolver.resolve(base))
        if (value.kind === 'class') branches.push([{ node: value.node, certain: true }]);
      const use = blockingBaseOf(base, resolver, own);
      if (use) addUse(use, () => true);
    }
    visitOwnCode(node, contexts, (item, runsHere) => {
      if (isCallLike(item)) {
        const use = blockingCallAt(item, resolver, own);
        if (use) return addUse(use, runsHere);
        if (!ts.isTaggedTemplateExpression(item)) {
          for (const { use: handed, timing } of blockingReferencesIn(item, resolver, own))
            if (timing === 'now') addUse(handed, runsHere);
        }
      } else if (ts.isIterationStatement(item, false)) {
        const end = loopHoldAt(item, resolver);
        if (end && runsHere() && !isIgnored(end, item))
          exits.push({ end, step: { node: item, name: `loop on ${end.type === 'busy-loop' ? end.clock : end.flag}` } });
      }
      const branch = targets.takesTypes(item) && !runsHere() ? undefined : targets.branchAt(item);
      if (branch && runsHere() && !runsOnce(item)) branches.push(branch.targets);
    });
    return { exits, branches };
  }

  return reachOf;
}

function edgesTo(targets: readonly Target[], vertexOf: (node: Runnable) => Vertex): readonly Edge[] {
  const choices = new Map<readonly Runnable[], Choice | undefined>();
  return targets.map(({ node, certain, among }) => {
    if (among && !choices.has(among)) choices.set(among, choiceAmong(among.map(vertexOf)));
    return { to: vertexOf(node), certain, choice: among && choices.get(among) };
  });
}

/** Gives every vertex its level and distance. All that they lead to must be among them or be settled. */
function settle(fresh: readonly Vertex[]): void {
  const callers = new Map<Vertex, { readonly from: Vertex; readonly edge: Edge }[]>();
  const choices = new Set<Choice>();
  for (const from of fresh) {
    for (const edge of from.edges) {
      const list = callers.get(edge.to);
      if (list) list.push({ from, edge });
      else callers.set(edge.to, [{ from, edge }]);
      if (edge.choice) choices.add(edge.choice);
    }
  }
  // What a choice opens may open others; none closes again.
  do settleOnce(fresh, callers);
  while ([...choices].filter(widen).length > 0);
}

function settleOnce(
  fresh: readonly Vertex[],
  callers: ReadonlyMap<Vertex, readonly { readonly from: Vertex; readonly edge: Edge }[]>,
): void {
  for (const vertex of fresh) {
    vertex.level = 0;
    vertex.distance = 0;
  }
  for (let level = heaviest * 2 + 1; level > 1; level--) {
    /** By distance. */
    const waiting: Vertex[][] = [];
    for (const vertex of fresh) {
      const distance = vertex.level === 0 ? distanceAt(vertex, level) : undefined;
      if (distance !== undefined) (waiting[distance] ??= []).push(vertex);
    }
    for (let distance = 1; distance < waiting.length; distance++) {
      for (const vertex of waiting[distance] ?? []) {
        if (vertex.level > 0) continue;
        vertex.level = level;
        vertex.distance = distance;
        for (const { from, edge } of callers.get(vertex) ?? [])
          if (from.level === 0 && levelThrough(edge) === level) (waiting[distance + 1] ??= []).push(from);
      }
    }
  }
}

/** How far the nearest hold of a level is, as far as the vertices behind the edges are settled. */
function distanceAt(vertex: Vertex, level: number): number | undefined {
  let nearest = level % 2 === 1 && exitOf(vertex, level) ? 1 : undefined;
  for (const edge of vertex.edges) {
    if (levelThrough(edge) !== level) continue;
    const distance = edge.to.distance + 1;
    if (nearest === undefined || distance < nearest) nearest = distance;
  }
  return nearest;
}

function levelThrough({ to: { level }, certain, choice }: Edge): number {
  if (choice && level >> 1 > choice.open) return 0;
  return certain || level % 2 === 0 ? level : level - 1;
}

function exitOf({ exits }: Vertex, level: number): Exit | undefined {
  return exits.find(({ end }) => weightOf(end) === level >> 1);
}

/** The way from a function to its hold; among equals the first in the order of the text. */
function wayFrom(start: Vertex): Pick<Reach, 'end' | 'steps'> {
  const steps: Step[] = [];
  for (let vertex = start; ;) {
    steps.push(stepAt(vertex.node));
    const { level, distance } = vertex;
    const exit = distance === 1 ? exitOf(vertex, level) : undefined;
    if (exit) return { end: exit.end, steps: exit.step ? [...steps, exit.step] : steps };
    const edge = vertex.edges.find((one) => levelThrough(one) === level && one.to.distance === distance - 1);
    if (!edge) throw new Error(`No way on from ${nameOfRunnable(vertex.node)}`);
    vertex = edge.to;
  }
}

function stepAt(node: Runnable): Step {
  const name = ts.getNameOfDeclaration(node);
  return { node: name ?? node, name: nameOfRunnable(node) };
}

function nameOfRunnable(node: Runnable): string {
  return ts.isClassLike(node) ? `new ${node.name?.text ?? 'class'}` : nameOf(node as ts.FunctionLikeDeclaration);
}

function weightOf(end: BlockingCause): number {
  return end.type === 'call' ? weights[end.api.cost] : heaviest;
}
