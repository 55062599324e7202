import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../page.ts';
import { pictureOfFailure, startSession, type Session } from './session.ts';

describe('a folder nobody trusts', () => {
  let session: Session;

  before(async () => {
    session = await startSession({ trusted: false, fromSource: true });
    await session.editor.waitForText(/Restricted Mode/);
  });
  afterEach(function () {
    return pictureOfFailure(session, this.currentTest);
  });
  after(() => session.end());

  it('is linted', async () => {
    const { editor } = session;
    await editor.openFile('blocks.ts');
    await editor.page.locator('.squiggly-warning, .squiggly-info, .squiggly-error').first().waitFor();
    await editor.runCommand('Problems: Focus on Problems View');
    await eventually('our findings among the problems', async () =>
      (await editor.page.locator('.markers-panel .monaco-list-row').allInnerTexts()).some((text) => text.includes('Interleave')),
    );
    await editor.screenshot('restricted-lint');
  });

  it('says what the source says of an await', async () => {
    const { editor } = session;
    await editor.openFile('greets.ts');
    assert.match(await editor.hover(12, 22, /suspend/i), /Promise<Greeting>/);
  });

  it('is not run, and says why', async () => {
    const { editor, server, folder } = session;
    await editor.openFile('writes-marker.ts');
    await editor.runCommand('Interleave: Trace async run');
    const said = await eventually('the reason', async () => {
      const found = await editor.notifications();
      return found.find((text) => text.includes('trusted'));
    });
    await editor.screenshot('restricted-refusal');
    assert.match(said, /runs its code/);
    assert.match(said, /Manage/);
    const processes = [...(await server.processes()).values()];
    assert.ok(!processes.some((command) => command.includes('bootloader')), processes.join('\n'));
    assert.ok(!existsSync(join(folder, 'marker.txt')));
  });
});
