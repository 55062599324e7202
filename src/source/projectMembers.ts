import { fileRole } from './fileRole.ts';
import { isProjectCode } from './symbolModules.ts';
import { ts } from './typescript.ts';

/** A function that a member of a class or object literal is. */
export type MemberFunction =
  ts.MethodDeclaration | ts.GetAccessorDeclaration | ts.SetAccessorDeclaration | ts.ArrowFunction | ts.FunctionExpression;

/** What the classes and typed object literals of a program's own code have as members, by name. */
export interface ProjectMembers {
  /** True where a class or object of the project has a getter or setter of that name. */
  hasAccessor(name: string): boolean;
  /** True where a class or object that implements or extends something has a member of that name. */
  mayOverride(name: string): boolean;
  /** The members that stand in for a member of a class or interface, in the order of the program's files. */
  implementationsOf(declaration: ts.Declaration, name: string): readonly MemberFunction[];
}

/** Stands for whatever name a default export goes by. */
const byDefault = '*';

interface FileMembers {
  readonly accessors: ReadonlySet<string>;
  /** Names of classes and interfaces with those that build on them, and names with those that they are imported under. */
  readonly derived: readonly (readonly [base: string, name: string])[];
  readonly members: readonly Member[];
}

interface Member {
  readonly name: string;
  readonly node: MemberFunction;
  /** The names of the types that the owner is declared to be. */
  readonly bases: readonly ts.Node[];
}

const cache = new WeakMap<ts.SourceFile, FileMembers>();
const byProgram = new WeakMap<ts.Program, ProjectMembers>();

/** The index of a program, made at the first question; of an edited program only the edited file is read. */
export function projectMembers(program: ts.Program, checker: ts.TypeChecker): ProjectMembers {
  let known = byProgram.get(program);
  if (!known) byProgram.set(program, (known = createProjectMembers(program, checker)));
  return known;
}

function createProjectMembers(program: ts.Program, checker: ts.TypeChecker): ProjectMembers {
  const accessors = new Set<string>();
  const byName = new Map<string, Member[]>();
  const derived = new Map<string, Set<string>>();
  for (const sourceFile of program.getSourceFiles()) {
    if (!isProjectCode(sourceFile)) continue;
    const file = membersOfFile(sourceFile);
    for (const name of file.accessors) accessors.add(name);
    for (const [base, name] of file.derived) {
      const names = derived.get(base);
      if (names) names.add(name);
      else derived.set(base, new Set([name]));
    }
    for (const member of file.members) {
      const list = byName.get(member.name);
      if (list) list.push(member);
      else byName.set(member.name, [member]);
    }
  }
  const declared = new Map<ts.Node, ReadonlySet<ts.Node>>();

  /** The declarations that a name in a heritage clause or annotation leads to, with those that they build on. */
  function declarationsBehind(base: ts.Node): ReadonlySet<ts.Node> {
    const known = declared.get(base);
    if (known) return known;
    const all = new Set<ts.Node>();
    // Entered before it is complete: a class that extends itself does not parse into an endless walk.
    declared.set(base, all);
    const named = checker.getSymbolAtLocation(base);
    const symbol = named && (named.flags & ts.SymbolFlags.Alias) !== 0 ? checker.getAliasedSymbol(named) : named;
    for (const declaration of symbol?.declarations ?? []) {
      all.add(declaration);
      for (const next of basesOf(declaration)) for (const one of declarationsBehind(next)) all.add(one);
    }
    return all;
  }

  /** The names that something declared under a name may be built on by, as far as the text tells: its own and those of what builds on it. */
  function namesBehind(name: string): ReadonlySet<string> {
    const names = new Set([name, byDefault]);
    // The set grows while it is gone through.
    for (const one of names) for (const next of derived.get(one) ?? []) names.add(next);
    return names;
  }

  const found = new Map<ts.Declaration, readonly MemberFunction[]>();

  function implementationsOf(declaration: ts.Declaration, name: string): readonly MemberFunction[] {
    const known = found.get(declaration) ?? findImplementations(declaration, name);
    found.set(declaration, known);
    return known;
  }

  function findImplementations(declaration: ts.Declaration, name: string): readonly MemberFunction[] {
    const owner = declaration.parent;
    const members = byName.get(name);
    if (!members || !(ts.isClassLike(owner) || ts.isInterfaceDeclaration(owner))) return [];
    // The text is asked first: it takes a fraction of what the checker does.
    const names = namesBehind(owner.name?.text ?? byDefault);
    return members.flatMap(({ node, bases }) => {
      if (node === declaration || !bases.some((base) => names.has(lastName(base)))) return [];
      if (!bases.some((base) => declarationsBehind(base).has(owner))) return [];
      return fileRole(node.getSourceFile()) === 'program' ? [node] : [];
    });
  }

  return {
    hasAccessor: (name) => accessors.has(name),
    mayOverride: (name) => byName.has(name),
    implementationsOf,
  };
}

