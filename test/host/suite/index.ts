import Mocha from 'mocha';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { report } from './report.ts';

/** What VS Code calls: runs every suite beside this file, writes what came of it, rejects when a test failed. */
export async function run(): Promise<void> {
  // The base reporter says nothing: the results go to a file.
  const mocha = new Mocha({ timeout: 120_000, forbidOnly: true, forbidPending: true, reporter: Mocha.reporters.Base });
  const names = readdirSync(__dirname).filter((name) => name.endsWith('.test.cjs'));
  if (names.length === 0) throw new Error(`No test beside ${__dirname}`);
  for (const name of names.sort()) mocha.addFile(join(__dirname, name));
  const failures = await new Promise<number>((done) => {
    const runner = mocha.run(done);
    runner.on('pass', (test) => report({ type: 'test', title: test.fullTitle(), passed: true, durationMs: test.duration ?? 0 }));
    runner.on('fail', (test, error: Error & { diff?: string }) =>
      report({
        type: 'test',
        title: test.fullTitle(),
        passed: false,
        durationMs: test.duration ?? 0,
        error: error.stack ?? error.message,
      }),
    );
  });
  report({ type: 'end' });
  if (failures > 0) throw new Error(`${failures} tests failed`);
}
