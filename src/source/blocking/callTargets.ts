import { callbackTiming } from '../context/asyncContextCallee.ts';
import { baseExpression, calleeOf, isCallLike, type CallLike } from './blockingUses.ts';
import { blockingTagOf } from './blockingTags.ts';
import { referenceIn } from '../context/functionUses.ts';
import { projectMembers } from '../project/projectMembers.ts';
import { isProjectCode } from '../symbols/symbolModules.ts';
import type { SymbolResolver } from '../symbols/symbolResolver.ts';
import { unwrap, type SymbolValue } from '../symbols/symbolValue.ts';
import { isFunctionValue } from '../syntax.ts';
import { ts } from '../typescript.ts';

/** Something of the project that runs when it is called, read or constructed: a function, a class, or a tagged signature without a body. */
export type Runnable = ts.SignatureDeclaration | ts.ClassLikeDeclaration;

export interface Target {
  readonly node: Runnable;
  /** False where another implementation may run in its place. */
  readonly certain: boolean;
  /** All that may run there, itself among them; set where it is not certain. */
  readonly among?: readonly Runnable[];
}

/** A place that runs functions of the project. */
export interface Branch {
  /** What to mark. */
  readonly place: ts.Node;
  readonly targets: readonly Target[];
}

/** Tells which functions of the project a node itself runs: calls, `new`, `super(…)`, getters and setters, rounds over own generators, `using`. */
export interface TargetFinder {
  branchAt(node: ts.Node): Branch | undefined;
  /** True where the answer may take the type of what a method is called on, which is longer than all else. */
  takesTypes(node: ts.Node): boolean;
}

