import { Project } from 'ts-morph';
import { ambientFilesOf } from './ambientFiles.ts';
import { ts } from '../typescript.ts';
import { filesOfConfig, readProjectConfig, type ProjectConfig } from './projectConfig.ts';
import { handOnKnowledge } from './programChanges.ts';

/** A file as the compiler sees it within its project, valid until the store's next call. */
export interface LoadedFile {
  /** Absolute path with forward slashes. */
  readonly path: string;
  readonly sourceFile: ts.SourceFile;
  readonly program: ts.Program;
  readonly checker: ts.TypeChecker;
  /** Why the file's own configuration is not in force, in plain words. */
  readonly problem?: string;
}

/** Thrown for a file that will not be read; the message is meant for the user. */
export class UnreadableFileError extends Error {
  override readonly name = 'UnreadableFileError';
}

/** Said of code that is nested beyond what the stack holds. */
export const tooDeep = 'Not checked: nested too deeply, most likely generated.';

export interface ProjectStoreOptions {
  /** How many projects stay in memory; the one unused for longest goes first. */
  readonly maxProjects?: number;
  /** Longer texts are refused, in UTF-16 units. */
  readonly maxFileLength?: number;
}

interface OpenProject {
  readonly config: ProjectConfig;
  readonly project: Project;
  /** Modification stamps of the files read from disk that a person may edit. */
  readonly stamps: Map<string, string>;
  lastCheckMs: number;
  /** The last one; what is known of it is handed on to the next. */
  program?: ts.Program;
}

const scriptExtension = /\.[cm]?[jt]sx?$/;
/** How often the files on disk are looked at for changes, in milliseconds. */
const diskCheckIntervalMs = 1000;
const maxKnownFolders = 1000;

/**
 * Holds one ts-morph project per configuration and only the files that were asked for, with what they import. An edit parses the
 * edited file alone; the compiler keeps everything else of its last program.
 */
export class ProjectStore {
  readonly #maxProjects: number;
  readonly #maxFileLength: number;
  /** In order of use, the latest last. */
  readonly #projects = new Map<string, OpenProject>();
  /** By folder. */
  readonly #configs = new Map<string, { readonly config: ProjectConfig; readonly checkedMs: number }>();
  /** By the key of the configuration. */
  readonly #stampedConfigs = new Map<string, { readonly config: ProjectConfig; readonly stamp: string }>();
  /** Configurations whose files were asked for, by their path. */
  readonly #completed = new Set<string>();
  readonly #announced = new Map<string, string[]>();
  readonly #unsaved = new Map<string, string>();

  constructor(options: ProjectStoreOptions = {}) {
    this.#maxProjects = options.maxProjects ?? 4;
    this.#maxFileLength = options.maxFileLength ?? 2 * 1024 * 1024;
  }

  /**
   * A file with its program.
   * @param path absolute
   * @param text the unsaved text; without it the last unsaved text of the file is void and the file is read
   * @throws UnreadableFileError when the file is missing, too long, or no script
   */
  load(path: string, text?: string): LoadedFile {
    const at = toSlashes(path);
    if (!scriptExtension.test(at)) throw new UnreadableFileError('Not a JavaScript or TypeScript file.');
    const content = text ?? this.#read(at);
    if (content.length > this.#maxFileLength) {
      throw new UnreadableFileError(
        `Not checked: longer than ${Math.round(this.#maxFileLength / 1024 / 1024)} MiB, most likely generated.`,
      );
    }
    if (text === undefined) this.#unsaved.delete(at);
    else this.#unsaved.set(at, text);
    const open = this.#open(at);
    this.#readChanges(open);
    this.#put(open, at, content);
    for (const other of this.#projects.values()) {
      if (other !== open && other.project.getSourceFile(at)) this.#put(other, at, content);
    }
    const program = open.project.getProgram().compilerObject;
    const sourceFile = program.getSourceFile(at);
    if (!sourceFile) throw new UnreadableFileError('The compiler does not take this file.');
    if (open.program !== program) {
      if (open.program) handOnKnowledge(open.program, program);
      open.program = program;
    }
    this.#noteStamps(open, program);
    return {
      path: at,
      sourceFile,
      program,
      checker: program.getTypeChecker(),
      ...(open.config.problem === undefined ? {} : { problem: open.config.problem }),
    };
  }

