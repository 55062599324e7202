import * as path from 'node:path';
import * as vm from 'node:vm';
import { isMade, type MadeFormat, type TextFormat, type Transformed } from '../../shared/instrumentMessages.ts';

const isAbsolute = path.isAbsolute.bind(path);
const normalize = path.normalize.bind(path);
const { runInContext } = vm;

/** What a test runner calls with a text it is about to compile: gives the text to compile in place of it. Never throws. */
export type InstrumentMade = (text: unknown, file: unknown, format: TextFormat, context?: object, before?: number) => unknown;

/** The parts of a realm that instrumented text needs changed. */
export interface MadeRealm {
  readonly errorClass: object;
  readonly functionPrototype: object;
}

export interface MadeTextsOptions {
  /** The answer for a text; see `SourceLoader.transformMade`. */
  readonly transform: (file: string, text: string, format: MadeFormat, before: number) => Transformed | undefined;
  /** Whether a file gets probes. */
  readonly filter: (file: string) => boolean;
  /** Makes probes known in a context that is about to run instrumented text for the first time. */
  readonly prepare: (context: object, realm: MadeRealm) => void;
}

/** Where vitest runs a mock's own file. */
const mockMark = 'mock:';

/**
 * Instruments what test runners compile. By then a runner has put its own text into its cache: what is inserted is seen by V8 alone.
 * A context is a realm of its own, whose global lexical scope has no probes until it is prepared.
 */
export function createMadeTexts({ transform, filter, prepare }: MadeTextsOptions): InstrumentMade {
  const prepared = new WeakSet<object>();
  return (text, name, format, context, before = 0) => {
    try {
      if (typeof text !== 'string' || typeof name !== 'string' || !isMade(format)) return text;
      const file = normalize(name.startsWith(mockMark) ? name.slice(mockMark.length) : name);
      if (!isAbsolute(file) || !filter(file)) return text;
      const answer = transform(file, text, format, before);
      if (answer === undefined || !hasProbes(answer)) return text;
      if (typeof context === 'object' && context !== null && !prepared.has(context)) {
        prepared.add(context);
        const [errorClass, functionPrototype] = runInContext('[Error, Function.prototype]', context) as [object, object];
        prepare(context, { errorClass, functionPrototype });
      }
      return answer.code;
    } catch {
      return text;
    }
  };
}

function hasProbes({ columns }: Transformed): boolean {
  return columns !== undefined && columns.length > 0;
}
