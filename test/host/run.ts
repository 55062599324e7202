// Runs the extension in a real VS Code: first the suites inside the extension host, then the ones that look at the window
// as a person does. Builds the bundles first, unless `--no-build` says they are fresh. `--only=inside,window` picks;
// `--grep=TEXT` narrows the second kind. Fails where no VS Code can be had.
import { spawnSync } from 'node:child_process';
import { globSync, rmSync } from 'node:fs';
import Mocha from 'mocha';
import { reportCounts } from '../suiteCounts.ts';
import { findDesktop } from './desktop.ts';
import { runInHost } from './inHost.ts';
import { installServer, projectRoot } from './install.ts';

const option = (name: string): string | undefined =>
  process.argv.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
const kinds = option('only')?.split(',') ?? ['inside', 'window'];
const started = Date.now();
let passed = 0;
let failed = 0;

process.chdir(projectRoot);
// Pictures of an earlier run would pass for this one's.
for (const picture of globSync('test-artifacts/*.png')) rmSync(picture);
if (!process.argv.includes('--no-build')) {
  const build = spawnSync(process.execPath, ['esbuild.config.mjs'], { stdio: 'inherit' });
  if (build.status !== 0) process.exit(build.status ?? 1);
}
// A problem of the editor that no test waits for is still a failure, told with its place.
process.on('unhandledRejection', (error) => {
  failed += 1;
  console.error('Unhandled rejection:', error);
});
if (kinds.includes('inside')) await inside();
if (kinds.includes('window')) await window();
await reportCounts({ suite: 'host', passed, failed, durationMs: Date.now() - started });
process.exit(failed === 0 && passed > 0 ? 0 : 1);

async function inside(): Promise<void> {
  const desktop = await findDesktop();
  if ('missing' in desktop) console.log(`No desktop VS Code: ${desktop.missing}`);
  const host = 'missing' in desktop ? await installServer() : desktop;
  console.log(`\nInside the extension host of ${host.label}`);
  for (const line of await runInHost(host)) {
    if (line.type === 'note') console.log(`    ${line.text}`);
    if (line.type !== 'test') continue;
    if (line.passed) passed += 1;
    else failed += 1;
    console.log(`  ${line.passed ? '✔' : '✖'} ${line.title} (${line.durationMs} ms)`);
    if (line.error !== undefined) console.log(line.error.replace(/^/gm, '      '));
  }
  if (!('missing' in desktop)) desktop.stop();
}

async function window(): Promise<void> {
  console.log(`\nIn the window of ${(await installServer()).label}`);
  const grep = option('grep');
  const mocha = new Mocha({
    timeout: 240_000,
    reporter: 'spec',
    forbidOnly: true,
    forbidPending: true,
    ...(grep === undefined ? {} : { fgrep: grep }),
  });
  for (const file of globSync('test/host/window/*.test.ts').sort()) mocha.addFile(file);
  await mocha.loadFilesAsync();
  await new Promise<void>((done) => {
    const runner = mocha.run((failures) => {
      passed += runner.stats?.passes ?? 0;
      failed += failures;
      done();
    });
  });
}
