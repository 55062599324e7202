import { answersOf, type Answers } from '../project/answers.ts';
import { ts } from '../typescript.ts';
import { createTypeFacts, type TypeFacts } from './typeFacts.ts';
import { createModuleLookup, type ModuleLookup } from './symbolModules.ts';
import { assignmentsOf } from './symbolAssignments.ts';
import { describedValue, external, isDescription, memberOf, unwrap, type SymbolValue } from './symbolValue.ts';

/** Follows names, members, imports and assignments to what they stand for. One per program: it remembers what it found. */
export interface SymbolResolver {
  readonly program: ts.Program;
  readonly checker: ts.TypeChecker;
  /** What was found out about the program's nodes, also in earlier programs. */
  readonly answers: Answers;
  /** What the checker said of members and the like. */
  readonly facts: TypeFacts;
  /** Everything the expression may stand for; empty when the text does not tell. */
  resolve(expression: ts.Expression): readonly SymbolValue[];
}

/** Steps from one name to the next before a chain counts as not to be followed. */
const maxDepth = 24;
/** Return statements looked at for what a call gives. */
const maxReturns = 4;
/** Helpers that compilers put around `require`: what they return is the module. */
const interopHelpers: ReadonlySet<string> = new Set([
  '__importStar',
  '__importDefault',
  '__toESM',
  '_interopRequireWildcard',
  '_interopRequireDefault',
]);

/** What `this` belongs to: the nearest class member or function that is no arrow. */
function thisContainer(node: ts.Node): ts.Node {
  let at = node.parent;
  while (!ts.isSourceFile(at) && !ts.isClassElement(at) && (!ts.isFunctionLike(at) || ts.isArrowFunction(at))) at = at.parent;
  return at;
}

