import { noSite, type SiteId } from '../../shared/ids.ts';
import type { Site, SiteKind } from '../../shared/site.ts';
import { awaitHintOf, type AwaitHint } from './awaitHints.ts';
import { Bindings } from './bindings.ts';
import { Callbacks } from './callbacks.ts';
import { blockingCallOf, isBusyWait, isPlainLoop } from './blockingCalls.ts';
import { functionName } from '../functionName.ts';
import { canHoldProbes, isForWithAwaitUsing, rareSyntaxOf, type RareSyntax } from './functionSafety.ts';
import type { ParsedSource } from '../parseSource.ts';
import { SettleCalls } from './settleCalls.ts';
import {
  canSuspend,
  isAmbient,
  isAsyncFunction,
  isAwaitUsing,
  isFunctionNode,
  isGeneratorFunction,
  someInSameCall,
  withLabels,
} from '../syntax.ts';
import { ts } from '../typescript.ts';

/** A site and the node that is rewritten for it. */
export interface FoundSite {
  readonly node: ts.Node;
  readonly site: Site;
}

/** The sites of one file, in the order of the source. */
export interface FoundSites {
  readonly sites: readonly Site[];
  readonly byNode: ReadonlyMap<ts.Node, Site>;
  /** The statement with which a `module` that is a task begins to be one; left out where that is the first. */
  readonly moduleStart?: ts.Statement;
}

/** What runs as one task: its site; unset in code that belongs to none. */
interface Owner {
  readonly site: SiteId;
  readonly asyncGenerator: boolean;
}

/**
 * Finds every site of a parsed file. Async functions whose body cannot take probes without changing its meaning are left out,
 * with the await points in them.
 * @param firstSite the id of the first site; the others count up from it
 * @param topLevelAwait whether the text may await at its top level (an ES module)
 */
export function findSites(
  parsed: ParsedSource,
  options: { readonly firstSite: SiteId; readonly topLevelAwait: boolean; readonly baseName: string },
): FoundSites {
  const finder = new SiteFinder(parsed, options.firstSite);
  const { sourceFile } = parsed;
  const { statements } = sourceFile;
  const suspends = options.topLevelAwait && statements.some((statement) => canSuspend(statement));
  if (suspends && !statements.some((statement) => someInSameCall(statement, isForWithAwaitUsing))) {
    const last = sourceFile.getLineAndCharacterOfPosition(parsed.text.length);
    const id = finder.addAt(sourceFile, { line: 0, character: 0 }, last, 'module', noSite, options.baseName);
    finder.visitChildren(sourceFile, { site: id, asyncGenerator: false });
  } else finder.visitChildren(sourceFile, undefined);
  return { sites: finder.sites, byNode: finder.byNode };
}

const maxNameLength = 80;

class SiteFinder {
  readonly sites: Site[] = [];
  readonly byNode = new Map<ts.Node, Site>();
  readonly #parsed: ParsedSource;
  readonly #firstSite: number;
  readonly #bindings: Bindings;
  readonly #settleCalls: SettleCalls | undefined;
  readonly #callbacks: Callbacks;
  readonly #rare: RareSyntax;

  constructor(parsed: ParsedSource, firstSite: SiteId) {
    this.#parsed = parsed;
    this.#firstSite = firstSite;
    this.#bindings = new Bindings();
    this.#rare = rareSyntaxOf(parsed.text);
    this.#callbacks = new Callbacks(parsed.nodes, this.#bindings);
    const mayResolve = /\bPromise\b/.test(parsed.text);
    this.#settleCalls = mayResolve ? new SettleCalls(parsed.nodes, this.#bindings) : undefined;
  }

