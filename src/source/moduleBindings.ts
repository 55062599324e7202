import { ts } from './typescript.ts';

/** The names in braces that a statement takes from a module. */
export type NameList = ts.NamedImports | ts.ObjectBindingPattern;
export type NameElement = ts.ImportSpecifier | ts.BindingElement;

/** A statement that brings in a module, whichever way. */
export interface ModuleStatement {
  readonly statement: ts.ImportDeclaration | ts.ImportEqualsDeclaration | ts.VariableStatement;
  readonly style: 'import' | 'import-equals' | 'require';
  /** The text between the quotes. */
  readonly specifier: ts.StringLiteralLike;
  /** The name that stands for the whole module, or for its default export. */
  readonly whole?: ts.Identifier;
  readonly wholeIsDefault: boolean;
  readonly list?: NameList;
  /** Only types are taken: nothing of it is there at run time. */
  readonly typeOnly: boolean;
}

/** The module of a specifier as Node's own modules are best told: without `node:`. */
export function bareModule(specifier: string): string {
  return specifier.replace(/^node:/, '');
}

const known = new WeakMap<ts.Node, ModuleStatement | false>();

/** What a statement brings in, if it does; the same object each time. */
export function moduleStatementOf(statement: ts.Node): ModuleStatement | undefined {
  const found = known.get(statement) ?? readStatement(statement) ?? false;
  known.set(statement, found);
  return found === false ? undefined : found;
}

function readStatement(statement: ts.Node): ModuleStatement | undefined {
  if (ts.isImportDeclaration(statement)) return ofImport(statement);
  if (ts.isImportEqualsDeclaration(statement)) {
    const { moduleReference, name, isTypeOnly } = statement;
    if (!ts.isExternalModuleReference(moduleReference) || !ts.isStringLiteralLike(moduleReference.expression)) return undefined;
    const specifier = moduleReference.expression;
    return { statement, style: 'import-equals', specifier, whole: name, wholeIsDefault: false, typeOnly: isTypeOnly };
  }
  return ts.isVariableStatement(statement) ? ofRequire(statement) : undefined;
}

function ofImport(statement: ts.ImportDeclaration): ModuleStatement | undefined {
  if (!ts.isStringLiteral(statement.moduleSpecifier)) return undefined;
  const clause = statement.importClause;
  const bindings = clause?.namedBindings;
  const isNamespace = bindings !== undefined && ts.isNamespaceImport(bindings);
  const whole = isNamespace ? bindings.name : clause?.name;
  return {
    statement,
    style: 'import',
    specifier: statement.moduleSpecifier,
    ...(whole ? { whole } : {}),
    wholeIsDefault: !isNamespace,
    ...(bindings && !isNamespace ? { list: bindings } : {}),
    typeOnly: clause?.phaseModifier === ts.SyntaxKind.TypeKeyword,
  };
}

/** `const … = require('x')` and `const … = await import('x')`, alone in its statement. */
function ofRequire(statement: ts.VariableStatement): ModuleStatement | undefined {
  const [declaration, more] = statement.declarationList.declarations;
  if (!declaration?.initializer || more) return undefined;
  const call = ts.isAwaitExpression(declaration.initializer) ? declaration.initializer.expression : declaration.initializer;
  if (!ts.isCallExpression(call)) return undefined;
  const isImport = call.expression.kind === ts.SyntaxKind.ImportKeyword && call !== declaration.initializer;
  if (!isImport && !(ts.isIdentifier(call.expression) && call.expression.text === 'require')) return undefined;
  const [specifier] = call.arguments;
  if (!specifier || !ts.isStringLiteralLike(specifier)) return undefined;
  const { name } = declaration;
  if (ts.isArrayBindingPattern(name)) return undefined;
  const taken = ts.isIdentifier(name) ? { whole: name } : { list: name };
  return { statement, style: 'require', specifier, ...taken, wholeIsDefault: false, typeOnly: false };
}

/** The statements at the top level of a file that bring in modules, in the order of the text. */
export function moduleStatements(sourceFile: ts.SourceFile): readonly ModuleStatement[] {
  return sourceFile.statements.flatMap((statement) => moduleStatementOf(statement) ?? []);
}

/** The name an element takes from the module, and the one it gives it here; undefined for rests and patterns. */
export function elementNames(element: NameElement): { readonly imported: string; readonly local: ts.Identifier } | undefined {
  const { name, propertyName } = element;
  if (!ts.isIdentifier(name) || (ts.isBindingElement(element) && (element.dotDotDotToken || element.initializer)))
    return undefined;
  if (propertyName && !ts.isIdentifier(propertyName) && !ts.isStringLiteral(propertyName)) return undefined;
  return { imported: (propertyName ?? name).text, local: name };
}

/** The elements of a list that are there at run time. */
export function valueElements(list: NameList): readonly NameElement[] {
  const elements: readonly NameElement[] = list.elements;
  return elements.filter((element) => !(ts.isImportSpecifier(element) && element.isTypeOnly));
}

/** The statement and the element that a name comes from by an import or a destructured `require`. */
export function bindingOf(
  name: ts.Identifier,
  checker: ts.TypeChecker,
): { readonly from: ModuleStatement; readonly element: NameElement; readonly imported: string } | undefined {
  const declarations = checker.getSymbolAtLocation(name)?.declarations ?? [];
  const [declaration] = declarations;
  if (declarations.length !== 1 || !declaration || declaration.getSourceFile() !== name.getSourceFile()) return undefined;
  if (!ts.isImportSpecifier(declaration) && !ts.isBindingElement(declaration)) return undefined;
  const statement = ts.findAncestor(declaration, (node) => ts.isStatement(node));
  const from = statement && moduleStatementOf(statement);
  const names = elementNames(declaration);
  if (!from?.list || from.typeOnly || !names || !valueElements(from.list).includes(declaration)) return undefined;
  return { from, element: declaration, imported: names.imported };
}