export function createSymbolResolver(program: ts.Program, checker: ts.TypeChecker): SymbolResolver {
  const answers = answersOf(program);
  const facts = createTypeFacts(program, checker);
  const values = answers.question<readonly SymbolValue[]>('values');
  /** The steps under way, each with the number of those before it. */
  const active = new Map<ts.Node | ts.Symbol, number>();
  /** The outermost step that something under way came back to: what lies within it may be partial. */
  let cutAt = Number.POSITIVE_INFINITY;

  /** Runs a step unless it is already under way (a cycle) or too deep. */
  function guarded(step: ts.Node | ts.Symbol, run: () => readonly SymbolValue[]): readonly SymbolValue[] {
    const depth = active.size;
    const cut = active.get(step) ?? (depth > maxDepth ? 0 : undefined);
    if (cut !== undefined) {
      cutAt = Math.min(cutAt, cut);
      return [];
    }
    active.set(step, depth);
    try {
      return run();
    } finally {
      active.delete(step);
      if (cutAt >= depth) cutAt = Number.POSITIVE_INFINITY;
    }
  }

  function resolve(expression: ts.Expression): readonly SymbolValue[] {
    const node = unwrap(expression);
    const known = values.known(node);
    if (known) return known;
    let isWhole = true;
    const search = (): readonly SymbolValue[] => {
      const cutBefore = cutAt;
      cutAt = Number.POSITIVE_INFINITY;
      const found = guarded(node, () => resolveNode(node));
      isWhole = cutAt === Number.POSITIVE_INFINITY;
      cutAt = Math.min(cutAt, cutBefore);
      return found;
    };
    // An answer that was cut short within a cycle depends on where the cycle was entered: it is not kept.
    return values.find(node, search, () => isWhole);
  }

  function resolveNode(node: ts.Expression): readonly SymbolValue[] {
    if (ts.isIdentifier(node)) return resolveIdentifier(node);
    if (ts.isPropertyAccessExpression(node)) return membersOf(resolve(node.expression), node.name.text);
    if (ts.isElementAccessExpression(node)) {
      const key = literalText(node.argumentExpression);
      return key === undefined ? [] : membersOf(resolve(node.expression), key);
    }
    if (ts.isCallExpression(node)) return resolveCall(node);
    if (ts.isNewExpression(node)) return resolve(node.expression).flatMap(instanceOf);
    if (ts.isTaggedTemplateExpression(node)) return resolve(node.tag).flatMap((value) => resultOf(value));
    if (ts.isAwaitExpression(node)) return resolve(node.expression);
    if (ts.isConditionalExpression(node)) return [...resolve(node.whenTrue), ...resolve(node.whenFalse)];
    if (ts.isBinaryExpression(node)) return resolveBinary(node);
    if (ts.isFunctionExpression(node) || ts.isArrowFunction(node)) return [{ kind: 'function', node }];
    if (ts.isClassExpression(node)) return [{ kind: 'class', node }];
    if (ts.isObjectLiteralExpression(node)) return [{ kind: 'object', node }];
    if (node.kind === ts.SyntaxKind.ThisKeyword) return resolveThis(node);
    return [];
  }

  function resolveBinary(node: ts.BinaryExpression): readonly SymbolValue[] {
    const { kind } = node.operatorToken;
    if (kind === ts.SyntaxKind.BarBarToken || kind === ts.SyntaxKind.QuestionQuestionToken) {
      return [...resolve(node.left), ...resolve(node.right)];
    }
    const givesRight = kind === ts.SyntaxKind.AmpersandAmpersandToken || kind === ts.SyntaxKind.EqualsToken;
    return givesRight ? resolve(node.right) : [];
  }

  function resolveIdentifier(node: ts.Identifier): readonly SymbolValue[] {
    if (node.text === 'undefined') return [];
    const symbol = checker.getSymbolAtLocation(node);
    const declarations = symbol?.declarations ?? [];
    if (node.text === 'require' && declarations.every(isDescription)) return [{ kind: 'require' }];
    if (!symbol || declarations.length === 0) return node.text === 'arguments' ? [] : [external(undefined, [node.text])];
    return resolveSymbol(symbol);
  }

  function resolveSymbol(symbol: ts.Symbol): readonly SymbolValue[] {
    return guarded(symbol, () => {
      const declarations = symbol.declarations ?? [];
      answers.restOnAll(declarations);
      const described = declarations.every(isDescription)
        ? declarations.slice(0, 1)
        : declarations.filter((one) => !isDescription(one));
      return described.flatMap((declaration) => resolveDeclaration(declaration, symbol));
    });
  }

  function resolveDeclaration(declaration: ts.Declaration, symbol: ts.Symbol): readonly SymbolValue[] {
    const imported = modules.resolveAlias(declaration);
    if (imported) return imported;
    if (isDescription(declaration)) {
      const value = describedValue(declaration);
      return value ? [value] : [];
    }
    if (ts.isVariableDeclaration(declaration)) {
      const start = declaration.initializer ? resolve(declaration.initializer) : fromAnnotation(declaration.type);
      return [...start, ...assigned(declaration, symbol)];
    }
    if (ts.isBindingElement(declaration)) return [...resolveBinding(declaration), ...assigned(declaration, symbol)];
    if (ts.isParameter(declaration)) return [...resolveParameter(declaration), ...assigned(declaration, symbol)];
    if (ts.isFunctionDeclaration(declaration) || ts.isMethodDeclaration(declaration)) {
      return declaration.body ? [{ kind: 'function', node: declaration }] : [];
    }
    if (ts.isClassLike(declaration)) return [{ kind: 'class', node: declaration }];
    if (ts.isPropertyAssignment(declaration)) return resolve(declaration.initializer);
    if (ts.isShorthandPropertyAssignment(declaration)) return resolveShorthand(declaration);
    if (ts.isExportAssignment(declaration)) return resolve(declaration.expression);
    if (ts.isBinaryExpression(declaration)) return resolve(declaration.right);
    if (ts.isSourceFile(declaration)) return [{ kind: 'module', node: declaration }];
    const { parent } = declaration;
    // In JavaScript `exports.load = …` and `this.load = …` declare by assignment.
    if (ts.isBinaryExpression(parent) && (parent.left as ts.Node) === declaration) return resolve(parent.right);
    return [];
  }

  function resolveShorthand(property: ts.ShorthandPropertyAssignment): readonly SymbolValue[] {
    const symbol = checker.getShorthandAssignmentValueSymbol(property);
    if (!symbol?.declarations) return [external(undefined, [property.name.text])];
    return resolveSymbol(symbol);
  }

  /** Values given to a variable after its declaration. */
  function assigned(declaration: ts.Declaration, symbol: ts.Symbol): readonly SymbolValue[] {
    const name = ts.getNameOfDeclaration(declaration);
    if (!name || !ts.isIdentifier(name)) return [];
    const list = assignmentsOf(declaration.getSourceFile()).toNames.get(name.text) ?? [];
    return list
      .filter(({ target }) => valueSymbol(target) === symbol)
      .flatMap(({ value, path }) => path.reduce((values, key) => membersOf(values, key), resolve(value)));
  }

  function valueSymbol(target: ts.Identifier): ts.Symbol | undefined {
    if (ts.isShorthandPropertyAssignment(target.parent)) return checker.getShorthandAssignmentValueSymbol(target.parent);
    return checker.getSymbolAtLocation(target);
  }

  function resolveParameter(parameter: ts.ParameterDeclaration): readonly SymbolValue[] {
    return [
      ...(parameter.initializer ? resolve(parameter.initializer) : []),
      ...fromAnnotation(parameter.type),
      ...importedInto(parameter),
    ];
  }

  /** `import('fs').then((fs) => …)`: the first parameter is the module. */
  function importedInto(parameter: ts.ParameterDeclaration): readonly SymbolValue[] {
    const callback = parameter.parent;
    if (!(ts.isArrowFunction(callback) || ts.isFunctionExpression(callback)) || callback.parameters[0] !== parameter) return [];
    const call = callback.parent;
    if (!ts.isCallExpression(call) || call.arguments[0] !== callback || !ts.isPropertyAccessExpression(call.expression))
      return [];
    const receiver = unwrap(call.expression.expression);
    const isImport = ts.isCallExpression(receiver) && receiver.expression.kind === ts.SyntaxKind.ImportKeyword;
    return isImport && call.expression.name.text === 'then' ? resolve(receiver) : [];
  }

  /** `typeof fs` and `typeof import('fs')`: the one kind of type that names a value. */
  function fromAnnotation(type: ts.TypeNode | undefined): readonly SymbolValue[] {
    if (!type) return [];
    if (ts.isImportTypeNode(type) && type.isTypeOf && !type.qualifier && ts.isLiteralTypeNode(type.argument)) {
      return ts.isStringLiteral(type.argument.literal) ? modules.resolveModule(type.argument.literal) : [];
    }
    if (!ts.isTypeQueryNode(type)) return [];
    return resolveEntityName(type.exprName);
  }

  function resolveEntityName(name: ts.EntityName): readonly SymbolValue[] {
    if (ts.isQualifiedName(name)) return membersOf(resolveEntityName(name.left), name.right.text);
    const symbol = checker.getSymbolAtLocation(name);
    return symbol ? modules.resolveEvenTypeOnly(symbol, resolveSymbol) : [];
  }

  function resolveBinding(element: ts.BindingElement): readonly SymbolValue[] {
    const fallback = element.initializer ? resolve(element.initializer) : [];
    const pattern = element.parent;
    if (!ts.isObjectBindingPattern(pattern)) return fallback;
    const holder = pattern.parent;
    const source = ts.isBindingElement(holder)
      ? resolveBinding(holder)
      : ts.isParameter(holder)
        ? resolveParameter(holder)
        : holder.initializer
          ? resolve(holder.initializer)
          : [];
    if (element.dotDotDotToken) return source;
    const key = element.propertyName ?? element.name;
    if (!ts.isIdentifier(key) && !ts.isStringLiteral(key)) return fallback;
    return [...membersOf(source, key.text), ...fallback];
  }

  function resolveCall(node: ts.CallExpression): readonly SymbolValue[] {
    const first = node.arguments[0];
    if (node.expression.kind === ts.SyntaxKind.ImportKeyword) return moduleNamed(first);
    const callee = unwrap(node.expression);
    if (ts.isPropertyAccessExpression(callee) && callee.name.text === 'bind') return resolve(callee.expression);
    if (
      first &&
      interopHelpers.has(ts.isPropertyAccessExpression(callee) ? callee.name.text : ts.isIdentifier(callee) ? callee.text : '')
    ) {
      return resolve(first);
    }
    return resolve(callee).flatMap((value) => (value.kind === 'require' ? moduleNamed(first) : resultOf(value, node)));
  }

  function moduleNamed(argument: ts.Expression | undefined): readonly SymbolValue[] {
    return argument && ts.isStringLiteralLike(argument) ? modules.resolveModule(argument) : [];
  }

  function resultOf(value: SymbolValue, call?: ts.CallExpression): readonly SymbolValue[] {
    if (value.kind === 'function') return returned(value.node);
    if (value.kind !== 'external') return [];
    const name = value.path.join('.');
    const argument = call?.arguments[0];
    if (argument && name === 'Object.freeze' && value.specifier === undefined) return resolve(argument);
    if (argument && name === 'process.getBuiltinModule') return moduleNamed(argument);
    if (name === 'createRequire' && (value.specifier === 'module' || value.specifier === 'node:module'))
      return [{ kind: 'require' }];
    if (argument && name === 'promisify' && /^(?:node:)?util$/.test(value.specifier ?? '')) return promisified(argument);
    return [external(value.specifier, [...value.path, '()'])];
  }

  /** A synchronous function with a promise around it blocks as before; one that takes a callback has none left out. */
  function promisified(argument: ts.Expression): readonly SymbolValue[] {
    return resolve(argument).filter((value) => value.kind === 'external' && value.path.at(-1)?.endsWith('Sync') === true);
  }

  /** What a function of the project returns, where its returns are few and plain. */
  function returned(node: ts.FunctionLikeDeclaration): readonly SymbolValue[] {
    if (!node.body || node.asteriskToken) return [];
    if (!ts.isBlock(node.body)) return resolve(node.body);
    const returns: ts.Expression[] = [];
    const visit = (at: ts.Node): void => {
      if (ts.isReturnStatement(at) && at.expression) returns.push(at.expression);
      if (!ts.isFunctionLike(at) && !ts.isClassLike(at)) ts.forEachChild(at, visit);
    };
    ts.forEachChild(node.body, visit);
    return returns.length > maxReturns ? [] : returns.flatMap((one) => resolve(one));
  }

  function instanceOf(value: SymbolValue): readonly SymbolValue[] {
    if (value.kind === 'class') return [{ kind: 'instance', node: value.node }];
    return value.kind === 'external' ? [external(value.specifier, [...value.path, 'prototype'])] : [];
  }

  function resolveThis(node: ts.Expression): readonly SymbolValue[] {
    const holder = thisContainer(node);
    const owner = holder.parent;
    if (ts.isClassElement(holder) && ts.isClassLike(owner)) {
      const isStatic =
        ts.isClassStaticBlockDeclaration(holder) || (ts.getCombinedModifierFlags(holder) & ts.ModifierFlags.Static) !== 0;
      return [{ kind: isStatic ? 'class' : 'instance', node: owner }];
    }
    return ts.isMethodDeclaration(holder) && ts.isObjectLiteralExpression(owner) ? [{ kind: 'object', node: owner }] : [];
  }

  function membersOf(values: readonly SymbolValue[], name: string): readonly SymbolValue[] {
    return values.flatMap((value) => memberValues(value, name));
  }

  function memberValues(value: SymbolValue, name: string): readonly SymbolValue[] {
    switch (value.kind) {
      case 'external':
        return [memberOf(value, name)];
      case 'module':
        return modules.resolveExport(value.node, name);
      case 'object':
        return objectMember(value.node, name);
      case 'class':
        return name === 'prototype' ? [{ kind: 'instance', node: value.node }] : classMember(value.node, name, true);
      case 'instance':
        return classMember(value.node, name, false);
      case 'function':
      case 'require':
        return [];
    }
  }

  function objectMember(object: ts.ObjectLiteralExpression, name: string): readonly SymbolValue[] {
    // `options = { ...options, more }` spreads itself.
    return guarded(object, () => ownMember(object, name));
  }

  function ownMember(object: ts.ObjectLiteralExpression, name: string): readonly SymbolValue[] {
    for (const property of [...object.properties].reverse()) {
      if (ts.isSpreadAssignment(property)) {
        const spread = membersOf(resolve(property.expression), name);
        if (spread.length > 0) return spread;
      } else if (property.name && nameText(property.name) === name) {
        if (ts.isPropertyAssignment(property)) return resolve(property.initializer);
        if (ts.isShorthandPropertyAssignment(property)) return resolveShorthand(property);
        if (ts.isMethodDeclaration(property)) return [{ kind: 'function', node: property }];
        return ts.isGetAccessor(property) ? returned(property) : [];
      }
    }
    return [];
  }

  function classMember(node: ts.ClassLikeDeclaration, name: string, isStatic: boolean): readonly SymbolValue[] {
    return guarded(node, () => {
      for (const member of node.members) {
        if (ts.isConstructorDeclaration(member) && !isStatic) {
          const parameter = member.parameters.find(
            (one) => ts.isParameterPropertyDeclaration(one, member) && nameText(one.name) === name,
          );
          if (parameter) return resolveParameter(parameter);
        }
        if (!member.name || nameText(member.name) !== name) continue;
        if (((ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Static) !== 0) !== isStatic) continue;
        if (ts.isMethodDeclaration(member) && member.body) return [{ kind: 'function', node: member }];
        if (ts.isGetAccessor(member)) return returned(member);
        if (ts.isPropertyDeclaration(member)) {
          const start = member.initializer ? resolve(member.initializer) : fromAnnotation(member.type);
          return [...start, ...assignedToThis(node, name)];
        }
      }
      const written = isStatic ? [] : assignedToThis(node, name);
      return written.length > 0 ? written : inherited(node, name, isStatic);
    });
  }

  function assignedToThis(node: ts.ClassLikeDeclaration, name: string): readonly SymbolValue[] {
    const list = assignmentsOf(node.getSourceFile()).toThis.get(name) ?? [];
    return list.filter((value) => value.pos >= node.pos && value.end <= node.end).flatMap((value) => resolve(value));
  }

  function inherited(node: ts.ClassLikeDeclaration, name: string, isStatic: boolean): readonly SymbolValue[] {
    const clause = node.heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword);
    const base = clause?.types[0]?.expression;
    if (!base) return [];
    return resolve(base).flatMap((value) => (isStatic ? memberValues(value, name) : membersOf(instanceOf(value), name)));
  }

  function nameText(name: ts.PropertyName | ts.BindingName): string | undefined {
    if (ts.isIdentifier(name) || ts.isStringLiteral(name) || ts.isPrivateIdentifier(name)) return name.text;
    return ts.isComputedPropertyName(name) ? literalText(name.expression) : undefined;
  }

  function literalText(key: ts.Expression): string | undefined {
    if (ts.isStringLiteralLike(key)) return key.text;
    const text = facts.answer('literal', key, () => {
      const type = checker.getTypeAtLocation(key);
      return type.isStringLiteral() ? type.value : null;
    });
    return text ?? undefined;
  }

  const modules: ModuleLookup = createModuleLookup(program, checker, { answers, resolveSymbol, membersOf });
  return { program, checker, answers, facts, resolve };
}