export function createTargetFinder(resolver: SymbolResolver): TargetFinder {
  const { program, checker, facts, answers } = resolver;

  function takesTypes(node: ts.Node): boolean {
    const callee = isCallLike(node) ? calleeOf(node) : undefined;
    return (
      callee !== undefined && ts.isPropertyAccessExpression(callee) && projectMembers(program, checker).mayBeOwn(callee.name.text)
    );
  }

  function branchAt(node: ts.Node): Branch | undefined {
    if (isCallLike(node)) return branchOf(calleeOf(node), [...targetsOfCall(node), ...handedOn(node)]);
    if (ts.isPropertyAccessExpression(node)) return branchOf(node, accessorsOf(node));
    if (ts.isBindingElement(node)) return branchOf(node, accessorsOfBinding(node));
    if (ts.isForOfStatement(node)) return iterationOf(node.expression);
    if (ts.isSpreadElement(node)) return iterationOf(node.expression);
    if (ts.isYieldExpression(node)) return node.asteriskToken && node.expression ? iterationOf(node.expression) : undefined;
    if (ts.isVariableDeclaration(node) && node.initializer) {
      if (ts.isArrayBindingPattern(node.name)) return iterationOf(node.initializer);
      return isUsing(node)
        ? branchOf(node.initializer, symbolMethods(node.initializer, /^Symbol\.(?:asyncD|d)ispose$/))
        : undefined;
    }
    return undefined;
  }

  function targetsOfCall(call: CallLike): readonly Target[] {
    const callee = calleeOf(call);
    if (callee.kind === ts.SyntaxKind.ImportKeyword) return [];
    if (callee.kind === ts.SyntaxKind.SuperKeyword) return baseOf(call);
    const values = resolver.resolve(callee);
    if (ts.isNewExpression(call)) {
      const made = values.flatMap((value) => (value.kind === 'class' || value.kind === 'function' ? [value.node] : []));
      return made.map((node) => ({ node, certain: true }));
    }
    const resumed = ts.isPropertyAccessExpression(callee) && callee.name.text === 'next' ? generatorsOf(callee.expression) : [];
    if (resumed.length > 0) return resumed.map((node) => ({ node, certain: true }));
    const functions = functionsIn(values).filter((node) => node.asteriskToken === undefined || isAsyncGenerator(node));
    const certain = functions.map((node) => ({ node, certain: true }));
    if (ts.isPropertyAccessExpression(callee)) return [...certain, ...methodsByType(callee, values, functions)];
    return functions.length > 0 || values.length > 0 ? certain : taggedSignatures(callee);
  }

  /** `super(…)` runs the class that its own one extends. */
  function baseOf(call: ts.Node): readonly Target[] {
    const owner = ts.findAncestor(call, ts.isClassLike);
    const base = owner && baseExpression(owner);
    return (base ? resolver.resolve(base) : []).flatMap((value) =>
      value.kind === 'class' || value.kind === 'function' ? [{ node: value.node, certain: true }] : [],
    );
  }

  /** `store.load()`: what the types say where the text does not, and what may stand in for it. */
  function methodsByType(
    callee: ts.PropertyAccessExpression,
    values: readonly SymbolValue[],
    known: readonly Runnable[],
  ): readonly Target[] {
    const name = callee.name.text;
    const members = projectMembers(program, checker);
    const receiver = unwrap(callee.expression).kind;
    const isSuper = receiver === ts.SyntaxKind.SuperKeyword;
    // Of a value that was made in sight the class is known to the letter.
    const isExact = known.length > 0 && receiver !== ts.SyntaxKind.ThisKeyword;
    if (isExact || !members.mayBeOwn(name)) return [];
    const { declarations = [] } = facts.memberAt(callee.name);
    const own = declarations.flatMap(methodIn).filter((one) => !known.includes(one));
    // What a container of somebody else's gives back (`made.get(kind)`) the types may know better than the text.
    if (values.length > 0 && known.length === 0) return own.length === 1 ? [{ node: own[0]!, certain: true }] : [];
    const others =
      isSuper || !members.mayOverride(name) ? [] : declarations.flatMap((one) => members.implementationsOf(one, name));
    const seen = new Set<ts.Node>([...known, ...own]);
    const standIns = others.filter((node) => !ts.isAccessor(node) && !seen.has(node));
    return [...amongOthers(own, standIns, known), ...(own.length + known.length === 0 ? taggedDeclarations(declarations) : [])];
  }

  function taggedSignatures(callee: ts.Expression): readonly Target[] {
    if (!ts.isIdentifier(callee)) return [];
    const symbol = checker.getSymbolAtLocation(callee);
    const target = symbol && (symbol.flags & ts.SymbolFlags.Alias) !== 0 ? checker.getAliasedSymbol(symbol) : symbol;
    const declarations = target?.declarations ?? [];
    answers.restOnAll(declarations);
    return taggedDeclarations(declarations);
  }

  /** Functions among the arguments that the callee runs before it returns: `files.forEach(load)`. */
  function handedOn(call: CallLike): readonly Target[] {
    if (ts.isTaggedTemplateExpression(call) || !call.arguments) return [];
    return call.arguments.flatMap((argument, index): readonly Target[] => {
      const iterated = iterates(call, index) ? iterationOf(argument) : undefined;
      if (iterated) return iterated.targets;
      const reference = referenceIn(argument);
      if (!reference) return [];
      const functions = functionsIn(resolver.resolve(reference)).filter((node) => node.asteriskToken === undefined);
      if (functions.length === 0 || callbackTiming(call, index, resolver) !== 'now') return [];
      return functions.map((node) => ({ node, certain: true }));
    });
  }

  /** `Array.from(own())`, `new Set(own())`: what goes through all of its first argument at once. */
  function iterates(call: ts.CallExpression | ts.NewExpression, index: number): boolean {
    if (index !== 0) return false;
    const name = ts.isNewExpression(call) ? /^(?:Set|Map)$/ : /^Array\.from$|^Object\.fromEntries$/;
    return name.test(call.expression.getText());
  }

  function accessorsOf(access: ts.PropertyAccessExpression): readonly Target[] {
    if (!projectMembers(program, checker).accessorRunsCode(access.name.text)) return [];
    const { declarations } = facts.memberAt(access.name);
    const wanted = accessKinds(access);
    const found = accessorsIn(declarations ?? membersByText(access), access.name.text);
    return found.filter(({ node }) => wanted.has(node.kind));
  }

  /** Where no type is known the text may tell the class or object. */
  function membersByText(access: ts.PropertyAccessExpression): readonly ts.Declaration[] {
    return resolver.resolve(access.expression).flatMap((value): readonly ts.Declaration[] => {
      const list =
        value.kind === 'object'
          ? value.node.properties
          : value.kind === 'class' || value.kind === 'instance'
            ? value.node.members
            : [];
      return list.filter((one) => ts.isAccessor(one) && ts.isIdentifier(one.name) && one.name.text === access.name.text);
    });
  }

  function accessorsOfBinding(element: ts.BindingElement): readonly Target[] {
    const key = element.propertyName ?? element.name;
    if (!ts.isObjectBindingPattern(element.parent) || !ts.isIdentifier(key)) return [];
    if (!projectMembers(program, checker).accessorRunsCode(key.text)) return [];
    const declarations = checker.getTypeAtLocation(element.parent).getProperty(key.text)?.declarations ?? [];
    answers.restOnAll(declarations);
    return accessorsIn(declarations, key.text).filter(({ node }) => ts.isGetAccessor(node));
  }

  function accessorsIn(declarations: readonly ts.Declaration[], name: string): readonly Target[] {
    const members = projectMembers(program, checker);
    const own = declarations.filter((one): one is ts.AccessorDeclaration => ts.isAccessor(one) && hasOwnBody(one));
    const others = declarations.flatMap((one) => members.implementationsOf(one, name)).filter(ts.isAccessor);
    const owners = new Set(own.map(({ parent }) => parent));
    const standIns = others.filter((node) => !own.includes(node));
    return amongOthers(own, standIns, [], owners.size);
  }

  /** Going through what an own generator gives runs its body here. */
  function iterationOf(expression: ts.Expression): Branch | undefined {
    const iterated = unwrap(expression);
    const generators = generatorsOf(iterated);
    const place = ts.isCallExpression(iterated) ? calleeOf(iterated) : iterated;
    if (generators.length > 0)
      return branchOf(
        place,
        generators.map((node) => ({ node, certain: true })),
      );
    if (!ts.isIdentifier(iterated) && !ts.isNewExpression(iterated) && iterated.kind !== ts.SyntaxKind.ThisKeyword)
      return undefined;
    return branchOf(place, symbolMethods(iterated, /^Symbol\.iterator$/));
  }

  /** The own generator functions whose result an expression is: a call of one, or a constant that holds such a call. */
  function generatorsOf(expression: ts.Expression): readonly ts.FunctionLikeDeclaration[] {
    const value = unwrap(expression);
    if (ts.isIdentifier(value)) {
      const declaration = checker.getSymbolAtLocation(value)?.valueDeclaration;
      if (declaration) answers.restOnAll([declaration]);
      const start = declaration && ts.isVariableDeclaration(declaration) ? declaration.initializer : undefined;
      return start && ts.isCallExpression(unwrap(start)) ? generatorsOf(start) : [];
    }
    if (!ts.isCallExpression(value)) return [];
    const callee = calleeOf(value);
    const functions = functionsIn(resolver.resolve(callee));
    const methods =
      functions.length === 0 &&
      ts.isPropertyAccessExpression(callee) &&
      projectMembers(program, checker).mayBeOwn(callee.name.text)
        ? (facts.memberAt(callee.name).declarations ?? []).flatMap(methodIn)
        : functions;
    return methods.filter((node) => node.asteriskToken !== undefined && !isAsyncGenerator(node));
  }

  /** Members under a well-known symbol, such as `*[Symbol.iterator]()`, of the class that an expression is an instance of. */
  function symbolMethods(expression: ts.Expression, name: RegExp): readonly Target[] {
    if (!projectMembers(program, checker).hasSymbolMember(name)) return [];
    return classesOf(expression).flatMap(({ members }) =>
      members.flatMap((member) => {
        const isWanted =
          ts.isMethodDeclaration(member) && ts.isComputedPropertyName(member.name) && name.test(member.name.expression.getText());
        return isWanted && member.body ? [{ node: member, certain: true }] : [];
      }),
    );
  }

  function classesOf(expression: ts.Expression): readonly ts.ClassLikeDeclaration[] {
    const instances = resolver.resolve(expression).flatMap((value) => (value.kind === 'instance' ? [value.node] : []));
    if (instances.length > 0) return instances;
    const declarations = checker.getTypeAtLocation(expression).getSymbol()?.declarations ?? [];
    answers.restOnAll(declarations);
    return declarations.filter(ts.isClassLike).filter((one) => isProjectCode(one.getSourceFile()));
  }

  return { branchAt, takesTypes };
}

