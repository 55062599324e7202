import type { Bindings } from './bindings.ts';
import { skipOuter } from './bindings.ts';
import type { NodeIndex } from '../nodeIndex.ts';
import { ts } from '../typescript.ts';

/** Tells which calls of a file call a promise's own resolve or reject function. */
export class SettleCalls {
  readonly #bindings: Bindings;
  /** Variables and parameters that hold such a function. */
  readonly #holders = new Set<ts.Node>();
  /** Variables that hold `Promise.withResolvers()`. */
  readonly #deferreds = new Set<ts.Node>();
  /** Properties such a function was put under. */
  readonly #properties = new Set<string>();
  /** Lists such functions were put in, by the last name of the expression. */
  readonly #lists = new Set<string>();

  constructor({ flow }: NodeIndex, bindings: Bindings) {
    this.#bindings = bindings;
    for (const node of flow) {
      if (ts.isNewExpression(node)) this.#addExecutor(node);
      else if (ts.isVariableDeclaration(node)) this.#addDeferred(node);
    }
    if (this.#holders.size === 0) return;
    // Twice: a function may be handed on before the text says that it is one.
    for (const node of flow) this.#follow(node);
    for (const node of flow) this.#follow(node);
  }

  isSettleCall(call: ts.CallExpression): boolean {
    const first = call.arguments[0];
    if (first && ts.isSpreadElement(first)) return false;
    if (this.#holders.size === 0 && this.#deferreds.size === 0) return false;
    return this.#isSettler(call.expression);
  }

  #isSettler(expression: ts.Expression): boolean {
    const node = skipOuter(expression);
    if (ts.isIdentifier(node)) {
      const declaration = this.#bindings.declarationOf(node);
      return declaration !== undefined && (this.#holders.has(declaration) || this.#comesFromList(declaration));
    }
    if (ts.isPropertyAccessExpression(node)) {
      const name = node.name.text;
      if (ts.isIdentifier(node.expression) && (name === 'resolve' || name === 'reject')) {
        const declaration = this.#bindings.declarationOf(node.expression);
        if (declaration && this.#deferreds.has(declaration)) return true;
      }
      return this.#properties.has(name) && this.#bindings.externalOf(node.expression) === undefined;
    }
    return this.#isTakenFromList(node);
  }

  #addExecutor(node: ts.NewExpression): void {
    const executor = node.arguments?.[0] && skipOuter(node.arguments[0]);
    if (!executor || !(ts.isArrowFunction(executor) || ts.isFunctionExpression(executor))) return;
    if (!this.#isGlobal(node.expression, 'Promise')) return;
    for (const parameter of executor.parameters.slice(0, 2)) if (ts.isIdentifier(parameter.name)) this.#holders.add(parameter);
  }

  #addDeferred(node: ts.VariableDeclaration): void {
    const made = node.initializer && skipOuter(node.initializer);
    if (!made || !ts.isCallExpression(made) || !this.#isGlobal(made.expression, 'Promise', 'withResolvers')) return;
    if (ts.isIdentifier(node.name)) this.#deferreds.add(node);
    else for (const element of node.name.elements) if (isSettlerElement(element)) this.#holders.add(element);
  }

  #isGlobal(expression: ts.Expression, ...path: readonly string[]): boolean {
    const last = path.at(-1);
    const node = skipOuter(expression);
    if (!(ts.isIdentifier(node) && node.text === last) && !(ts.isPropertyAccessExpression(node) && node.name.text === last))
      return false;
    const ref = this.#bindings.externalOf(node);
    return (
      ref !== undefined &&
      ref.specifier === undefined &&
      ref.path.filter((part) => part !== 'globalThis').join('.') === path.join('.')
    );
  }

  /** Notes where functions already known are put: other variables, properties, lists. */
  #follow(node: ts.Node): void {
    if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken && this.#isKnown(node.right)) {
      if (ts.isIdentifier(node.left)) {
        const declaration = this.#bindings.declarationOf(node.left);
        if (declaration) this.#holders.add(declaration);
      } else if (ts.isPropertyAccessExpression(node.left)) this.#properties.add(node.left.name.text);
    } else if (ts.isVariableDeclaration(node) && node.initializer && this.#isKnown(node.initializer)) {
      this.#holders.add(node);
    } else if (ts.isPropertyAssignment(node) && ts.isIdentifier(node.name) && this.#isKnown(node.initializer)) {
      this.#properties.add(node.name.text);
    } else if (ts.isShorthandPropertyAssignment(node) && this.#isKnown(node.name)) {
      this.#properties.add(node.name.text);
    } else if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      const method = node.expression.name.text;
      const list = lastNameOf(node.expression.expression);
      if (
        list !== undefined &&
        /^(?:push|unshift|add|set)$/.test(method) &&
        node.arguments.some((argument) => this.#isKnown(argument))
      ) {
        this.#lists.add(list);
      }
    }
  }

  #isKnown(expression: ts.Expression): boolean {
    const node = skipOuter(expression);
    if (!ts.isIdentifier(node)) return false;
    const declaration = this.#bindings.declarationOf(node);
    // A name in `{ resolve }` resolves like any other, but the binder knows the property under it too.
    return declaration !== undefined && this.#holders.has(declaration);
  }

  #comesFromList(declaration: ts.Node): boolean {
    if (ts.isBindingElement(declaration)) {
      const name = declaration.propertyName ?? declaration.name;
      return ts.isIdentifier(name) && this.#properties.has(name.text);
    }
    if (!ts.isVariableDeclaration(declaration)) return false;
    const loop = declaration.parent.parent;
    if (ts.isForOfStatement(loop)) return this.#lists.has(lastNameOf(loop.expression) ?? '');
    return declaration.initializer !== undefined && this.#isTakenFromList(skipOuter(declaration.initializer));
  }

  #isTakenFromList(node: ts.Expression): boolean {
    if (ts.isElementAccessExpression(node)) return this.#lists.has(lastNameOf(node.expression) ?? '');
    if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return false;
    if (!/^(?:shift|pop|get|at)$/.test(node.expression.name.text)) return false;
    return this.#lists.has(lastNameOf(node.expression.expression) ?? '');
  }
}

function isSettlerElement(element: ts.ArrayBindingElement): element is ts.BindingElement {
  if (!ts.isBindingElement(element) || element.dotDotDotToken) return false;
  const name = element.propertyName ?? element.name;
  return ts.isIdentifier(name) && (name.text === 'resolve' || name.text === 'reject');
}

function lastNameOf(expression: ts.Expression): string | undefined {
  const node = skipOuter(expression);
  if (ts.isIdentifier(node)) return node.text;
  return ts.isPropertyAccessExpression(node) ? node.name.text : undefined;
}
