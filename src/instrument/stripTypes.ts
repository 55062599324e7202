import { Bindings } from '../source/sites/bindings.ts';
import type { ParsedSource } from '../source/parseSource.ts';
import { isAmbient, isFunctionNode } from '../source/syntax.ts';
import { ts } from '../source/typescript.ts';
import { Blanker } from './blanker.ts';
import { ImportEraser } from './importEraser.ts';
import { isTypeOnlyName } from './valueImports.ts';

export interface StripOptions {
  /** As `compilerOptions.verbatimModuleSyntax`: imports stay unless they say `type`. */
  readonly verbatimModuleSyntax: boolean;
  /** As `compilerOptions.useDefineForClassFields`; false turns initialised fields into assignments, which erasing cannot do. */
  readonly useDefineForClassFields: boolean;
}

export type Stripped =
  | {
      /** As long as the source, each line and column where it was. */
      readonly text: string;
      /** Where a semicolon must be added because what was erased kept two statements apart. */
      readonly semicolons: readonly number[];
    }
  | {
      /** What is in the text that takes more than erasing. */
      readonly unsupported: string;
    };

/** Turns TypeScript into JavaScript by writing blanks over what only the type checker reads. */
export function stripTypes(parsed: ParsedSource, options: StripOptions): Stripped {
  const eraser = new TypeEraser(parsed, options);
  try {
    eraser.eraseFile();
  } catch (error) {
    if (error instanceof NotErasable) return { unsupported: error.message };
    throw error;
  }
  return { text: eraser.blanker.apply(), semicolons: eraser.semicolons };
}

class NotErasable extends Error {}

const memberNamesThatRunOn = new Set(['get', 'set', 'static', 'async', 'accessor']);

class TypeEraser {
  readonly blanker: Blanker;
  readonly semicolons: number[] = [];
  readonly #parsed: ParsedSource;
  readonly #file: ts.SourceFile;
  readonly #text: string;
  readonly #options: StripOptions;
  readonly #bindings: Bindings;
  readonly #imports: ImportEraser;
  /** End of the last thing erased from the end of an expression. */
  #erasedEnd = -1;

  constructor(parsed: ParsedSource, options: StripOptions) {
    this.#parsed = parsed;
    this.#file = parsed.sourceFile;
    this.#text = parsed.text;
    this.#options = options;
    this.#bindings = new Bindings();
    this.blanker = new Blanker(parsed.text);
    this.#imports = new ImportEraser(parsed.sourceFile, this.#bindings, this.blanker, options.verbatimModuleSyntax);
  }

