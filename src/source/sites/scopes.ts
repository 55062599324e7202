import { isFunctionNode } from '../syntax.ts';
import { ts } from '../typescript.ts';

/** What one name stands for in a scope: several declarations where they merge, as an interface and a variable do. */
interface Local {
  flags: ts.SymbolFlags;
  readonly declarations: ts.Declaration[];
}
export type Locals = ReadonlyMap<string, Local>;

/**
 * The names that each scope of a file declares, each scope read when it is first asked for. TypeScript's own binder would do all of the
 * file, with its control flow; the rules are the same: what is hoisted, what merges, and who comes first.
 */
export class Scopes {
  readonly #byNode = new Map<ts.Node, Locals | undefined>();

  /** Undefined for a node that is no scope. */
  localsOf(node: ts.Node): Locals | undefined {
    if (!isScope(node)) return undefined;
    let locals = this.#byNode.get(node);
    if (locals === undefined && !this.#byNode.has(node)) {
      locals = readScope(node);
      this.#byNode.set(node, locals);
    }
    return locals;
  }
}

function isScope(node: ts.Node): boolean {
  switch (node.kind) {
    case ts.SyntaxKind.SourceFile:
    case ts.SyntaxKind.ModuleDeclaration:
    case ts.SyntaxKind.ClassStaticBlockDeclaration:
    case ts.SyntaxKind.CatchClause:
    case ts.SyntaxKind.ForStatement:
    case ts.SyntaxKind.ForInStatement:
    case ts.SyntaxKind.ForOfStatement:
    case ts.SyntaxKind.CaseBlock:
      return true;
    case ts.SyntaxKind.Block:
      // A function's body shares the scope of its parameters.
      return !isFunctionNode(node.parent) && node.parent.kind !== ts.SyntaxKind.ClassStaticBlockDeclaration;
    default:
      return isFunctionNode(node);
  }
}

function readScope(node: ts.Node): Locals | undefined {
  const reader = new ScopeReader();
  switch (node.kind) {
    case ts.SyntaxKind.SourceFile:
      reader.addStatements((node as ts.SourceFile).statements, true);
      break;
    case ts.SyntaxKind.ModuleDeclaration: {
      const { body } = node as ts.ModuleDeclaration;
      if (body && ts.isModuleBlock(body)) reader.addStatements(body.statements, true);
      else if (body && ts.isModuleDeclaration(body)) reader.addDeclared(body, true);
      break;
    }
    case ts.SyntaxKind.ClassStaticBlockDeclaration:
      reader.addStatements((node as ts.ClassStaticBlockDeclaration).body.statements, true);
      break;
    case ts.SyntaxKind.CatchClause: {
      const { variableDeclaration } = node as ts.CatchClause;
      if (variableDeclaration) reader.addName(variableDeclaration, ts.SymbolFlags.BlockScopedVariable);
      break;
    }
    case ts.SyntaxKind.ForStatement:
    case ts.SyntaxKind.ForInStatement:
    case ts.SyntaxKind.ForOfStatement: {
      const { initializer } = node as ts.ForStatement | ts.ForInOrOfStatement;
      if (initializer && ts.isVariableDeclarationList(initializer) && isBlockScoped(initializer))
        reader.addVariables(initializer);
      break;
    }
    case ts.SyntaxKind.CaseBlock:
      for (const clause of (node as ts.CaseBlock).clauses) reader.addStatements(clause.statements, false);
      break;
    case ts.SyntaxKind.Block:
      reader.addStatements((node as ts.Block).statements, false);
      break;
    default:
      reader.addFunction(node as ts.FunctionLikeDeclaration);
  }
  return reader.locals.size === 0 ? undefined : reader.locals;
}

class ScopeReader {
  readonly locals = new Map<string, Local>();

