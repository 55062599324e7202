import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { PathMapping } from '../shared/instrumentMessages.ts';
import { ts } from '../source/typescript.ts';

/** What of a file's `tsconfig.json` matters for running it. */
export interface TsconfigSettings {
  /** Path of the configuration; unset where there is none. */
  readonly path: string | undefined;
  /** The compiler options that decide about the JavaScript, as the compiler takes them. */
  readonly options: ts.CompilerOptions;
  /** True where the configuration asks for CommonJS output. */
  readonly commonjs: boolean;
  readonly verbatimModuleSyntax: boolean;
  readonly useDefineForClassFields: boolean;
  readonly mapping: PathMapping | undefined;
  /** Configurations that were read, or looked for in vain. Absolute paths. */
  readonly inputs: readonly string[];
}

type MatchFiles = (
  path: string,
  extensions: readonly string[] | undefined,
  excludes: readonly string[] | undefined,
  includes: readonly string[] | undefined,
  useCaseSensitiveFileNames: boolean,
  currentDirectory: string,
  depth: number | undefined,
  getEntries: (path: string) => { readonly files: readonly string[]; readonly directories: readonly string[] },
  realpath: (path: string) => string,
) => string[];

const defaults: TsconfigSettings = settingsOf(undefined, {});
const maxCached = 200;

/** Finds and reads configurations, and remembers them. */
export class TsconfigReader {
  readonly #byFolder = new Map<string, string | undefined>();
  readonly #byFile = new Map<string, TsconfigSettings>();

  /** Settings for a file: of the nearest `tsconfig.json`, or of the one it refers to that includes the file. Missing or broken: the defaults. */
  settingsFor(path: string): TsconfigSettings {
    const known = this.#byFile.get(path);
    if (known) return known;
    if (this.#byFile.size >= maxCached) this.#byFile.clear();
    const inputs = new Set<string>();
    let settings = defaults;
    try {
      settings = this.#read(path, inputs);
    } catch {
      // A configuration that cannot be read is no reason not to run the program.
    }
    settings = { ...settings, inputs: [...inputs] };
    this.#byFile.set(path, settings);
    return settings;
  }

  #read(path: string, inputs: Set<string>): TsconfigSettings {
    const config = this.#nearest(dirname(path));
    for (let folder = dirname(path); ; folder = dirname(folder)) {
      const here = join(folder, 'tsconfig.json');
      inputs.add(here);
      if (here === config || dirname(folder) === folder) break;
    }
    if (config === undefined) return defaults;
    return settingsAt(config, path, new Set(), inputs) ?? defaults;
  }

  #nearest(folder: string): string | undefined {
    if (this.#byFolder.has(folder)) return this.#byFolder.get(folder);
    const here = join(folder, 'tsconfig.json');
    const above = dirname(folder);
    const found = ts.sys.fileExists(here) ? here : above === folder ? undefined : this.#nearest(above);
    this.#byFolder.set(folder, found);
    return found;
  }
}

/** Settings of a configuration, or of one it refers to that takes the file in where it does not itself. */
function settingsAt(config: string, path: string, seen: Set<string>, inputs: Set<string>): TsconfigSettings | undefined {
  seen.add(config);
  inputs.add(config);
  const read = ts.readConfigFile(config, (name) => ts.sys.readFile(name));
  if (read.config === undefined) return undefined;
  const parsed = ts.parseJsonConfigFileContent(read.config, onlyFileHost(path, inputs), dirname(config), undefined, config);
  const own = settingsOf(config, parsed.options);
  const references = parsed.projectReferences ?? [];
  if (references.length === 0 || includes(parsed.fileNames, path)) return own;
  for (const reference of references) {
    const target = ts.resolveProjectReferencePath(reference);
    inputs.add(target);
    if (seen.has(target) || !ts.sys.fileExists(target)) continue;
    const found = settingsWhereIncluded(target, path, seen, inputs);
    if (found) return found;
  }
  return own;
}

function settingsWhereIncluded(
  config: string,
  path: string,
  seen: Set<string>,
  inputs: Set<string>,
): TsconfigSettings | undefined {
  seen.add(config);
  inputs.add(config);
  const read = ts.readConfigFile(config, (name) => ts.sys.readFile(name));
  if (read.config === undefined) return undefined;
  const parsed = ts.parseJsonConfigFileContent(read.config, onlyFileHost(path, inputs), dirname(config), undefined, config);
  return includes(parsed.fileNames, path) ? settingsOf(config, parsed.options) : undefined;
}

function includes(files: readonly string[], path: string): boolean {
  const normal = path.replaceAll('\\', '/');
  return files.some((file) => file === normal || resolve(file) === resolve(path));
}

/** A file system that holds the one file, so that a project's `include` is matched without listing its folders. */
function onlyFileHost(path: string, inputs: Set<string>): ts.ParseConfigHost {
  const file = path.replaceAll('\\', '/');
  const entries = (folder: string): { files: string[]; directories: string[] } => {
    const prefix = folder.endsWith('/') ? folder : `${folder}/`;
    if (!file.startsWith(prefix)) return { files: [], directories: [] };
    const [first, ...rest] = file.slice(prefix.length).split('/');
    return first === undefined
      ? { files: [], directories: [] }
      : rest.length === 0
        ? { files: [first], directories: [] }
        : { files: [], directories: [first] };
  };
  const { matchFiles } = ts as unknown as { matchFiles: MatchFiles };
  return {
    useCaseSensitiveFileNames: ts.sys.useCaseSensitiveFileNames,
    fileExists: (name) => ts.sys.fileExists(name),
    readFile(name) {
      inputs.add(name);
      return ts.sys.readFile(name);
    },
    readDirectory: (root, extensions, excludes, includes_, depth) =>
      matchFiles(
        root,
        extensions,
        excludes,
        includes_,
        ts.sys.useCaseSensitiveFileNames,
        dirname(file),
        depth,
        entries,
        (name) => name,
      ),
  };
}

function settingsOf(path: string | undefined, options: ts.CompilerOptions): TsconfigSettings {
  const { module, moduleResolution, target, paths, baseUrl } = options;
  const pathsBase = (options as { readonly pathsBasePath?: string }).pathsBasePath;
  const folder = path === undefined ? undefined : dirname(path);
  const base = baseUrl ?? pathsBase ?? folder;
  let mapping: PathMapping | undefined;
  if (base !== undefined && (paths || baseUrl !== undefined)) {
    mapping = {
      base: absolute(base, folder),
      paths: paths ?? {},
      ...(baseUrl === undefined ? {} : { baseUrl: absolute(baseUrl, folder) }),
    };
  }
  const node10: number = ts.ModuleResolutionKind.Node10;
  return {
    path,
    options,
    commonjs: module === ts.ModuleKind.CommonJS || (module === undefined && (moduleResolution as number | undefined) === node10),
    verbatimModuleSyntax: options.verbatimModuleSyntax ?? false,
    // As tsc: by default from ES2022 on, which also is what an unset target now means.
    useDefineForClassFields: options.useDefineForClassFields ?? (target === undefined || target >= ts.ScriptTarget.ES2022),
    mapping,
    inputs: [],
  };
}

function absolute(path: string, folder: string | undefined): string {
  return isAbsolute(path) || folder === undefined ? path : resolve(folder, path);
}
