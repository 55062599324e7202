import type { Disguises } from '../texts/disguises.ts';
import type { InsertedText } from '../texts/insertedText.ts';
import { ownFramesAt } from './ownFrames.ts';

type CallSiteMethod = (this: unknown) => unknown;

/** Makes V8's call sites tell the places of the source. */
export interface CallSites {
  /** Takes our own frames out of a trace. */
  dropOwnFrames(trace: NodeJS.CallSite[]): void;
  /** The same, and gives each other frame its place in the source. */
  mend(trace: NodeJS.CallSite[]): void;
  /** Gives each frame its place in the text that Node made of a trace: the call sites themselves need not be touched, which takes longer. */
  mendText(text: string, trace: readonly NodeJS.CallSite[]): string;
}

export interface CallSitesOptions {
  readonly disguises: Disguises;
  /** The instrumented file of a script's name (a path or an URL). */
  readonly fileOf: (scriptName: unknown) => InsertedText | undefined;
  /** Names of the scripts whose frames no program shall see. */
  readonly ownScripts: readonly string[];
}

/** Where a piece of code that `eval` was given was made: `eval at f (/path/file.js:1:2)`. */
const evalPlace = /(eval at [^()]*\()([^()]+):(\d+):(\d+)\)/g;

/**
 * The methods of call sites can be neither replaced nor redefined. So a call site gets another prototype, with the same
 * properties, whose methods ask V8's own and then look up the place. It stays V8's object.
 */
export function createCallSites({ disguises, fileOf, ownScripts }: CallSitesOptions): CallSites {
  /** By V8's prototype; each realm has one. */
  const prototypes = new WeakMap<object, object>();

  function placeOf(scriptName: string, line: number, column: number): string {
    return `${scriptName}:${line}:${fileOf(scriptName)?.originalColumn(line, column) ?? column}`;
  }

  function mendEvalPlaces(text: string): string {
    if (!text.includes('eval at ')) return text;
    return text.replace(
      evalPlace,
      (_, before: string, name: string, line: string, column: string) =>
        `${before}${placeOf(name, Number(line), Number(column))})`,
    );
  }

  function createPrototype(native: object): object {
    const getter = (name: string): ((site: unknown) => unknown) => {
      const method = Reflect.get(native, name) as CallSiteMethod;
      return Function.prototype.call.bind(method) as (site: unknown) => unknown;
    };
    const getFileName = getter('getFileName');
    const getLineNumber = getter('getLineNumber');
    const getEnclosingLineNumber = getter('getEnclosingLineNumber');
    const getColumnNumber = getter('getColumnNumber');
    const columnOf = (value: unknown, site: unknown, lineOf: (site: unknown) => unknown): unknown => {
      const file = typeof value === 'number' ? fileOf(getFileName(site)) : undefined;
      const line = file === undefined ? undefined : lineOf(site);
      return typeof line === 'number' ? file?.originalColumn(line, value as number) : value;
    };
    const amended: Readonly<Record<string, (value: unknown, site: unknown) => unknown>> = {
      getColumnNumber: (value, site) => columnOf(value, site, getLineNumber),
      getEnclosingColumnNumber: (value, site) => columnOf(value, site, getEnclosingLineNumber),
      getPosition: (value, site) =>
        typeof value === 'number' ? (fileOf(getFileName(site))?.originalOffset(value) ?? value) : value,
      getEvalOrigin: (value) => (typeof value === 'string' ? mendEvalPlaces(value) : value),
      toString(value: unknown, site: unknown) {
        if (typeof value !== 'string') return value;
        const text = mendEvalPlaces(value);
        const file = fileOf(getFileName(site));
        if (file === undefined) return text;
        return withColumn(text, file, getLineNumber(site), getColumnNumber(site));
      },
    };
    const descriptors = Object.getOwnPropertyDescriptors(native) as Record<string, PropertyDescriptor>;
    for (const [name, amend] of Object.entries(amended)) {
      const descriptor = descriptors[name];
      if (descriptor === undefined || typeof descriptor.value !== 'function') continue;
      const safe = (value: unknown, site: unknown): unknown => {
        try {
          return amend(value, site);
        } catch {
          return value;
        }
      };
      descriptor.value = disguises.method(name, descriptor.value as CallSiteMethod, safe);
    }
    const prototype = Object.create(Object.getPrototypeOf(native) as object) as object;
    const constructor = descriptors['constructor'];
    if (typeof constructor?.value === 'function')
      constructor.value = disguises.constructor_('CallSite', constructor.value as new () => unknown, prototype);
    return Object.defineProperties(prototype, descriptors);
  }

  function dropOwnFrames(trace: NodeJS.CallSite[]): void {
    let kept = 0;
    for (let i = 0; i < trace.length; i++) {
      const site = trace[i] as NodeJS.CallSite;
      const own = ownFramesAt(ownScripts, site.getFileName(), () => site.getFunctionName());
      if (own > 0) {
        i += own - 1;
        continue;
      }
      if (kept < i) trace[kept] = site;
      kept++;
    }
    if (kept < trace.length) trace.length = kept;
  }

  return {
    dropOwnFrames,
    mend(trace) {
      dropOwnFrames(trace);
      let last: { native: object; mended: object } | undefined;
      for (let i = 0; i < trace.length; i++) {
        const site = trace[i] as NodeJS.CallSite;
        const native = Object.getPrototypeOf(site) as object;
        if (last?.native !== native) {
          let mended = prototypes.get(native);
          if (mended === undefined) {
            mended = createPrototype(native);
            prototypes.set(native, mended);
          }
          last = { native, mended };
        }
        Object.setPrototypeOf(site, last.mended);
      }
    },
    mendText(text, trace) {
      let rows: string[] | undefined;
      const mendRow = (i: number, mend: (row: string) => string): void => {
        rows ??= text.split('\n');
        const at = rows.length - trace.length + i;
        rows[at] = mend(rows[at] ?? '');
      };
      for (let i = 0; i < trace.length; i++) {
        const site = trace[i] as NodeJS.CallSite;
        const name: unknown = site.getFileName();
        if (typeof name !== 'string') {
          if (text.includes('eval at ')) mendRow(i, mendEvalPlaces);
          continue;
        }
        const file = fileOf(name);
        if (file !== undefined) mendRow(i, (row) => withColumn(row, file, site.getLineNumber(), site.getColumnNumber()));
      }
      return rows === undefined ? text : rows.join('\n');
    },
  };
}

/** The text of a frame, which ends with its place, with the column of the source. */
function withColumn(text: string, file: InsertedText, line: unknown, column: unknown): string {
  if (typeof line !== 'number' || typeof column !== 'number') return text;
  const original = file.originalColumn(line, column);
  if (original === column) return text;
  for (const close of [')', '']) {
    const end = `:${line}:${column}${close}`;
    if (text.endsWith(end)) return `${text.slice(0, -end.length)}:${line}:${original}${close}`;
  }
  return text;
}
