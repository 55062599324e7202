import assert from 'node:assert/strict';
import type { Worker } from 'node:worker_threads';
import * as vscode from 'vscode';
import { eventually, extension, openFile } from './editor.ts';
import { report } from './report.ts';

// The first suite by name: the extension has not been touched before.
describe('activation', () => {
  const workers: string[] = [];
  // The module object is one for the whole process: a worker that the extension starts passes through here.
  const modules = process.getBuiltinModule('node:worker_threads') as { Worker: typeof Worker };
  const original = modules.Worker;

  before(() => {
    modules.Worker = class extends original {
      constructor(...args: ConstructorParameters<typeof Worker>) {
        super(...args);
        workers.push(String(args[0]));
      }
    };
  });
  after(() => {
    modules.Worker = original;
  });

  it('waits for a file it has something to say about', () => assert.equal(extension().isActive, false));

  it('is short and starts no worker', async () => {
    const from = performance.now();
    const cpu = process.cpuUsage();
    await extension().activate();
    const took = performance.now() - from;
    const { user, system } = process.cpuUsage(cpu);
    report({
      type: 'note',
      text: `activation: ${took.toFixed(1)} ms with the way there and back, ${((user + system) / 1000).toFixed(1)} ms of processor time`,
    });
    // Longer than anything put off until after activation.
    await new Promise((done) => setTimeout(done, 1000));
    assert.deepEqual(workers, []);
  });

  it('starts the lint worker at the first file', async () => {
    await openFile('sleep-together.ts');
    await eventually('the lint worker', () => workers.some((path) => path.endsWith('lint-worker.cjs')));
  });

  it('offers its commands', async () => {
    const commands = await vscode.commands.getCommands(true);
    const { contributes } = extension().packageJSON as { contributes: { commands: { command: string }[] } };
    const missing = contributes.commands.filter(({ command }) => !commands.includes(command));
    assert.deepEqual(missing, []);
    assert.ok(commands.includes('interleave.traceRun'));
  });

  it('is never asked for by a star', () => {
    const { activationEvents } = extension().packageJSON as { activationEvents: string[] };
    assert.deepEqual(
      activationEvents.filter((event) => event === '*' || event === 'onStartupFinished'),
      [],
    );
  });
});
