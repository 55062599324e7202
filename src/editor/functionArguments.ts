import type { FunctionOutline } from '../shared/lintMessages.ts';
import type { Translate } from './host.ts';

export interface ArgumentsProblem {
  readonly severity: 'error' | 'warning';
  readonly message: string;
}

/** `load(url: string, retries?: number)`: what the person is asked to fill in. */
export function signature(outline: FunctionOutline): string {
  const parameters = outline.parameters.map(({ name, type, optional }) => {
    // A rest parameter's dots and an optional one's mark may or may not be part of the name.
    const mark = optional && !name.startsWith('...') && !name.endsWith('?') ? '?' : '';
    return `${name}${mark}${type ? `: ${type}` : ''}`;
  });
  return `${outline.name}(${parameters.join(', ')})`;
}

/** Reads arguments typed as JSON: an array, or its items without the brackets. Throws SyntaxError on anything else. */
export function parseArguments(text: string): unknown[] {
  const trimmed = text.trim();
  if (trimmed === '') return [];
  try {
    // `[1, 2], 3` begins like an array but is two arguments.
    const whole: unknown = JSON.parse(trimmed);
    return Array.isArray(whole) ? whole : [whole];
  } catch (error) {
    try {
      return JSON.parse(`[${trimmed}]`) as unknown[];
    } catch {
      throw error;
    }
  }
}

/** What is wrong with the text typed; undefined when it can be used as it is. */
export function checkArguments(text: string, outline: FunctionOutline, t: Translate): ArgumentsProblem | undefined {
  let values: unknown[];
  try {
    values = parseArguments(text);
  } catch (error) {
    return { severity: 'error', message: t('Not JSON: {0}. Strings need double quotes.', (error as Error).message) };
  }
  const { parameters } = outline;
  const missing = parameters[values.length];
  if (missing && !missing.optional && !missing.name.startsWith('...')) {
    return { severity: 'warning', message: t('{0} has no value; the function will get undefined.', missing.name) };
  }
  if (values.length > parameters.length && !parameters.at(-1)?.name.startsWith('...')) {
    return {
      severity: 'warning',
      message: t('{0} takes {1} arguments, you give {2}.', outline.name, parameters.length, values.length),
    };
  }
  return undefined;
}

/** The text offered at first: an empty array, or one placeholder per required parameter of a type JSON can show. */
export function initialArguments(outline: FunctionOutline): string {
  const values = outline.parameters
    .filter(({ optional, name }) => !optional && !name.startsWith('...'))
    .map(({ type }) => placeholder(type));
  return `[${values.join(', ')}]`;
}

function placeholder(type: string): string {
  if (type === 'string') return '""';
  if (type === 'number') return '0';
  if (type === 'boolean') return 'false';
  if (type.endsWith('[]') || /^(readonly|Array|ReadonlyArray|Set)\b/.test(type)) return '[]';
  return /^\{|^Record\b/.test(type) ? '{}' : 'null';
}

const maxRemembered = 200;

/** The remembered texts with one more, the newest last; the oldest go when there are more than 200. */
export function remember(known: Readonly<Record<string, string>>, key: string, text: string): Record<string, string> {
  const entries = Object.entries(known).filter(([name]) => name !== key);
  return Object.fromEntries([...entries, [key, text] as const].slice(-maxRemembered));
}