  addFunction(node: ts.FunctionLikeDeclaration): void {
    for (const parameter of node.typeParameters ?? []) this.#add(parameter.name, parameter, ts.SymbolFlags.TypeParameter);
    for (const parameter of node.parameters) this.addName(parameter, ts.SymbolFlags.FunctionScopedVariable, 0);
    if (node.body && ts.isBlock(node.body)) this.addStatements(node.body.statements, true);
  }

  /** What statements declare, functions first. `hoisting`: also `var` within them. */
  addStatements(statements: readonly ts.Statement[], hoisting: boolean): void {
    for (const statement of statements) if (ts.isFunctionDeclaration(statement)) this.addDeclared(statement, hoisting);
    for (const statement of statements) if (!ts.isFunctionDeclaration(statement)) this.addDeclared(statement, hoisting);
  }

  addDeclared(node: ts.Statement, hoisting: boolean): void {
    switch (node.kind) {
      case ts.SyntaxKind.FunctionDeclaration:
        return this.#addNamed(node as ts.FunctionDeclaration, ts.SymbolFlags.Function);
      case ts.SyntaxKind.ClassDeclaration:
        return this.#addNamed(node as ts.ClassDeclaration, ts.SymbolFlags.Class);
      case ts.SyntaxKind.InterfaceDeclaration:
        return this.#addNamed(node as ts.InterfaceDeclaration, ts.SymbolFlags.Interface);
      case ts.SyntaxKind.TypeAliasDeclaration:
        return this.#addNamed(node as ts.TypeAliasDeclaration, ts.SymbolFlags.TypeAlias);
      case ts.SyntaxKind.EnumDeclaration:
        return this.#addNamed(node as ts.EnumDeclaration, ts.SymbolFlags.RegularEnum);
      case ts.SyntaxKind.ModuleDeclaration: {
        const declaration = node as ts.ModuleDeclaration;
        if (ts.isIdentifier(declaration.name) && !(node.flags & ts.NodeFlags.GlobalAugmentation))
          this.#add(declaration.name, declaration, ts.SymbolFlags.ValueModule);
        return;
      }
      case ts.SyntaxKind.ImportDeclaration:
        return this.#addImport(node as ts.ImportDeclaration);
      case ts.SyntaxKind.ImportEqualsDeclaration:
        return this.#addNamed(node as ts.ImportEqualsDeclaration, ts.SymbolFlags.Alias);
      case ts.SyntaxKind.VariableStatement: {
        const { declarationList } = node as ts.VariableStatement;
        if (hoisting || isBlockScoped(declarationList)) this.addVariables(declarationList);
        return;
      }
      case ts.SyntaxKind.LabeledStatement:
        return this.addDeclared((node as ts.LabeledStatement).statement, hoisting);
      default:
        if (hoisting) this.#addHoisted(node);
    }
  }

  addVariables(list: ts.VariableDeclarationList): void {
    const flags = isBlockScoped(list) ? ts.SymbolFlags.BlockScopedVariable : ts.SymbolFlags.FunctionScopedVariable;
    for (const declaration of list.declarations) this.addName(declaration, flags);
  }

  /** The names that a variable, parameter or element of a pattern binds. */
  addName(
    node: ts.VariableDeclaration | ts.ParameterDeclaration | ts.BindingElement,
    flags: ts.SymbolFlags,
    excludes = excludesOf(flags),
  ): void {
    const { name } = node;
    if (ts.isIdentifier(name)) return this.#add(name, node, flags, excludes);
    for (const element of name.elements) if (ts.isBindingElement(element)) this.addName(element, flags, excludes);
  }

