import assert from 'node:assert/strict';
import { eventually } from '../page.ts';
import { pictureOfFailure, startSession, type Session } from './session.ts';

describe('working with a traced program', () => {
  let session: Session;
  const figures = async (): Promise<readonly string[]> => session.editor.decorationTexts();
  const terminalText = async (): Promise<string> =>
    (await session.editor.page.locator('.xterm-rows').allInnerTexts()).join('\n').replaceAll('\u00a0', ' ');

  before(async () => {
    session = await startSession({ trusted: true, fromSource: true, settings: { 'interleave.timeline.openOnRun': false } });
  });
  afterEach(function () {
    return pictureOfFailure(session, this.currentTest);
  });
  after(() => session.end());

  it('shows what blocked at its line', async () => {
    const { editor } = session;
    await editor.openFile('subprocesses.ts');
    await editor.runCommand('Interleave: Trace async run');
    await eventually('the calls that held the loop', async () =>
      (await figures()).some((text) => /held the loop 3 ×/.test(text)),
    );
    assert.ok(
      (await figures()).some((text) => /5 × child process/.test(text)),
      (await figures()).join('\n'),
    );
    await editor.screenshot('figures');
  });

  it('marks figures of a text that was edited, and takes the mark back', async () => {
    const { editor } = session;
    await editor.goTo(1, 1);
    await editor.page.keyboard.type('// new\n');
    await eventually('the mark', async () => {
      const texts = (await figures()).filter((text) => /held the loop/.test(text));
      return texts.length > 0 && texts.every((text) => text.includes('edited'));
    });
    await editor.screenshot('figures-edited');
    await eventually('the old text', async () => {
      await editor.page.keyboard.press('Control+z');
      const texts = await figures();
      return texts.length > 0 && texts.every((text) => !text.includes('edited'));
    });
  });

  it('turns figures off and on with one switch', async () => {
    const { editor } = session;
    await editor.runCommand('Interleave: Toggle Figures at the Lines');
    await eventually('no figures', async () => !(await figures()).some((text) => /held the loop/.test(text)));
    await editor.runCommand('Interleave: Toggle Figures at the Lines');
    await eventually('figures', async () => (await figures()).some((text) => /held the loop/.test(text)));
  });

  it('adds the milliseconds to the diagnostic', async () => {
    const { editor } = session;
    await editor.runCommand('Problems: Focus on Problems View');
    await eventually('milliseconds', async () =>
      (await editor.page.locator('.markers-panel .monaco-list-row').allInnerTexts()).some((text) =>
        /spawnSync[\s\S]*held the loop [\d.]+ m?s/.test(text),
      ),
    );
  });

  it('shows the last run as text', async () => {
    const { editor } = session;
    await editor.runCommand('Interleave: Show Transcript of the Last Run');
    await eventually('the transcript', async () =>
      /interleave.transcript/i.test(
        (await editor.page.locator('.editor-instance .view-lines').first().innerText()).replaceAll('\u00a0', ' '),
      ),
    );
    await editor.screenshot('transcript');
  });

  it('asks for the arguments of a function, and remembers them', async () => {
    const { editor } = session;
    await editor.openFile('greets.ts');
    const lens = editor.page.locator('.codelens-decoration a', { hasText: 'greetSomebody' });
    const input = editor.page.locator('.quick-input-widget input.input');
    await lens.click();
    await input.waitFor();
    await input.fill('["Ada"]');
    await editor.page.keyboard.press('Enter');
    await eventually('the end of the run', async () => (await figures()).some((text) => /timer/.test(text)));
    await lens.click();
    await input.waitFor();
    assert.equal(await input.inputValue(), '["Ada"]');
    await editor.page.keyboard.press('Escape');
  });

  it('passes on what is typed', async () => {
    const { editor } = session;
    await editor.openFile('asks-name.ts');
    await editor.runCommand('Interleave: Trace async run');
    await eventually('the question', async () => (await terminalText()).includes('your name?'));
    await editor.page.locator('.terminal-wrapper.active .xterm-helper-textarea').focus();
    await editor.page.keyboard.type('Ada');
    await editor.page.keyboard.press('Enter');
    await eventually('the answer', async () => (await terminalText()).includes('hello Ada'));
  });

  it('gives Ctrl+C to the program, which may refuse it, and stops it by the command, which it cannot', async () => {
    const { editor, server } = session;
    await editor.openFile('never-ends.ts');
    await editor.runCommand('Interleave: Trace async run');
    const isRunning = async (): Promise<boolean> =>
      [...(await server.processes()).values()].some((line) => line.includes('never-ends.ts'));
    await eventually('the program', async () => (await terminalText()).includes('started'));
    await editor.page.locator('.terminal-wrapper.active .xterm-helper-textarea').focus();
    await editor.page.keyboard.press('Control+c');
    await eventually('its refusal', async () => (await terminalText()).includes('not yet'));
    assert.ok(await isRunning());
    await editor.runCommand('Interleave: Stop the Traced Program');
    await eventually('its end', async () => !(await isRunning()));
  });

  it('says where the loop hangs while it hangs, and lists the live tasks', async () => {
    const { editor, server } = session;
    await editor.openFile('hangs.ts');
    await editor.runCommand('Interleave: Trace async run');
    await eventually('the status bar', async () =>
      (await editor.page.locator('.part.statusbar').innerText()).replaceAll('\u00a0', ' ').includes('loop held for'),
    );
    await editor.runCommand('Interleave: Show Live Tasks');
    const list = editor.page.locator('.quick-input-widget');
    await eventually('the tasks', async () => {
      const text = (await list.innerText()).replaceAll('\u00a0', ' ');
      return text.includes('patient') && text.includes('awaited by');
    });
    await editor.screenshot('live-tasks');
    await editor.choose('patient');
    await eventually('its line', async () => (await editor.cursor())?.line === 5);
    await editor.screenshot('hang');
    await editor.runCommand('Interleave: Stop the Traced Program');
    await eventually('its end', async () => ![...(await server.processes()).values()].some((line) => line.includes('hangs.ts')));
  });
});
