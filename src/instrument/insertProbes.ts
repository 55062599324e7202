import { probeNames as probe } from '../shared/instrumentMessages.ts';
import type { SiteId } from '../shared/ids.ts';
import type { Site } from '../shared/site.ts';
import type { FoundSites } from '../source/sites/findSites.ts';
import { directivesOf, jumpsOut } from '../source/sites/functionSafety.ts';
import type { ParsedSource } from '../source/parseSource.ts';
import { canSuspend, isFunctionNode, someInSameCall, withLabels } from '../source/syntax.ts';
import { ts } from '../source/typescript.ts';
import type { Insertions } from './insertions.ts';
import { asArgument, awaitedPattern, goesOnAsChain, isPlainReference, isQuoted } from './probePlaces.ts';

const { task } = probe;
/** Where a child process finds its command: the program and its arguments. */
const commandArguments = 2;
const blockToken = '__il_x';
const callbackToken = '__il_g';
const caughtName = '__il_q';

/**
 * Puts the probes of all sites into the text. Only insertions, none with a line break: lines stay, the order of evaluation stays,
 * and the native `await` stays where it was.
 */
export function insertProbes(parsed: ParsedSource, found: FoundSites, insertions: Insertions): void {
  new ProbeWriter(parsed, found, insertions).writeFile();
}

/** The task that the code the walk is in runs as part of, where it has a site. */
type InTask = Site | undefined;

class ProbeWriter {
  readonly #file: ts.SourceFile;
  readonly #text: string;
  readonly #sites: ReadonlyMap<ts.Node, Site>;
  readonly #moduleStart: ts.Statement | undefined;
  readonly #insertions: Insertions;
  /** Where the nodes with a site begin, in order. */
  readonly #siteStarts: Int32Array;
  /** By task: the await points that V8 may quote. */
  readonly #quoted = new Map<SiteId, ts.Node[]>();
  #lastPut = -1;

  constructor(parsed: ParsedSource, found: FoundSites, insertions: Insertions) {
    this.#file = parsed.sourceFile;
    this.#text = parsed.text;
    this.#sites = found.byNode;
    this.#moduleStart = found.moduleStart;
    this.#insertions = insertions;
    this.#siteStarts = Int32Array.from(found.byNode.keys(), ({ pos }) => pos).sort();
    for (const [node, site] of found.byNode) {
      if (!isQuoted(node, site)) continue;
      const nodes = this.#quoted.get(site.owner);
      if (nodes === undefined) this.#quoted.set(site.owner, [node]);
      else nodes.push(node);
    }
  }

  writeFile(): void {
    const site = this.#sites.get(this.#file);
    const statements = this.#file.statements.filter((statement) => statement.getStart(this.#file) < this.#text.length);
    const last = statements.at(-1);
    if (site && last) {
      const after = directivesOf(statements).at(-1);
      if (this.#moduleStart) this.#put(this.#start(this.#moduleStart), `const ${task}=${probe.enter}(${site.id});`);
      else if (after) this.#put(after.end, `${this.#semicolonAfter(after)}const ${task}=${probe.enter}(${site.id});`);
      else this.#put((statements[0] as ts.Statement).getStart(this.#file), `const ${task}=${probe.enter}(${site.id});`);
    }
    for (const statement of statements) this.#visit(statement, site);
    if (site && last) this.#put(last.end, `;${probe.complete}(${task});${probe.settle}(${task});`);
  }

  #put(at: number, text: string): void {
    this.#lastPut = at;
    this.#insertions.put(at, text);
  }

