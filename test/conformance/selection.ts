import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** How a test is run: as a script in sloppy or in strict mode, untouched, or as a module. */
export type Mode = 'sloppy' | 'strict' | 'raw' | 'module';

export interface Scenario {
  /** Path below `test/`, with forward slashes. */
  readonly path: string;
  readonly mode: Mode;
}

/** What the front matter of a test says; see INTERPRETING.md of test262. */
export interface FrontMatter {
  readonly flags: ReadonlySet<string>;
  readonly includes: readonly string[];
  readonly negative?: { readonly phase: string; readonly type: string };
}

/** Folders below `test/` that are run. */
const parts = ['language', 'built-ins', 'annexB', 'staging', 'intl402'];

const asyncText =
  /\basync\b|\bawait\b|\busing\b|\$DONE\b|\bimport\s*(?:\.\s*\w+\s*)?\(|\bPromise\b|\bAsync[A-Z]|\basync(?:Iterator|Dispose)\b|\bwaitAsync\b|\bDisposableStack\b/;
const block = /\/\*---([^]*?)---\*\//;

/** Reads the front matter; undefined for a text without one. */
export function readFrontMatter(text: string): FrontMatter | undefined {
  const yaml = block.exec(text)?.[1]?.replace(/\r\n?/g, '\n');
  if (yaml === undefined) return undefined;
  const negative = /^negative:\s*\n((?:[ \t]+.*(?:\n|$))+)/m.exec(yaml)?.[1];
  const phase = /phase:\s*(\S+)/.exec(negative ?? '')?.[1];
  const type = /type:\s*(\S+)/.exec(negative ?? '')?.[1];
  return {
    flags: new Set(listOf(yaml, 'flags')),
    includes: listOf(yaml, 'includes'),
    ...(phase !== undefined && type !== undefined ? { negative: { phase, type } } : {}),
  };
}

/** True for a test with asynchronous code in it: async functions, promises, dynamic import, `using`, top-level await. */
export function isAsyncTest(text: string, { flags }: FrontMatter): boolean {
  return flags.has('async') || asyncText.test(text.replace(block, ''));
}

/** The ways a test demands to be run in. */
export function modesOf({ flags }: FrontMatter): readonly Mode[] {
  if (flags.has('module')) return ['module'];
  if (flags.has('raw')) return ['raw'];
  if (flags.has('onlyStrict')) return ['strict'];
  return flags.has('noStrict') ? ['sloppy'] : ['sloppy', 'strict'];
}

/**
 * All scenarios of the asynchronous part of a test262 folder, in a fixed order.
 * @param filter only tests whose path contains it
 */
export function listScenarios(folder: string, filter = ''): readonly Scenario[] {
  const scenarios: Scenario[] = [];
  for (const part of parts) {
    const paths = globSync(`${part}/**/*.js`, { cwd: join(folder, 'test') }).map((path) => path.replaceAll('\\', '/'));
    for (const path of paths.sort()) {
      if (path.includes('_FIXTURE') || !path.includes(filter)) continue;
      const text = readFileSync(join(folder, 'test', path), 'utf8');
      const matter = readFrontMatter(text);
      if (!matter || !isAsyncTest(text, matter)) continue;
      for (const mode of modesOf(matter)) scenarios.push({ path, mode });
    }
  }
  return scenarios;
}

/** A list in YAML, in either of its notations. */
function listOf(yaml: string, key: string): readonly string[] {
  const inline = new RegExp(`^${key}:\\s*\\[([^\\]]*)\\]`, 'm').exec(yaml)?.[1];
  const lines = new RegExp(`^${key}:\\s*\\n((?:\\s*- .*(?:\\n|$))+)`, 'm').exec(yaml)?.[1];
  const items = inline?.split(',') ?? lines?.split('\n').map((line) => line.replace(/^\s*- /, '')) ?? [];
  return items.map((item) => item.trim()).filter((item) => item !== '');
}
