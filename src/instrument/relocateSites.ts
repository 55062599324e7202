import { noSite, type SiteId } from '../shared/ids.ts';
import type { Site } from '../shared/site.ts';
import type { FoundSites } from '../source/sites/findSites.ts';
import { canHoldProbes, rareSyntaxOf } from '../source/sites/functionSafety.ts';
import type { ParsedSource } from '../source/parseSource.ts';
import { isAsyncFunction, isFunctionNode, isGeneratorFunction, someInSameCall, withLabels } from '../source/syntax.ts';
import { ts } from '../source/typescript.ts';
import type { OriginalPlace } from './originalPlaces.ts';

/** Places by which a node is known again, surest first. */
type Anchors = readonly number[];

/**
 * Finds the nodes of a text that was made of another one (types taken out, imports turned into calls) which are the same code as
 * those with a site there. The sites stay what they are, with the places of the original; their ids count up anew from `firstSite`.
 * What has no counterpart is left out, and with a function the await points in it.
 */
export function relocateSites(
  found: FoundSites,
  original: ParsedSource,
  made: ParsedSource,
  placeOf: OriginalPlace,
  firstSite: SiteId,
): FoundSites {
  const counterparts = pairNodes(found, original, made, placeOf);
  const moduleStart = counterparts.has(made.sourceFile) ? firstOfModule(made, counterparts) : undefined;
  if (moduleStart === undefined) counterparts.delete(made.sourceFile);
  const sites: Site[] = [];
  const byNode = new Map<ts.Node, Site>();
  const moved = new Map<SiteId, SiteId>([[noSite, noSite]]);
  const rare = rareSyntaxOf(made.text);

  function add(node: ts.Node, site: Site, owner: SiteId): void {
    const id = (firstSite + sites.length) as SiteId;
    moved.set(site.id, id);
    const own: Site = { ...site, id, owner };
    sites.push(own);
    byNode.set(node, own);
    if (site.blockingKind === 'busy-wait') byNode.set(withLabels(node as ts.Statement), own);
  }

  /** @param task the site, in the original, of the task that the code belongs to */
  function visit(node: ts.Node, task: SiteId): void {
    const site = counterparts.get(node);
    let inner = task;
    if (isFunctionNode(node)) {
      inner = noSite;
      if (site !== undefined && canHoldProbes(node, rare)) {
        add(node, site, moved.get(site.owner) ?? noSite);
        if (site.kind === 'function') inner = site.id;
      }
      // Only the body belongs to the function's own task.
      ts.forEachChild(node, (child) => visit(child, child === node.body ? inner : noSite));
      return;
    }
    if (site !== undefined) {
      if (site.kind === 'module') {
        add(node, site, noSite);
        inner = site.id;
      } else if (isOfAnyTask(site)) add(node, site, moved.get(site.owner) ?? noSite);
      else if (site.owner === task && moved.has(task)) add(node, site, moved.get(task) as SiteId);
    }
    if (ts.isClassStaticBlockDeclaration(node) || ts.isPropertyDeclaration(node)) inner = noSite;
    ts.forEachChild(node, (child) => {
      if (child.pos < made.text.length) visit(child, inner);
    });
  }

  visit(made.sourceFile, noSite);
  return { sites, byNode, ...(moduleStart === undefined ? {} : { moduleStart }) };
}

/**
 * Where a module begins to be a task: behind the awaits that the test runner put first, as it does for imports. Undefined where
 * one of its own comes before the last of these.
 */
function firstOfModule(made: ParsedSource, counterparts: ReadonlyMap<ts.Node, Site>): ts.Statement | undefined {
  const statements = made.sourceFile.statements.filter(({ pos }) => pos < made.text.length);
  const holds = (statement: ts.Statement, own: boolean): boolean =>
    someInSameCall(statement, (node) => ts.isAwaitExpression(node) && counterparts.has(node) === own);
  const last = statements.findLastIndex((statement) => holds(statement, false));
  return statements.slice(0, last + 1).some((statement) => holds(statement, true)) ? undefined : statements[last + 1];
}

/** Sites whose probes name no task. */
function isOfAnyTask({ kind }: Site): boolean {
  return kind === 'blocking' || kind === 'settle-call' || kind === 'dropped-call';
}

