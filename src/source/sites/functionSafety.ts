import { canSuspend, isAwaitUsingList, isFunctionNode, someInSameCall } from '../syntax.ts';
import { ts } from '../typescript.ts';

/** What most files do not hold and then need not be searched for, function by function. */
export interface RareSyntax {
  readonly mayUseWith: boolean;
  readonly mayUseUsing: boolean;
  readonly mayUseEval: boolean;
}

export function rareSyntaxOf(fileText: string): RareSyntax {
  return {
    mayUseWith: /\bwith\s*\(/.test(fileText),
    mayUseUsing: /\busing\b|\\u/.test(fileText),
    mayUseEval: /\beval\b|\\u/.test(fileText),
  };
}

/**
 * Whether the body of a function means the same within a `try` block of its own. It does not where function declarations at
 * its top meet a parameter or `var` of the same name or each other (a block forbids what a body allows), where a parameter
 * and a `let` clash (a body forbids what a block allows), or where the names of probes would have to be looked up in the object of a `with`.
 * Direct `eval` sees the difference only where it could declare a `var` of the name of a function at the body's top: of a block's
 * function that is an error.
 */
export function canHoldProbes(node: ts.FunctionLikeDeclaration, rare: RareSyntax): boolean {
  if (rare.mayUseWith && touchesWith(node)) return false;
  if (node.body && rare.mayUseUsing && someInSameCall(node.body, isForWithAwaitUsing)) return false;
  if (!node.body || !ts.isBlock(node.body)) return true;
  const functions = new Set<string>();
  const lexical = new Set<string>();
  for (const statement of node.body.statements) {
    let inner: ts.Statement = statement;
    while (ts.isLabeledStatement(inner)) inner = inner.statement;
    if (ts.isFunctionDeclaration(inner)) {
      if (!inner.body) continue;
      const name = inner.name?.text ?? '';
      if (name === 'arguments' || functions.has(name)) return false;
      functions.add(name);
    } else if (ts.isClassDeclaration(inner)) lexical.add(inner.name?.text ?? '');
    else if (ts.isVariableStatement(inner) && inner.declarationList.flags & ts.NodeFlags.BlockScoped) {
      for (const declaration of inner.declarationList.declarations) addNames(declaration.name, lexical);
    }
  }
  if (functions.size === 0 && lexical.size === 0) return true;
  const parameters = new Set<string>();
  for (const parameter of node.parameters) addNames(parameter.name, parameters);
  for (const name of parameters) if (functions.has(name) || lexical.has(name)) return false;
  if (functions.size === 0) return true;
  if (rare.mayUseEval && someInSameCall(node.body, isDirectEval)) return false;
  const variables = new Set<string>();
  someInSameCall(node.body, (inner) => {
    if (ts.isVariableDeclarationList(inner) && !(inner.flags & ts.NodeFlags.BlockScoped)) {
      for (const declaration of inner.declarations) addNames(declaration.name, variables);
    }
    return false;
  });
  for (const name of variables) if (functions.has(name)) return false;
  return true;
}

/**
 * True for `for (await using x = …; …; …)`. V8 (13.6, Node 24) compiles it to code that reads what was never written: how many ticks it
 * takes, and whether the process survives it, depends on all the rest of the function, which therefore has to stay as it is.
 */
export function isForWithAwaitUsing(node: ts.Node): boolean {
  return ts.isForStatement(node) && node.initializer !== undefined && isAwaitUsingList(node.initializer);
}

function isDirectEval(node: ts.Node): boolean {
  return ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'eval';
}

/** True for a function within a `with`, where names are looked up in an object, and for one that stops or returns within one of its own. */
function touchesWith(node: ts.FunctionLikeDeclaration): boolean {
  if (ts.findAncestor(node, ts.isWithStatement)) return true;
  const leaves = (inner: ts.Node): boolean => ts.isReturnStatement(inner);
  return (
    node.body !== undefined &&
    someInSameCall(
      node.body,
      (inner) => ts.isWithStatement(inner) && (canSuspend(inner.statement) || someInSameCall(inner.statement, leaves)),
    )
  );
}

function addNames(name: ts.BindingName, into: Set<string>): void {
  if (ts.isIdentifier(name)) into.add(name.text);
  else for (const element of name.elements) if (ts.isBindingElement(element)) addNames(element.name, into);
}

/** The directives (`"use strict"`) a body begins with. */
export function directivesOf(statements: readonly ts.Statement[]): readonly ts.Statement[] {
  let count = 0;
  for (const statement of statements) {
    if (!ts.isExpressionStatement(statement) || !ts.isStringLiteral(statement.expression)) break;
    count++;
  }
  return statements.slice(0, count);
}

/** True where the statement is left by a jump to a label outside it. */
export function jumpsOut(statement: ts.Statement, outermost: ts.Statement): boolean {
  const visit = (node: ts.Node): boolean => {
    if (isFunctionNode(node) || ts.isClassLike(node)) return false;
    if ((ts.isBreakStatement(node) || ts.isContinueStatement(node)) && node.label) {
      const label = node.label.text;
      const target = ts.findAncestor(node, (above) => ts.isLabeledStatement(above) && above.label.text === label);
      return target !== undefined && target !== outermost && !isWithin(target, outermost);
    }
    return ts.forEachChild(node, (child) => visit(child) || undefined) ?? false;
  };
  return visit(statement);
}

function isWithin(node: ts.Node, outer: ts.Node): boolean {
  return node.pos >= outer.pos && node.end <= outer.end && node !== outer;
}
