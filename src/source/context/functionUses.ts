import { fileRole } from './fileRole.ts';
import { createProgramIndex } from '../project/programIndex.ts';
import { isProjectCode } from '../symbols/symbolModules.ts';
import type { SymbolResolver } from '../symbols/symbolResolver.ts';
import { type FunctionWithBody, isFunctionValue } from '../syntax.ts';
import { ts } from '../typescript.ts';

/** A call that a function is given to as argument number `index`; −1 stands for the callee itself. */
export interface Use {
  readonly call: ts.CallExpression | ts.NewExpression;
  readonly index: number;
}

/** What becomes of a function that is not called where it stands. Other functions share its name: which is meant is asked last, as it may take types. */
export interface FunctionUses {
  /** The uses that are accepted, as far as they are uses of this function. */
  where(accept: (use: Use) => boolean): readonly Use[];
  /** Whether there is one of them. */
  some(accept: (use: Use) => boolean): boolean;
  /** `socket.onmessage = …`: a handler of the web's event targets. */
  isEventHandler(): boolean;
}

/** A place that hands on something of a function's name. */
interface Candidate {
  readonly use: Use | undefined;
  readonly isEventHandler: boolean;
  /** Whether it is the function. */
  readonly refers: () => boolean;
}

/** Finds the calls that a function is given to: where it stands itself, and by name anywhere in the program. One per program. */
export function createFunctionUses(resolver: SymbolResolver): (node: FunctionWithBody) => FunctionUses {
  const { program, facts } = resolver;
  const handedOn = handedOnIn(program);

  function usesOf(node: FunctionWithBody): FunctionUses {
    const candidates = candidatesFor(node);
    const isAccepted = ({ use, refers }: Candidate, accept: (use: Use) => boolean): boolean =>
      use !== undefined && accept(use) && refers();
    return {
      where: (accept) => candidates.flatMap((one) => (one.use && isAccepted(one, accept) ? [one.use] : [])),
      some: (accept) => candidates.some((one) => isAccepted(one, accept)),
      isEventHandler: () => candidates.some((one) => one.isEventHandler && one.refers()),
    };
  }

  function candidatesFor(node: FunctionWithBody): readonly Candidate[] {
    if (isFunctionValue(node)) {
      const use = useOf(node);
      if (use) return [{ use, isEventHandler: false, refers: () => true }];
      if (isEventProperty(node)) return [{ use: undefined, isEventHandler: true, refers: () => true }];
    }
    return namesOf(node)
      .flatMap(handedOn)
      .map((reference) => ({
        use: useOf(reference),
        isEventHandler: isEventProperty(reference),
        refers: () => refersTo(reference, node),
      }));
  }

  function refersTo(reference: ts.Expression, node: FunctionWithBody): boolean {
    const values = resolver.resolve(reference);
    if (values.length > 0 || !ts.isPropertyAccessExpression(reference))
      return values.some((value) => value.kind === 'function' && value.node === node);
    // `socket.on('data', reader.onData)` where only the type of `reader` is known.
    const declaration = facts.memberAt(reference.name).valueDeclaration;
    return (
      declaration === node ||
      (declaration !== undefined && ts.isPropertyDeclaration(declaration) && declaration.initializer === node)
    );
  }

  return usesOf;
}

const perFile = new WeakMap<ts.SourceFile, ReadonlyMap<string, readonly ts.Expression[]>>();

/** The references that are handed on in a program's own code, by the name of what they refer to. */
const handedOnIn = createProgramIndex('handed on', (sourceFile) =>
  isProjectCode(sourceFile) ? handedOnInFile(sourceFile) : nothing,
);

const nothing: ReadonlyMap<string, readonly ts.Expression[]> = new Map();

function handedOnInFile(sourceFile: ts.SourceFile): ReadonlyMap<string, readonly ts.Expression[]> {
  const known = perFile.get(sourceFile);
  if (known) return known;
  const found = new Map<string, ts.Expression[]>();
  perFile.set(sourceFile, found);
  if (fileRole(sourceFile) !== 'program') return found;
  const imported = importedNames(sourceFile);
  const add = (expression: ts.Expression): void => {
    const reference = referenceIn(expression);
    if (!reference) return;
    const name = ts.isIdentifier(reference) ? (imported.get(reference.text) ?? reference.text) : reference.name.text;
    const list = found.get(name);
    if (list) list.push(reference);
    else found.set(name, [reference]);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) node.arguments?.forEach(add);
    else if (ts.isBinaryExpression(node) && isEventProperty(node.right)) add(node.right);
    ts.forEachChild(node, visit);
  };
  visit(sourceFile);
  return found;
}

