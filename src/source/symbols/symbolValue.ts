import { ts } from '../typescript.ts';

/**
 * Something that does not come from the project's own code: an export of a Node module or package, or a global.
 * The path leads from the module (or the global object) to the value: names of members, `prototype` for an instance
 * (`new Script()` is `Script.prototype`), `()` for what a call returns.
 */
export interface ExternalValue {
  readonly kind: 'external';
  /** As imported; unset for globals. */
  readonly specifier: string | undefined;
  readonly path: readonly string[];
}

/** What an expression may stand for at run time, as far as the text tells. */
export type SymbolValue =
  | ExternalValue
  | { readonly kind: 'function'; readonly node: ts.FunctionLikeDeclaration }
  | { readonly kind: 'class'; readonly node: ts.ClassLikeDeclaration }
  /** An instance of a class of the project. */
  | { readonly kind: 'instance'; readonly node: ts.ClassLikeDeclaration }
  | { readonly kind: 'object'; readonly node: ts.ObjectLiteralExpression }
  /** The namespace of a module of the project. */
  | { readonly kind: 'module'; readonly node: ts.SourceFile }
  /** Node's `require`, also one made by `createRequire`. */
  | { readonly kind: 'require' };

export function external(specifier: string | undefined, path: readonly string[]): ExternalValue {
  return { kind: 'external', specifier, path };
}

/** A member of an external value. A module's default export is the module itself, as Node's own modules and CommonJS have it. */
export function memberOf(value: ExternalValue, name: string): ExternalValue {
  if (name === 'default' && value.path.length === 0) return value;
  if (value.specifier === undefined && value.path.length === 1 && globalObjects.has(value.path[0]!)) {
    return external(undefined, [name]);
  }
  return external(value.specifier, [...value.path, name]);
}

/** Names of the global object itself. */
export const globalObjects: ReadonlySet<string> = new Set(['globalThis', 'global', 'window', 'self', 'top', 'frames']);

/** The expression without what does not change its value: parentheses, assertions, `satisfies`, `!`, the left of commas. */
export function unwrap(expression: ts.Expression): ts.Expression {
  let at = expression;
  for (;;) {
    if (
      ts.isParenthesizedExpression(at) ||
      ts.isAsExpression(at) ||
      ts.isSatisfiesExpression(at) ||
      ts.isNonNullExpression(at) ||
      ts.isTypeAssertionExpression(at)
    ) {
      at = at.expression;
    } else if (ts.isBinaryExpression(at) && at.operatorToken.kind === ts.SyntaxKind.CommaToken) {
      at = at.right;
    } else {
      return at;
    }
  }
}

/** True for declarations that only describe code: they have no value to follow. */
export function isDescription(node: ts.Node): boolean {
  return (
    node.getSourceFile().isDeclarationFile ||
    (ts.getCombinedModifierFlags(node as ts.Declaration) & ts.ModifierFlags.Ambient) !== 0
  );
}

/** The package of a path below `node_modules`, types packages counted as what they describe: `@types/foo__bar` is `@foo/bar`. */
export function packageOfPath(path: string): string | undefined {
  const after = path.split('/node_modules/').at(-1);
  if (after === undefined || after === path) return undefined;
  const parts = after.split('/');
  const name = parts[0]!.startsWith('@') ? `${parts[0]}/${parts[1]}` : parts[0]!;
  if (!name.startsWith('@types/')) return name;
  const described = name.slice('@types/'.length);
  return described.includes('__') ? `@${described.replace('__', '/')}` : described;
}

/**
 * What a declaration in a description file (`.d.ts`) describes.
 * @returns undefined for declarations that belong to no value (type aliases, parameters)
 */
export function describedValue(declaration: ts.Declaration): ExternalValue | undefined {
  const path: string[] = [];
  let at: ts.Node = declaration;
  while (!ts.isSourceFile(at)) {
    if (ts.isModuleDeclaration(at) && ts.isStringLiteral(at.name)) return external(at.name.text, path);
    if (ts.isParameter(at) || ts.isTypeAliasDeclaration(at) || ts.isTypeLiteralNode(at)) return undefined;
    const name = ts.getNameOfDeclaration(at as ts.Declaration);
    const isGlobalScope = ts.isModuleDeclaration(at) && (at.flags & ts.NodeFlags.GlobalAugmentation) !== 0;
    if (name && (ts.isIdentifier(name) || ts.isStringLiteral(name)) && !isGlobalScope) {
      const isMember = ts.isClassElement(at) || ts.isTypeElement(at);
      const isStatic = ts.isClassElement(at) && (ts.getCombinedModifierFlags(at) & ts.ModifierFlags.Static) !== 0;
      path.unshift(...(isMember && !isStatic ? ['prototype', name.text] : [name.text]));
    }
    if (isGlobalScope) return external(undefined, path);
    at = at.parent;
  }
  if (!ts.isExternalModule(at)) {
    // A global script file: a library's, or a package's with `export =` inside an ambient module.
    return external(undefined, path);
  }
  const specifier = packageOfPath(at.fileName);
  return specifier === undefined ? undefined : external(specifier, path);
}
