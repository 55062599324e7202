import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRuntimeFolder } from '../../../src/run/runtimeFolder.ts';

describe('the folder of runs under way', () => {
  let place: string;
  let before: string | undefined;
  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), 'interleave-runtime-'));
    before = process.env['XDG_RUNTIME_DIR'];
    process.env['XDG_RUNTIME_DIR'] = place;
  });
  afterEach(() => {
    if (before === undefined) delete process.env['XDG_RUNTIME_DIR'];
    else process.env['XDG_RUNTIME_DIR'] = before;
    rmSync(place, { recursive: true, force: true });
  });

  it('loses what launchers have left that were killed, and nothing else', () => {
    const folder = join(place, 'interleave');
    const gone = spawnSync(process.execPath, ['-e', '']).pid;
    const others = ['run-0123456789ab', `sample-${process.pid}-0123456789ab`, 'sample-x'];
    for (const name of [`sample-${gone}-0123456789ab`, ...others]) mkdirSync(join(folder, name), { recursive: true });
    chmodSync(folder, 0o700);
    assert.equal(openRuntimeFolder(), folder);
    assert.deepEqual(readdirSync(folder).sort(), others);
  });

  it('keeps the questions that a process still has to answer', () => {
    const folder = join(place, 'interleave');
    const gone = spawnSync(process.execPath, ['-e', '']).pid;
    const questions = join(folder, `sample-${gone}-0123456789ab`);
    mkdirSync(questions, { recursive: true });
    chmodSync(folder, 0o700);
    for (const [name, text] of Object.entries({ [`question-${process.pid}`]: '5', [`question-${gone}`]: '5', question: '5' }))
      writeFileSync(join(questions, name), text);
    openRuntimeFolder();
    assert.deepEqual(readdirSync(questions), [`question-${process.pid}`]);
    writeFileSync(join(questions, `question-${process.pid}`), '');
    openRuntimeFolder();
    assert.deepEqual(readdirSync(folder), []);
  });

  if (process.platform !== 'win32')
    it('is left alone where others may write to it', () => {
      const folder = join(place, 'interleave');
      mkdirSync(folder);
      chmodSync(folder, 0o777);
      assert.equal(openRuntimeFolder(), undefined);
    });
});
