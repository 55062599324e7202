import { projectMembers } from '../project/projectMembers.ts';
import { callsNoPromise, isPromiseType, isUnknownType } from './promiseTypes.ts';
import type { SymbolResolver } from '../symbols/symbolResolver.ts';
import { isProjectCode } from '../symbols/symbolModules.ts';
import { unwrap, type ExternalValue } from '../symbols/symbolValue.ts';
import {
  type FunctionWithBody,
  isAsyncFunction,
  isFunctionNode,
  isFunctionWithBody,
  isGeneratorFunction,
  isNothing,
  someInSameCall,
} from '../syntax.ts';
import { ts } from '../typescript.ts';

/** What the rules about promises ask of an expression. One per program: it remembers functions. */
export interface PromiseFacts {
  readonly checker: ts.TypeChecker;
  readonly resolver: SymbolResolver;
  /** True where the value is a promise for sure; without types, where the text says so. */
  isPromise(expression: ts.Expression): boolean;
  /** The functions of the project that a call runs, those of interfaces left out. */
  functionsBehind(call: ts.CallExpression): readonly FunctionWithBody[];
  /** The export of a module or the global that is called; undefined for the project's own. */
  externalOf(callee: ts.Expression): ExternalValue | undefined;
  /** False where the promise has a handler of its own or nothing behind it throws. */
  mayReject(expression: ts.Expression): boolean;
  /** False where an async function catches whatever it awaits and throws nothing itself. */
  functionMayReject(node: FunctionWithBody): boolean;
}

/** Calls followed one into the other before a promise counts as one that may reject. */
const maxDepth = 5;

export function createPromiseFacts(resolver: SymbolResolver): PromiseFacts {
  const { checker } = resolver;
  const rejections = new WeakMap<ts.Node, boolean>();
  const active = new Set<ts.Node>();

  function isPromise(expression: ts.Expression): boolean {
    const node = unwrap(expression);
    const byType = resolver.facts.answer('is a promise', node, () => isPromiseByType(node));
    if (byType !== null) return byType;
    if (!ts.isCallExpression(node)) return false;
    if (isReaction(node)) return isPromise(node.expression.expression);
    const functions = functionsBehind(node);
    if (functions.length > 0) return functions.every((one) => isAsyncFunction(one) && !isGeneratorFunction(one));
    const external = externalOf(node.expression);
    return external !== undefined && givesPromise(external);
  }

  /** What the type says; null where it says nothing. */
  function isPromiseByType(node: ts.Expression): boolean | null {
    if (ts.isCallExpression(node) && callsNoPromise(node, checker)) return false;
    const type = checker.getTypeAtLocation(node);
    return isUnknownType(type) ? null : isPromiseType(type, checker);
  }

  function functionsBehind(call: ts.CallExpression): readonly FunctionWithBody[] {
    const { declaration } = checker.getResolvedSignature(call) ?? {};
    const implemented = declaration && isProjectCode(declaration.getSourceFile()) ? implementationOf(declaration) : undefined;
    if (implemented) return [implemented];
    return resolver
      .resolve(call.expression)
      .flatMap((value) => (value.kind === 'function' && isFunctionWithBody(value.node) ? [value.node] : []));
  }

  /** The declaration with the body; of overloads the last. */
  function implementationOf(declaration: ts.Node): FunctionWithBody | undefined {
    if (isFunctionWithBody(declaration)) return declaration;
    const name = isFunctionNode(declaration) ? declaration.name : undefined;
    return name && checker.getSymbolAtLocation(name)?.declarations?.find(isFunctionWithBody);
  }

  function externalOf(callee: ts.Expression): ExternalValue | undefined {
    return resolver.resolve(callee).find((value) => value.kind === 'external');
  }

  function mayReject(expression: ts.Expression): boolean {
    const node = unwrap(expression);
    if (ts.isNewExpression(node)) return executorMayReject(node);
    if (ts.isConditionalExpression(node)) return mayReject(node.whenTrue) || mayReject(node.whenFalse);
    if (!ts.isCallExpression(node)) return true;
    if (isReaction(node)) return reactionMayReject(node);
    const external = externalOf(node.expression);
    if (external && neverRejects(external, node)) return false;
    if (external?.specifier === undefined && external?.path.join('.') === 'Promise.all') return listMayReject(node.arguments[0]);
    const functions = functionsBehind(node);
    const known = functions.length > 0 ? functions : implementationsBehind(node);
    return known.length === 0 || known.some(functionMayReject);
  }

  /** All that the project has of a member that an interface or abstract class describes. */
  function implementationsBehind(call: ts.CallExpression): readonly FunctionWithBody[] {
    const { declaration } = checker.getResolvedSignature(call) ?? {};
    const member = declaration && ts.isFunctionTypeNode(declaration) ? declaration.parent : declaration;
    if (!member || (!ts.isTypeElement(member) && !ts.isClassElement(member)) || !member.name) return [];
    if (!isProjectCode(member.getSourceFile())) return [];
    const found = projectMembers(resolver.program, checker).implementationsOf(member, member.name.getText());
    return found.flatMap((one) => (isFunctionWithBody(one) ? [one] : []));
  }

  function reactionMayReject(node: Reaction): boolean {
    // What a reaction without a handler throws is lost as well, but after a handler it seldom does.
    let runsCode = false;
    for (let at: ts.Expression = node; ; at = unwrap(at.expression.expression)) {
      if (!ts.isCallExpression(at) || !isReaction(at)) return runsCode || mayReject(at);
      if (isHandled(at)) return false;
      runsCode ||= at.expression.name.text === 'then' && at.arguments.some(callbackMayReject);
    }
  }

  /** A short function in place, as in `.then(() => done())`, rejects where an async function with its body would. */
  function callbackMayReject(callback: ts.Expression): boolean {
    const node = unwrap(callback);
    return !isFunctionWithBody(node) || functionMayReject(node);
  }

  function listMayReject(list: ts.Expression | undefined): boolean {
    if (!list) return true;
    if (ts.isCallExpression(list) && ts.isPropertyAccessExpression(list.expression) && list.expression.name.text === 'map')
      return list.arguments.length !== 1 || list.arguments.some(callbackMayReject);
    if (!ts.isArrayLiteralExpression(list)) return true;
    return list.elements.some((element) => ts.isSpreadElement(element) || mayReject(element));
  }

  function executorMayReject({ expression, arguments: given }: ts.NewExpression): boolean {
    const executor = given?.[0] && unwrap(given[0]);
    if (!ts.isIdentifier(expression) || !executor || !isFunctionWithBody(executor)) return true;
    return executor.parameters.length > 1 || isAsyncFunction(executor);
  }

  function functionMayReject(node: FunctionWithBody): boolean {
    const known = rejections.get(node);
    if (known !== undefined) return known;
    // A function that calls itself rejects where something else in it does.
    if (active.has(node)) return false;
    if (active.size >= maxDepth) return true;
    active.add(node);
    const result = ts.isBlock(node.body) ? blockMayReject(node.body) : returnMayReject(node.body);
    active.delete(node);
    if (active.size === 0 || result) rejections.set(node, result);
    return result;
  }

  function returnMayReject(expression: ts.Expression): boolean {
    return blockMayReject(expression) || (isPromise(expression) && mayReject(expression));
  }

  function blockMayReject(block: ts.Node): boolean {
    const within = (node: ts.Node): boolean => someInSameCall(node, leaves);
    const leaves = (node: ts.Node): boolean => {
      if (ts.isThrowStatement(node)) return !isCaught(node, block);
      if (ts.isForOfStatement(node) && node.awaitModifier) return !isCaught(node, block);
      if (ts.isAwaitExpression(node)) return !isCaught(node, block) && mayReject(node.expression);
      if (ts.isReturnStatement(node) && node.expression) return isPromise(node.expression) && mayReject(node.expression);
      return false;
    };
    return within(block);
  }

  return { checker, resolver, isPromise, functionsBehind, externalOf, mayReject, functionMayReject };
}

