import * as fs from 'node:fs';
import * as url from 'node:url';
import { movedColumns } from '../../shared/insertedColumns.ts';
import type {
  FunctionTextsResponse,
  MadeFormat,
  ModuleFormat,
  PathMapping,
  TextFormat,
  Transformed,
} from '../../shared/instrumentMessages.ts';
import { languageOf, type SourceLanguage } from './fileFilter.ts';
import type { FunctionTexts } from '../texts/functionTexts.ts';
import { InsertedText } from '../texts/insertedText.ts';
import { moduleFormatOf } from './packageType.ts';
import { printedTexts } from '../texts/printedTexts.ts';
import type { StackColumns } from '../stacks/stackColumns.ts';
import type { OpenedRunner, TestRunners } from './testRunners.ts';
import type { TransformClient } from './transformClient.ts';
import { resolveMapped, resolveRelative } from './typeScriptResolve.ts';

const { readFileSync } = fs;
const { fileURLToPath } = url;

/** What the hooks of all Node versions share: which files are asked about, and how TypeScript finds its imports. */
export interface SourceLoader {
  /** Whether the hooks came upon a file that gets probes. */
  wasSeen(file: string): boolean;
  /** The file behind a module's URL or path, when it is source text that may be rewritten. */
  sourceFile(
    location: string,
  ): { readonly path: string; readonly language: SourceLanguage; readonly probes: boolean } | undefined;
  /** The text to run in place of a file; undefined where Node shall load it as if nobody had asked. */
  transform(path: string, source: string, format: ModuleFormat, probes: boolean): Transformed | undefined;
  /**
   * The text to run in place of one that a test runner made of a file; undefined where the runner's own shall run.
   * @param before so many columns V8 counts before the text on its first line
   */
  transformMade(path: string, source: string, format: MadeFormat, before: number): Transformed | undefined;
  /** Reads a file that Node itself cannot; undefined where that fails (Node then reports it). */
  read(path: string): { readonly source: string; readonly format: ModuleFormat } | undefined;
  /** Before Node's own resolution: `paths` of the importing file. */
  resolveBefore(specifier: string, importer: string | undefined): string | undefined;
  /** After Node's own resolution failed. */
  resolveAfter(specifier: string, importer: string | undefined): string | undefined;
}

export interface SourceLoaderOptions {
  readonly client: TransformClient;
  readonly filter: (file: string) => boolean;
  readonly runners: TestRunners;
  readonly setSourceMapsEnabled: (enabled: boolean) => void;
  readonly stackColumns: StackColumns;
  readonly functionTexts: FunctionTexts;
  readonly beforeTransform: () => void;
  readonly afterTransform: () => void;
  /** Called once, when the first TypeScript file is about to run: from now on imports may need more than Node's own resolution. */
  readonly onTypeScript: () => void;
}

export function createSourceLoader(options: SourceLoaderOptions): SourceLoader {
  const mappings = new Map<string, PathMapping>();
  const seen = new Set<string>();
  let typeScriptSeen = false;

  function timed<T>(work: () => T): T {
    options.beforeTransform();
    const result = work();
    options.afterTransform();
    return result;
  }

  /** A runner's own file, with a call of ours in it. */
  function openedRunner(file: string, { code, columns }: OpenedRunner, format: TextFormat): Transformed {
    options.stackColumns.add(file, new InsertedText(code, columns));
    return { type: 'transformed', requestId: 0, code, format, sites: [], sourceHash: '', needsSourceMap: false, columns };
  }

  return {
    wasSeen: (file) => seen.has(file),
    sourceFile(location) {
      let file = location;
      if (location.startsWith('file:')) {
        try {
          file = fileURLToPath(location);
        } catch {
          return undefined;
        }
      } else if (/^[a-z][a-z+.-]+:/i.test(location)) return undefined;
      const language = languageOf(file);
      if (language === undefined) return undefined;
      const probes = options.filter(file);
      if (probes) seen.add(file);
      const isRunners = options.runners.see(file);
      return probes || isRunners || language === 'typescript' ? { path: file, language, probes } : undefined;
    },
    transform(file, source, format, probes) {
      const opened = options.runners.open(file, source);
      if (opened !== undefined) return openedRunner(file, opened, format);
      if (!probes && languageOf(file) === 'javascript') return undefined;
      const answer = timed(() => options.client.transform(file, source, format, probes));
      if (answer === undefined) return undefined;
      if (answer.mapping !== undefined) mappings.set(file, answer.mapping);
      if (!typeScriptSeen && (answer.mapping !== undefined || languageOf(file) === 'typescript')) {
        typeScriptSeen = true;
        options.onTypeScript();
      }
      // Only now: with source maps on, `assert` no longer quotes the expression it was given.
      if (answer.needsSourceMap) options.setSourceMapsEnabled(true);
      const { columns, firstSite } = answer;
      if (answer.needsSourceMap && firstSite !== undefined) {
        const { code } = answer;
        const ask = (): FunctionTextsResponse | undefined => timed(() => options.client.functionTexts(file, code));
        options.functionTexts.add(firstSite, code, code.length, printedTexts(ask));
      }
      if (columns === undefined || columns.length === 0) return answer;
      const code = answer.code + options.stackColumns.ending;
      const text = new InsertedText(code, columns);
      options.stackColumns.add(file, text);
      if (firstSite !== undefined)
        options.functionTexts.add(firstSite, code, answer.code.length, (start, end) => text.originalSlice(start, end));
      return { ...answer, code };
    },
    transformMade(file, source, format, before) {
      if (options.runners.areMeasured) return undefined;
      const answer = timed(() => options.client.transform(file, source, format, true));
      if (answer?.columns === undefined || answer.columns.length === 0) return answer;
      const { code, columns, firstSite } = answer;
      options.stackColumns.add(file, new InsertedText(code, movedColumns(columns, before)), answer.lines ?? 'same lines');
      if (firstSite !== undefined) {
        const text = new InsertedText(code, columns);
        options.functionTexts.add(firstSite, code, code.length, (start, end) => text.originalSlice(start, end));
      }
      return answer;
    },
    read(file) {
      try {
        return { source: readFileSync(file, 'utf8'), format: moduleFormatOf(file) };
      } catch {
        return undefined;
      }
    },
    resolveBefore(specifier, importer) {
      const mapping = importer === undefined ? undefined : mappings.get(importer);
      return mapping === undefined ? undefined : attempt(() => resolveMapped(specifier, mapping));
    },
    resolveAfter(specifier, importer) {
      return importer === undefined ? undefined : attempt(() => resolveRelative(specifier, importer));
    },
  };
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
