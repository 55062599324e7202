import type { InsertedColumns } from '../shared/insertedColumns.ts';
import type { FileId, SiteId } from '../shared/ids.ts';
import {
  isMade,
  type FunctionTextsRequest,
  type FunctionTextsResponse,
  type ModuleFormat,
  type TransformRequest,
  type TransformResponse,
} from '../shared/instrumentMessages.ts';
import type { Site } from '../shared/site.ts';
import { isTypeScriptPath, parseSource, type ParsedSource } from '../source/parseSource.ts';
import { checkCommonjs, checkModuleText, compileCheck, compileCheckOfErased } from './compileCheck.ts';
import { Insertions } from './insertions.ts';
import { planProbes } from './instrument.ts';
import { noAsyncCode } from '../shared/skipReasons.ts';
import { hashText, notInstrumented, plainAnswer } from './plainAnswer.ts';
import { decideFormat, guessJavaScriptFormat, PackageTypes, type FormatDecision } from './moduleFormat.ts';
import { stripTypes, type Stripped } from './stripTypes.ts';
import { pairFunctionTexts } from './pairFunctionTexts.ts';
import { transformMade } from './transformMade.ts';
import { sourceInMap, transpile } from './transpile.ts';
import { TsconfigReader, type TsconfigSettings } from './tsconfig.ts';

const rememberedMs = 1000;

/** Answers transform requests; holds what is remembered between files. */
export class FileTransformer {
  #tsconfigs = new TsconfigReader();
  #packageTypes = new PackageTypes();
  #lastAt = -Infinity;

  /** The text to run in place of `source`. Throws only on a defect. */
  transform(request: TransformRequest, source: string): TransformResponse {
    const { path, format } = request;
    if (isMade(format)) return transformMade(request, source);
    this.#forgetOldSettings();
    return isTypeScriptPath(path) || /\.jsx$/i.test(path)
      ? this.#transformTyped(request, source)
      : transformJavaScript(request, source, format);
  }

  /** Files of one run come in quick succession; between two runs the person may have edited a configuration. */
  #forgetOldSettings(): void {
    const now = performance.now();
    if (now - this.#lastAt > rememberedMs) {
      this.#tsconfigs = new TsconfigReader();
      this.#packageTypes = new PackageTypes();
    }
    this.#lastAt = now;
  }

  /** Throws only on a defect. */
  functionTexts(request: FunctionTextsRequest): FunctionTextsResponse {
    const { path, code, requestId } = request;
    const source = sourceInMap(code);
    const format = 'unknown';
    const bare =
      source === undefined
        ? undefined
        : this.transform(
            { type: 'transform', requestId, path, format, file: 0 as FileId, firstSite: 0 as SiteId, probes: false },
            source,
          );
    const text = bare?.type === 'transformed' && bare.needsSourceMap ? bare.code : '';
    return { type: 'function-texts', requestId, bare: text, places: pairFunctionTexts(code, text) };
  }

  #transformTyped(request: TransformRequest, source: string): TransformResponse {
    const { path, requestId } = request;
    const settings = this.#tsconfigs.settingsFor(path);
    const sourceHash = hashText(source);
    let parsed = parseSource(path, source, { asModule: !/\.cts$/i.test(path) });
    if (parsed.errors[0] !== undefined) return left(request, sourceHash, `syntax error: ${parsed.errors[0]}`);
    const format = decideFormat(parsed.sourceFile, source.length, {
      path,
      tsconfigCommonjs: settings.commonjs,
      packageType: this.#packageTypes.typeFor(path),
    });
    // A script has no top-level await: there `await` may be a name.
    if (format.format === 'commonjs' && !format.convert && /\bawait\b/.test(source))
      parsed = parseSource(path, source, { asModule: false });
    const plan = request.probes ? planProbes(parsed, planOptions(request, format.format === 'module')) : notAsked(source);
    const stripped = format.convert ? { unsupported: 'another module format' } : stripTypes(parsed, settings);
    const made =
      'unsupported' in stripped
        ? printed(parsed, plan.insertions, format, settings)
        : erased(parsed, plan.insertions, stripped, format.format);
    if (made.defect !== undefined) return left(request, sourceHash, made.defect);
    const skipped = made.skipped ?? plan.skipped ?? (plan.sites.length === 0 ? noAsyncCode : undefined);
    return {
      type: 'transformed',
      requestId,
      code: made.code,
      format: format.format,
      sites: made.skipped === undefined ? plan.sites : [],
      sourceHash,
      needsSourceMap: 'unsupported' in stripped,
      ...(made.columns === undefined ? {} : { columns: made.columns }),
      ...(settings.mapping ? { mapping: settings.mapping } : {}),
      inputs: [...settings.inputs, ...this.#packageTypes.inputsFor(path)],
      ...(skipped === undefined ? {} : { skipped }),
    };
  }
}