/** What imported names are called where they come from, for those that are called something else. */
function importedNames(sourceFile: ts.SourceFile): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const statement of sourceFile.statements) {
    const clause = ts.isImportDeclaration(statement) ? statement.importClause : undefined;
    if (clause?.name) names.set(clause.name.text, 'default');
    const bindings = clause?.namedBindings;
    if (!bindings || !ts.isNamedImports(bindings)) continue;
    for (const { propertyName, name } of bindings.elements) if (propertyName) names.set(name.text, propertyName.text);
  }
  return names;
}

/** The name or member that an expression hands on, also bound. */
export function referenceIn(expression: ts.Expression): ts.Identifier | ts.PropertyAccessExpression | undefined {
  let at = expression;
  for (;;) {
    if (isWrapping(at)) at = at.expression;
    else if (ts.isCallExpression(at) && ts.isPropertyAccessExpression(at.expression) && at.expression.name.text === 'bind')
      at = at.expression.expression;
    else break;
  }
  return ts.isIdentifier(at) || ts.isPropertyAccessExpression(at) ? at : undefined;
}

/** The names that other places may know a function by. */
function namesOf(node: FunctionWithBody): readonly string[] {
  const own = nameNodeOf(node);
  const isDefault = (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Default) !== 0 || ts.isExportAssignment(node.parent);
  return [...(own ? [own.text] : []), ...(isDefault || isExportedAsDefault(own) ? ['default'] : [])];
}

/** `export default onData` further down in the file. */
function isExportedAsDefault(name: ts.Identifier | undefined): boolean {
  if (!name) return false;
  return name
    .getSourceFile()
    .statements.some(
      (statement) =>
        ts.isExportAssignment(statement) && ts.isIdentifier(statement.expression) && statement.expression.text === name.text,
    );
}

/** The identifier a function is known by: its own, or that of the variable or member it is the value of. */
function nameNodeOf(node: FunctionWithBody): ts.Identifier | undefined {
  if (node.name && ts.isIdentifier(node.name)) return node.name;
  const { parent } = node;
  const holds =
    (ts.isVariableDeclaration(parent) || ts.isPropertyDeclaration(parent) || ts.isPropertyAssignment(parent)) &&
    parent.initializer === node;
  return holds && ts.isIdentifier(parent.name) ? parent.name : undefined;
}

function isWrapping(
  node: ts.Node,
): node is ts.ParenthesizedExpression | ts.AsExpression | ts.SatisfiesExpression | ts.NonNullExpression {
  return (
    ts.isParenthesizedExpression(node) ||
    ts.isAsExpression(node) ||
    ts.isSatisfiesExpression(node) ||
    ts.isNonNullExpression(node)
  );
}

/** The call that an expression is an argument (or, as a function written there, the callee) of; `.bind(…)` in between counts for nothing. */
export function useOf(expression: ts.Expression): Use | undefined {
  let at: ts.Node = expression;
  for (;;) {
    const { parent } = at;
    if (isWrapping(parent)) at = parent;
    else if (
      ts.isPropertyAccessExpression(parent) &&
      parent.expression === at &&
      parent.name.text === 'bind' &&
      ts.isCallExpression(parent.parent)
    )
      at = parent.parent;
    else break;
  }
  const call = at.parent;
  if (!ts.isCallExpression(call) && !ts.isNewExpression(call)) return undefined;
  if (call.expression === at) return isFunctionValue(expression) ? { call, index: -1 } : undefined;
  const index = call.arguments?.indexOf(at as ts.Expression) ?? -1;
  return index < 0 ? undefined : { call, index };
}

/** True for a function written as the argument (or the callee) of a call. */
export function isInline(node: ts.Node): boolean {
  return isFunctionValue(node) && useOf(node) !== undefined;
}

/** `socket.onmessage = …`: true for the value that is set. */
function isEventProperty(node: ts.Node): boolean {
  const { parent } = node;
  if (!ts.isBinaryExpression(parent) || parent.right !== node || parent.operatorToken.kind !== ts.SyntaxKind.EqualsToken)
    return false;
  return ts.isPropertyAccessExpression(parent.left) && /^on[a-z]+$/.test(parent.left.name.text);
}
