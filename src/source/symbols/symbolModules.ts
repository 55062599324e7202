import type { Answers } from '../project/answers.ts';
import { ts } from '../typescript.ts';
import { findBlockingApi } from '../blocking/blockingCatalogue.ts';
import { external, type SymbolValue } from './symbolValue.ts';

type Values = readonly SymbolValue[];

/** What the resolver lends to the lookup of modules. */
interface Resolving {
  readonly answers: Answers;
  resolveSymbol(symbol: ts.Symbol): Values;
  membersOf(values: Values, name: string): Values;
}

export interface ModuleLookup {
  /** What an import, export or re-export declaration brings in; undefined for every other declaration. Type-only imports bring nothing. */
  resolveAlias(declaration: ts.Declaration): Values | undefined;
  /** The module behind a specifier. */
  resolveModule(specifier: ts.StringLiteralLike): Values;
  /** A named export of a module of the project. */
  resolveExport(file: ts.SourceFile, name: string): Values;
  /** As {@link resolveAlias} for a type position, where a type-only import names its module just as well. */
  resolveEvenTypeOnly(symbol: ts.Symbol, otherwise: (symbol: ts.Symbol) => Values): Values;
}

export function createModuleLookup(program: ts.Program, checker: ts.TypeChecker, resolving: Resolving): ModuleLookup {
  function resolveModule(specifier: ts.StringLiteralLike): Values {
    const { text } = specifier;
    const symbol = checker.getSymbolAtLocation(specifier) ?? moduleOnDisk(specifier);
    const sourceFile = symbol?.declarations?.find(ts.isSourceFile);
    if (sourceFile && isProjectCode(sourceFile)) {
      resolving.answers.restOn(sourceFile);
      return [{ kind: 'module', node: sourceFile }];
    }
    const isLocal = text.startsWith('.') || text.startsWith('/') || text.startsWith('#');
    return isLocal ? [] : [external(text, [])];
  }

  /** The compiler follows `require` in JavaScript only; in TypeScript it is followed here. */
  function moduleOnDisk(specifier: ts.StringLiteralLike): ts.Symbol | undefined {
    if (!specifier.text.startsWith('.')) return undefined;
    const { resolvedModule } = ts.resolveModuleName(
      specifier.text,
      specifier.getSourceFile().fileName,
      program.getCompilerOptions(),
      ts.sys,
    );
    const sourceFile = resolvedModule && program.getSourceFile(resolvedModule.resolvedFileName);
    return sourceFile && moduleSymbolOf(sourceFile, checker);
  }

  function resolveAlias(declaration: ts.Declaration, typesToo = false): Values | undefined {
    if (ts.isImportSpecifier(declaration)) {
      const clause = declaration.parent.parent;
      if (!typesToo && (declaration.isTypeOnly || isTypeOnly(clause))) return [];
      return importOf(clause.parent, (declaration.propertyName ?? declaration.name).text);
    }
    if (ts.isImportClause(declaration))
      return !typesToo && isTypeOnly(declaration) ? [] : importOf(declaration.parent, 'default');
    if (ts.isNamespaceImport(declaration)) {
      return !typesToo && isTypeOnly(declaration.parent) ? [] : importOf(declaration.parent.parent, undefined);
    }
    if (ts.isImportEqualsDeclaration(declaration)) {
      if (!typesToo && declaration.isTypeOnly) return [];
      const { moduleReference } = declaration;
      if (ts.isExternalModuleReference(moduleReference)) {
        return ts.isStringLiteral(moduleReference.expression) ? commonJsExports(moduleReference.expression) : [];
      }
      return entityValues(moduleReference);
    }
    if (ts.isExportSpecifier(declaration)) return exportSpecifierValues(declaration);
    if (ts.isNamespaceExport(declaration)) {
      const specifier = declaration.parent.moduleSpecifier;
      return specifier && ts.isStringLiteral(specifier) ? resolveModule(specifier) : [];
    }
    return undefined;
  }

  function exportSpecifierValues(declaration: ts.ExportSpecifier): Values {
    if (declaration.isTypeOnly || declaration.parent.parent.isTypeOnly) return [];
    const name = (declaration.propertyName ?? declaration.name).text;
    const from = declaration.parent.parent.moduleSpecifier;
    if (from) return ts.isStringLiteral(from) ? membersOfModule(from, name) : [];
    const target = checker.getExportSpecifierLocalTargetSymbol(declaration);
    return target ? resolving.resolveSymbol(target) : [external(undefined, [name])];
  }

  function entityValues(name: ts.EntityName): Values {
    if (ts.isQualifiedName(name)) return resolving.membersOf(entityValues(name.left), name.right.text);
    const symbol = checker.getSymbolAtLocation(name);
    return symbol ? resolving.resolveSymbol(symbol) : [];
  }

  function importOf(declaration: ts.ImportDeclaration | ts.JSDocImportTag, name: string | undefined): Values {
    if (!ts.isImportDeclaration(declaration) || !ts.isStringLiteral(declaration.moduleSpecifier)) return [];
    return name === undefined ? resolveModule(declaration.moduleSpecifier) : membersOfModule(declaration.moduleSpecifier, name);
  }

  function membersOfModule(specifier: ts.StringLiteral, name: string): Values {
    return resolving.membersOf(resolveModule(specifier), name);
  }

  function commonJsExports(specifier: ts.StringLiteral): Values {
    return resolveModule(specifier).flatMap((value) => {
      if (value.kind !== 'module') return [value];
      const whole = moduleSymbolOf(value.node, checker)?.exports?.get(ts.InternalSymbolName.ExportEquals);
      return whole ? resolving.resolveSymbol(whole) : [value];
    });
  }

  function resolveExport(file: ts.SourceFile, name: string): Values {
    const module = moduleSymbolOf(file, checker);
    const named = module && checker.tryGetMemberInModuleExports(name, module);
    if (named) return resolving.resolveSymbol(named);
    const whole = module?.exports?.get(ts.InternalSymbolName.ExportEquals);
    if (whole) {
      const values = resolving.resolveSymbol(whole);
      return name === 'default' ? values : resolving.membersOf(values, name);
    }
    const starred = untypedStar(file, name);
    if (starred.length > 0 || name !== 'default') return starred;
    // A CommonJS module imported as a default is its own exports.
    return isCommonJs(file) ? [{ kind: 'module', node: file }] : [];
  }

  const searched = new Set<ts.SourceFile>();

  /** `export * from 'fs'` where no types tell what `fs` exports: the catalogue does. */
  function untypedStar(file: ts.SourceFile, name: string): Values {
    if (searched.has(file)) return [];
    searched.add(file);
    try {
      return searchStars(file, name);
    } finally {
      searched.delete(file);
    }
  }

  function searchStars({ statements }: ts.SourceFile, name: string): Values {
    return statements.flatMap((statement) => {
      if (!ts.isExportDeclaration(statement) || statement.exportClause || !statement.moduleSpecifier) return [];
      const specifier = statement.moduleSpecifier;
      if (!ts.isStringLiteral(specifier)) return [];
      return resolveModule(specifier).flatMap((value) => {
        if (value.kind === 'module') return resolveExport(value.node, name);
        if (value.kind !== 'external' || value.specifier === undefined) return [];
        return findBlockingApi(value.specifier, name) ? [external(value.specifier, [name])] : [];
      });
    });
  }

  return {
    resolveAlias,
    resolveModule,
    resolveExport,
    resolveEvenTypeOnly(symbol, otherwise) {
      const declaration = symbol.declarations?.[0];
      return (declaration && resolveAlias(declaration, true)) ?? otherwise(symbol);
    },
  };
}

function isTypeOnly(clause: ts.ImportClause): boolean {
  return clause.phaseModifier === ts.SyntaxKind.TypeKeyword;
}

function isCommonJs(sourceFile: ts.SourceFile): boolean {
  return !sourceFile.statements.some(
    (statement) => ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement) || ts.isExportAssignment(statement),
  );
}

/** The symbol that carries a file's exports; the checker gives it for ES modules only, the binder sets it for CommonJS too. */
export function moduleSymbolOf(sourceFile: ts.SourceFile, checker: ts.TypeChecker): ts.Symbol | undefined {
  return checker.getSymbolAtLocation(sourceFile) ?? (sourceFile as { readonly symbol?: ts.Symbol }).symbol;
}

/** Code that the project wrote itself, as against descriptions and packages. */
export function isProjectCode(sourceFile: ts.SourceFile): boolean {
  return !sourceFile.isDeclarationFile && !sourceFile.fileName.includes('/node_modules/');
}
