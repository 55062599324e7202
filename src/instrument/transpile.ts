import remapping from '@jridgewell/remapping';
import { ts } from '../source/typescript.ts';
import type { TsconfigSettings } from './tsconfig.ts';

export interface TranspileOptions {
  readonly path: string;
  readonly settings: TsconfigSettings;
  readonly format: 'commonjs' | 'module';
  /** ES module syntax becomes CommonJS. */
  readonly convert: boolean;
}

/**
 * Lets TypeScript print a text anew: for what erasing types cannot do (enums, decorators, JSX, another module format).
 * @param code the text, probes included
 * @param map from `code` back to the file, as JSON
 * @returns JavaScript that ends with an inline source map back to the file
 */
export function transpile(code: string, map: () => string, options: TranspileOptions): string {
  const { path, settings, convert } = options;
  const given = settings.options;
  const lower = needsLowering(code, given);
  const compilerOptions: ts.CompilerOptions = {
    target: lower ? ts.ScriptTarget.ES2022 : ts.ScriptTarget.ESNext,
    module: convert ? (settings.commonjs ? ts.ModuleKind.CommonJS : ts.ModuleKind.Node16) : ts.ModuleKind.ESNext,
    // By default a `.cts` file counts as an ES module in CommonJS' clothes, whatever it holds.
    ...(options.format === 'commonjs' && !convert ? { moduleDetection: ts.ModuleDetectionKind.Legacy } : {}),
    sourceMap: true,
    inlineSources: true,
    removeComments: false,
    // A module is strict whatever it is printed as; a script is so only where asked for.
    alwaysStrict: convert || (given.alwaysStrict ?? given.strict ?? false),
    useDefineForClassFields: settings.useDefineForClassFields,
    experimentalDecorators: given.experimentalDecorators ?? false,
    emitDecoratorMetadata: given.emitDecoratorMetadata ?? false,
    esModuleInterop: given.esModuleInterop ?? true,
    // Verbatim syntax and a change of format exclude each other.
    verbatimModuleSyntax: settings.verbatimModuleSyntax && !convert,
    jsx:
      given.jsx === undefined
        ? ts.JsxEmit.React
        : given.jsx === ts.JsxEmit.Preserve || given.jsx === ts.JsxEmit.ReactNative
          ? ts.JsxEmit.ReactJSX
          : given.jsx,
    ...(given.jsxFactory === undefined ? {} : { jsxFactory: given.jsxFactory }),
    ...(given.jsxFragmentFactory === undefined ? {} : { jsxFragmentFactory: given.jsxFragmentFactory }),
    ...(given.jsxImportSource === undefined ? {} : { jsxImportSource: given.jsxImportSource }),
    allowJs: true,
  };
  const output = ts.transpileModule(code, { fileName: path, compilerOptions, reportDiagnostics: false });
  const text = output.outputText.replace(/\n?\/\/# sourceMappingURL=.*\s*$/, '\n');
  if (output.sourceMapText === undefined) return text;
  const composed = remapping([output.sourceMapText, map()], () => null);
  return `${text}//# sourceMappingURL=data:application/json;base64,${Buffer.from(composed.toString()).toString('base64')}\n`;
}

/** The file's own text, out of the source map at the end of what {@link transpile} gave. */
export function sourceInMap(code: string): string | undefined {
  const [, encoded] = /\n\/\/# sourceMappingURL=data:application\/json;base64,([\w+/=]+)\n$/.exec(code) ?? [];
  if (encoded === undefined) return undefined;
  const map = JSON.parse(Buffer.from(encoded, 'base64').toString()) as { readonly sourcesContent?: readonly (string | null)[] };
  return map.sourcesContent?.[0] ?? undefined;
}

/** Syntax that not every Node has: decorators, and `using`. */
function needsLowering(code: string, options: ts.CompilerOptions): boolean {
  return (/@/.test(code) && !options.experimentalDecorators) || /\busing\b/.test(code) || /\baccessor\b/.test(code);
}
