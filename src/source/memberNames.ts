import { ts } from './typescript.ts';

/**
 * The names by which a file's functions may be members: of classes, object literals, modules and namespaces. Read from the text alone, so
 * that a member of another name (`text.trim()`) need not be asked of the checker, which would type what it is a member of.
 */
export class MemberNames {
  readonly names = new Set<string>();
  /** Computed names that a constant stands for: `[events.close]() { … }`. */
  readonly computed: ts.Expression[] = [];
  /** What classes have under well-known symbols, as written: `Symbol.iterator`. */
  readonly symbols = new Set<string>();

  /** Takes in a node by itself; whoever walks over the file gives them all. */
  take(node: ts.Node): void {
    switch (node.kind) {
      case ts.SyntaxKind.MethodDeclaration:
        return this.#takeMember(node as ts.MethodDeclaration);
      case ts.SyntaxKind.PropertyDeclaration:
      case ts.SyntaxKind.PropertyAssignment: {
        const { initializer } = node as ts.PropertyDeclaration | ts.PropertyAssignment;
        if (initializer && isFunctionValue(initializer)) this.#takeMember(node as ts.PropertyDeclaration | ts.PropertyAssignment);
        return;
      }
      case ts.SyntaxKind.FunctionDeclaration: {
        const { name, parent } = node as ts.FunctionDeclaration;
        if (!isModuleLevel(parent)) return;
        if (name) this.names.add(name.text);
        if (ts.getCombinedModifierFlags(node as ts.FunctionDeclaration) & ts.ModifierFlags.Default) this.names.add('default');
        return;
      }
      case ts.SyntaxKind.VariableDeclaration: {
        const { name, initializer, parent } = node as ts.VariableDeclaration;
        // A `var` is hoisted out of blocks.
        if (
          initializer &&
          isFunctionValue(initializer) &&
          ts.isIdentifier(name) &&
          parent.parent.kind === ts.SyntaxKind.VariableStatement
        )
          this.names.add(name.text);
        return;
      }
      default:
    }
  }

  #takeMember({ name, parent, kind }: ts.MethodDeclaration | ts.PropertyDeclaration | ts.PropertyAssignment): void {
    if (!ts.isComputedPropertyName(name)) {
      if ('text' in name) this.names.add(name.text);
      return;
    }
    const { expression } = name;
    if (ts.isStringLiteralLike(expression)) {
      this.names.add(expression.text);
      return;
    }
    const text = expression.getText();
    if (kind === ts.SyntaxKind.MethodDeclaration && ts.isClassLike(parent)) this.symbols.add(text);
    if (!text.startsWith('Symbol.')) this.computed.push(expression);
  }
}

/** The names of all files of a program. */
export interface NameIndex {
  readonly add: (names: MemberNames) => void;
  /** Takes in the signatures of a file that has tags in comments, be it a description. */
  readonly addTagged: (sourceFile: ts.SourceFile) => void;
  readonly mayBeOwn: (name: string) => boolean;
  readonly hasSymbolMember: (name: RegExp) => boolean;
}

export function createNameIndex(checker: ts.TypeChecker): NameIndex {
  const files: MemberNames[] = [];
  const tagged = new Set<string>();
  const answers = new Map<string, boolean>();
  let computed: ReadonlySet<string> | undefined;
  return {
    add: (names) => void files.push(names),
    addTagged: (sourceFile) => {
      const visit = (node: ts.Node): void => {
        const name = ts.isFunctionLike(node) ? node.name : undefined;
        if (name && 'text' in name) tagged.add(name.text);
        ts.forEachChild(node, visit);
      };
      visit(sourceFile);
    },
    mayBeOwn: (name) => {
      let answer = answers.get(name);
      if (answer === undefined) {
        computed ??= new Set(files.flatMap((file) => file.computed).flatMap((one) => literalOf(one, checker) ?? []));
        answer = tagged.has(name) || computed.has(name) || files.some(({ names }) => names.has(name));
        answers.set(name, answer);
      }
      return answer;
    },
    hasSymbolMember: (name) => files.some(({ symbols }) => symbols.size > 0 && [...symbols].some((text) => name.test(text))),
  };
}

function literalOf(expression: ts.Expression, checker: ts.TypeChecker): string | undefined {
  const type = checker.getTypeAtLocation(expression);
  return type.isStringLiteral() ? type.value : undefined;
}

function isFunctionValue(node: ts.Node): boolean {
  return ts.isArrowFunction(node) || ts.isFunctionExpression(node);
}

function isModuleLevel(parent: ts.Node): boolean {
  return ts.isSourceFile(parent) || ts.isModuleBlock(parent);
}