  /** `var` within a statement that is no declaration. */
  #addHoisted(node: ts.Node): void {
    switch (node.kind) {
      case ts.SyntaxKind.VariableStatement: {
        const { declarationList } = node as ts.VariableStatement;
        if (!isBlockScoped(declarationList)) this.addVariables(declarationList);
        return;
      }
      case ts.SyntaxKind.ForStatement:
      case ts.SyntaxKind.ForInStatement:
      case ts.SyntaxKind.ForOfStatement: {
        const { initializer, statement } = node as ts.ForStatement | ts.ForInOrOfStatement;
        if (initializer && ts.isVariableDeclarationList(initializer) && !isBlockScoped(initializer))
          this.addVariables(initializer);
        return this.#addHoisted(statement);
      }
      case ts.SyntaxKind.IfStatement: {
        const { thenStatement, elseStatement } = node as ts.IfStatement;
        this.#addHoisted(thenStatement);
        if (elseStatement) this.#addHoisted(elseStatement);
        return;
      }
      case ts.SyntaxKind.DoStatement:
      case ts.SyntaxKind.WhileStatement:
      case ts.SyntaxKind.WithStatement:
      case ts.SyntaxKind.LabeledStatement:
        return this.#addHoisted((node as ts.WhileStatement | ts.LabeledStatement).statement);
      case ts.SyntaxKind.Block:
      case ts.SyntaxKind.TryStatement:
      case ts.SyntaxKind.CatchClause:
      case ts.SyntaxKind.SwitchStatement:
      case ts.SyntaxKind.CaseBlock:
      case ts.SyntaxKind.CaseClause:
      case ts.SyntaxKind.DefaultClause:
        ts.forEachChild(node, (child) => this.#addHoisted(child));
        break;
      default:
    }
  }

  #addImport({ importClause }: ts.ImportDeclaration): void {
    if (!importClause) return;
    const { name, namedBindings } = importClause;
    if (name) this.#add(name, importClause, ts.SymbolFlags.Alias);
    if (!namedBindings) return;
    if (ts.isNamespaceImport(namedBindings)) return this.#add(namedBindings.name, namedBindings, ts.SymbolFlags.Alias);
    for (const element of namedBindings.elements) this.#add(element.name, element, ts.SymbolFlags.Alias);
  }

  #addNamed(node: ts.DeclarationStatement, flags: ts.SymbolFlags): void {
    if (node.name && ts.isIdentifier(node.name)) this.#add(node.name, node, flags);
  }

  #add(name: ts.Identifier, declaration: ts.Declaration, flags: ts.SymbolFlags, excludes = excludesOf(flags)): void {
    const key = name.escapedText as string;
    const known = this.locals.get(key);
    if (known === undefined) this.locals.set(key, { flags, declarations: [declaration] });
    else if ((known.flags & excludes) === 0) {
      known.flags |= flags;
      known.declarations.push(declaration);
    }
  }
}

function isBlockScoped(list: ts.VariableDeclarationList): boolean {
  return (list.flags & ts.NodeFlags.BlockScoped) !== 0;
}

/** What a declaration cannot merge with: of two such the first counts. */
function excludesOf(flags: ts.SymbolFlags): ts.SymbolFlags {
  switch (flags) {
    case ts.SymbolFlags.FunctionScopedVariable:
      return ts.SymbolFlags.FunctionScopedVariableExcludes;
    case ts.SymbolFlags.BlockScopedVariable:
      return ts.SymbolFlags.BlockScopedVariableExcludes;
    case ts.SymbolFlags.Function:
      return ts.SymbolFlags.FunctionExcludes;
    case ts.SymbolFlags.Class:
      return ts.SymbolFlags.ClassExcludes;
    case ts.SymbolFlags.Interface:
      return ts.SymbolFlags.InterfaceExcludes;
    case ts.SymbolFlags.TypeAlias:
      return ts.SymbolFlags.TypeAliasExcludes;
    case ts.SymbolFlags.RegularEnum:
      return ts.SymbolFlags.RegularEnumExcludes;
    case ts.SymbolFlags.ValueModule:
      return ts.SymbolFlags.ValueModuleExcludes;
    case ts.SymbolFlags.Alias:
      return ts.SymbolFlags.AliasExcludes;
    default:
      return ts.SymbolFlags.TypeParameterExcludes;
  }
}
