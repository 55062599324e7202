import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess, type SpawnSyncReturns } from 'node:child_process';
import { createServer } from 'node:net';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LiveReport } from '../../../src/shared/liveReport.ts';
import { canReadThreads } from '../../../src/run/threadState.ts';

const cli = join(import.meta.dirname, '../../../dist/cli.cjs');

/** Waits for the file `release` with its loop held, having started tasks that wait. */
const held = `import { existsSync, writeFileSync } from 'node:fs';
async function leaf() {
  await new Promise((done) => setTimeout(done, 50));
}
async function branch() {
  await leaf();
}
async function hog() {
  await null;
  writeFileSync('ready', '');
  while (!existsSync('release')) for (let i = 0; i < 1e5; i++) Math.sqrt(i);
}
branch();
await hog();
console.log('free');
`;

describe('interleave ps', () => {
  let folder: string;
  let env: NodeJS.ProcessEnv;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'il-ps-'));
    env = { ...process.env, XDG_RUNTIME_DIR: folder };
  });
  const running: Promise<unknown>[] = [];
  afterEach(async () => {
    writeFileSync(join(folder, 'release'), '');
    await Promise.all(running.splice(0));
    rmSync(folder, { recursive: true, force: true });
  });

  const ps = (...args: string[]): SpawnSyncReturns<string> =>
    spawnSync(process.execPath, [cli, 'ps', ...args], { cwd: folder, env, encoding: 'utf8' });

  function start(): {
    readonly child: ChildProcess;
    readonly ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
  } {
    writeFileSync(join(folder, 'held.mjs'), held);
    const child = spawn(process.execPath, [cli, 'run', 'held.mjs', '--summary', '--hang', '0.3'], {
      cwd: folder,
      env,
      stdio: 'pipe',
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((done) =>
      child.on('close', (code) => done({ code, stdout, stderr })),
    );
    running.push(ended);
    return { child, ended };
  }

  async function until(condition: () => boolean): Promise<void> {
    for (let waitedMs = 0; !condition() && waitedMs < 30_000; waitedMs += 20) await new Promise((over) => setTimeout(over, 20));
  }

  it('says that nothing runs', () => {
    const { status, stdout, stderr } = ps();
    assert.deepEqual([status, stdout, stderr], [1, '', 'interleave: No traced program is running.\n']);
    assert.equal(ps('--format', 'json').stdout, '[]\n');
    assert.match(ps('x1').stderr, /Name one process by its number/);
  });

  if (canReadThreads)
    it('lists the tasks of a program whose loop is held, with its line', async () => {
      const { ended } = start();
      await until(() => existsSync(join(folder, 'ready')));
      let report: LiveReport | undefined;
      await until(() => {
        [report] = JSON.parse(ps('--format', 'json').stdout) as LiveReport[];
        return report?.hang !== undefined;
      });
      assert.ok(report?.hang);
      assert.equal(report.hang.place?.text, 'hog');
      assert.equal(report.hang.place?.line, 11);
      assert.ok(report.hang.heldUs >= 300_000);
      const shown = report.tasks.map((task) => `${task.name} ${task.state} L${task.at?.line} by ${task.awaitedBy.join(' ')}`);
      assert.deepEqual(shown, [
        'held.mjs waiting L14 by ',
        'branch waiting L6 by ',
        'leaf waiting L3 by branch',
        'hog running L9 by held.mjs',
      ]);
      assert.equal(report.tasks[2]?.created?.line, 6);
      assert.equal(report.tasks[1]?.created?.line, 13);
      const table = ps(String(report.pid));
      assert.equal(table.status, 0);
      assert.match(table.stdout, /The loop has been held for .* by hog \(held\.mjs:11\); 3 tasks wait\n/);
      assert.ok(table.stdout.split('\n').every((line) => line.length <= 80));
      const unknown = ps('1');
      assert.deepEqual([unknown.status, unknown.stdout], [1, '']);
      assert.match(unknown.stderr, new RegExp(`Process 1 is not a program being traced\\. These are: ${report.pid}\\.`));
      assert.equal(statSync(join(folder, 'interleave')).mode & 0o777, 0o700);

      writeFileSync(join(folder, 'release'), '');
      const { code, stdout, stderr } = await ended;
      assert.deepEqual([code, stdout], [0, 'free\n']);
      assert.match(stderr, /^interleave: The loop has been held for .* by hog \(held\.mjs:11\); 3 tasks wait\n/);
      assert.equal(ps().stderr, 'interleave: No traced program is running.\n');
      assert.ok(!existsSync(join(folder, 'interleave')));
    });

  if (process.platform !== 'win32')
    it('removes what a killed run left', async () => {
      ps();
      const { child, ended } = start();
      await until(() => existsSync(join(folder, 'ready')));
      assert.equal(readdirSync(join(folder, 'interleave')).filter((name) => name.startsWith('run-')).length, 1);
      writeFileSync(join(folder, 'release'), '');
      child.kill('SIGKILL');
      await ended;
      assert.equal(ps().status, 1);
      assert.deepEqual(readdirSync(join(folder, 'interleave')), []);
    });

  if (process.platform !== 'win32')
    it('says that a run gives no answer', async () => {
      const { child, ended } = start();
      await until(() => existsSync(join(folder, 'ready')));
      child.kill('SIGSTOP');
      const { status, stdout, stderr } = ps();
      child.kill('SIGCONT');
      const text = 'A traced program gives no answer: the interleave that runs it is stopped, busy, or of another version.';
      assert.deepEqual([status, stdout, stderr], [1, '', `interleave: ${text}\n`]);
      writeFileSync(join(folder, 'release'), '');
      assert.equal((await ended).code, 0);
    });

  it('passes over what is no run', async () => {
    const { status } = ps();
    assert.equal(status, 1);
    const server = createServer((socket) => socket.end('{}'));
    spawnSync('mkdir', ['-m', '700', join(folder, 'interleave')]);
    await new Promise<void>((ready) => server.listen(join(folder, 'interleave', 'run-000000000000'), () => ready()));
    const child = spawn(process.execPath, [cli, 'ps'], { cwd: folder, env, stdio: 'pipe' });
    const code = await new Promise((done) => child.on('close', done));
    assert.equal(code, 1);
    server.close();
  });
});