  visitChildren(node: ts.Node, owner: Owner | undefined): void {
    ts.forEachChild(node, (child) => {
      if (child.pos < this.#parsed.text.length) this.#visit(child, owner);
    });
  }

  #visit(node: ts.Node, owner: Owner | undefined): void {
    // Tokens and names.
    if (node.kind < ts.SyntaxKind.FirstNode) return;
    if (isFunctionNode(node)) return this.#visitFunction(node, owner);
    switch (node.kind) {
      case ts.SyntaxKind.InterfaceDeclaration:
      case ts.SyntaxKind.TypeAliasDeclaration:
        return;
      case ts.SyntaxKind.ModuleDeclaration:
      case ts.SyntaxKind.EnumDeclaration:
        // The body becomes a function of its own.
        if (!isAmbient(node)) this.visitChildren(node, undefined);
        return;
      case ts.SyntaxKind.ClassStaticBlockDeclaration:
        return this.visitChildren(node, undefined);
      case ts.SyntaxKind.PropertyDeclaration:
        return this.#visitProperty(node as ts.PropertyDeclaration, owner);
      case ts.SyntaxKind.AwaitExpression:
        if (owner) this.#addAwait(node, (node as ts.AwaitExpression).expression, 'await', owner);
        return this.visitChildren(node, owner);
      case ts.SyntaxKind.YieldExpression: {
        const { asteriskToken } = node as ts.YieldExpression;
        if (owner?.asyncGenerator) this.#add(node, asteriskToken ? 'yield-star' : 'yield', owner.site);
        return this.visitChildren(node, owner);
      }
      case ts.SyntaxKind.ReturnStatement:
        if (owner?.asyncGenerator && (node as ts.ReturnStatement).expression) {
          this.#addAwait(node, (node as ts.ReturnStatement).expression as ts.Expression, 'return', owner);
        }
        return this.visitChildren(node, owner);
      case ts.SyntaxKind.ForOfStatement:
        return this.#visitForOf(node as ts.ForOfStatement, owner);
      case ts.SyntaxKind.VariableStatement:
        if (isAmbient(node)) return;
        if (owner && isAwaitUsing(node) && this.#canWatchDisposal(node)) this.#add(node, 'await-using', owner.site);
        return this.visitChildren(node, owner);
      case ts.SyntaxKind.CatchClause: {
        const { variableDeclaration, block } = node as ts.CatchClause;
        // What the head binds runs before the block says that the task goes on.
        if (variableDeclaration) this.#visit(variableDeclaration, canSuspend(variableDeclaration) ? undefined : owner);
        return this.#visit(block, owner);
      }
      case ts.SyntaxKind.WithStatement:
        // What stands in it looks its names up in an object, and a probe's name would be seen there.
        return this.#visit((node as ts.WithStatement).expression, owner);
      case ts.SyntaxKind.WhileStatement:
      case ts.SyntaxKind.DoStatement:
      case ts.SyntaxKind.ForStatement:
        if (isPlainLoop(node) && isBusyWait(node, this.#bindings)) {
          const site = this.#add(node, 'blocking', owner?.site ?? noSite, { blockingKind: 'busy-wait' });
          this.byNode.set(withLabels(node), site);
        }
        return this.visitChildren(node, owner);
      case ts.SyntaxKind.CallExpression:
      case ts.SyntaxKind.NewExpression:
      case ts.SyntaxKind.TaggedTemplateExpression:
        this.#visitCall(node as ts.CallExpression | ts.NewExpression | ts.TaggedTemplateExpression, owner);
        return this.visitChildren(node, owner);
      default:
        if (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node)) return;
        this.visitChildren(node, owner);
    }
  }

  #visitFunction(node: ts.FunctionLikeDeclaration, owner: Owner | undefined): void {
    if (!node.body || isAmbient(node)) return;
    // Decorators and a computed name run where the function stands, not when it is called.
    if (ts.canHaveDecorators(node)) for (const decorator of ts.getDecorators(node) ?? []) this.#visit(decorator, owner);
    let own: Owner | undefined;
    if (isAsyncFunction(node) && canHoldProbes(node, this.#rare)) {
      const site = this.#add(node, 'function', owner?.site ?? noSite, {}, functionName(node));
      own = { site: site.id, asyncGenerator: isGeneratorFunction(node) };
    }
    const callback = this.#callbacks.nameOf(node);
    if (callback !== undefined && canHoldProbes(node, this.#rare))
      this.#add(node, 'callback', owner?.site ?? noSite, {}, callback);
    if (node.name && ts.isComputedPropertyName(node.name)) this.#visit(node.name, owner);
    for (const parameter of node.parameters) this.#visit(parameter, undefined);
    this.#visit(node.body, own);
  }

  #visitProperty(node: ts.PropertyDeclaration, owner: Owner | undefined): void {
    if (isAmbient(node)) return;
    for (const decorator of ts.getDecorators(node) ?? []) this.#visit(decorator, owner);
    if (ts.isComputedPropertyName(node.name)) this.#visit(node.name, owner);
    if (node.initializer) this.#visit(node.initializer, undefined);
  }

  /** A module's own resources are disposed of after its last statement, when its task has ended. Ours need the real `Symbol`. */
  #canWatchDisposal(node: ts.VariableStatement): boolean {
    return !ts.isSourceFile(node.parent) && !/\b(?:const|let|var|function|class|import)\s+Symbol\b/.test(this.#parsed.text);
  }

  #visitForOf(node: ts.ForOfStatement, owner: Owner | undefined): void {
    // What the head binds runs after the loop's own await and before its body: no place for probes of its own.
    const mute = node.awaitModifier !== undefined && owner !== undefined && canSuspend(node.initializer);
    if (node.awaitModifier && owner && !mute) {
      const { sourceFile } = this.#parsed;
      const head = this.#parsed.text.slice(node.getStart(sourceFile), node.statement.pos);
      const info = awaitHintOf(node.expression, this.#bindings);
      const end = sourceFile.getLineAndCharacterOfPosition(node.statement.pos);
      const id = this.addAt(node, this.#start(node), end, 'for-await', owner.site, foldName(head), optional(info));
      void id;
    }
    this.#visit(node.initializer, mute ? undefined : owner);
    this.#visit(node.expression, owner);
    this.#visit(node.statement, owner);
  }

  #visitCall(node: ts.CallExpression | ts.NewExpression | ts.TaggedTemplateExpression, owner: Owner | undefined): void {
    const api = blockingCallOf(node, this.#bindings);
    if (api) {
      // A `require` at the top is start-up, and wrapping it would hide re-exports from Node's lexer for named exports.
      if (api.kind === 'sync-load' && !(owner && ts.findAncestor(node, isFunctionNode))) return;
      if (ts.isDecorator(node.parent)) return;
      this.#add(node, 'blocking', owner?.site ?? noSite, { blockingKind: api.kind });
    } else if (ts.isCallExpression(node) && this.#settleCalls?.isSettleCall(node)) {
      this.#add(node, 'settle-call', owner?.site ?? noSite);
    } else if (owner && ts.isExpressionStatement(node.parent)) {
      const callee = droppedCallee(node);
      // What Node or a package gives starts no task of the program's own.
      const external = callee === undefined ? undefined : this.#bindings.externalOf((node as ts.CallExpression).expression);
      const own = external === undefined || /^[./#]/.test(external.specifier ?? '');
      if (callee !== undefined && own) this.#add(node, 'dropped-call', owner.site, { callees: [callee] });
    }
  }

  #addAwait(node: ts.Node, operand: ts.Expression, kind: SiteKind, owner: Owner): void {
    this.#add(node, kind, owner.site, optional(awaitHintOf(operand, this.#bindings)));
  }

  #add(node: ts.Node, kind: SiteKind, owner: SiteId, extra: Partial<Site> = {}, name?: string): Site {
    const { sourceFile, text } = this.#parsed;
    const end = sourceFile.getLineAndCharacterOfPosition(node.end);
    this.addAt(
      node,
      this.#start(node),
      end,
      kind,
      owner,
      name ?? foldName(text.slice(node.getStart(sourceFile), node.end)),
      extra,
    );
    return this.sites.at(-1) as Site;
  }

  /** Positions count from 0 here, from 1 in the site. */
  addAt(
    node: ts.Node,
    start: ts.LineAndCharacter,
    end: ts.LineAndCharacter,
    kind: SiteKind,
    owner: SiteId,
    name: string,
    extra: Partial<Site> = {},
  ): SiteId {
    const id = (this.#firstSite + this.sites.length) as SiteId;
    const site: Site = {
      id,
      kind,
      line: start.line + 1,
      column: start.character + 1,
      endLine: end.line + 1,
      endColumn: end.character + 1,
      name,
      owner,
      ...extra,
    };
    this.sites.push(site);
    this.byNode.set(node, site);
    return id;
  }

  #start(node: ts.Node): ts.LineAndCharacter {
    return this.#parsed.sourceFile.getLineAndCharacterOfPosition(node.getStart(this.#parsed.sourceFile));
  }
}

/** The name of a function whose result nobody takes; undefined where the promise it may give is handled (`.catch(…)`) or the call has no name. */
function droppedCallee(node: ts.CallExpression | ts.NewExpression | ts.TaggedTemplateExpression): string | undefined {
  if (!ts.isCallExpression(node)) return undefined;
  const { expression } = node;
  if (ts.isIdentifier(expression)) return expression.text;
  if (!ts.isPropertyAccessExpression(expression)) return undefined;
  const name = expression.name.text;
  return /^(?:then|catch|finally)$/.test(name) ? undefined : name;
}

function optional({ hint, callees }: AwaitHint): Partial<Site> {
  return { ...(hint ? { hint } : {}), ...(callees.length > 0 ? { callees } : {}) };
}

function foldName(text: string): string {
  const folded = text.slice(0, 400).replace(/\s+/g, ' ').trim().replace(/;$/, '');
  return folded.length > maxNameLength ? `${folded.slice(0, maxNameLength - 1)}…` : folded;
}