  /**
   * Names files that will be asked for, so that the first of a project brings in all of them: a program that grows file by file
   * costs as many programs. What cannot be read is left to {@link load} to report.
   */
  announce(paths: readonly string[]): void {
    this.#announced.clear();
    for (const path of paths) {
      const at = toSlashes(path);
      if (!scriptExtension.test(at)) continue;
      const { key } = this.#configOf(at);
      const list = this.#announced.get(key) ?? [];
      list.push(at);
      this.#announced.set(key, list);
    }
    for (const [key, open] of this.#projects) this.#takeAnnounced(key, open);
  }

  /**
   * The files of the configuration that a file belongs to, to be announced: what implements an interface need not be imported by who calls
   * it. None where there is no configuration, where it takes in more than `most`, and from the second time on.
   */
  filesOfProject(path: string, most: number): readonly string[] {
    const { configPath } = this.#configOf(toSlashes(path));
    if (configPath === undefined || this.#completed.has(configPath)) return [];
    const files = filesOfConfig(configPath);
    if (files.length > most) return [];
    this.#completed.add(configPath);
    return files;
  }

  #takeAnnounced(key: string, open: OpenProject): void {
    for (const path of this.#announced.get(key) ?? []) {
      const content = this.#unsaved.get(path) ?? ts.sys.readFile(path);
      if (content === undefined || content.length > this.#maxFileLength) continue;
      try {
        this.#put(open, path, content);
      } catch (error) {
        if (!(error instanceof UnreadableFileError)) throw error;
      }
    }
  }

  /** The unsaved text of a file is void. */
  close(path: string): void {
    const at = toSlashes(path);
    if (!this.#unsaved.delete(at)) return;
    for (const open of this.#projects.values()) {
      if (!open.project.getSourceFile(at)) continue;
      const content = ts.sys.readFile(at);
      if (content === undefined) forget(open, at);
      else this.#put(open, at, content);
    }
  }

  #read(path: string): string {
    let size: number | undefined;
    try {
      size = ts.sys.getFileSize?.(path);
    } catch {
      size = undefined;
    }
    if (size !== undefined && size > this.#maxFileLength * 3) {
      throw new UnreadableFileError(
        `Not checked: longer than ${Math.round(this.#maxFileLength / 1024 / 1024)} MiB, most likely generated.`,
      );
    }
    const content = ts.sys.readFile(path);
    if (content === undefined) throw new UnreadableFileError('The file cannot be read.');
    return content;
  }

  #open(path: string): OpenProject {
    const config = this.#configOf(path);
    let open = this.#projects.get(config.key);
    this.#projects.delete(config.key);
    if (!open || open.config !== config) {
      const project = new Project({ compilerOptions: config.options, skipFileDependencyResolution: true });
      open = { config, project, stamps: new Map(), lastCheckMs: Date.now() };
      for (const { path: at, text } of config.configPath === undefined ? [] : ambientFilesOf(config.configPath))
        this.#put(open, at, text);
      this.#takeAnnounced(config.key, open);
    }
    this.#projects.set(config.key, open);
    for (const key of this.#projects.keys()) {
      if (this.#projects.size <= this.#maxProjects) break;
      this.#projects.delete(key);
      this.#completed.delete(key);
    }
    return open;
  }

  /** The configuration of a file, read anew when it was written since. Files of one configuration share one object. */
  #configOf(path: string): ProjectConfig {
    const folder = path.slice(0, path.lastIndexOf('/'));
    const now = Date.now();
    const known = this.#configs.get(folder);
    if (known && now - known.checkedMs < diskCheckIntervalMs) return known.config;
    const fresh = readProjectConfig(path);
    const stamp = stampOf(fresh.configPath);
    const shared = this.#stampedConfigs.get(fresh.key);
    const config = shared?.stamp === stamp ? shared.config : fresh;
    this.#stampedConfigs.set(fresh.key, { config, stamp });
    this.#configs.set(folder, { config, checkedMs: now });
    if (this.#configs.size > maxKnownFolders) this.#configs.clear();
    return config;
  }

  #put(open: OpenProject, path: string, content: string): void {
    const existing = open.project.getSourceFile(path);
    if (existing && existing.getFullText() === content) return;
    try {
      open.project.createSourceFile(path, content, { overwrite: true });
    } catch (error) {
      // TypeScript's parser calls itself for every bracket; generated code can be too deep for the stack.
      if (error instanceof RangeError) throw new UnreadableFileError(tooDeep);
      throw error;
    }
    open.stamps.set(path, stampOf(path));
  }

  /** Takes over what other programs wrote since the last look, at most once a second. */
  #readChanges(open: OpenProject): void {
    const now = Date.now();
    if (now - open.lastCheckMs < diskCheckIntervalMs) return;
    open.lastCheckMs = now;
    for (const [path, stamp] of open.stamps) {
      if (this.#unsaved.has(path)) continue;
      const current = stampOf(path);
      if (current === stamp) continue;
      const content = ts.sys.readFile(path);
      if (content === undefined) forget(open, path);
      else this.#put(open, path, content);
      if (open.stamps.has(path)) open.stamps.set(path, current);
    }
  }

  #noteStamps(open: OpenProject, program: ts.Program): void {
    for (const { fileName } of program.getSourceFiles()) {
      if (open.stamps.has(fileName) || fileName.includes('/node_modules/')) continue;
      open.stamps.set(fileName, stampOf(fileName));
    }
  }
}

function forget(open: OpenProject, path: string): void {
  const file = open.project.getSourceFile(path);
  if (file) open.project.removeSourceFile(file);
  open.stamps.delete(path);
}

function stampOf(path: string | undefined): string {
  if (path === undefined) return '';
  return String(ts.sys.getModifiedTime?.(path)?.getTime() ?? 'missing');
}

function toSlashes(path: string): string {
  return path.replaceAll('\\', '/');
}
