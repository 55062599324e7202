import assert from 'node:assert/strict';
import { runInThisContext, Script } from 'node:vm';
import fc from 'fast-check';
import { instrument } from '../../../src/instrument/instrument.ts';
import { checkBalance, clearCalls, installRecordingProbes, recordedCalls } from './recordingProbes.ts';
import { randomProgram } from './randomPrograms.ts';

const settled = Promise.resolve();

type Log = (...what: unknown[]) => void;

/** What programs find under `h`: awaitable and iterable things that show in the log what is done to them, and when. */
function helpers(log: Log): Record<string, unknown> {
  const fail = (name: string): Error => new RangeError(name);
  const iterate = (count: number, withReturn: boolean): object => ({
    [Symbol.asyncIterator]: () => {
      let left = count;
      return {
        next: () => {
          log('next');
          return Promise.resolve({ done: left-- <= 0, value: left });
        },
        ...(withReturn
          ? {
              return: () => {
                log('return');
                return Promise.resolve({});
              },
            }
          : {}),
      };
    },
  });
  return {
    n: 1,
    o: { a: { b: 1 }, 1: 'one' },
    id: (value: unknown) => (typeof value === 'function' ? value : () => value) as unknown,
    name: nameOf,
    error: fail,
    soon: (value: unknown) => Promise.resolve(value),
    later: async (ticks: number) => {
      for (let i = 0; i < ticks; i++) await settled;
      return ticks;
    },
    failing: (name: string) => Promise.reject(fail(name)),
    thenable: (value: unknown) => ({
      get then() {
        log('get then');
        return (resolve: (value: unknown) => void) => resolve(value);
      },
    }),
    iterable: (count: number) => iterate(count, true),
    noReturn: (count: number) => iterate(count, false),
    asyncIterable: iterate(1, true),
    resource: (name: string) => ({
      [Symbol.asyncDispose]: async () => {
        log('dispose', name);
        await settled;
        log('disposed', name);
      },
    }),
  };
}

/** Messages V8 makes from source text quote the probes: the one difference known. */
function nameOf(error: unknown): string {
  return error instanceof Error ? `${error.name} ${error instanceof RangeError ? error.message : ''}` : String(error);
}

const ticksToWatch = 400;

/** Everything a run shows: each log line with the microtask it came in, and how the program ended. */
async function observe(text: string): Promise<string[]> {
  const lines: string[] = [];
  let tick = 0;
  const log: Log = (...what) => void lines.push(`${tick} ${what.map(print).join(' ')}`);
  const run = runInThisContext(`(${text})`, { filename: 'program.js' }) as (log: Log, h: unknown) => Promise<unknown>;
  const counted = (async () => {
    for (; tick < ticksToWatch; tick++) await settled;
  })();
  run(log, helpers(log)).then(
    (value) => log('fulfilled', value),
    (error: unknown) => log('rejected', nameOf(error)),
  );
  await counted;
  return lines;
}

/** A line that goes on from the one before can make a program V8 refuses. */
function compiles(text: string): boolean {
  try {
    new Script(`(${text})`);
    return true;
  } catch {
    return false;
  }
}

function print(value: unknown): string {
  if (typeof value === 'function') return 'function';
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? `[${value.map(print).join()}]` : 'object';
  return String(value);
}

describe('random async programs', () => {
  // Programs reject promises nobody handles; both runs do so alike.
  const ignore = (): void => undefined;
  let listeners: NodeJS.UnhandledRejectionListener[] = [];
  before(() => {
    installRecordingProbes();
    listeners = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection').on('unhandledRejection', ignore);
  });
  after(() => {
    process.removeListener('unhandledRejection', ignore);
    for (const listener of listeners) process.on('unhandledRejection', listener);
  });

  it('behave alike bare and instrumented, to the microtask, with well-formed probes', async () => {
    let probed = 0;
    await fc.assert(
      fc.asyncProperty(randomProgram, async ({ text }) => {
        const program = `async (log, h) => {\n${text}}`;
        fc.pre(compiles(program));
        const { code, sites, skipped } = instrument(program, { path: '/p/program.js', isModule: false });
        assert.equal(skipped, undefined, program);
        assert.equal(code.split('\n').length, program.split('\n').length);
        const bare = await observe(program);
        clearCalls();
        const traced = await observe(code);
        assert.deepEqual(traced, bare, code);
        const calls = recordedCalls();
        const outcomes = checkBalance(calls);
        probed += calls.length;
        assert.equal(sites[0]?.kind, 'function');
        const end = bare.find((line) => /^\d+ (?:fulfilled|rejected)/.test(line));
        // A `finally` that throws after a `return` is seen as the return.
        if (end?.includes('rejected') && text.includes('finally')) return;
        if (end !== undefined) assert.equal(outcomes[0], end.includes('fulfilled') ? 'returned' : 'threw', code);
      }),
      { numRuns: Number(process.env['RUNS'] ?? 400) },
    );
    assert.ok(probed > 1000, `only ${probed} probe calls`);
  });
});