/** True for what a `try` with a `catch` takes, and for awaits in a `catch`: they deal with the error already. */
function isCaught(node: ts.Node, within: ts.Node): boolean {
  for (let at = node; at !== within; at = at.parent) {
    if (ts.isTryStatement(at.parent) && at.parent.tryBlock === at && at.parent.catchClause) return true;
    if (ts.isCatchClause(at) && !ts.isThrowStatement(node)) return true;
  }
  return false;
}

export type Reaction = ts.CallExpression & { readonly expression: ts.PropertyAccessExpression };

/** `p.then(…)`, `p.catch(…)`, `p.finally(…)`. */
export function isReaction(node: ts.CallExpression): node is Reaction {
  return ts.isPropertyAccessExpression(node.expression) && /^(?:then|catch|finally)$/.test(node.expression.name.text);
}

/** True where the reaction deals with the rejection: `.catch(f)`, `.then(a, b)`. */
export function isHandled({ expression, arguments: given }: Reaction): boolean {
  const handler = expression.name.text === 'catch' ? given[0] : expression.name.text === 'then' ? given[1] : undefined;
  return handler !== undefined && !isNothing(handler);
}

function givesPromise({ specifier, path }: ExternalValue): boolean {
  const name = path.join('.');
  if (specifier === undefined) return name === 'fetch' || /^Promise\.(?:all|allSettled|any|race|resolve|reject)$/.test(name);
  const module = specifier.replace(/^node:/, '');
  return module === 'fs/promises' || (module === 'fs' && path[0] === 'promises') || module === 'timers/promises';
}

function neverRejects({ specifier, path }: ExternalValue, call: ts.CallExpression): boolean {
  const name = path.join('.');
  if (specifier === undefined) return name === 'Promise.resolve' || name === 'Promise.allSettled';
  // Only a signal ends a timer early.
  return /^(?:node:)?timers\/promises$/.test(specifier) && call.arguments.length < 3;
}

/** The function, class field, static block or module that runs the node. */
export function ownerOf(node: ts.Node): ts.Node {
  let at = node.parent;
  while (!ts.isSourceFile(at) && !isFunctionNode(at) && !ts.isClassStaticBlockDeclaration(at) && !ts.isPropertyDeclaration(at)) {
    at = at.parent;
  }
  return at;
}

/** True for a function in which an `await` may stand. */
export function isAsyncOwner(owner: ts.Node): owner is FunctionWithBody {
  return isFunctionWithBody(owner) && isAsyncFunction(owner);
}

const longestText = 40;

/** A call as messages name it: `save(…)`, `this.store.put(…)`. */
export function callText(expression: ts.Expression): string {
  const node = unwrap(expression);
  if (ts.isNewExpression(node)) return `new ${shortText(node.expression)}(…)`;
  if (!ts.isCallExpression(node)) return shortText(node);
  const callee = unwrap(node.expression);
  const text = shortText(callee);
  return `${text}(${node.arguments.length === 0 ? '' : '…'})`;
}

function shortText(node: ts.Node): string {
  const text = node.getText();
  if (text.length <= longestText && !text.includes('\n')) return text;
  return ts.isPropertyAccessExpression(node) ? `….${node.name.text}` : 'the call';
}

/** `put` of `store.put` and of `put`; empty where there is no such name. */
export function lastName(callee: ts.Expression): string {
  const node = unwrap(callee);
  return ts.isPropertyAccessExpression(node) ? node.name.text : ts.isIdentifier(node) ? node.text : '';
}
