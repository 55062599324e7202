import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchPlan } from '../../../src/editor/launchPlan.ts';
import { programEnvironment } from '../../../src/editor/programEnvironment.ts';
import { severityOf, type RunSettings } from '../../../src/editor/settings.ts';
import { substitute } from '../../../src/editor/variables.ts';
import { RunError } from '../../../src/run/errors.ts';
import type { Finding } from '../../../src/shared/lintMessages.ts';

const settings: RunSettings = {
  args: ['--folder=${workspaceFolder}', 'it is'],
  env: { PORT: '80', HOME: null },
  cwd: 'sub',
  nodePath: process.execPath,
  nodeArgs: ['--stack-size=900'],
  timeoutSeconds: 3,
  clock: 'virtual',
  exclude: ['**/x/**'],
  followChildren: true,
  longSliceMs: 20,
  hangSeconds: 1,
};

describe('what settings come to', () => {
  let folder: string;
  before(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'interleave-plan-')));
    writeFileSync(join(folder, 'a.ts'), '');
  });
  after(() => rmSync(folder, { recursive: true }));

  const planWith = (changed: Partial<RunSettings>, workspaceFolder: string | undefined) =>
    launchPlan({
      target: { path: join(folder, 'a.ts'), call: { exportName: 'go', args: ['x', 1] } },
      settings: { ...settings, ...changed },
      workspaceFolder,
      extensionPath: '/ext',
      version: '1.2.3',
      cacheFolder: '/storage/instrumented',
      env: { PATH: process.env['PATH'], HOME: '/home/me', VSCODE_PID: '1', ELECTRON_RUN_AS_NODE: '1' },
      editorBinary: { path: process.execPath, electron: false },
    });

  it('is what the launcher needs', async () => {
    const { options, commandLine } = await planWith({}, folder);
    const { env, ...rest } = options;
    assert.deepEqual(env, { PATH: process.env['PATH'], PORT: '80' });
    assert.deepEqual(rest, {
      entry: join(folder, 'a.ts'),
      args: [`--folder=${folder}`, 'it is'],
      cwd: join(folder, 'sub'),
      nodePath: process.execPath,
      nodeArgs: ['--stack-size=900'],
      clock: 'virtual',
      timeoutMs: 3000,
      hangMs: 1000,
      root: folder,
      exclude: ['**/x/**'],
      followChildren: true,
      call: { exportName: 'go', args: ['x', 1] },
      distDir: join('/ext', 'dist'),
      stdio: 'pipe',
      version: '1.2.3',
      cacheFolder: '/storage/instrumented',
    });
    assert.ok(commandLine.endsWith(`a.ts --folder=${folder} 'it is' # go("x", 1)`), commandLine);
  });

  it('is the folder of the file where there is no workspace', async () => {
    const { options } = await planWith({ cwd: '' }, undefined);
    assert.equal(options.root, folder);
    assert.equal(options.cwd, folder);
  });

  it('is refused where the chosen Node is none', async () => {
    await assert.rejects(planWith({ nodePath: join(folder, 'no-node') }, folder), RunError);
  });
});

describe('the environment of a program', () => {
  it('has nothing of the editor in it but what its Node needs', () => {
    const own = { A: '1', VSCODE_IPC_HOOK: 'x', ELECTRON_RUN_AS_NODE: '1', B: undefined };
    assert.deepEqual(programEnvironment(own, {}, { ELECTRON_RUN_AS_NODE: '1' }), { A: '1', ELECTRON_RUN_AS_NODE: '1' });
    assert.deepEqual(programEnvironment(own, { A: null, C: '3' }, {}), { C: '3' });
  });
});

describe('variables in settings', () => {
  it('are filled, unknown ones left', () => {
    const values = { workspaceFolder: '/w', file: '/w/s/a.ts', fileDirname: '/w/s', env: { X: 'y' } };
    assert.equal(
      substitute('${workspaceFolder} ${file} ${fileDirname} ${env:X} ${env:NO} ${other}', values),
      '/w /w/s/a.ts /w/s y  ${other}',
    );
  });
});

describe('the severity of a finding', () => {
  it("is the rule's own unless set", () => {
    const finding = { rule: 'blocking-call', severity: 'hint' } as Finding;
    assert.equal(severityOf(finding, undefined), 'hint');
    assert.equal(severityOf(finding, { 'blocking-call': 'error' }), 'error');
    assert.equal(severityOf(finding, { 'blocking-call': 'off' }), undefined);
    assert.equal(severityOf(finding, { 'blocking-call': 'nonsense', 'busy-wait': 'off' }), 'hint');
  });
});
