import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { probeNames } from '../shared/instrumentMessages.ts';
import { instrument as instrumentText } from './instrument.ts';

// The package's entry `interleave/instrument`. All its types stand in this file: the build writes its declarations from it alone.

/** How a text runs. */
export interface InstrumentOptions {
  /** Path or name of the file, for messages and source maps. Its extension decides the language: TypeScript, JSX, else JavaScript. */
  readonly path: string;
  /** True for an ES module, false for a classic script and for CommonJS. */
  readonly isModule: boolean;
}

/** A place in the source that probes tell of. Lines and columns count from 1, columns in UTF-16 units. */
export interface InstrumentedSite {
  readonly id: number;
  /** `function` and `module` begin a task; `await`, `for-await`, `yield`, `yield-star`, `await-using` and `return` are await points. */
  readonly kind:
    | 'function'
    | 'module'
    | 'await'
    | 'for-await'
    | 'yield'
    | 'yield-star'
    | 'await-using'
    | 'return'
    | 'blocking'
    | 'settle-call'
    | 'dropped-call'
    | 'callback';
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  /** Of a function its name, of a module its file's, else the text of the expression in short. */
  readonly name: string;
  /** The id of the `function` or `module` around it; 0 where there is none. */
  readonly owner: number;
}

/** The text to run in place of the source. */
export interface InstrumentResult {
  /** The text with probes: the same lines, the same order of evaluation, not one microtask more. TypeScript stays TypeScript. */
  readonly code: string;
  /** Source map of `code`, version 3, as JSON; made when first read. */
  readonly map: string;
  readonly sites: readonly InstrumentedSite[];
  /** Set where `code` is the source unchanged although it was looked at: why, in plain words. */
  readonly skipped?: string;
}

/**
 * Puts probes into a text. `code` is the source itself where it has no asynchronous code, where V8 rejects it, or where probes do not
 * fit it. Synchronous; throws only on a defect.
 */
export function instrument(code: string, options: InstrumentOptions): InstrumentResult {
  return instrumentText(code, { path: options.path, isModule: options.isModule, marks: true });
}

/**
 * A script that defines what instrumented text calls. To be evaluated once in a realm, before anything else and with nothing but the
 * language there: it adds no property to the global object, only names that begin with `__il_` to the global lexical scope, and lets
 * `Function.prototype.toString` give the texts from before probes went in. Its probes record to memory; `__il_events()` gives what
 * they recorded and forgets it: an `Uint32Array` of the number of events lost, then kind, task, site and two more words for each event.
 */
export const prelude: string = makePrelude(readFileSync(join(import.meta.dirname, 'runtime', 'prelude.cjs'), 'utf8'));

function makePrelude(bundle: string): string {
  const { task: _local, ...probes } = { ...probeNames, events: '__il_events' };
  const names = Object.entries(probes).map(([role, name]) => `${role}: ${name}`);
  return `const { ${names.join(', ')} } = ((module) => { ${bundle}\nreturn module.exports.probes; })({});\n`;
}
