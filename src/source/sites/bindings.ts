import { Scopes } from './scopes.ts';
import { ts } from '../typescript.ts';

/** An import or a global, and the members taken from it: `()` stands for what a call returns, `prototype` for an instance. */
export interface ExternalRef {
  /** As imported, without `node:`; unset for globals. */
  readonly specifier: string | undefined;
  readonly path: readonly string[];
}

/** How far variables are followed through their initialisers. */
const maxDepth = 8;

/** Looks names of one file up, by its scopes alone: no types, no other file. */
export class Bindings {
  readonly #scopes = new Scopes();

  /** Where the name is declared in this file; undefined for globals. Of merged declarations the first. */
  declarationOf(identifier: ts.Identifier): ts.Declaration | undefined {
    return this.declarationsOf(identifier)[0];
  }

  /** All declarations of a name, where several merge (an interface and a variable). */
  declarationsOf(identifier: ts.Identifier): readonly ts.Declaration[] {
    const name = identifier.escapedText as string;
    for (let node: ts.Node = identifier.parent; node; node = node.parent) {
      const found = this.#scopes.localsOf(node)?.get(name);
      if (found) return found.declarations;
      if ((ts.isFunctionExpression(node) || ts.isClassExpression(node)) && node.name?.text === identifier.text) return [node];
    }
    return [];
  }

  /** The import or global an expression stands for, through aliases, destructuring and members; undefined when it is the file's own. */
  externalOf(expression: ts.Expression, depth = 0): ExternalRef | undefined {
    if (depth > maxDepth) return undefined;
    const node = skipOuter(expression);
    if (ts.isIdentifier(node)) {
      const declaration = this.declarationOf(node);
      if (declaration) return this.#externalOfDeclaration(declaration, depth + 1);
      // What a file puts into its own `module` is its own.
      return node.text === 'module' ? undefined : { specifier: undefined, path: [node.text] };
    }
    if (ts.isPropertyAccessExpression(node)) return append(this.externalOf(node.expression, depth + 1), node.name.text);
    if (ts.isElementAccessExpression(node) && ts.isStringLiteralLike(node.argumentExpression)) {
      return append(this.externalOf(node.expression, depth + 1), node.argumentExpression.text);
    }
    if (ts.isAwaitExpression(node)) return this.externalOf(node.expression, depth + 1);
    if (ts.isNewExpression(node)) return append(this.externalOf(node.expression, depth + 1), 'prototype');
    if (ts.isTaggedTemplateExpression(node)) return append(this.externalOf(node.tag, depth + 1), '()');
    if (ts.isCallExpression(node)) return this.#externalOfCall(node, depth + 1);
    return undefined;
  }

  #externalOfCall(node: ts.CallExpression, depth: number): ExternalRef | undefined {
    const first = node.arguments[0];
    if (node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      return first && ts.isStringLiteralLike(first) ? { specifier: bare(first.text), path: [] } : undefined;
    }
    const callee = this.externalOf(node.expression, depth);
    if (!callee) return undefined;
    if (
      callee.specifier === undefined &&
      callee.path.length === 1 &&
      callee.path[0] === 'require' &&
      first &&
      ts.isStringLiteralLike(first)
    ) {
      return { specifier: bare(first.text), path: [] };
    }
    // What `promisify` makes calls the same thing.
    if (callee.specifier === 'util' && callee.path.at(-1) === 'promisify' && first) return this.externalOf(first, depth);
    return append(callee, '()');
  }

  #externalOfDeclaration(declaration: ts.Declaration, depth: number): ExternalRef | undefined {
    if (ts.isImportSpecifier(declaration)) {
      return importOf(declaration.parent.parent.parent, (declaration.propertyName ?? declaration.name).text);
    }
    if (ts.isImportClause(declaration)) return importOf(declaration.parent, 'default');
    if (ts.isNamespaceImport(declaration)) return importOf(declaration.parent.parent);
    if (ts.isImportEqualsDeclaration(declaration)) {
      const reference = declaration.moduleReference;
      if (!ts.isExternalModuleReference(reference) || !ts.isStringLiteralLike(reference.expression)) return undefined;
      return { specifier: bare(reference.expression.text), path: [] };
    }
    if (ts.isVariableDeclaration(declaration)) {
      return declaration.initializer && ts.isIdentifier(declaration.name)
        ? this.externalOf(declaration.initializer, depth)
        : undefined;
    }
    if (ts.isBindingElement(declaration) && !declaration.dotDotDotToken && ts.isObjectBindingPattern(declaration.parent)) {
      const name = declaration.propertyName ?? declaration.name;
      if (!ts.isIdentifier(name) && !ts.isStringLiteral(name)) return undefined;
      const outer = declaration.parent.parent;
      if (ts.isVariableDeclaration(outer))
        return outer.initializer && append(this.externalOf(outer.initializer, depth), name.text);
      return ts.isBindingElement(outer) ? append(this.#externalOfDeclaration(outer, depth + 1), name.text) : undefined;
    }
    return undefined;
  }
}

/** The expression inside parentheses, casts and non-null marks. */
export function skipOuter(expression: ts.Expression): ts.Expression {
  let node = expression;
  while (
    ts.isParenthesizedExpression(node) ||
    ts.isAsExpression(node) ||
    ts.isSatisfiesExpression(node) ||
    ts.isNonNullExpression(node) ||
    ts.isTypeAssertionExpression(node)
  ) {
    node = node.expression;
  }
  return node;
}

function importOf(declaration: ts.ImportDeclaration | ts.JSDocImportTag, name?: string): ExternalRef | undefined {
  const specifier = declaration.moduleSpecifier;
  if (!ts.isStringLiteralLike(specifier)) return undefined;
  return { specifier: bare(specifier.text), path: name === undefined ? [] : [name] };
}

function append(base: ExternalRef | undefined, name: string): ExternalRef | undefined {
  return base && { specifier: base.specifier, path: [...base.path, name] };
}

/** `node:sqlite` and its like have no bare form; the catalogue is asked for both. */
function bare(specifier: string): string {
  return specifier.startsWith('node:') ? specifier.slice('node:'.length) : specifier;
}