/** The sites by the nodes of the made text. */
function pairNodes(found: FoundSites, original: ParsedSource, made: ParsedSource, placeOf: OriginalPlace): Map<ts.Node, Site> {
  const wanted: { node: ts.Node; site: Site }[] = [];
  const shapes = new Set<string>();
  const pairs = new Map<ts.Node, Site>();
  for (const [node, site] of found.byNode) {
    if (site.kind === 'module') pairs.set(made.sourceFile, site);
    // The labels on a loop are found again with it.
    else if (!ts.isLabeledStatement(node)) {
      wanted.push({ node, site });
      shapes.add(shapeOf(node));
    }
  }
  const candidates: ts.Node[] = [];
  const collect = (node: ts.Node): void => {
    if (node.pos >= made.text.length) return;
    if (shapes.has(shapeOf(node))) candidates.push(node);
    ts.forEachChild(node, collect);
  };
  ts.forEachChild(made.sourceFile, collect);
  const all: ts.Node[] = [];
  const collectOriginal = (node: ts.Node): void => {
    if (shapes.has(shapeOf(node))) all.push(node);
    ts.forEachChild(node, collectOriginal);
  };
  ts.forEachChild(original.sourceFile, collectOriginal);

  const bySite = new Map(wanted.map(({ node, site }) => [node, site]));
  let free: readonly ts.Node[] = candidates;
  let open: readonly ts.Node[] = all;
  for (let step = 0; step < mostAnchors && open.length > 0; step++) {
    const there = groupBy(open, (node) => anchorsOf(node, original.sourceFile)[step]);
    const here = groupBy(free, (node) => {
      const anchor = anchorsOf(node, made.sourceFile)[step];
      return anchor === undefined ? undefined : placeOf(anchor);
    });
    const taken = new Set<ts.Node>();
    for (const [key, originals] of there) {
      const others = here.get(key);
      // Several that begin at one place (`a()()`) come in the same order in both; with one more or less nobody knows which is which.
      if (others?.length !== originals.length) continue;
      originals.forEach((node, i) => {
        const other = others[i] as ts.Node;
        taken.add(node).add(other);
        const site = bySite.get(node);
        if (site !== undefined) pairs.set(other, site);
      });
    }
    open = open.filter((node) => !taken.has(node));
    free = free.filter((node) => !taken.has(node));
  }
  return pairs;
}

function groupBy(nodes: readonly ts.Node[], placeOf: (node: ts.Node) => number | undefined): ReadonlyMap<string, ts.Node[]> {
  const groups = new Map<string, ts.Node[]>();
  for (const node of nodes) {
    const place = placeOf(node);
    if (place === undefined) continue;
    const key = `${place} ${shapeOf(node)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [node]);
    else group.push(node);
  }
  return groups;
}

/** What must be the same in both texts for a node to take the probes of a site. */
function shapeOf(node: ts.Node): string {
  if (isFunctionNode(node)) return `${node.kind} ${Number(isAsyncFunction(node))} ${Number(isGeneratorFunction(node))}`;
  if (ts.isCallExpression(node) || ts.isNewExpression(node)) return `${node.kind} ${node.arguments?.length ?? 0}`;
  if (ts.isYieldExpression(node)) return `${node.kind} ${Number(node.asteriskToken !== undefined)}`;
  if (ts.isForOfStatement(node)) return `${node.kind} ${Number(node.awaitModifier !== undefined)}`;
  if (ts.isReturnStatement(node)) return `${node.kind} ${Number(node.expression !== undefined)}`;
  if (ts.isVariableStatement(node)) return `${node.kind} ${node.declarationList.flags & ts.NodeFlags.AwaitUsing}`;
  return String(node.kind);
}

const mostAnchors = 3;

function anchorsOf(node: ts.Node, file: ts.SourceFile): Anchors {
  const start = (inner: ts.Node): number => inner.getStart(file);
  if (isFunctionNode(node)) {
    const { modifiers, name, body } = node;
    // `export` and `private` may be gone.
    const last = modifiers?.find(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword);
    const afterModifiers = modifiers === undefined || modifiers.length === 0 ? start(node) : skipTrivia(file, modifiers.end);
    const first = last === undefined ? afterModifiers : start(last);
    return [first, ...(name ? [start(name)] : body ? [start(body)] : []), ...(name && body ? [start(body)] : [])];
  }
  if (ts.isForOfStatement(node)) return [start(node), start(node.expression), start(node.initializer)];
  if (ts.isAwaitExpression(node) || ts.isYieldExpression(node) || ts.isReturnStatement(node))
    return [start(node), ...(node.expression === undefined ? [] : [start(node.expression)])];
  if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
    const { expression, arguments: values } = node;
    const callee = ts.isPropertyAccessExpression(unwrapped(expression)) ? unwrapped(expression) : undefined;
    return [
      start(node),
      ...(values?.[0] === undefined ? [] : [start(values[0])]),
      ...(callee === undefined ? [] : [start((callee as ts.PropertyAccessExpression).name)]),
    ];
  }
  return [start(node)];
}

/** `(0, module.name)`, as a call of an import is written so that it has no `this`: the name in it. */
function unwrapped(node: ts.Expression): ts.Expression {
  if (!ts.isParenthesizedExpression(node)) return node;
  const { expression } = node;
  return ts.isBinaryExpression(expression) ? expression.right : expression;
}

function skipTrivia(file: ts.SourceFile, at: number): number {
  const trivia = /(?:\s|\/\/.*|\/\*[\s\S]*?\*\/)*/y;
  trivia.lastIndex = at;
  return at + (trivia.exec(file.text)?.[0].length ?? 0);
}