  /** Begins a call around what starts at `at`; keeps it apart from a keyword right before it (`return(x)`, `await{}`). */
  #open(at: number, text: string): void {
    this.#put(at, /[\w$\u0080-\uffff]/.test(this.#text.charAt(at - 1)) ? ` ${text}` : text);
  }

  #semicolonAfter(statement: ts.Statement): string {
    return this.#text.charAt(statement.end - 1) === ';' ? '' : ';';
  }

  #start(node: ts.Node): number {
    return node.getStart(this.#file);
  }

  #visitChildren(node: ts.Node, inTask: InTask): void {
    ts.forEachChild(node, (child) => this.#visit(child, inTask));
  }

  #visit(node: ts.Node, inTask: InTask): void {
    // Without a site only `return`, `throw` and `try` of a task get probes, and no expression holds these.
    if ((inTask === undefined || ts.isExpression(node)) && !this.#hasSite(node)) return;
    if (isFunctionNode(node)) return this.#visitFunction(node);
    switch (node.kind) {
      case ts.SyntaxKind.AwaitExpression:
        return this.#visitAwait(node as ts.AwaitExpression, inTask, true);
      case ts.SyntaxKind.YieldExpression:
        return this.#visitYield(node as ts.YieldExpression, inTask);
      case ts.SyntaxKind.ReturnStatement:
        return this.#visitReturn(node as ts.ReturnStatement, inTask);
      case ts.SyntaxKind.TryStatement:
        return this.#visitTry(node as ts.TryStatement, inTask);
      case ts.SyntaxKind.LabeledStatement:
      case ts.SyntaxKind.ForOfStatement:
      case ts.SyntaxKind.WhileStatement:
      case ts.SyntaxKind.DoStatement:
      case ts.SyntaxKind.ForStatement:
        return this.#visitLoop(node as ts.Statement, inTask);
      case ts.SyntaxKind.VariableStatement:
        return this.#visitVariables(node as ts.VariableStatement, inTask);
      case ts.SyntaxKind.ThrowStatement:
        return this.#visitThrow(node as ts.ThrowStatement, inTask);
      case ts.SyntaxKind.ExpressionStatement:
      case ts.SyntaxKind.ExportAssignment:
        this.#visitChildren(node, inTask);
        return this.#endStatement(node as ts.Statement);
      case ts.SyntaxKind.CallExpression:
      case ts.SyntaxKind.NewExpression:
      case ts.SyntaxKind.TaggedTemplateExpression:
        return this.#visitCall(node as ts.CallExpression, inTask);
      case ts.SyntaxKind.WithStatement:
        return this.#visit((node as ts.WithStatement).expression, inTask);
      case ts.SyntaxKind.ClassStaticBlockDeclaration:
      case ts.SyntaxKind.ModuleDeclaration:
        return this.#visitChildren(node, undefined);
      default:
        this.#visitChildren(node, inTask);
    }
  }

  /** False where no node within has a site. */
  #hasSite({ pos, end }: ts.Node): boolean {
    const starts = this.#siteStarts;
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((starts[middle] as number) < pos) low = middle + 1;
      else high = middle;
    }
    return low < starts.length && (starts[low] as number) < end;
  }

  /**
   * A call that now ends the statement goes on over a line break where what it stands for did not: `return x++` and then
   * `(y)` on the next line would become one call.
   */
  #endStatement(statement: ts.Statement): void {
    if (this.#lastPut === statement.end && this.#semicolonAfter(statement)) this.#put(statement.end, ';');
  }

  #visitFunction(node: ts.FunctionLikeDeclaration): void {
    const { body } = node;
    const site = this.#sites.get(node);
    ts.forEachChild(node, (child) => {
      if (child !== body) this.#visit(child, undefined);
    });
    if (!body) return;
    if (!site) return this.#visit(body, undefined);
    if (site.kind === 'callback') return this.#wrapCallback(node, body, site);
    const begin = `const ${task}=${probe.enter}(${site.id});try{`;
    const mend = this.#mayQuoteProbes(body, site) ? `catch(${caughtName}){throw ${probe.mend}(${caughtName});}` : '';
    const end = `}${mend}finally{${probe.settle}(${task});}`;
    if (!ts.isBlock(body)) {
      this.#put(this.#start(body), `{${begin}return ${probe.complete}(${task},`);
      this.#visit(body, site);
      this.#put(body.end, `);${end}}`);
      return;
    }
    const directive = directivesOf(body.statements).at(-1);
    this.#openBody(body, begin);
    this.#visitChildren(body, site);
    const last = body.statements.at(-1);
    const leaves = last !== undefined && (ts.isReturnStatement(last) || ts.isThrowStatement(last));
    const complete = leaves ? '' : `${last && last !== directive ? this.#semicolonAfter(last) : ''}${probe.complete}(${task});`;
    this.#put(body.end - 1, complete + end);
  }

  #wrapCallback(node: ts.FunctionLikeDeclaration, body: ts.ConciseBody, site: Site): void {
    const begin = `const ${callbackToken}=${probe.callbackBegin}(${site.id});try{`;
    const end = `}finally{${probe.callbackEnd}(${callbackToken});}`;
    if (!ts.isBlock(body)) {
      this.#put(this.#start(body), `{${begin}return `);
      this.#visit(body, undefined);
      this.#put(body.end, `;${end}}`);
      return;
    }
    this.#openBody(body, begin);
    this.#visitChildren(body, undefined);
    this.#put(body.end - 1, end);
  }

  /** Puts a text first in a body, behind its directives. */
  #openBody(body: ts.Block, text: string): void {
    const directive = directivesOf(body.statements).at(-1);
    if (directive) this.#put(directive.end, this.#semicolonAfter(directive) + text);
    else this.#put(this.#start(body) + 1, text);
  }

  /** Without `resume` the caller sees to it that the task is resumed later. */
  #visitAwait(node: ts.AwaitExpression, inTask: InTask, resume: boolean): void {
    const site = this.#sites.get(node);
    if (!site) return this.#visitChildren(node, inTask);
    if (resume) this.#open(this.#start(node), `${probe.resume}(${task},`);
    this.#open(this.#start(node.expression), `${probe.suspend}(${task},${site.id},`);
    this.#visit(node.expression, inTask);
    this.#put(node.expression.end, resume ? '))' : ')');
  }

  #visitYield(node: ts.YieldExpression, inTask: InTask): void {
    const site = this.#sites.get(node);
    if (!site) return this.#visitChildren(node, inTask);
    this.#open(this.#start(node), `${probe.resume}(${task},`);
    if (!node.expression) return this.#put(node.end, ` ${probe.suspend}(${task},${site.id}))`);
    this.#open(this.#start(node.expression), `${probe.suspend}(${task},${site.id},`);
    this.#visit(node.expression, inTask);
    this.#put(node.expression.end, '))');
  }

  #visitReturn(node: ts.ReturnStatement, inTask: InTask): void {
    if (!inTask) return this.#visitChildren(node, inTask);
    if (node.expression) {
      const site = this.#sites.get(node);
      const suspend = site ? `${probe.suspend}(${task},${site.id},` : '';
      const [open, close] = asArgument(node.expression);
      this.#open(this.#start(node.expression), `${suspend}${probe.complete}(${task},${open}`);
      this.#visit(node.expression, inTask);
      this.#put(node.expression.end, `${close}${site ? '))' : ')'}`);
      if (this.#semicolonAfter(node)) this.#put(node.end, ';');
      return;
    }
    // Without an expression an async generator's `return` does not await, with one it does: it stays without.
    this.#put(this.#start(node), `{${probe.complete}(${task});`);
    this.#put(node.end, `${this.#semicolonAfter(node)}}`);
  }

  #visitThrow(node: ts.ThrowStatement, inTask: InTask): void {
    const [open, close] = asArgument(node.expression);
    if (inTask) this.#open(this.#start(node.expression), `${probe.thrown}(${task},${open}`);
    this.#visit(node.expression, inTask);
    if (inTask) this.#put(node.expression.end, `${close})`);
    this.#endStatement(node);
  }

  #visitTry(node: ts.TryStatement, inTask: InTask): void {
    this.#visit(node.tryBlock, inTask);
    const needed = inTask !== undefined && this.#mayLeaveOpen(node.tryBlock);
    if (node.catchClause) {
      if (node.catchClause.variableDeclaration) this.#visit(node.catchClause.variableDeclaration, inTask);
      const name = node.catchClause.variableDeclaration?.name;
      const mend = needed && name && ts.isIdentifier(name) && this.#mayQuoteProbes(node.tryBlock, inTask);
      if (needed)
        this.#put(
          this.#start(node.catchClause.block) + 1,
          `${probe.caught}(${task});${mend ? `${probe.mend}(${name.text});` : ''}`,
        );
      this.#visit(node.catchClause.block, inTask);
    }
    if (node.finallyBlock) {
      const neededHere =
        needed || (inTask !== undefined && node.catchClause !== undefined && this.#mayLeaveOpen(node.catchClause.block));
      if (neededHere) this.#put(this.#start(node.finallyBlock) + 1, `${probe.caught}(${task},1);`);
      this.#visit(node.finallyBlock, inTask);
    }
  }

  /** True where a throw can leave the block while its task is suspended or a blocking call is under way. */
  #mayLeaveOpen(block: ts.Block): boolean {
    return canSuspend(block) || someInSameCall(block, (node) => this.#sites.get(node)?.kind === 'blocking');
  }

  /** True where V8 may name a probe in the message of an error that this part of a task throws. */
  #mayQuoteProbes({ pos, end }: ts.Node, inTask: Site): boolean {
    return this.#quoted.get(inTask.id)?.some((inner) => inner.pos >= pos && inner.end <= end) ?? false;
  }

  /** Loops that are sites are wrapped together with their labels, which must stay directly on the loop. */
  #visitLoop(statement: ts.Statement, inTask: InTask): void {
    let loop: ts.Statement = statement;
    while (ts.isLabeledStatement(loop)) loop = loop.statement;
    const site = this.#sites.get(loop);
    if (!site || withLabels(loop) !== statement) {
      if (site && ts.isForOfStatement(loop) && loop === statement) return this.#visitForAwaitParts(loop, site, inTask);
      return this.#visitChildren(statement, inTask);
    }
    if (ts.isForOfStatement(loop)) {
      const leavesByLabel = jumpsOut(loop.statement, statement);
      const before = isPlainReference(loop.expression) ? `${probe.suspend}(${task},${site.id});` : '';
      this.#put(this.#start(statement), `{${leavesByLabel ? 'try{' : ''}${before}`);
      if (statement === loop) this.#visitForAwaitParts(loop, site, inTask);
      else this.#visitChildren(statement, inTask);
      this.#put(statement.end, `${probe.resume}(${task});${leavesByLabel ? `}finally{${probe.caught}(${task},1);}` : ''}}`);
      return;
    }
    this.#put(this.#start(statement), `{const ${blockToken}=${probe.blockBegin}(${site.id});try{`);
    this.#visitChildren(statement, inTask);
    this.#put(statement.end, `}finally{${probe.blockEnd}(${blockToken});}}`);
  }

  #visitForAwaitParts(loop: ts.ForOfStatement, site: Site, inTask: InTask): void {
    this.#visit(loop.initializer, inTask);
    if (isPlainReference(loop.expression)) this.#visit(loop.expression, inTask);
    else {
      this.#open(this.#start(loop.expression), `${probe.suspend}(${task},${site.id},`);
      this.#visit(loop.expression, inTask);
      this.#put(loop.expression.end, ')');
    }
    const { statement } = loop;
    const isBlock = ts.isBlock(statement);
    // However the round is left, the loop awaits next: the iterator's `next()` or its `return()`.
    const end = `}finally{${probe.caught}(${task},1);${probe.suspend}(${task},${site.id});}`;
    this.#put(
      isBlock ? this.#start(statement) + 1 : this.#start(statement),
      `${isBlock ? '' : '{'}${probe.resume}(${task});try{`,
    );
    if (isBlock) this.#visitChildren(statement, inTask);
    else this.#visit(statement, inTask);
    this.#put(isBlock ? statement.end - 1 : statement.end, isBlock ? end : `${end}}`);
  }

  #visitVariables(node: ts.VariableStatement, inTask: InTask): void {
    const site = this.#sites.get(node);
    if (site) return this.#visitAwaitUsing(node, site, inTask);
    const pattern = awaitedPattern(node);
    const await_ = pattern?.initializer;
    if (!pattern || !await_ || !ts.isAwaitExpression(await_) || !this.#sites.has(await_)) {
      this.#visitChildren(node, inTask);
      return this.#endStatement(node);
    }
    // `const {a} = await f()` fails with a message that quotes what stands right of the `=`.
    this.#visit(pattern.name, inTask);
    this.#visitAwait(await_, inTask, false);
    this.#put(node.end, `${this.#semicolonAfter(node)}${probe.resume}(${task});`);
  }

  /** Two resources of our own, disposed of right before and right after the awaited ones, on every way out of the block. */
  #visitAwaitUsing(node: ts.VariableStatement, site: Site, inTask: InTask): void {
    const [outer, inner] = [`__il_v${site.id}`, `__il_u${site.id}`];
    this.#put(this.#start(node), `using ${outer}={s:0,[Symbol.dispose](){if(this.s)${probe.resume}(${task})}};`);
    this.#visitChildren(node, inTask);
    const before = `${outer}.s=1;${probe.caught}(${task},1);${probe.suspend}(${task},${site.id})`;
    this.#put(node.end, `${this.#semicolonAfter(node)}using ${inner}={[Symbol.dispose](){${before}}};`);
  }

  #visitCall(node: ts.CallExpression, inTask: InTask): void {
    const site = this.#sites.get(node);
    if (site?.kind === 'blocking') {
      this.#open(this.#start(node), `${probe.blockEnd}(${probe.blockBegin}(${site.id}),`);
      if (site.blockingKind === 'sync-process' && ts.isCallExpression(node)) this.#visitCommand(node, inTask);
      else this.#visitChildren(node, inTask);
      this.#put(node.end, ')');
    } else if (site?.kind === 'settle-call') {
      const [first, ...others] = node.arguments;
      if (!first) return this.#visitBareSettleCall(node, site, inTask);
      this.#visit(node.expression, inTask);
      this.#put(this.#start(first), `${probe.settleCall}(${site.id},`);
      this.#visit(first, inTask);
      this.#put(first.end, ')');
      for (const other of others) this.#visit(other, inTask);
    } else this.#visitChildren(node, inTask);
  }

  /** What was taken for a promise's own function may be the program's, which can count its arguments: there stay none. */
  #visitBareSettleCall(node: ts.CallExpression, site: Site, inTask: InTask): void {
    if (goesOnAsChain(node)) return this.#visitChildren(node, inTask);
    this.#open(this.#start(node), `${probe.settleCall}(${site.id},`);
    this.#visitChildren(node, inTask);
    this.#put(node.end, ')');
  }

  #visitCommand(node: ts.CallExpression, inTask: InTask): void {
    this.#visit(node.expression, inTask);
    node.arguments.forEach((argument, i) => {
      const told = i < commandArguments && !ts.isSpreadElement(argument);
      if (told) this.#open(this.#start(argument), `${probe.blockArgument}(`);
      this.#visit(argument, inTask);
      if (told) this.#put(argument.end, ')');
    });
  }
}
