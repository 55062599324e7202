import { ts } from '../typescript.ts';

/** Options of the project a file belongs to. */
export interface ProjectConfig {
  /** Absolute path of the configuration file; unset when the defaults stand in for a missing one. */
  readonly configPath?: string;
  /** What a project is cached under: the configuration, or the folder that the defaults were made for. */
  readonly key: string;
  readonly options: ts.CompilerOptions;
  /** Why the file's own configuration is not in force, in plain words. */
  readonly problem?: string;
}

/** A program without configuration: everything Node or a bundler would take. */
const defaultOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.Preserve,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  jsx: ts.JsxEmit.Preserve,
  strict: true,
  esModuleInterop: true,
  resolveJsonModule: true,
};

/** The configuration in force for a file: the nearest `tsconfig.json` or `jsconfig.json`, or the referenced project that lists the file. */
export function readProjectConfig(filePath: string): ProjectConfig {
  const folder = filePath.slice(0, Math.max(filePath.lastIndexOf('/'), 0)) || '/';
  const configPath = findConfig(folder);
  if (configPath === undefined) return withoutConfig(folder);
  const raw = ts.readConfigFile(configPath, (path) => ts.sys.readFile(path));
  if (raw.error) {
    return {
      ...withoutConfig(folder),
      problem: `${configPath} cannot be read: ${ts.flattenDiagnosticMessageText(raw.error.messageText, ' ')}`,
    };
  }
  const referenced = isSolution(raw.config) ? findReferenced(configPath, raw.config, filePath) : undefined;
  return referenced ?? toConfig(configPath, raw.config);
}

function findConfig(folder: string): string | undefined {
  return (
    ts.findConfigFile(folder, (path) => ts.sys.fileExists(path), 'tsconfig.json') ??
    ts.findConfigFile(folder, (path) => ts.sys.fileExists(path), 'jsconfig.json')
  );
}

function withoutConfig(folder: string): ProjectConfig {
  const packagePath = ts.findConfigFile(folder, (path) => ts.sys.fileExists(path), 'package.json');
  const root = packagePath === undefined ? folder : packagePath.slice(0, packagePath.lastIndexOf('/')) || '/';
  return { key: `folder:${root}`, options: forAnalysis(defaultOptions, root) };
}

function toConfig(configPath: string, config: unknown): ProjectConfig {
  const folder = configPath.slice(0, configPath.lastIndexOf('/')) || '/';
  // Only the options are wanted: the files are added one by one, so no folder is walked.
  const host: ts.ParseConfigHost = {
    useCaseSensitiveFileNames: true,
    readDirectory: () => [],
    fileExists: (path) => ts.sys.fileExists(path),
    readFile: (path) => ts.sys.readFile(path),
  };
  const parsed = ts.parseJsonConfigFileContent(config, host, folder, undefined, configPath);
  return { key: configPath, configPath, options: forAnalysis(parsed.options, folder) };
}

/** The files that a configuration takes in, sorted as it lists them; none where it cannot be read. */
export function filesOfConfig(configPath: string): readonly string[] {
  const raw = ts.readConfigFile(configPath, (path) => ts.sys.readFile(path));
  if (raw.error) return [];
  const folder = configPath.slice(0, configPath.lastIndexOf('/')) || '/';
  return ts.parseJsonConfigFileContent(raw.config, ts.sys, folder, undefined, configPath).fileNames;
}

/** What a `tsconfig.json` says about emitting does not matter here; JavaScript is always read, also where the project does not build it. */
function forAnalysis(options: ts.CompilerOptions, folder: string): ts.CompilerOptions {
  const {
    composite: _c,
    incremental: _i,
    tsBuildInfoFile: _t,
    outFile: _o,
    isolatedDeclarations: _d,
    plugins: _p,
    ...rest
  } = options;
  return {
    ...rest,
    allowJs: true,
    checkJs: false,
    maxNodeModuleJsDepth: 0,
    noEmit: true,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    // TypeScript 6 no longer takes every @types package by itself; projects written for 5 rely on it.
    types: options.types ?? ['*'],
    typeRoots: options.typeRoots ?? typeRootsAbove(folder),
    ...(rest.moduleResolution === undefined && rest.module === undefined
      ? { module: ts.ModuleKind.Preserve, moduleResolution: ts.ModuleResolutionKind.Bundler }
      : {}),
  };
}

function typeRootsAbove(folder: string): string[] {
  const roots: string[] = [];
  for (let at = folder; ; at = at.slice(0, at.lastIndexOf('/'))) {
    const root = `${at === '/' ? '' : at}/node_modules/@types`;
    if (ts.sys.directoryExists(root)) roots.push(root);
    if (at === '' || at === '/' || !at.includes('/')) return roots;
  }
}

interface RawConfig {
  readonly files?: unknown;
  readonly references?: unknown;
}

/** A configuration that only lists others: `"files": []` beside `references`. */
function isSolution(config: unknown): config is RawConfig & { readonly references: readonly { readonly path: string }[] } {
  const { files, references } = config as RawConfig;
  return Array.isArray(files) && files.length === 0 && Array.isArray(references) && references.length > 0;
}

function findReferenced(
  solutionPath: string,
  solution: { readonly references: readonly { readonly path?: unknown }[] },
  filePath: string,
): ProjectConfig | undefined {
  const folder = solutionPath.slice(0, solutionPath.lastIndexOf('/'));
  for (const { path } of solution.references) {
    if (typeof path !== 'string') continue;
    const target = ts.sys.resolvePath(`${folder}/${path}`);
    const configPath = ts.sys.directoryExists(target) ? `${target}/tsconfig.json` : target;
    const raw = ts.readConfigFile(configPath, (file) => ts.sys.readFile(file));
    if (raw.error) continue;
    const parsed = ts.parseJsonConfigFileContent(raw.config, ts.sys, configPath.slice(0, configPath.lastIndexOf('/')), {
      allowJs: true,
    });
    if (parsed.fileNames.includes(filePath)) return toConfig(configPath, raw.config);
  }
  return undefined;
}
