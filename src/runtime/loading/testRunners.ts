import * as fs from 'node:fs';
import * as path from 'node:path';
import type { InsertedColumns } from '../../shared/insertedColumns.ts';

const { existsSync } = fs;
const join = path.join.bind(path);
const dirname = path.dirname.bind(path);

/** What a runner calls, at its seam, with the text it is about to compile; a name in the global lexical scope, as those of probes. */
export const madeTextName = '__il_y';

const notFound =
  'makes the text of the files it tests itself and runs it through `vm`, and where it does that was not found in this version';
const measured = 'their coverage is measured by V8, which would count what is inserted';
const notInstrumented = 'so they are not instrumented';

/** A place of a runner's own code where the text of a file is about to be compiled. */
interface Seam {
  /** The first group is the variable that holds the text. */
  readonly at: RegExp;
  /** What else is in scope there and belongs to it: the file, how the text runs, its context where there is one, and what stands before it on its first line. */
  readonly rest: string;
}

interface Runner {
  readonly name: string;
  /** The file with the seam, or one of those that may have it. */
  readonly file: RegExp;
  /** What a file has that compiles texts: without a seam it is not attached to. */
  readonly compiles: RegExp;
  readonly seams: readonly Seam[];
}

const inDefinition = (name: string): RegExp =>
  new RegExp(`\`\\$\\{codeDefinition\\}\\$\\{(${name})\\}\\s*(?:\\\\n)?\\}\\}\``, 'dg');

const runners: readonly Runner[] = [
  {
    name: 'jest',
    file: /[\\/]node_modules[\\/]jest-runtime[\\/]build[\\/]index\.js$/,
    compiles: /(?:)/,
    seams: [
      { at: /\.compileFunction\)\((scriptSource),/dg, rest: 'filename,"made-commonjs",vmContext' },
      {
        // The name is given to a script whose first line begins with the head of a function, by which its columns are moved once more.
        at: /\bwrapCodeInModuleWrapper\((scriptSource)\)/dg,
        rest: 'filename,"made-commonjs",this._environment.getVmContext(),2*this.constructModuleWrapperStart().length',
      },
      { at: /\.SourceTextModule\)\((transformedCode),/dg, rest: 'modulePath,"made-module",context' },
    ],
  },
  {
    name: 'vitest',
    file: /[\\/]node_modules[\\/]vitest[\\/]dist[\\/](?:module-evaluator|chunks[\\/][^\\/]+)\.js$/,
    compiles: /\bcodeDefinition\b/,
    seams: [
      { at: inDefinition('code'), rest: 'module.id,"made-module",this.vm&&this.vm.context' },
      { at: inDefinition('transformed'), rest: 'context.__filename,"made-module",vmContext' },
    ],
  },
  {
    name: 'vite-node',
    file: /[\\/]node_modules[\\/]vite-node[\\/]dist[\\/]client[^\\/]*\.[mc]?js$/,
    compiles: /\brunInThisContext\b/,
    seams: [{ at: inDefinition('transformed'), rest: 'context.__filename,"made-module"' }],
  },
];

/** Loaded first thing by a runner that then measures with V8's counters, which know places in the text that runs. */
const coverageByV8: readonly (readonly [file: RegExp, runner: string])[] = [
  [/[\\/]node_modules[\\/]collect-v8-coverage[\\/]/, 'jest'],
  [/[\\/]node_modules[\\/]@vitest[\\/]coverage-v8[\\/]/, 'vitest'],
];

const vitestWorker = /^(.*[\\/]node_modules[\\/]vitest)[\\/]dist[\\/]worker/;

/** A runner's file with calls at its seams. */
export interface OpenedRunner {
  readonly code: string;
  readonly columns: InsertedColumns;
}

/** Watches which files Node loads for test runners that compile the text of what they test themselves. */
export interface TestRunners {
  /** Told of the path of each file that Node loads; true for one that {@link open} is to be asked about. */
  see(file: string): boolean;
  /** The text of such a file with a call put in at each seam; undefined where it has none. */
  open(file: string, source: string): OpenedRunner | undefined;
  /** Whether texts stay as the runner made them, because something counts by places in them. */
  readonly areMeasured: boolean;
}

/** @param tell called once for each runner whose tests are not instrumented, with the reason */
export function watchTestRunners(tell: (text: string) => void): TestRunners {
  const told = new Set<string>();
  let areMeasured = false;
  const tellOnce = (text: string): void => {
    if (told.has(text)) return;
    told.add(text);
    tell(text);
  };
  return {
    see(file) {
      if (!file.includes('node_modules')) return false;
      const measuring = coverageByV8.find(([pattern]) => pattern.test(file))?.[1];
      if (measuring !== undefined) {
        areMeasured = true;
        tellOnce(`${measuring} makes the text of the files it tests itself, and ${measured}: ${notInstrumented}`);
      }
      const vitest = vitestWorker.exec(file)?.[1];
      if (vitest !== undefined && !hasKnownEvaluator(vitest)) tellOnce(notAttached('vitest'));
      return runners.some((runner) => runner.file.test(file));
    },
    open(file, source) {
      const runner = runners.find((candidate) => candidate.file.test(file));
      if (runner === undefined || !runner.compiles.test(source)) return undefined;
      const opened = insertCalls(source, runner.seams);
      if (opened === undefined) tellOnce(notAttached(runner.name));
      return opened;
    },
    get areMeasured() {
      return areMeasured;
    },
  };
}

function notAttached(runner: string): string {
  const otherwise =
    runner === 'vitest'
      ? ', unless its option `experimental.viteModuleRunner` is false (4.1 and newer): then Node loads them'
      : '';
  return `${runner} ${notFound}: ${notInstrumented}${otherwise}`;
}

/** Where vitest compiles texts: in a file of its own from version 4 on, before that in the package `vite-node`. */
function hasKnownEvaluator(vitest: string): boolean {
  const places = [
    join(vitest, 'dist/module-evaluator.js'),
    join(vitest, 'node_modules/vite-node'),
    join(dirname(vitest), 'vite-node'),
  ];
  return places.some((place) => existsSync(place));
}

function insertCalls(source: string, seams: readonly Seam[]): OpenedRunner | undefined {
  const insertions: { readonly at: number; readonly text: string }[] = [];
  for (const { at, rest } of seams) {
    for (const match of source.matchAll(at)) {
      const [start, end] = match.indices?.[1] ?? [];
      if (start === undefined || end === undefined) continue;
      insertions.push({ at: start, text: `${madeTextName}(` }, { at: end, text: `,${rest})` });
    }
  }
  if (insertions.length === 0) return undefined;
  insertions.sort((a, b) => a.at - b.at);
  const columns: number[] = [];
  let code = '';
  let done = 0;
  let line = 1;
  let lineStart = 0;
  for (const { at, text } of insertions) {
    for (let end = source.indexOf('\n', lineStart); end >= 0 && end < at; end = source.indexOf('\n', lineStart)) {
      line++;
      lineStart = end + 1;
    }
    columns.push(line, at - lineStart, text.length);
    code += source.slice(done, at) + text;
    done = at;
  }
  return { code: code + source.slice(done), columns };
}
