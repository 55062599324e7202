import type { AsyncContext, ContextFinder } from '../context/asyncContext.ts';
import { baseExpression } from './blockingUses.ts';
import type { Runnable } from './callTargets.ts';
import { isInline } from '../context/functionUses.ts';
import { isAsyncFunction, isStatic } from '../syntax.ts';
import { ts } from '../typescript.ts';

/** Takes a node that may run other code, and a way to ask whether it runs as part of the function at all, which takes longer. */
type VisitItem = (node: ts.Node, runsHere: () => boolean) => void;

/**
 * Visits the nodes that run when a function is called or a class constructed: not what runs in another context, which callbacks,
 * nested functions and branches for workers do. Each node of a program belongs to one function at most.
 */
export function visitOwnCode(owner: Runnable, contexts: ContextFinder, visit: VisitItem): void {
  if (!ts.isClassLike(owner)) {
    if (hasBody(owner)) walk([...owner.parameters, owner.body], owner, contexts, visit);
    return;
  }
  const maker = owner.members.find((member) => ts.isConstructorDeclaration(member) && member.body !== undefined);
  if (maker) walk([maker], maker, contexts, visit);
  const fields = owner.members.flatMap((member) =>
    ts.isPropertyDeclaration(member) && member.initializer && !isStatic(member) ? [member.initializer] : [],
  );
  walk(fields, undefined, contexts, visit);
}

/** The expression whose class is constructed along with one that has no constructor of its own. */
export function inheritedConstructor(owner: Runnable): ts.Expression | undefined {
  if (!ts.isClassLike(owner) || owner.members.some(ts.isConstructorDeclaration)) return undefined;
  return baseExpression(owner);
}

function walk(roots: readonly ts.Node[], owner: ts.Node | undefined, contexts: ContextFinder, visit: VisitItem): void {
  const runsHere = (context: AsyncContext): boolean =>
    context.kind === 'sync'
      ? context.node === owner
      : context.kind === 'elsewhere' && owner !== undefined && context.node === owner;
  // By hand: generated code nests deeper than the stack of calls is long.
  const stack = [...roots].reverse();
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (node !== owner && ts.isFunctionLike(node)) {
      // One that does not stand in a call runs by itself. Of those that do, what they hold is asked for its context one by one.
      if (!isInline(node) || isAsyncFunction(node)) {
        if (node.name && ts.isComputedPropertyName(node.name)) stack.push(node.name);
        continue;
      }
    }
    if (ts.isPropertyDeclaration(node) && !isStatic(node)) {
      if (ts.isComputedPropertyName(node.name)) stack.push(node.name);
      continue;
    }
    const item = node;
    if (isItem(item)) visit(item, () => runsHere(contexts.contextOf(item)));
    const children: ts.Node[] = [];
    ts.forEachChild(node, (child) => void children.push(child));
    stack.push(...children.reverse());
  }
}

/** Whether a node may run a function of the project at all. */
export function mayRunOther(node: ts.Node): boolean {
  return (
    ts.isCallExpression(node) ||
    ts.isNewExpression(node) ||
    ts.isTaggedTemplateExpression(node) ||
    ts.isPropertyAccessExpression(node) ||
    ts.isBindingElement(node) ||
    ts.isForOfStatement(node) ||
    ts.isSpreadElement(node) ||
    ts.isYieldExpression(node) ||
    ts.isVariableDeclaration(node)
  );
}

/** Nodes that can run other code or hold the loop by themselves. */
function isItem(node: ts.Node): boolean {
  return mayRunOther(node) || ts.isIterationStatement(node, false);
}

function hasBody(node: ts.SignatureDeclaration): node is ts.FunctionLikeDeclaration & { readonly body: ts.ConciseBody } {
  return (node as ts.FunctionLikeDeclaration).body !== undefined;
}
