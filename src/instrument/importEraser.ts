import type { Bindings } from '../source/sites/bindings.ts';
import { ts } from '../source/typescript.ts';
import type { Blanker } from './blanker.ts';
import { isTypeOnlyName, valueImports } from './valueImports.ts';

/** Erases the imports and exports, or the parts of them, that are there for types alone. */
export class ImportEraser {
  readonly #file: ts.SourceFile;
  readonly #bindings: Bindings;
  readonly #blanker: Blanker;
  /** As `compilerOptions.verbatimModuleSyntax`: only what says `type` goes. */
  readonly #verbatim: boolean;
  #used: ReadonlySet<ts.Node> | undefined;

  constructor(file: ts.SourceFile, bindings: Bindings, blanker: Blanker, verbatim: boolean) {
    this.#file = file;
    this.#bindings = bindings;
    this.#blanker = blanker;
    this.#verbatim = verbatim;
  }

  eraseImport(node: ts.ImportDeclaration): void {
    const clause = node.importClause;
    if (!clause) return;
    if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return this.#blanker.blankStatement(node);
    const verbatim = this.#verbatim;
    const isUsed = (binding: ts.Node): boolean =>
      verbatim || (this.#used ??= valueImports(this.#file, this.#bindings)).has(binding);
    const { name, namedBindings } = clause;
    const keepsName = name !== undefined && isUsed(clause);
    if (namedBindings && ts.isNamedImports(namedBindings)) {
      const kept = namedBindings.elements.filter((element) => !element.isTypeOnly && isUsed(element));
      if (kept.length === 0 && !keepsName && !verbatim && (name || namedBindings.elements.length > 0))
        return this.#blanker.blankStatement(node);
      for (const element of namedBindings.elements)
        if (!kept.includes(element)) this.#blanker.blankWithComma(element.getStart(this.#file), element.end);
      if (name && !keepsName) this.#blanker.blankWithComma(name.getStart(this.#file), name.end);
      return;
    }
    const keepsNamespace = namedBindings !== undefined && isUsed(namedBindings);
    if (!keepsName && !keepsNamespace) return this.#blanker.blankStatement(node);
    if (name && !keepsName) this.#blanker.blankWithComma(name.getStart(this.#file), name.end);
    if (name && keepsName && namedBindings && !keepsNamespace) this.#blanker.blank(name.end, namedBindings.end);
  }

  eraseExport(node: ts.ExportDeclaration): void {
    if (node.isTypeOnly) return this.#blanker.blankStatement(node);
    if (!node.exportClause || !ts.isNamedExports(node.exportClause)) return;
    const { elements } = node.exportClause;
    const isType = (element: ts.ExportSpecifier): boolean => {
      const local = element.propertyName ?? element.name;
      return element.isTypeOnly || (!node.moduleSpecifier && ts.isIdentifier(local) && isTypeOnlyName(local, this.#bindings));
    };
    const erased = elements.filter(isType);
    if (erased.length > 0 && erased.length === elements.length && !this.#verbatim) return this.#blanker.blankStatement(node);
    for (const element of erased) this.#blanker.blankWithComma(element.getStart(this.#file), element.end);
  }
}