function branchOf(place: ts.Node, targets: readonly Target[]): Branch | undefined {
  return targets.length === 0 ? undefined : { place, targets };
}

/**
 * What a member is declared as, and what may stand in for it.
 * @param known what the text says runs there, which is told elsewhere
 * @param owners of how many types the member is
 */
function amongOthers(
  own: readonly Runnable[],
  standIns: readonly Runnable[],
  known: readonly Runnable[],
  owners: number = own.length,
): readonly Target[] {
  const among = [...known, ...own, ...standIns];
  return [
    ...own.map((node) => (owners === 1 ? { node, certain: true } : { node, certain: false, among })),
    ...standIns.map((node) => ({ node, certain: false, among })),
  ];
}

function functionsIn(values: readonly SymbolValue[]): readonly ts.FunctionLikeDeclaration[] {
  return values.flatMap((value) => (value.kind === 'function' ? [value.node] : []));
}

/** The function that a declaration of a method gives, where the project has its body. */
function methodIn(node: ts.Node): readonly ts.FunctionLikeDeclaration[] {
  if (ts.isMethodDeclaration(node)) return hasOwnBody(node) ? [node] : [];
  // Members of a `namespace` are declarations of their own.
  if (ts.isFunctionDeclaration(node)) return node.body && isProjectCode(node.getSourceFile()) ? [node] : [];
  // `Store.prototype.load = function () {…}` declares a method by what it sets.
  if (ts.isBinaryExpression(node.parent) && (node.parent.left as ts.Node) === node)
    return isFunctionValue(node.parent.right) && isProjectCode(node.getSourceFile()) ? [node.parent.right] : [];
  if (!ts.isPropertyDeclaration(node) && !ts.isPropertyAssignment(node) && !ts.isVariableDeclaration(node)) return [];
  const { initializer } = node;
  return initializer && isFunctionValue(initializer) && isProjectCode(node.getSourceFile()) ? [initializer] : [];
}

