import assert from 'node:assert/strict';
import { eventually } from '../page.ts';
import { pictureOfFailure, startSession, type Session } from './session.ts';

describe('a call that blocks, as a person mends it', () => {
  let session: Session;
  const menu = async (): Promise<string> =>
    (await session.editor.page.locator('.action-widget').allInnerTexts()).join('\n').replaceAll('\u00a0', ' ');

  before(async () => {
    session = await startSession({ trusted: true, fromSource: true });
    await session.editor.openFile('blocks.ts');
    await session.editor.page.locator('.squiggly-info, .squiggly-warning').first().waitFor();
  });
  afterEach(function () {
    return pictureOfFailure(session, this.currentTest);
  });
  after(() => session.end());

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`is offered the awaited form: ${colorScheme}`, async () => {
      const { editor } = session;
      await editor.page.emulateMedia({ colorScheme, forcedColors: 'none' });
      await editor.runCommand('Problems: Focus on Problems View');
      await editor.goTo(6, 12);
      await eventually('the fix in the menu', async () => {
        await editor.page.keyboard.press('Control+.');
        await editor.page.waitForTimeout(500);
        const text = await menu();
        return /await/.test(text) && /[Ii]gnore/.test(text);
      });
      // Fonts and colours arrive in steps.
      await editor.page.waitForTimeout(500);
      await editor.screenshot(`quick-fix-${colorScheme}`);
      await editor.page.keyboard.press('Escape');
    });
  }

  it('reads the file without blocking once the fix is taken, and is no problem any more', async () => {
    const { editor } = session;
    const lines = async (): Promise<string> =>
      (await editor.page.locator('.view-lines').allInnerTexts()).join('\n').replaceAll('\u00a0', ' ');
    await editor.goTo(6, 12);
    await eventually('the fix', async () => {
      await editor.page.keyboard.press('Control+.');
      await editor.page.waitForTimeout(500);
      return /await/.test(await menu());
    });
    await editor.page.keyboard.press('Enter');
    await eventually('the awaited form', async () => /return await readFile\('package\.json', 'utf8'\)/.test(await lines()));
    assert.match(await lines(), /from 'node:fs\/promises'/);
    await eventually('three problems instead of four', async () => {
      const listed = await editor.page.locator('.markers-panel .monaco-list-row').allInnerTexts();
      return listed.filter((text) => /Interleave/.test(text)).length === 3;
    });
    await editor.screenshot('quick-fix-taken');
  });
});
