import assert from 'node:assert/strict';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import * as vscode from 'vscode';
import type { Task, TraceModel } from '../../../src/analyze/model.ts';
import { eventually, inWorkspace, openFile, withSetting } from './editor.ts';
import { lastRun, trace } from './lastRun.ts';
import { report } from './report.ts';

const named = (model: TraceModel, name: string): readonly Task[] => model.tasks.filter((task) => task.name === name);

describe('Trace async run', () => {
  it('shows three tasks that sleep at the same time', async () => {
    const model = await trace('sleep-together.ts');
    assert.equal(model.exit?.cause, 'exited');
    assert.equal(model.exit.code, 0);
    assert.deepEqual(model.warnings, []);
    report({ type: 'note', text: `traced with Node ${model.target?.nodeVersion}, hooks: ${model.target?.hooks}` });
    const counts = named(model, 'count');
    assert.equal(counts.length, 3);
    const parents = new Set(counts.map(({ parent }) => parent));
    assert.equal(parents.size, 1);
    assert.equal(model.tasks[counts[0]?.parent ?? -1]?.name, 'main');
    const waits = counts.map((task) => {
      assert.equal(task.outcome, 'returned');
      assert.equal(task.waits.length, 1);
      return task.waits[0]!;
    });
    for (const wait of waits) {
      assert.equal(wait.kind, 'timer');
      assert.ok(wait.readyUs - wait.startUs >= 990_000, `waited ${wait.readyUs - wait.startUs} µs`);
    }
    // All of them were suspended before any of them went on.
    assert.ok(Math.max(...waits.map(({ startUs }) => startUs)) < Math.min(...waits.map(({ endUs }) => endUs)));
  });

  it('names children that hold the event loop, and children that do not', async () => {
    const model = await trace('subprocesses.ts');
    assert.equal(model.exit?.code, 0);
    const blocks = model.blocks.filter(({ cause }) => cause === 'call');
    assert.equal(blocks.length, 3);
    assert.deepEqual(
      new Set(blocks.map(({ site }) => model.sites.get(site)?.name)),
      new Set(["spawnSync(process.execPath, ['-e', nap])"]),
    );
    for (const block of blocks) {
      assert.match(block.detail ?? '', /setTimeout/);
      assert.ok(block.durationUs >= 190_000, `held ${block.durationUs} µs`);
    }
    const children = named(model, 'runChild');
    assert.equal(children.length, 5);
    for (const child of children)
      assert.deepEqual(
        child.waits.map(({ kind }) => kind),
        ['process'],
      );
    assert.ok(Math.max(...children.map(({ startUs }) => startUs)) < Math.min(...children.map(({ endUs }) => endUs ?? Infinity)));
  });

  it('tells network from file waits and keeps a failure', async () => {
    const model = await trace('crawler.ts');
    assert.equal(model.exit?.code, 0);
    const kinds = new Set(model.tasks.flatMap(({ waits }) => waits.map(({ kind }) => kind)));
    assert.ok(kinds.has('network') && kinds.has('file'), [...kinds].join(' '));
    assert.ok(named(model, 'fetchPage').some(({ outcome }) => outcome === 'threw'));
  });

  it('runs twelve virtual hours in a moment', async () => {
    const from = performance.now();
    const model = await withSetting('run.clock', 'virtual', () =>
      withSetting('run.args', ['sequential'], () => trace('chess-master.ts')),
    );
    assert.equal(model.exit?.code, 0);
    assert.equal(model.run?.clock, 'virtual');
    assert.ok(performance.now() - from < 30_000);
    assert.ok(model.endUs >= 12 * 3600e6, `${model.endUs} µs`);
  });

  it('runs one exported function of a file', async () => {
    const editor = await openFile('greets.ts');
    await vscode.commands.executeCommand('interleave.traceRun', editor.document.uri, { exportName: 'greet' });
    const { model } = lastRun();
    assert.equal(model.exit?.code, 0);
    assert.equal(model.run?.functionName, 'greet');
    assert.deepEqual(
      model.tasks.map(({ name }) => name).filter((name) => name !== 'greets.ts'),
      ['greet', 'find'],
    );
  });

  it('does it again', async () => {
    await vscode.commands.executeCommand('interleave.rerun');
    assert.equal(lastRun().model.run?.functionName, 'greet');
  });

  it('passes arguments and variables on', async () => {
    await withSetting('run.args', ['--loud'], async () => {
      const model = await trace('greets.ts');
      assert.deepEqual(model.run?.args, ['--loud']);
    });
  });
});

describe('a program that goes wrong', () => {
  const ends: readonly (readonly [file: string, code: number])[] = [
    ['throws.mjs', 1],
    ['leaves-early.cjs', 7],
    ['syntax-error.ts', 1],
    ['missing-import.ts', 1],
    ['plain.js', 0],
    ['empty.ts', 0],
  ];
  for (const [file, code] of ends) {
    it(`is seen to its end: ${file}`, async () => {
      const model = await trace(file);
      assert.equal(model.exit?.cause, 'exited');
      assert.equal(model.exit.code, code);
      assert.equal(lastRun().run.state, 'finished');
      assert.equal(lastRun().run.damage, undefined);
    });
  }

  it('leaves what happened before', async () => {
    const thrown = named(await trace('throws.mjs'), 'fails');
    assert.deepEqual(
      thrown.map(({ outcome, error }) => [outcome, error]),
      [['threw', 'TypeError: as it should']],
    );
    const left = named(await trace('leaves-early.cjs'), 'work');
    assert.deepEqual(
      left.map(({ outcome }) => outcome),
      ['unsettled'],
    );
  });

  it('is stopped when it never ends, and nothing stays behind', async () => {
    const editor = await openFile('never-ends.ts');
    const done = vscode.commands.executeCommand('interleave.traceRun', editor.document.uri);
    const path = inWorkspace('never-ends.ts');
    await eventually('the program', () => processesWith(path).length > 0);
    await eventually('its tasks while it runs', () => lastRun().run.state === 'running' && lastRun().model.tasks.length > 3);
    await vscode.commands.executeCommand('interleave.stopRun');
    await done;
    const { run, model } = lastRun();
    assert.equal(run.state, 'finished');
    assert.equal(model.exit?.cause, 'cancelled');
    assert.ok(named(model, 'turn').length > 3);
    assert.deepEqual(processesWith(path), []);
  });

  it('leaves no open pipe and no temporary file', async () => {
    await trace('throws.mjs');
    const before = openPipes();
    const files = temporaryFiles();
    for (let n = 0; n < 3; n++) await trace('throws.mjs');
    await eventually('its pipes to be closed', () => openPipes() <= before);
    assert.deepEqual(temporaryFiles(), files);
  });
});

/** Process ids whose command line names the path. */
function processesWith(path: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(path);
    } catch {
      return false;
    }
  });
}

function openPipes(): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return /^(?:pipe|socket):/.test(readlinkSync(`/proc/self/fd/${fd}`));
    } catch {
      return false;
    }
  }).length;
}

/** What of ours lies in the temporary folder. */
function temporaryFiles(): string[] {
  return readdirSync(process.env['TMPDIR'] ?? '/tmp')
    .filter((name) => /interleave/i.test(name))
    .sort();
}
