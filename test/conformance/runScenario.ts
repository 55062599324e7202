import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import * as vm from 'node:vm';
import type { Instrumenter } from './instrumenter.ts';
import { AssertionLog, type Changes, type Observation } from './observation.ts';
import { createRealm, type Realm } from './realm.ts';
import { rejectionWatch } from './rejectionWatch.ts';
import { readFrontMatter, type FrontMatter, type Scenario } from './selection.ts';
import { TickCounter } from './tickCounter.ts';

/** Turns of the event loop that must pass with nothing of a test left running before it counts as over. */
const quietTurns = 4;
/** Only what V8 itself times can wake a test later: a realm has no timers. */
const timedText = /\bwaitAsync\b/;
const timedTurns = 3000;

export interface ScenarioRun extends Changes {
  readonly observation: Observation;
}

/** Runs a scenario with its texts as the instrumenter makes them, and tells what could be seen. */
export async function runScenario(folder: string, scenario: Scenario, instrumenter: Instrumenter): Promise<ScenarioRun> {
  const { mode } = scenario;
  const path = join(folder, 'test', scenario.path);
  const source = readFileSync(path, 'utf8');
  const matter = readFrontMatter(source) as FrontMatter;
  const own = mode === 'strict' ? `"use strict";\n${source}` : source;
  const made = instrumenter.instrument(own, { path, isModule: mode === 'module' });
  const words = [addedWords(own, made.code)];

  const ticks = new TickCounter();
  const log = new AssertionLog();
  let reported: { readonly error: unknown } | undefined;
  const realm = createRealm({
    ...(instrumenter.prelude === undefined ? {} : { prelude: instrumenter.prelude }),
    loadText(file, isModule) {
      const loaded = file === path ? { code: made.code, words: [] } : loadOther(file, isModule, instrumenter);
      words.push(loaded.words);
      return loaded.code;
    },
    listener: {
      asserted: (name) => log.add(name, ticks.note()),
      done(error) {
        log.add('$DONE', ticks.note());
        reported ??= { error };
        ticks.done();
      },
    },
  });
  const rejections = rejectionWatch.begin();
  let failure = attempt('runtime', () =>
    realm.addHarness((mode === 'raw' ? [] : includesOf(matter)).map((name) => join(folder, 'harness', name))),
  );
  ticks.note();
  failure ??= mode === 'module' ? await runModule(realm, path) : runScript(realm, made.code, path);
  if (failure !== undefined || !matter.flags.has('async')) ticks.done();
  const isOver = (): boolean => failure !== undefined || reported !== undefined || !matter.flags.has('async');
  let left = quietTurns;
  for (let turn = 0; left > 0 && turn < timedTurns; turn++) {
    await nextTurn();
    if (ticks.isRunning) left = quietTurns;
    else if (isOver() || !timedText.test(source)) left--;
  }
  if (failure === undefined && matter.flags.has('async')) {
    if (!reported) failure = { phase: 'runtime', error: 'never done' };
    else if (reported.error) failure = { phase: 'runtime', error: reported.error };
  }
  const { passed, outcome } = judge(failure, matter);
  const observation: Observation = {
    passed,
    outcome,
    assertions: log.entries(),
    rejections: rejections.end(describe),
    globals: Reflect.ownKeys(vm.runInContext('globalThis', realm.context) as object).map(String),
    lexicals: visibleNames(realm.context, new Set(words.flat())),
  };
  return { observation, changed: made.code !== own, ...(made.skipped === undefined ? {} : { skipped: made.skipped }) };
}

interface LoadedText {
  readonly code: string;
  /** Words that the instrumenter added. */
  readonly words: readonly string[];
}

/** What instrumenters made of files of the harness and of modules that tests share, by path. */
const loadedTexts = new WeakMap<Instrumenter, Map<string, LoadedText>>();