  eraseFile(): void {
    for (const statement of this.#file.statements) if (statement.pos < this.#text.length) this.#visit(statement);
  }

  #visitChildren(node: ts.Node): void {
    ts.forEachChild(node, (child) => {
      if (child.pos < this.#text.length) this.#visit(child);
    });
  }

  #visit(node: ts.Node): void {
    if (ts.isStatement(node) && this.#isErasedStatement(node)) return this.blanker.blankStatement(node);
    if (isFunctionNode(node)) return this.#visitFunction(node);
    switch (node.kind) {
      case ts.SyntaxKind.Decorator:
        throw new NotErasable('decorators');
      case ts.SyntaxKind.ImportDeclaration:
        return this.#imports.eraseImport(node as ts.ImportDeclaration);
      case ts.SyntaxKind.ExportDeclaration:
        return this.#imports.eraseExport(node as ts.ExportDeclaration);
      case ts.SyntaxKind.ImportEqualsDeclaration:
        throw new NotErasable('`import … =`');
      case ts.SyntaxKind.ExportAssignment:
        if ((node as ts.ExportAssignment).isExportEquals) throw new NotErasable('`export =`');
        break;
      case ts.SyntaxKind.EnumDeclaration:
        throw new NotErasable('an enum');
      case ts.SyntaxKind.ModuleDeclaration:
        throw new NotErasable('a namespace');
      case ts.SyntaxKind.TypeAssertionExpression:
        throw new NotErasable('a cast in angle brackets');
      case ts.SyntaxKind.JsxElement:
      case ts.SyntaxKind.JsxSelfClosingElement:
      case ts.SyntaxKind.JsxFragment:
        throw new NotErasable('JSX');
      case ts.SyntaxKind.VariableDeclarationList:
        if (node.flags & ts.NodeFlags.Using) throw new NotErasable('`using`');
        break;
      case ts.SyntaxKind.ClassDeclaration:
      case ts.SyntaxKind.ClassExpression:
        return this.#visitClass(node as ts.ClassLikeDeclaration);
      case ts.SyntaxKind.Parameter:
        return this.#visitParameter(node as ts.ParameterDeclaration);
      case ts.SyntaxKind.VariableDeclaration: {
        const { name, exclamationToken, type, initializer } = node as ts.VariableDeclaration;
        this.#visit(name);
        if (exclamationToken || type) this.blanker.blank(name.end, (type ?? exclamationToken)?.end ?? name.end);
        if (initializer) this.#visit(initializer);
        return;
      }
      case ts.SyntaxKind.AsExpression:
      case ts.SyntaxKind.SatisfiesExpression:
      case ts.SyntaxKind.NonNullExpression:
      case ts.SyntaxKind.ExpressionWithTypeArguments: {
        const { expression } = node as ts.AsExpression;
        this.#visit(expression);
        this.blanker.blank(expression.end, node.end);
        if (node.kind !== ts.SyntaxKind.NonNullExpression) this.#erasedEnd = node.end;
        return;
      }
      case ts.SyntaxKind.CallExpression:
      case ts.SyntaxKind.NewExpression:
      case ts.SyntaxKind.TaggedTemplateExpression: {
        const { typeArguments } = node as ts.CallExpression;
        if (typeArguments) this.#eraseAngles(typeArguments);
        ts.forEachChild(node, (child) => {
          if (!ts.isTypeNode(child) || ts.isExpressionWithTypeArguments(child)) this.#visit(child);
        });
        if (typeArguments && ts.isNewExpression(node) && !node.arguments) this.#erasedEnd = node.end;
        return;
      }
      case ts.SyntaxKind.HeritageClause:
        if ((node as ts.HeritageClause).token === ts.SyntaxKind.ImplementsKeyword)
          return this.blanker.blank(node.getStart(this.#file), node.end);
        break;
      default:
    }
    this.#visitChildren(node);
    if (ts.isStatement(node)) this.#keepApart(node);
  }

  /** `x as T` and then `(y)` on the next line are two statements; `x` and `(y)` are one call. */
  #keepApart(node: ts.Node): void {
    if (this.#erasedEnd !== node.end || this.#text.charAt(node.end - 1) === ';') return;
    const next = this.#text.charAt(this.blanker.skipTrivia(node.end));
    if (next !== '' && next !== '}' && next !== ';' && next !== ')') this.semicolons.push(node.end);
    this.#erasedEnd = -1;
  }

  #isErasedStatement(node: ts.Statement): boolean {
    if (isAmbient(node)) return true;
    switch (node.kind) {
      case ts.SyntaxKind.InterfaceDeclaration:
      case ts.SyntaxKind.TypeAliasDeclaration:
      case ts.SyntaxKind.NamespaceExportDeclaration:
        return true;
      case ts.SyntaxKind.FunctionDeclaration:
        return (node as ts.FunctionDeclaration).body === undefined;
      case ts.SyntaxKind.ModuleDeclaration:
        return !hasValues(node as ts.ModuleDeclaration);
      case ts.SyntaxKind.ImportEqualsDeclaration:
        return (node as ts.ImportEqualsDeclaration).isTypeOnly;
      case ts.SyntaxKind.ExportAssignment: {
        const { expression, isExportEquals } = node as ts.ExportAssignment;
        return !isExportEquals && ts.isIdentifier(expression) && isTypeOnlyName(expression, this.#bindings);
      }
      default:
        return false;
    }
  }

  #visitFunction(node: ts.FunctionLikeDeclaration): void {
    for (const modifier of node.modifiers ?? []) {
      if (ts.isDecorator(modifier)) throw new NotErasable('decorators');
    }
    if (node.name) this.#visit(node.name);
    if ('questionToken' in node && node.questionToken)
      this.blanker.blank(node.questionToken.getStart(this.#file), node.questionToken.end);
    const isArrow = ts.isArrowFunction(node);
    if (node.typeParameters) this.#eraseAngles(node.typeParameters, isArrow);
    for (const parameter of node.parameters) this.#visit(parameter);
    if (node.type) {
      const close = this.blanker.skipCommas(node.parameters.end);
      // An arrow must stand on the line of the parenthesis before it.
      if (isArrow && /[\r\n\u2028\u2029]/.test(this.#text.slice(close, node.type.end))) {
        this.blanker.blank(close, node.type.end);
        this.blanker.set(node.type.end - 1, ')');
      } else this.blanker.blank(node.type.pos - 1, node.type.end);
    }
    if (node.body) this.#visit(node.body);
  }

  #visitParameter(node: ts.ParameterDeclaration): void {
    if (node.modifiers?.length)
      throw new NotErasable(node.modifiers.some(ts.isDecorator) ? 'decorators' : 'a parameter property');
    if (ts.isIdentifier(node.name) && node.name.text === 'this')
      return this.blanker.blankWithComma(node.getStart(this.#file), node.end);
    this.#visit(node.name);
    if (node.questionToken || node.type)
      this.blanker.blank(node.name.end, (node.type ?? node.questionToken)?.end ?? node.name.end);
    if (node.initializer) this.#visit(node.initializer);
  }

  #visitClass(node: ts.ClassLikeDeclaration): void {
    for (const modifier of node.modifiers ?? []) {
      if (ts.isDecorator(modifier)) throw new NotErasable('decorators');
      if (modifier.kind === ts.SyntaxKind.AbstractKeyword) this.blanker.blank(modifier.getStart(this.#file), modifier.end);
    }
    if (node.typeParameters) this.#eraseAngles(node.typeParameters);
    for (const clause of node.heritageClauses ?? []) this.#visit(clause);
    let runsOn = false;
    for (const member of node.members) {
      this.#visitMember(member, runsOn);
      runsOn = ts.isPropertyDeclaration(member) && this.#text.charAt(member.end - 1) !== ';';
    }
  }

  /** `runsOn`: the member before is a field that only the line break ends. */
  #visitMember(member: ts.ClassElement, runsOn: boolean): void {
    const modifiers = ts.canHaveModifiers(member) ? (member.modifiers ?? []) : [];
    const isBodiless = (isFunctionNode(member) && !member.body) || ts.isIndexSignatureDeclaration(member);
    const isTypeField =
      ts.isPropertyDeclaration(member) &&
      modifiers.some(({ kind }) => kind === ts.SyntaxKind.AbstractKeyword || kind === ts.SyntaxKind.DeclareKeyword);
    if (isBodiless || isTypeField) {
      if (modifiers.some(ts.isDecorator)) throw new NotErasable('decorators');
      return this.blanker.blankStatement(member);
    }
    modifiers.forEach((modifier, index) => {
      if (ts.isDecorator(modifier)) throw new NotErasable('decorators');
      if (modifier.kind === ts.SyntaxKind.AccessorKeyword) throw new NotErasable('`accessor`');
      if (!erasedModifiers.has(modifier.kind)) return;
      const start = modifier.getStart(this.#file);
      this.blanker.blank(start, modifier.end);
      if (index === 0 && runsOn) this.blanker.set(start, ';');
    });
    if (!ts.isPropertyDeclaration(member)) return this.#visit(member);
    this.#visit(member.name);
    if (!this.#options.useDefineForClassFields) {
      // tsc then makes initialised fields assignments in the constructor, and drops the others.
      if (member.initializer) throw new NotErasable('class fields that are to be assignments');
      return this.blanker.blankStatement(member);
    }
    const mark = member.type ?? member.questionToken ?? member.exclamationToken;
    if (mark) {
      this.blanker.blank(member.name.end, mark.end);
      const isBare = !member.initializer && this.#text.charAt(member.end - 1) !== ';';
      if (isBare && ts.isIdentifier(member.name) && memberNamesThatRunOn.has(member.name.text))
        this.blanker.set(member.name.end, ';');
    }
    if (member.initializer) this.#visit(member.initializer);
    this.#keepApart(member);
  }

  /** The list and its angle brackets. With `beforeArrow` the parenthesis after it moves up when the list spans lines. */
  #eraseAngles(list: ts.NodeArray<ts.Node>, beforeArrow = false): void {
    const start = list.pos - 1;
    const end = this.blanker.skipCommas(list.end) + 1;
    this.blanker.blank(start, end);
    const parenthesis = this.blanker.skipTrivia(end);
    if (beforeArrow && /[\r\n\u2028\u2029]/.test(this.#text.slice(start, parenthesis))) {
      this.blanker.set(start, '(');
      this.blanker.blank(parenthesis, parenthesis + 1);
    }
  }
}

const erasedModifiers = new Set<ts.SyntaxKind>([
  ts.SyntaxKind.PublicKeyword,
  ts.SyntaxKind.PrivateKeyword,
  ts.SyntaxKind.ProtectedKeyword,
  ts.SyntaxKind.ReadonlyKeyword,
  ts.SyntaxKind.OverrideKeyword,
  ts.SyntaxKind.AbstractKeyword,
]);

/** True for a namespace that exists at run time. */
function hasValues(node: ts.ModuleDeclaration): boolean {
  const { body } = node;
  if (!body) return false;
  if (ts.isModuleDeclaration(body)) return hasValues(body);
  if (!ts.isModuleBlock(body)) return false;
  return body.statements.some((statement) => {
    if (isAmbient(statement) || ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) return false;
    return !ts.isModuleDeclaration(statement) || hasValues(statement);
  });
}
