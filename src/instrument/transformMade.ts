import { readFileSync } from 'node:fs';
import type { TransformRequest, TransformResponse } from '../shared/instrumentMessages.ts';
import { noAsyncCode } from '../shared/skipReasons.ts';
import { findSites } from '../source/sites/findSites.ts';
import { parseSource, type ParsedSource } from '../source/parseSource.ts';
import { compileCheck } from './compileCheck.ts';
import { insertProbes } from './insertProbes.ts';
import { Insertions } from './insertions.ts';
import { readOriginalPlaces, sourceMapIn, type OriginalPlaces } from './originalPlaces.ts';
import { hashText } from './plainAnswer.ts';
import { relocateSites } from './relocateSites.ts';
import { worthParsing } from './worthParsing.ts';

const noMap = 'the test runner changed its text and gave no source map of it';
const noCounterpart = 'the test runner rewrote its async code';

/**
 * Puts probes into the text that a test runner made of a file and is about to run. The sites tell the places of the file; all else
 * stays as the runner made it.
 * @param text what the runner made of the file at the request's path
 */
export function transformMade(request: TransformRequest, text: string): TransformResponse {
  const { path, requestId, format, firstSite } = request;
  const file = readFileSync(path, 'utf8');
  const sourceHash = hashText(file);
  const bare = (skipped: string): TransformResponse => ({
    type: 'transformed',
    requestId,
    code: text,
    format,
    sites: [],
    sourceHash,
    needsSourceMap: false,
    inputs: [path],
    skipped,
  });
  if (!worthParsing(file)) return bare(noAsyncCode);
  const isModule = format === 'made-module';
  const made = parseSource(path.replace(/\.[cm]?[jt]sx?$/i, '.js'), text, { asModule: isModule });
  if (made.errors[0] !== undefined) return bare(`syntax error: ${made.errors[0]}`);
  if (/\b__il_/.test(text)) return bare('the text uses names that begin with __il_');
  const check = compileCheck(made, isModule ? 'module' : 'commonjs');
  const wrong = check(new Insertions(text));
  if (wrong !== undefined) return bare(wrong);
  const original = text === file ? made : parseOriginal(path, file, isModule);
  if (original.errors[0] !== undefined) return bare(`syntax error: ${original.errors[0]}`);
  const places = text === file ? same : originalPlaces(text, made, original);
  if (places === undefined) return bare(noMap);
  const baseName = path.split(/[\\/]/).at(-1) ?? path;
  const found = findSites(original, { firstSite, topLevelAwait: isModule, baseName });
  if (found.sites.length === 0) return bare(noAsyncCode);
  const moved = relocateSites(found, original, made, places.placeOf, firstSite);
  if (moved.sites.length === 0) return bare(noCounterpart);
  const insertions = new Insertions(text);
  insertProbes(made, moved, insertions);
  const broken = check(insertions);
  if (broken !== undefined) return bare(`probes did not fit the text (${broken})`);
  return {
    type: 'transformed',
    requestId,
    code: insertions.apply(),
    format,
    sites: moved.sites,
    sourceHash,
    needsSourceMap: false,
    columns: insertions.columns(),
    inputs: [path],
    ...(places.lines === undefined ? {} : { lines: places.lines }),
  };
}

const same: OriginalPlaces = { placeOf: (offset) => offset };

/** The file may have been turned from one module format into another: what reads `await` as a name is a script. */
function parseOriginal(path: string, file: string, isModule: boolean): ParsedSource {
  const parsed = parseSource(path, file, { asModule: true });
  if (isModule || parsed.errors.length === 0) return parsed;
  return parseSource(path, file, { asModule: false });
}

function originalPlaces(text: string, made: ParsedSource, original: ParsedSource): OriginalPlaces | undefined {
  // What runners take out without a word: a mark at the beginning and the line for the system's loader.
  const plain = original.text.replace(/^\ufeff/, '').replace(/^#!.*/, '');
  if (text === plain) return { placeOf: (offset) => offset + (original.text.length - plain.length) };
  const map = sourceMapIn(text);
  const name = original.sourceFile.fileName.split(/[\\/]/).at(-1) ?? '';
  return map === undefined ? undefined : readOriginalPlaces(map, made.sourceFile, original.sourceFile, name);
}