function loadOther(path: string, isModule: boolean, instrumenter: Instrumenter): LoadedText {
  const texts = loadedTexts.get(instrumenter) ?? new Map<string, LoadedText>();
  loadedTexts.set(instrumenter, texts);
  const known = texts.get(`${path} ${isModule}`);
  if (known) return known;
  const source = readFileSync(path, 'utf8');
  const code = path.endsWith('.js') ? instrumenter.instrument(source, { path, isModule }).code : source;
  const loaded = { code, words: addedWords(source, code) };
  texts.set(`${path} ${isModule}`, loaded);
  return loaded;
}

interface Failure {
  readonly phase: 'parse' | 'resolution' | 'runtime';
  readonly error: unknown;
}

function includesOf({ flags, includes }: FrontMatter): readonly string[] {
  return [...new Set(['assert.js', 'sta.js', ...(flags.has('async') ? ['doneprintHandle.js'] : []), ...includes])];
}

function attempt(phase: Failure['phase'], run: () => void): Failure | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return { phase, error };
  }
}

function runScript(realm: Realm, code: string, path: string): Failure | undefined {
  let script: vm.Script | undefined;
  return (
    attempt('parse', () => (script = realm.compile(code, path))) ??
    attempt('runtime', () => void script?.runInContext(realm.context))
  );
}

async function runModule(realm: Realm, path: string): Promise<Failure | undefined> {
  let phase: Failure['phase'] = 'parse';
  try {
    const module = realm.modules.parse(path);
    phase = 'resolution';
    realm.modules.link(module, path);
    phase = 'runtime';
    const evaluated = realm.modules.evaluate(module);
    let outcome: Failure | undefined | 'pending' = 'pending';
    evaluated.then(
      () => (outcome = undefined),
      (error: unknown) => (outcome = { phase: 'runtime', error }),
    );
    // A module that waits for ever is not waited for.
    for (let turn = 0; turn < quietTurns && outcome === 'pending'; turn++) await nextTurn();
    return outcome === 'pending' ? { phase: 'runtime', error: 'module never evaluated' } : outcome;
  } catch (error) {
    return { phase, error };
  }
}

function judge(failure: Failure | undefined, { negative }: FrontMatter): { passed: boolean; outcome: string } {
  const outcome = failure === undefined ? 'passed' : `${failure.phase}: ${describe(failure.error)}`;
  if (!negative) return { passed: failure === undefined, outcome };
  const passed = failure !== undefined && failure.phase === negative.phase && nameOf(failure.error) === negative.type;
  return { passed, outcome };
}

function nameOf(error: unknown): string {
  try {
    return String((error as { constructor: { name: unknown } }).constructor.name);
  } catch {
    return '';
  }
}

/** What was thrown, in words that are the same in every run. */
function describe(error: unknown): string {
  if (typeof error === 'string') return error;
  if (typeof error !== 'object' || error === null) return `${typeof error} ${String(error)}`;
  try {
    const { message } = error as { message: unknown };
    return `${nameOf(error)}: ${typeof message === 'string' ? message : typeof message}`;
  } catch {
    return 'an object that cannot be read';
  }
}

const word = /[\p{ID_Start}$_][\p{ID_Continue}$]*/gu;

/** The words of a text that are not in another. */
function addedWords(from: string, to: string): readonly string[] {
  if (from === to) return [];
  const known = new Set(from.match(word));
  return [...new Set(to.match(word))].filter((name) => !known.has(name));
}

/** Those of the names that a script of the realm finds and that are no properties of the global object. */
function visibleNames(context: vm.Context, names: ReadonlySet<string>): readonly string[] {
  const holder = vm.runInContext('globalThis', context) as object;
  return [...names].sort().filter((name) => {
    if (name in holder || isReserved(name)) return false;
    try {
      return new vm.Script(`typeof ${name} !== 'undefined'`).runInContext(context) as boolean;
    } catch {
      // A binding that was never initialised.
      return true;
    }
  });
}

function isReserved(word: string): boolean {
  try {
    new vm.Script(`let ${word};`);
    return false;
  } catch {
    return true;
  }
}
