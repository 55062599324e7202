// Runs the asynchronous part of test262 bare and instrumented and prints what differs: verdicts, the microtask tick of each assertion,
// rejections and global names. `npm run conformance -- FOLDER [--filter=TEXT] [--instrumenter=MODULE|identity] [--processes=N] [--list=FILE]`
import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runAll } from './runAll.ts';
import { isExact, listing, summary } from './report.ts';
import { listScenarios } from './selection.ts';

const options = new Map<string, string>();
for (const argument of process.argv.slice(2)) {
  const [, name, value] = /^--(\w+)=(.*)$/.exec(argument) ?? [];
  if (name !== undefined) options.set(name, value ?? '');
  else options.set('folder', argument);
}

/** A file is named from the working directory. */
function moduleOf(name: string): string {
  return existsSync(name) ? pathToFileURL(resolve(name)).href : name;
}

const folder = options.get('folder');
if (folder === undefined || !existsSync(join(folder, 'harness', 'assert.js'))) {
  console.log(
    folder === undefined
      ? 'Skipped: no test262 folder was given. Usage: npm run conformance -- FOLDER'
      : `Skipped: ${folder} holds no test262 (no harness/assert.js).`,
  );
} else {
  const started = Date.now();
  const scenarios = listScenarios(resolve(folder), options.get('filter'));
  const results = await runAll(scenarios, {
    folder: resolve(folder),
    instrumenter: moduleOf(options.get('instrumenter') ?? 'interleave/instrument'),
    processes: Number(options.get('processes') ?? 2),
    onResult(done) {
      if (done % 1000 === 0) console.error(`${done} of ${scenarios.length} scenarios`);
    },
  });
  console.log(`\n${summary(results)}\nNode ${process.version}, ${Math.round((Date.now() - started) / 1000)} s`);
  const list = options.get('list');
  if (list !== undefined) writeFileSync(list, listing(results));
  if (!isExact(results)) process.exitCode = 1;
}
