import { isAwaitedCall, isPureCall } from './promiseLoopBody.ts';
import { isReaction, type PromiseFacts } from './promiseFacts.ts';
import { isProjectCode } from '../symbols/symbolModules.ts';
import { unwrap } from '../symbols/symbolValue.ts';
import { type FunctionWithBody, isAssignmentOperator, isFunctionNode, someInSameCall } from '../syntax.ts';
import { ts } from '../typescript.ts';

/** First words of functions that only look something up. */
const reads =
  /^(?:get|fetch|load|read|find|lookup|lookUp|resolve|stat|lstat|access|list|count|describe|head|retrieve|is|has|exists|pathExists|fileExists|realpath|readdir|hash|measure|json|text|arrayBuffer|blob|formData|import)(?![a-z])/;
const bodyReads = /^(?:json|text|arrayBuffer|blob|formData|bytes)$/;
/** Things that do one after the other whatever is asked of them, or where order is the point. */
const sequential =
  /(?:client|page|frame|db|database|tx|trx|transaction|conn|connection|session|cursor|reader|stream|socket|rl|readline|browser|driver|runner|manager|repository|prompt|terminal|editor|lock|mutex|iterator|generator|queue|limiter|locator|element|context|container|server|plugin\w*|device|repo|sql|handle|fd|process|worker)s?$/i;
/** What functions do that others can tell, by the names they call. */
const effects =
  /^(?:write|save|store|insert|update|upsert|delete|remove|unlink|rm|rmdir|mkdir|rename|copy|move|post|put|patch|send|emit|publish|dispatch|sleep|delay|wait|acquire|lock|prompt|ask|query|execute|exec|spawn|run|commit|limit|throttle|retry|transform|compile|build)(?![a-z])/;
const maxDepth = 3;

/** True where what is awaited is a call that by its name, its receiver and its body only reads. */
export function callIsPlainRead(awaited: ts.Expression, facts: PromiseFacts, depth = 0): boolean {
  const node = unwrap(awaited);
  if (!ts.isCallExpression(node)) return false;
  if (isReaction(node)) {
    const quiet = node.arguments.every((given) => {
      const callback = unwrap(given);
      return ts.isArrowFunction(callback) && !ts.isBlock(callback.body);
    });
    return quiet && callIsPlainRead(node.expression.expression, facts, depth);
  }
  const callee = unwrap(node.expression);
  if (callee.kind === ts.SyntaxKind.ImportKeyword) return false;
  const name = ts.isPropertyAccessExpression(callee) ? callee.name.text : ts.isIdentifier(callee) ? callee.text : '';
  const functions = facts.functionsBehind(node);
  if (!reads.test(name) && (effects.test(name) || !isReadByBody(functions, facts, depth))) return false;
  if (ts.isPropertyAccessExpression(callee)) {
    if (bodyReads.test(name)) return true;
    if (sequential.test(lastWord(callee.expression))) return false;
  }
  if (node.arguments.some((given) => sequential.test(lastWord(given)) || isFunctionNode(unwrap(given)))) return false;
  if (name === 'fetch' && !isGet(node.arguments[1])) return false;
  // A method of the project's own that others implement may do anything.
  if (functions.length === 0 && isOwnDescription(node, facts)) return false;
  return functions.every((one) => !hasEffects(one, facts, 0));
}

/** Whatever it is called, a function of the project that awaits reads alone and else only computes with what they give is a read. */
function isReadByBody(functions: readonly FunctionWithBody[], facts: PromiseFacts, depth: number): boolean {
  if (functions.length === 0 || depth >= maxDepth) return false;
  return functions.every(({ body }) => {
    let awaits = 0;
    const isOther = (node: ts.Node): boolean => {
      if (ts.isAwaitExpression(node)) {
        awaits++;
        return !callIsPlainRead(node.expression, facts, depth + 1);
      }
      if (ts.isNewExpression(node) || ts.isYieldExpression(node) || ts.isTaggedTemplateExpression(node)) return true;
      return ts.isCallExpression(node) && !isAwaitedCall(node) && !isPureCall(node);
    };
    return !someInSameCall(body, isOther) && awaits > 0;
  });
}

function isOwnDescription(call: ts.CallExpression, { checker }: PromiseFacts): boolean {
  const declaration = checker.getResolvedSignature(call)?.declaration;
  return declaration !== undefined && isProjectCode(declaration.getSourceFile());
}

function lastWord(expression: ts.Expression): string {
  const node = unwrap(expression);
  if (ts.isIdentifier(node)) return node.text;
  if (ts.isPropertyAccessExpression(node)) return node.name.text;
  if (ts.isCallExpression(node)) return lastWord(node.expression);
  return node.kind === ts.SyntaxKind.ThisKeyword ? 'this' : '';
}

function isGet(options: ts.Expression | undefined): boolean {
  if (!options) return true;
  const node = unwrap(options);
  if (!ts.isObjectLiteralExpression(node)) return false;
  return node.properties.every((property) => {
    if (!property.name || !ts.isPropertyAssignment(property)) return property.name?.getText() === 'signal';
    const name = property.name.getText();
    if (name === 'body') return false;
    return name !== 'method' || /^['"]GET['"]$/i.test(property.initializer.getText());
  });
}

/** True where a function of the project writes something outside itself, or calls something that by its name does. */
function hasEffects(node: FunctionWithBody, facts: PromiseFacts, depth: number): boolean {
  const visit = (inner: ts.Node): boolean => {
    if (writesOutside(inner, node, facts)) return true;
    if (ts.isCallExpression(inner)) {
      const name = lastWord(inner.expression);
      if (effects.test(name)) return true;
      if (ts.isPropertyAccessExpression(inner.expression) && sequential.test(lastWord(inner.expression.expression))) return true;
      if (depth < maxDepth && facts.functionsBehind(inner).some((one) => one !== node && hasEffects(one, facts, depth + 1)))
        return true;
    }
    return ts.forEachChild(inner, (child) => visit(child) || undefined) ?? false;
  };
  return visit(node.body);
}

function writesOutside(node: ts.Node, owner: FunctionWithBody, { checker }: PromiseFacts): boolean {
  if (ts.isYieldExpression(node)) return true;
  let target: ts.Expression | undefined;
  if (ts.isBinaryExpression(node)) {
    const { kind } = node.operatorToken;
    // `??=` fills a cache.
    const isWrite = isAssignmentOperator(kind);
    if (!isWrite || kind === ts.SyntaxKind.QuestionQuestionEqualsToken) return false;
    target = node.left;
  } else if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) {
    if (node.operator !== ts.SyntaxKind.PlusPlusToken && node.operator !== ts.SyntaxKind.MinusMinusToken) return false;
    target = node.operand;
  } else return false;
  let root = unwrap(target);
  while (ts.isPropertyAccessExpression(root) || ts.isElementAccessExpression(root)) root = unwrap(root.expression);
  if (!ts.isIdentifier(root)) return true;
  const declaration = checker.getSymbolAtLocation(root)?.valueDeclaration;
  if (!declaration || ts.isParameter(declaration)) return true;
  return declaration.getSourceFile() !== owner.getSourceFile() || declaration.pos < owner.pos || declaration.end > owner.end;
}