function hasOwnBody(node: ts.MethodDeclaration | ts.AccessorDeclaration): boolean {
  return node.body !== undefined && isProjectCode(node.getSourceFile());
}

function taggedDeclarations(declarations: readonly ts.Declaration[]): readonly Target[] {
  return declarations.flatMap((one) =>
    ts.isFunctionLike(one) && blockingTagOf(one)?.type === 'blocking' ? [{ node: one, certain: true }] : [],
  );
}

function isAsyncGenerator(node: ts.FunctionLikeDeclaration): boolean {
  return (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Async) !== 0;
}

function isUsing(node: ts.VariableDeclaration): boolean {
  return (node.parent.flags & ts.NodeFlags.Using) !== 0;
}

const counting: ReadonlySet<ts.SyntaxKind> = new Set([ts.SyntaxKind.PlusPlusToken, ts.SyntaxKind.MinusMinusToken]);

/** Whether an access reads, writes, or does both. */
function accessKinds(access: ts.PropertyAccessExpression): ReadonlySet<ts.SyntaxKind> {
  const { parent } = access;
  const { GetAccessor, SetAccessor } = ts.SyntaxKind;
  if (ts.isBinaryExpression(parent) && parent.left === access) {
    const { kind } = parent.operatorToken;
    if (kind === ts.SyntaxKind.EqualsToken) return new Set([SetAccessor]);
    if (kind > ts.SyntaxKind.EqualsToken && kind <= ts.SyntaxKind.LastAssignment) return new Set([GetAccessor, SetAccessor]);
  }
  if ((ts.isPostfixUnaryExpression(parent) || ts.isPrefixUnaryExpression(parent)) && counting.has(parent.operator))
    return new Set([GetAccessor, SetAccessor]);
  return ts.isDeleteExpression(parent) ? new Set() : new Set([GetAccessor]);
}
