import { Bindings } from '../sites/bindings.ts';
import { ts } from '../typescript.ts';

/** A script of a package, read by itself: no program knows it. */
export interface PackageFile {
  readonly path: string;
  readonly sourceFile: ts.SourceFile;
  readonly bindings: Bindings;
}

/** Longer scripts are bundles; what they export is seldom followed to an end. */
const maxLength = 512 * 1024;
const maxFiles = 60;
/** By path, the one unused for longest first. */
const files = new Map<string, { readonly stamp: string; readonly file: PackageFile | undefined }>();

/** The script at a path; undefined where it is missing or too long. */
export function readPackageFile(path: string): PackageFile | undefined {
  const stamp = String(ts.sys.getModifiedTime?.(path)?.getTime());
  const known = files.get(path);
  files.delete(path);
  const entry = known?.stamp === stamp ? known : { stamp, file: parse(path) };
  files.set(path, entry);
  for (const first of files.keys()) {
    if (files.size <= maxFiles) break;
    files.delete(first);
  }
  return entry.file;
}

function parse(path: string): PackageFile | undefined {
  if ((ts.sys.getFileSize?.(path) ?? 0) > maxLength) return undefined;
  const text = ts.sys.readFile(path);
  if (text === undefined) return undefined;
  const sourceFile = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
  return { path, sourceFile, bindings: new Bindings() };
}

/** How long the place of a script is remembered, in milliseconds: packages are installed while an editor runs. */
const placeAgeMs = 30_000;
const maxPlaces = 2000;
/** By the importer's folder and the specifier. */
const places = new Map<string, { readonly path: string | undefined; readonly foundMs: number }>();

/** The script that runs when a file imports a specifier, where types describe another. */
export function scriptBehind(specifier: string, importer: string): string | undefined {
  const key = `${importer.slice(0, importer.lastIndexOf('/'))} ${specifier}`;
  const now = Date.now();
  const known = places.get(key);
  if (known && now - known.foundMs < placeAgeMs) return known.path;
  if (places.size >= maxPlaces) places.clear();
  const path = findScript(specifier, importer);
  places.set(key, { path, foundMs: now });
  return path;
}

function findScript(specifier: string, importer: string): string | undefined {
  // The compiler's own search without description files: what editors find a source by.
  const options: ts.CompilerOptions & { readonly noDtsResolution: boolean } = {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    allowJs: true,
    noDtsResolution: true,
  };
  const find = (mode: ts.ResolutionMode): string | undefined =>
    ts.resolveModuleName(specifier, importer, options, ts.sys, undefined, undefined, mode).resolvedModule?.resolvedFileName;
  const found = find(ts.ModuleKind.ESNext) ?? find(ts.ModuleKind.CommonJS);
  return found !== undefined && /\.[cm]?js$/.test(found) ? found : undefined;
}
