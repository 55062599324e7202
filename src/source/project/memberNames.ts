import { answersOf } from './answers.ts';
import { mentionsTag } from '../blocking/blockingTags.ts';
import { createProgramIndex } from './programIndex.ts';
import { isFunctionValue } from '../syntax.ts';
import { ts } from '../typescript.ts';

/** Where a name is found under. */
const present: readonly true[] = [true];

interface FileNames {
  readonly names: ReadonlyMap<string, readonly true[]>;
  /** Computed names that a constant stands for: `[events.close]() { … }`. Under one name all. */
  readonly computed: ReadonlyMap<string, readonly ts.Expression[]>;
  /** What classes have under well-known symbols, as written: `Symbol.iterator`. Under one name all. */
  readonly symbols: ReadonlyMap<string, readonly string[]>;
}

const all = '';
const cache = new WeakMap<ts.SourceFile, FileNames>();
const namesIn = createProgramIndex(
  'member',
  (file) => namesOfFile(file).names,
  (before, after) => before.length === after.length,
);
const computedIn = createProgramIndex('computed', (file) => namesOfFile(file).computed);
const symbolsIn = createProgramIndex(
  'under symbols',
  (file) => namesOfFile(file).symbols,
  (before, after) => before.join() === after.join(),
);

/** What stands for the names that no index has: those that types compute or tags add. */
export const restOfNames = 'computed and tagged names';

/** True for a file with members whose names types compute. */
export function hasComputedNames(sourceFile: ts.SourceFile): boolean {
  return !sourceFile.isDeclarationFile && namesOfFile(sourceFile).computed.size > 0;
}

/**
 * The names by which a file's functions may be members: of classes, object literals, modules and namespaces. Read from the text alone, so
 * that a member of another name (`text.trim()`) need not be asked of the checker, which would type what it is a member of.
 */
class NameReader {
  readonly names = new Map<string, readonly true[]>();
  readonly computed: ts.Expression[] = [];
  readonly symbols: string[] = [];

  /** Takes in a node by itself. */
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
        if (name) this.#add(name.text);
        if (ts.getCombinedModifierFlags(node as ts.FunctionDeclaration) & ts.ModifierFlags.Default) this.#add('default');
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
          this.#add(name.text);
        return;
      }
      default:
    }
  }

  #add(name: string): void {
    this.names.set(name, present);
  }

  #takeMember({ name, parent, kind }: ts.MethodDeclaration | ts.PropertyDeclaration | ts.PropertyAssignment): void {
    if (!ts.isComputedPropertyName(name)) {
      if ('text' in name) this.#add(name.text);
      return;
    }
    const { expression } = name;
    if (ts.isStringLiteralLike(expression)) {
      this.#add(expression.text);
      return;
    }
    const text = expression.getText();
    if (kind === ts.SyntaxKind.MethodDeclaration && ts.isClassLike(parent)) this.symbols.push(text);
    if (!text.startsWith('Symbol.')) this.computed.push(expression);
  }
}

function namesOfFile(sourceFile: ts.SourceFile): FileNames {
  const known = cache.get(sourceFile);
  if (known) return known;
  const reader = new NameReader();
  const visit = (node: ts.Node): void => {
    reader.take(node);
    ts.forEachChild(node, visit);
  };
  visit(sourceFile);
  const { names, computed, symbols } = reader;
  const found = { names, computed: listed(computed), symbols: listed(symbols) };
  cache.set(sourceFile, found);
  return found;
}

function listed<T>(values: readonly T[]): ReadonlyMap<string, readonly T[]> {
  return values.length === 0 ? new Map<string, readonly T[]>() : new Map([[all, values]]);
}

/** The names of all files of a program. */
export interface NameIndex {
  /** False where no function of the program is a member of that name, and no signature of that name is tagged in a comment. */
  readonly mayBeOwn: (name: string) => boolean;
  readonly hasSymbolMember: (name: RegExp) => boolean;
}

export function createNameIndex(program: ts.Program, checker: ts.TypeChecker): NameIndex {
  const named = namesIn(program);
  const answers = answersOf(program);
  let rest: ReadonlySet<string> | undefined;
  return {
    mayBeOwn: (name) => {
      answers.restOn(restOfNames);
      rest ??= new Set([
        ...computedIn(program)(all).flatMap((one) => literalOf(one, checker) ?? []),
        ...program.getSourceFiles().filter(mentionsTag).flatMap(signatureNames),
      ]);
      return rest.has(name) || named(name).length > 0;
    },
    hasSymbolMember: (name) => symbolsIn(program)(all).some((text) => name.test(text)),
  };
}

function signatureNames(sourceFile: ts.SourceFile): readonly string[] {
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    const name = ts.isFunctionLike(node) ? node.name : undefined;
    if (name && 'text' in name) names.push(name.text);
    ts.forEachChild(node, visit);
  };
  visit(sourceFile);
  return names;
}

function literalOf(expression: ts.Expression, checker: ts.TypeChecker): string | undefined {
  const type = checker.getTypeAtLocation(expression);
  return type.isStringLiteral() ? type.value : undefined;
}

function isModuleLevel(parent: ts.Node): boolean {
  return ts.isSourceFile(parent) || ts.isModuleBlock(parent);
}
