import { runTests } from '@vscode/test-electron';
import * as esbuild from 'esbuild';
import { globSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DesktopHost } from './desktop.ts';
import { projectRoot, type InstalledServer } from './install.ts';
import { EditorPage } from './page.ts';
import { CodeServer } from './server.ts';
import { resultsVariable, type ResultLine } from './suite/results.ts';
import { makeWorkspace } from './workspace.ts';

const outputFolder = join(projectRoot, 'dist-test/host');
const timeLimitMs = 10 * 60_000;

/** The extension host loads CommonJS: every suite becomes a bundle of its own beside the one with `run()`. */
async function bundleSuites(): Promise<string> {
  await rm(outputFolder, { recursive: true, force: true });
  await esbuild.build({
    entryPoints: ['test/host/suite/index.ts', ...globSync('test/host/suite/*.test.ts', { cwd: projectRoot })],
    absWorkingDir: projectRoot,
    outdir: outputFolder,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20.19',
    external: ['vscode', 'mocha'],
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  return join(outputFolder, 'index.cjs');
}

/** Runs test/host/suite inside the extension host. Where the host dies or hangs, that is one more failed test. */
export async function runInHost(host: InstalledServer | DesktopHost): Promise<readonly ResultLine[]> {
  const tests = await bundleSuites();
  const folder = await makeWorkspace();
  const scratch = await mkdtemp(join(tmpdir(), 'interleave-results-'));
  const results = join(scratch, 'results.jsonl');
  let problem: string;
  try {
    const run = 'entry' in host ? runInServer(host, folder, tests, results) : runInDesktop(host, folder, tests, results, scratch);
    problem = await run.catch((error: unknown) => String(error));
    const text = await readFile(results, 'utf8').catch(() => '');
    const lines = text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as ResultLine]));
    if (lines.at(-1)?.type === 'end') return lines;
    return [
      ...lines,
      { type: 'test', title: 'the extension host runs to its end', passed: false, durationMs: 0, error: problem },
    ];
  } finally {
    for (const path of [scratch, folder]) await rm(path, { recursive: true, force: true });
  }
}

async function runInServer(installed: InstalledServer, folder: string, tests: string, results: string): Promise<string> {
  const server = await CodeServer.start(installed, { trusted: true, env: { [resultsVariable]: results } });
  const lines: string[] = [];
  try {
    let resolve: (end: string) => void = () => undefined;
    const ended = new Promise<string>((done) => (resolve = done));
    const limit = setTimeout(() => resolve(`no end after ${timeLimitMs / 60_000} minutes`), timeLimitMs);
    const listener = { log: (line: string) => void lines.push(line), exit: (code: number) => resolve(`exit code ${code}`) };
    const page = await EditorPage.open(installed, server, { folder, extension: projectRoot, tests }, listener);
    const end = await ended;
    clearTimeout(limit);
    await page.close();
    return `${end}\n${lines.slice(-40).join('\n')}`;
  } finally {
    await server.stop();
  }
}

async function runInDesktop(host: DesktopHost, folder: string, tests: string, results: string, scratch: string): Promise<string> {
  const code = await runTests({
    vscodeExecutablePath: host.executable,
    extensionDevelopmentPath: projectRoot,
    extensionTestsPath: tests,
    extensionTestsEnv: { ...host.env, [resultsVariable]: results },
    launchArgs: [
      folder,
      `--user-data-dir=${join(scratch, 'data')}`,
      `--extensions-dir=${join(scratch, 'extensions')}`,
      '--disable-gpu',
    ],
  });
  return `exit code ${code}`;
}