interface Made {
  readonly code: string;
  /** Where probes are, where lines stay. */
  readonly columns?: InsertedColumns;
  /** Set where the text is bare after all. */
  readonly skipped?: string;
  /** Set where there is no text: why. */
  readonly defect?: string;
}

function transformJavaScript(request: TransformRequest, source: string, given: ModuleFormat): TransformResponse {
  const { path, requestId } = request;
  const sourceHash = hashText(source);
  if (!request.probes) return plainAnswer(request, source, notInstrumented);
  const known = given !== 'unknown' ? given : /\.mjs$/i.test(path) ? 'module' : /\.cjs$/i.test(path) ? 'commonjs' : undefined;
  let parsed = parseSource(path, source, { asModule: known !== 'commonjs' });
  const format = known ?? guessJavaScriptFormat(given, parsed.sourceFile, source.length);
  if (known === undefined && format === 'commonjs') parsed = parseSource(path, source, { asModule: false });
  if (parsed.errors[0] !== undefined) return left(request, sourceHash, `syntax error: ${parsed.errors[0]}`);
  const check = compileCheck(parsed, format);
  const wrong = check(new Insertions(source));
  if (wrong !== undefined) return left(request, sourceHash, wrong);
  const plan = planProbes(parsed, planOptions(request, format === 'module'));
  if (plan.skipped !== undefined) return plainAnswer(request, source, plan.skipped);
  if (plan.sites.length === 0) return plainAnswer(request, source, noAsyncCode);
  const broken = check(plan.insertions);
  if (broken !== undefined) return plainAnswer(request, source, `probes did not fit the text (${broken})`);
  return {
    type: 'transformed',
    requestId,
    code: plan.insertions.apply(),
    format: given,
    sites: plan.sites,
    sourceHash,
    needsSourceMap: false,
    columns: plan.insertions.columns(),
  };
}

/** JavaScript by erasing types. */
function erased(
  parsed: ParsedSource,
  probes: Insertions,
  stripped: Exclude<Stripped, { unsupported: string }>,
  format: 'commonjs' | 'module',
): Made {
  const bare = new Insertions(parsed.text);
  // Without the semicolons, which the bare text has too. Each is the last on its line.
  const columns = probes.columns();
  for (const at of stripped.semicolons) {
    bare.put(at, ';');
    probes.put(at, ';');
  }
  // Erased imports and exports are gone from the text, but not from the tree it was parsed to.
  const check = compileCheckOfErased(parsed, stripped, format);
  const wrong = check(bare);
  if (wrong !== undefined) return { code: '', defect: wrong };
  const broken = check(probes);
  if (broken !== undefined) return { code: bare.apply(stripped.text), skipped: `probes did not fit the text (${broken})` };
  return { code: probes.apply(stripped.text), columns };
}

/** JavaScript as TypeScript prints it. */
function printed(parsed: ParsedSource, probes: Insertions, format: FormatDecision, settings: TsconfigSettings): Made {
  const path = parsed.sourceFile.fileName;
  const options = { path, settings, ...format };
  const check = (code: string): string | undefined =>
    format.format === 'commonjs' ? checkCommonjs(code, path) : checkModuleText(code, path);
  const code = transpile(probes.apply(), () => probes.map(path), options);
  if (check(code) === undefined) return { code };
  const bare = new Insertions(parsed.text);
  const bareCode = transpile(parsed.text, () => bare.map(path), options);
  const wrong = check(bareCode);
  return wrong === undefined ? { code: bareCode, skipped: 'probes did not fit the text' } : { code: '', defect: wrong };
}

function planOptions(
  request: TransformRequest,
  isModule: boolean,
): { path: string; isModule: boolean; firstSite: TransformRequest['firstSite'] } {
  return { path: request.path, isModule, firstSite: request.firstSite };
}

function notAsked(source: string): { insertions: Insertions; sites: readonly Site[]; skipped: string } {
  return { insertions: new Insertions(source), sites: [], skipped: notInstrumented };
}

function left(request: TransformRequest, sourceHash: string, reason: string): TransformResponse {
  return { type: 'left', requestId: request.requestId, reason, sourceHash };
}
