// Runs test files one after the other, each as the parent names it, and tells how each ended. See `runUnit.ts`.
import { readFileSync } from 'node:fs';
import Mocha from 'mocha';
import type { FileOutcome } from './runUnit.ts';

const options = JSON.parse(readFileSync('test/.mocharc.json', 'utf8')) as Mocha.MochaOptions;

async function runFile(file: string): Promise<FileOutcome> {
  const mocha = new Mocha({ ...options, reporter: Mocha.reporters.Base });
  mocha.files = [file];
  const failures: string[] = [];
  try {
    await mocha.loadFilesAsync();
  } catch (error) {
    // One file that cannot be loaded is one failure; the others still run.
    const reason = error instanceof Error ? error : new Error(String(error));
    mocha.suite.addTest(new Mocha.Test(`${file} loads`, () => Promise.reject(reason)));
  }
  const from = performance.now();
  const stats = await new Promise<Mocha.Stats | undefined>((done) => {
    const runner = mocha.run(() => done(runner.stats));
    runner.on('fail', (test: Mocha.Runnable, error: Error) => failures.push(textOf(test, error)));
  });
  // Else its listeners stay with the process.
  mocha.dispose();
  // Mocha counts a failing hook as a failure and leaves the tests behind it out of both counts.
  return {
    file,
    passed: stats?.passes ?? 0,
    failed: stats?.failures ?? 1,
    failures,
    durationMs: performance.now() - from,
  };
}

function textOf(test: Mocha.Runnable, error: Error & { readonly actual?: unknown; readonly expected?: unknown }): string {
  const [message = '', ...stack] = (error.stack ?? String(error)).split(/\n(?= +at )/);
  const diff =
    error.actual === undefined || message.includes('+ actual')
      ? ''
      : `\n${Mocha.reporters.Base.generateDiff(Mocha.utils.stringify(error.actual), Mocha.utils.stringify(error.expected))}`;
  return `${test.fullTitle()}\n${message}${diff}\n${stack.join('\n')}`;
}

process.on('message', (file: string) => {
  runFile(file).then(
    (outcome) => process.send?.(outcome),
    () => process.exit(1),
  );
});
