import { answersOf } from './answers.ts';
import { fileRole } from '../context/fileRole.ts';
import { createNameIndex } from './memberNames.ts';
import { createProgramIndex } from './programIndex.ts';
import { areSameCode, codeOf, mayRunCode, type AccessorCode } from './accessorCode.ts';
import { isProjectCode } from '../symbols/symbolModules.ts';
import { ts } from '../typescript.ts';

/** A function that a member of a class or object literal is. */
export type MemberFunction =
  ts.MethodDeclaration | ts.GetAccessorDeclaration | ts.SetAccessorDeclaration | ts.ArrowFunction | ts.FunctionExpression;

/** What the classes and typed object literals of a program's own code have as members, by name. */
export interface ProjectMembers {
  /** True where a class or object of the project has a getter or setter of that name. */
  hasAccessor(name: string): boolean;
  /** True where one of them runs other code. */
  accessorRunsCode(name: string): boolean;
  /** True where a class or object that implements or extends something has a member of that name. */
  mayOverride(name: string): boolean;
  /** False where no member of that name is a function of the project, or a signature tagged in a comment: then the checker need not be asked for it. */
  mayBeOwn(name: string): boolean;
  /** True where a class of the project has a member under a well-known symbol, written as `Symbol.iterator`. */
  hasSymbolMember(name: RegExp): boolean;
  /** The members that stand in for a member of a class or interface, in the order of the program's files. */
  implementationsOf(declaration: ts.Declaration, name: string): readonly MemberFunction[];
}

/** Stands for whatever name a default export goes by. */
const byDefault = '*';

interface FileMembers {
  readonly accessors: ReadonlyMap<string, readonly AccessorCode[]>;
  /** Names of classes and interfaces with those that build on them, and names with those that they are imported under. */
  readonly derived: ReadonlyMap<string, readonly string[]>;
  /** Of classes and objects that are declared to be something, by name. */
  readonly members: ReadonlyMap<string, readonly Member[]>;
}

interface Member {
  readonly node: MemberFunction;
  /** The names of the types that the owner is declared to be. */
  readonly bases: readonly ts.Node[];
}

const cache = new WeakMap<ts.SourceFile, FileMembers>();
const none: ReadonlyMap<string, never[]> = new Map();
const accessorsIn = createProgramIndex('accessor', (file) => membersOf(file)?.accessors ?? none, areSameCode);
const derivedIn = createProgramIndex(
  'derived',
  (file) => membersOf(file)?.derived ?? none,
  (before, after) => before.join() === after.join(),
);
const membersIn = createProgramIndex('implementation', (file) => membersOf(file)?.members ?? none, haveSameBases);
const byProgram = new WeakMap<ts.Program, ProjectMembers>();

/** The index of a program, made at the first question; of an edited program only the edited file is read. */
export function projectMembers(program: ts.Program, checker: ts.TypeChecker): ProjectMembers {
  let known = byProgram.get(program);
  if (!known) byProgram.set(program, (known = createProjectMembers(program, checker)));
  return known;
}