function membersOfFile(sourceFile: ts.SourceFile): FileMembers {
  const known = cache.get(sourceFile);
  if (known) return known;
  const accessors = new Set<string>();
  const members: Member[] = [];
  const derived: [string, string][] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isGetAccessor(node) || ts.isSetAccessor(node)) {
      const name = nameOfMember(node.name);
      if (name !== undefined && node.body) accessors.add(name);
    }
    if (ts.isClassLike(node) || ts.isObjectLiteralExpression(node)) {
      const bases = ts.isClassLike(node) ? basesOf(node) : annotationsOf(node);
      if (bases.length > 0) for (const member of functionsOf(node)) members.push({ ...member, bases });
    }
    if (ts.isClassLike(node) || ts.isInterfaceDeclaration(node))
      for (const base of basesOf(node)) derived.push([lastName(base), node.name?.text ?? byDefault]);
    if (ts.isImportClause(node) && node.name) derived.push([byDefault, node.name.text]);
    if ((ts.isImportSpecifier(node) || ts.isExportSpecifier(node)) && node.propertyName)
      derived.push([node.propertyName.text, node.name.text]);
    ts.forEachChild(node, visit);
  };
  visit(sourceFile);
  const found = { accessors, members, derived };
  cache.set(sourceFile, found);
  return found;
}

function functionsOf(owner: ts.ClassLikeDeclaration | ts.ObjectLiteralExpression): { name: string; node: MemberFunction }[] {
  const list: readonly (ts.ClassElement | ts.ObjectLiteralElementLike)[] = ts.isClassLike(owner)
    ? owner.members
    : owner.properties;
  return list.flatMap((member): { name: string; node: MemberFunction }[] => {
    const name = member.name && nameOfMember(member.name);
    if (name === undefined) return [];
    if (ts.isMethodDeclaration(member) || ts.isGetAccessor(member) || ts.isSetAccessor(member))
      return member.body ? [{ name, node: member }] : [];
    if (!ts.isPropertyDeclaration(member) && !ts.isPropertyAssignment(member)) return [];
    const { initializer } = member;
    return initializer && (ts.isArrowFunction(initializer) || ts.isFunctionExpression(initializer))
      ? [{ name, node: initializer }]
      : [];
  });
}

function lastName(base: ts.Node): string {
  if (ts.isPropertyAccessExpression(base)) return base.name.text;
  if (ts.isQualifiedName(base)) return base.right.text;
  return ts.isIdentifier(base) ? base.text : byDefault;
}

function nameOfMember(name: ts.PropertyName): string | undefined {
  return ts.isIdentifier(name) || ts.isPrivateIdentifier(name) || ts.isStringLiteral(name) ? name.text : undefined;
}

/** The names of the types that a class or interface builds on. */
function basesOf(node: ts.Node): readonly ts.Node[] {
  if (!ts.isClassLike(node) && !ts.isInterfaceDeclaration(node)) return [];
  return (node.heritageClauses ?? []).flatMap(({ types }) => types.map(({ expression }) => expression));
}

/** The types that an object literal is written down to have: of its variable, field or return type, by `as` or `satisfies`. */
function annotationsOf(literal: ts.ObjectLiteralExpression): readonly ts.Node[] {
  let at: ts.Node = literal;
  while (ts.isParenthesizedExpression(at.parent)) at = at.parent;
  const { parent } = at;
  if (ts.isAsExpression(parent) || ts.isSatisfiesExpression(parent)) return namesIn(parent.type);
  if (ts.isVariableDeclaration(parent) || ts.isPropertyDeclaration(parent) || ts.isParameter(parent)) return namesIn(parent.type);
  if (ts.isReturnStatement(parent)) {
    const owner = ts.findAncestor(parent, ts.isFunctionLike);
    return namesIn(owner?.type);
  }
  return ts.isArrowFunction(parent) ? namesIn(parent.type) : [];
}

function namesIn(type: ts.TypeNode | undefined): readonly ts.Node[] {
  if (!type) return [];
  if (ts.isTypeReferenceNode(type)) return [type.typeName];
  return ts.isIntersectionTypeNode(type) || ts.isUnionTypeNode(type) ? type.types.flatMap(namesIn) : [];
}