function createProjectMembers(program: ts.Program, checker: ts.TypeChecker): ProjectMembers {
  const answers = answersOf(program);
  const names = createNameIndex(program, checker);
  const accessorsCalled = accessorsIn(program);
  const derivedFrom = derivedIn(program);
  const membersCalled = membersIn(program);
  const running = new Map<string, ReturnType<typeof mayRunCode>>();
  const declared = answers.question<ReadonlySet<ts.Node>>('declarations behind a base');
  const implementing = answers.question<readonly MemberFunction[]>('implementations');

  function accessorRunsCode(name: string): boolean {
    const known = running.get(name);
    if (known) for (const one of known.names) accessorsCalled(one);
    const found = known ?? mayRunCode(name, accessorsCalled);
    running.set(name, found);
    return found.runsOther;
  }

  /** The declarations that a name in a heritage clause or annotation leads to, with those that they build on. */
  function declarationsBehind(base: ts.Node): ReadonlySet<ts.Node> {
    return declared.find(base, () => {
      const all = new Set<ts.Node>();
      const bases = new Set([base]);
      // The set grows while it is gone through.
      for (const one of bases) {
        for (const declaration of declarationsOf(one)) {
          all.add(declaration);
          for (const next of basesOf(declaration)) bases.add(next);
        }
      }
      answers.restOnAll([...all]);
      return all;
    });
  }

  function declarationsOf(name: ts.Node): readonly ts.Declaration[] {
    const named = checker.getSymbolAtLocation(name);
    const symbol = named && (named.flags & ts.SymbolFlags.Alias) !== 0 ? checker.getAliasedSymbol(named) : named;
    return symbol?.declarations ?? [];
  }

  /** The names that something declared under a name may be built on by, as far as the text tells: its own and those of what builds on it. */
  function namesBehind(name: string): ReadonlySet<string> {
    const found = new Set([name, byDefault]);
    for (const one of found) for (const next of derivedFrom(one)) found.add(next);
    return found;
  }

  function implementationsOf(declaration: ts.Declaration, name: string): readonly MemberFunction[] {
    return implementing.find(declaration, () => {
      const owner = declaration.parent;
      const members = membersCalled(name);
      if (members.length === 0 || !(ts.isClassLike(owner) || ts.isInterfaceDeclaration(owner))) return [];
      // The text is asked first: it takes a fraction of what the checker does.
      const behind = namesBehind(owner.name?.text ?? byDefault);
      return members.flatMap(({ node, bases }) => {
        if (node === declaration || !bases.some((base) => behind.has(lastName(base)))) return [];
        answers.restOn(node.getSourceFile());
        return bases.some((base) => declarationsBehind(base).has(owner)) ? [node] : [];
      });
    });
  }

  return {
    hasAccessor: (name) => accessorsCalled(name).length > 0,
    accessorRunsCode,
    mayOverride: (name) => membersCalled(name).length > 0,
    mayBeOwn: names.mayBeOwn,
    hasSymbolMember: names.hasSymbolMember,
    implementationsOf,
  };
}

/** What a file of the project has; of tests and worker files no members that stand in for others. */
function membersOf(sourceFile: ts.SourceFile): FileMembers | undefined {
  return isProjectCode(sourceFile) ? membersOfFile(sourceFile) : undefined;
}

/** Two texts of a file have members of other nodes, of which answers that hold them rest on the file. */
function haveSameBases(before: readonly Member[], after: readonly Member[]): boolean {
  const textOf = (members: readonly Member[]): string =>
    members.map(({ bases }) => bases.map((base) => base.getText()).join(' ')).join();
  return before.length === after.length && textOf(before) === textOf(after);
}

function membersOfFile(sourceFile: ts.SourceFile): FileMembers {
  const known = cache.get(sourceFile);
  if (known) return known;
  const accessors = new Map<string, AccessorCode[]>();
  const members = new Map<string, Member[]>();
  const derived = new Map<string, string[]>();
  const visit = (node: ts.Node): void => {
    if (ts.isGetAccessor(node) || ts.isSetAccessor(node)) {
      const name = nameOfMember(node.name);
      if (name !== undefined && node.body) addTo(accessors, name, codeOf(node, node.body));
    }
    if (ts.isClassLike(node) || ts.isObjectLiteralExpression(node)) {
      const bases = ts.isClassLike(node) ? basesOf(node) : annotationsOf(node);
      if (bases.length > 0) for (const { name, node: member } of functionsOf(node)) addTo(members, name, { node: member, bases });
    }
    if (ts.isClassLike(node) || ts.isInterfaceDeclaration(node))
      for (const base of basesOf(node)) addTo(derived, lastName(base), node.name?.text ?? byDefault);
    if (ts.isImportClause(node) && node.name) addTo(derived, byDefault, node.name.text);
    if ((ts.isImportSpecifier(node) || ts.isExportSpecifier(node)) && node.propertyName)
      addTo(derived, node.propertyName.text, node.name.text);
    ts.forEachChild(node, visit);
  };
  visit(sourceFile);
  const found = { accessors, members: fileRole(sourceFile) === 'program' ? members : none, derived };
  cache.set(sourceFile, found);
  return found;
}

function addTo<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
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
